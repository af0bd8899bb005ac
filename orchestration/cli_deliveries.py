"""The commands for what was delivered: a delivery is withdrawn, a question left out, what is left over deleted."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Annotated

import typer

from orchestration.cli_contract import Data, err, opened, out
from orchestration.machine import machine_sentence

deliveries = typer.Typer()


@deliveries.command()
def withdraw(
    fichier: Annotated[str, typer.Argument(help="La livraison, telle que « status » la nomme : <vague>/<fichier>.")],
    motif: Annotated[str, typer.Option(metavar="MOTIF", help="Pourquoi elle est retirée ; obligatoire.")],
    data: Data = None,
) -> None:
    """Retire une livraison : elle reste dans landing/, mais ne compte plus à la prochaine exécution."""
    from orchestration.errors import DeliveryError
    from orchestration.extracts.decisions import withdraw as take_back
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.lake import Lake
    from orchestration.installation.holdings import wait_until_still
    from orchestration.programme.check import held_to_rules
    from orchestration.publication.lists import hold_lists

    programme = opened(data)
    # a delivery is withdrawn by its bytes: those of a file that is still being written are not its own yet
    moving = wait_until_still(programme.root)
    with held_to_rules(programme):
        present = take_inventory(programme).deliveries
    named = {name: d for d in present for name in (d.place, f"{d.wave}/{d.path.name}")}
    whole = {f"{d.wave}/{path.name}": d.place for d in present for path in d.paths[1:]}
    if fichier in whole:
        raise DeliveryError("retrait", f"{fichier} complète {whole[fichier]} ; c'est elle qui se retire.")
    if fichier not in named:
        raise DeliveryError("retrait", f"{fichier} : pas de livraison de ce nom ; « observatoire status » les nomme.")
    delivery = named[fichier]
    if delivery.irregular:
        raise DeliveryError(
            "retrait",
            f"{fichier} n'est pas un fichier, et aucune exécution ne le lit : il n'y a rien à retirer ; l'ôter de"
            " landing/.",
        )
    if delivery.closed:
        raise DeliveryError(
            "retrait",
            f"{delivery.wave}/{delivery.closed[0].name} ne s'ouvre pas pour ce compte, et ses octets, par quoi une"
            " livraison se retire, ne sont pas connus ; en rendre la lecture, puis relancer.",
        )
    sent = {f"{delivery.wave}/{path.name}" for path in delivery.paths} & moving
    if sent:
        raise DeliveryError(
            "retrait",
            f"{', '.join(sorted(sent))} s'écrit encore, et ses octets, par quoi une livraison se retire, changent ;"
            " relancer quand elle sera entière.",
        )
    hold_lists(programme.settings)
    take_back(Lake(programme.root), delivery.sha256, delivery.place, motif)
    out.print(f"{fichier} est retirée ; « observatoire run » en tiendra compte.", markup=False)


@deliveries.command()
def exclude(
    vague: Annotated[str, typer.Argument(help="Vague, code de vagues.csv.")],
    organisme: Annotated[str, typer.Argument(help="Organisme, code d'organismes.csv.")],
    question: Annotated[str, typer.Argument(help="Question, code de questions.csv.")],
    motif: Annotated[str, typer.Option(metavar="MOTIF", help="Pourquoi elle est exclue ; obligatoire.")],
    data: Data = None,
) -> None:
    """Laisse une question de côté pour un organisme : ses autres réponses comptent, la cellule prend le statut E."""
    from orchestration.extracts.decisions import exclude as leave_out
    from orchestration.publication.lists import hold_lists

    programme = opened(data)
    # a list that is gone is not begun anew by one more decision: nobody would miss the others
    hold_lists(programme.settings)
    leave_out(programme, vague, organisme, question, motif)
    subject = f"{question} de {organisme} en {vague}"
    out.print(f"{subject} est exclue ; « observatoire run » en tiendra compte.", markup=False)


@deliveries.command()
def purge(
    essai: Annotated[bool, typer.Option("--essai", help="Dit ce qui serait supprimé, et ne supprime rien.")] = False,
    data: Data = None,
) -> None:
    """Supprime les rejets anciens et ce qui vient de livraisons disparues de landing/."""
    from orchestration.errors import ObservatoireError
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.lake import Lake
    from orchestration.extracts.retention import expired
    from orchestration.extracts.retention import purge as delete
    from orchestration.installation.passed import hold_clock
    from orchestration.operation.locks import lock
    from orchestration.publication.lost import hold_landing

    programme = opened(data)
    # on a disk that is not there, all that was read would look like what nobody delivered
    hold_landing(programme.settings)
    try:
        hold_clock(programme.settings)
    except ObservatoireError as doubt:
        if not essai:
            raise
        err.print(str(doubt), markup=False, soft_wrap=True)
    days = programme.thresholds.quarantaine_jours
    # what a run reads meanwhile would be deleted as what nobody delivered
    held = nullcontext() if essai else lock(programme.settings, partial(err.print, markup=False, soft_wrap=True))
    with held:
        found = list(expired(Lake(programme.root), take_inventory(programme), days))
        left = {} if essai else delete(found)
    for entry in found:
        if entry.path not in left:
            out.print(f"{entry.path} : {entry.reason}", markup=False, soft_wrap=True)
    out.print(f"Éléments {'à supprimer' if essai else 'supprimés'} : {len(found) - len(left)}.")
    for path, error in left.items():
        err.print(f"Non supprimé, {path} : {machine_sentence(error, path)}", markup=False, soft_wrap=True)
    if left:
        raise typer.Exit(1)
