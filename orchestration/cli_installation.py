"""The commands for an installation as a whole: it is saved, restored, and told whether it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.cli_contract import Data, err, opened, out, print_json
from orchestration.cli_words import some
from orchestration.errors import ObservatoireError

installation = typer.Typer()


@installation.command()
def backup(
    dossier: Annotated[
        Path, typer.Argument(help="Dossier des sauvegardes, hors du programme ; il doit exister.", readable=False)
    ],
    garder: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=some, help="Combien de sauvegardes de ce programme y restent ; toutes par défaut."
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Sauvegarde en un fichier tout ce qui ne se refait pas ; code 3 s'il y manque quelque chose."""
    from orchestration.installation.backup import back_up
    from orchestration.installation.findings import some as listed
    from orchestration.operation.unsaved import tell_saved, tell_unsaved
    from orchestration.programme.vocabulary import words_of

    programme = opened(data)
    words = words_of(programme.config)
    try:
        saved = back_up(programme, dossier, garder, lambda said: err.print(said, markup=False, soft_wrap=True))
    except ObservatoireError as error:
        if said := tell_unsaved(programme.settings, str(dossier), str(error)):
            err.print(said, markup=False, soft_wrap=True)
        raise
    tell_saved(programme.settings)
    path, manifest, left = saved.path, saved.manifest, [f"landing/{name}" for name in saved.manifest.laisses]
    mebibytes = words.number(-(-path.stat().st_size // (1 << 20)))
    whole = not left and not saved.lacking
    said = words.say("sauvegarde_faite" if whole else "sauvegarde_partielle", fichier=path, taille=mebibytes)
    out.print(escape(said), soft_wrap=True)
    if lacking := list(saved.lacking):
        out.print(escape(words.say("sauvegarde_manque", fichiers=listed(lacking), n=len(lacking))), soft_wrap=True)
    if left:
        out.print(escape(words.say("sauvegarde_laisse", fichiers=listed(left), n=len(left))), soft_wrap=True)
    if special := list(saved.special):
        out.print(escape(words.say("sauvegarde_speciaux", fichiers=listed(special), n=len(special))), soft_wrap=True)
    key = words.say("sauvegarde_cle", empreinte=manifest.cle) if manifest.cle else words.say("sauvegarde_sans_cle")
    out.print(escape(key), soft_wrap=True)
    if garder is not None and saved.lacking:
        out.print(escape(words.say("sauvegarde_gardees")), soft_wrap=True)
    if ahead := list(saved.ahead):
        out.print(escape(words.say("sauvegarde_avance", fichiers=listed(ahead), n=len(ahead))), soft_wrap=True)
    if saved.unnoted is not None:
        err.print(words.say("sauvegarde_non_notee", raison=saved.unnoted), markup=False, soft_wrap=True)
    if not whole or saved.unnoted is not None:
        raise typer.Exit(3)


@installation.command()
def restore(
    fichier: Annotated[Path, typer.Argument(help="Fichier qu'« observatoire backup » a écrit.", readable=False)],
    remplacer: Annotated[
        bool, typer.Option("--remplacer", help="Supprime ce qui est là, à la place de refuser un dossier qui sert.")
    ] = False,
    sans_journaux: Annotated[
        bool, typer.Option("--sans-journaux", help="Laisse de côté l'historique des exécutions de Dagster.")
    ] = False,
    seulement: Annotated[
        str | None,
        typer.Option(
            metavar="ÉLÉMENT",
            help="Ne remet que cet élément du programme : landing/receptions.csv, published/editions/2022-1.0 …",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Remet une sauvegarde en place, entière ou pas du tout ; arrêter d'abord le démon et l'interface."""
    if seulement is not None:
        _restore_item(fichier, seulement, remplacer, sans_journaux, data)
        return
    from orchestration.extracts.pseudonyms import key_fingerprint
    from orchestration.installation.findings import some
    from orchestration.installation.restore import restore as put_back
    from orchestration.operation.outcomes import moment
    from orchestration.programme.vocabulary import words_of
    from orchestration.settings import default_root

    root = (data or default_root()).resolve()
    restored = put_back(fichier, root, replace=remplacer, without_journals=sans_journaux)
    words = words_of(opened(root).config)
    if restored.reprise:
        out.print(escape(words.say("restauration_reprise")), soft_wrap=True)
    edition = restored.edition or words.say("aucune_edition")
    made = moment(restored.faite_le)
    said = words.say("restauration_faite", programme=restored.programme, dossier=root, debut=made, edition=edition)
    out.print(escape(said), soft_wrap=True)
    if restored.perdues:
        gone = ", ".join(restored.perdues)
        out.print(escape(words.say("restauration_perdues", n=len(restored.perdues), editions=gone)), soft_wrap=True)
    if kept := restored.livraisons:
        out.print(escape(words.say("restauration_livraisons", n=len(kept), fichiers=some(list(kept)))), soft_wrap=True)
    if decided := restored.decisions:
        out.print(escape(words.say("restauration_decisions", fichiers=some(list(decided)))), soft_wrap=True)
    if left := restored.laisses:
        out.print(escape(words.say("restauration_laisses", n=len(left), fichiers=some(list(left)))), soft_wrap=True)
    if restored.cle != key_fingerprint():
        out.print(escape(words.say("restauration_cle", empreinte=restored.cle or "—")), soft_wrap=True)
    if not restored.same_code:
        after = "restauration_suite_autre"
    elif restored.livraisons or restored.decisions:
        after = "restauration_suite_depuis"
    else:
        after = "restauration_suite"
    out.print(escape(words.say(after, revision=restored.revision or "—")), soft_wrap=True)
    for folder in restored.restes:
        remedy = f"chattr -R -i -a {folder}"
        out.print(escape(words.say("restauration_reste", dossier=folder, commande=remedy)), soft_wrap=True)
    if restored.restes:
        raise typer.Exit(3)


def _restore_item(source: Path, item: str, replace: bool, without_journals: bool, data: Path | None) -> None:
    from orchestration.installation.item import put_back
    from orchestration.operation.alerts import plain_words
    from orchestration.operation.outcomes import moment
    from orchestration.programme.vocabulary import words_of
    from orchestration.settings import default_root

    if without_journals:
        raise typer.BadParameter("un élément se remet sans les journaux, toujours", param_hint="--sans-journaux")
    root = (data or default_root()).resolve()
    done = put_back(source, root, item, replace=replace)
    try:
        words = words_of(opened(root).config)
    except ObservatoireError:
        words = plain_words()  # the programme may have more faults than the one that was mended
    made = moment(done.faite_le)
    out.print(escape(words.say("restauration_element", element=done.item, debut=made)), soft_wrap=True)
    if done.gardees:
        out.print(escape(words.say("restauration_element_gardees", n=words.number(done.gardees))), soft_wrap=True)


@installation.command()
def renounce(
    motif: Annotated[str, typer.Option(metavar="MOTIF", help="Pourquoi on y renonce ; obligatoire.")],
    data: Data = None,
) -> None:
    """Renonce aux éditions perdues, faute de sauvegarde : la suivante prend un numéro neuf."""
    from orchestration.operation.locks import lock
    from orchestration.programme.vocabulary import words_of
    from orchestration.publication.lost import renounce as give_up

    if not motif.strip():
        raise typer.BadParameter("un renoncement se motive", param_hint="--motif")
    programme = opened(data)
    with lock(programme.settings):
        gone, left = give_up(programme.settings, motif)
    words = words_of(programme.config)
    out.print(escape(words.say("renoncement_fait", n=len(gone), editions=", ".join(gone))), soft_wrap=True)
    for folder in left:
        remedy = f"chattr -R -i -a {folder}"
        out.print(escape(words.say("renoncement_reste", dossier=folder, commande=remedy)), soft_wrap=True)
    if left:
        raise typer.Exit(3)


@installation.command()
def doctor(
    en_json: Annotated[bool, typer.Option("--json", help="Les constats en JSON, pour une sonde.")] = False,
    data: Data = None,
) -> None:
    """Dit si l'installation est saine, et sinon quoi faire ; code 1 pour une faute, 3 pour ce qui est à surveiller."""
    from orchestration.installation.doctor import as_json, examine, exit_code, print_findings
    from orchestration.settings import Settings, default_root

    findings = examine(Settings((data or default_root()).resolve()))
    if en_json:
        print_json(as_json(findings))
    else:
        print_findings(out, findings)
    if code := exit_code(findings):
        raise typer.Exit(code)
