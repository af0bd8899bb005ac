"""The commands that look and change nothing: the state of a programme, its editions, what changes between two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli_contract import PIPED, Data, opened, out, print_csv, print_json, refuse_all
from orchestration.cli_words import existing_file, writable_file
from orchestration.errors import ObservatoireError
from orchestration.machine import machine_sentence
from orchestration.settings import default_root

look = typer.Typer()


@look.command()
def status(
    en_json: Annotated[bool, typer.Option("--json", help="L'état en JSON, pour un autre programme.")] = False,
    data: Data = None,
) -> None:
    """Dit qui a livré quoi et quelle édition est publiée ; code 1 après un échec, 3 si quelque chose est à voir."""
    from orchestration.programme.check import held_to_rules
    from orchestration.status import as_json, fault_as_json, print_status, state_of

    try:
        programme = opened(data)
        with held_to_rules(programme):
            state = state_of(programme)
    except (ObservatoireError, OSError) as error:
        # a probe reads the fault where it reads the rest
        if en_json:
            said = machine_sentence(error, data or default_root()) if isinstance(error, OSError) else str(error)
            print_json(fault_as_json(said))
        raise
    if en_json:
        print_json(as_json(state))
    else:
        print_status(out, state)
    if state.code:
        raise typer.Exit(state.code)


@look.command()
def essai(
    fichier: Annotated[
        Path, typer.Argument(help="Livraison à essayer, où qu'elle soit.", callback=existing_file, readable=False)
    ],
    contrat: Annotated[
        str | None,
        typer.Option(
            metavar="CONTRAT", help="Nom ou chemin du contrat, brouillon compris ; sinon celui qui reconnaît ce nom."
        ),
    ] = None,
    en_json: Annotated[bool, typer.Option("--json", help="Ce qui est dit en JSON, pour un autre programme.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="SORTIE", help="Page à écrire, qui s'ouvre du disque.", callback=writable_file, readable=False
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Essaie une livraison : ce que dirait chaque porte, sans rien écrire ; code 1 si elle serait refusée."""
    from orchestration.errors import ContractError
    from orchestration.programme.check import check_programme
    from orchestration.trial.conduct import try_delivery
    from orchestration.trial.shown import print_trial, say_page, write_page
    from orchestration.trial.told import as_json

    programme = opened(data)
    if html is not None and html.absolute().resolve().is_relative_to(programme.root):
        raise typer.BadParameter("un essai n'écrit rien dans le dossier du programme", param_hint="--html")
    refuse_all(map(str, check_programme(programme)))
    try:
        trial = try_delivery(programme, fichier, contrat)
    except ContractError as error:
        raise typer.BadParameter(str(error), param_hint="--contrat") from None
    told = as_json(trial, programme)
    if html is not None:
        write_page(told, programme, html)
    if en_json:
        print_json(told)
    else:
        print_trial(out, told, programme)
        if html is not None:
            say_page(out, programme, html)
    if not trial.accepted:
        raise typer.Exit(1)


@look.command()
def editions(data: Data = None) -> None:
    """Dit les éditions gardées, de quelle vague, de quand, et laquelle est courante ; en CSV dans un tube."""
    from orchestration.programme.vocabulary import words_of
    from orchestration.summary import EDITION_COLUMNS, editions_of, print_editions

    programme = opened(data)
    found, damage = editions_of(programme)
    if PIPED:
        print_csv(EDITION_COLUMNS, found)
    else:
        print_editions(out, words_of(programme.config), found)
    if damage is not None:
        raise damage


@look.command()
def diff(
    ancienne: Annotated[str, typer.Argument(help="Édition de départ, telle que « editions » la nomme.")],
    nouvelle: Annotated[str, typer.Argument(help="Édition d'arrivée.")],
    en_json: Annotated[bool, typer.Option("--json", help="Ce qui change en JSON, pour un autre programme.")] = False,
    data: Data = None,
) -> None:
    """Montre ce qui change d'une édition à l'autre, et pourquoi, indicateur par indicateur ; en CSV dans un tube."""
    from orchestration.publication.changes import CHANGE_COLUMNS, change_lines
    from orchestration.summary import changes_between, print_diff

    found = changes_between(opened(data).settings, ancienne, nouvelle)
    if en_json:
        print_json({"ancienne": ancienne, "nouvelle": nouvelle, "changements": change_lines(found)})
    elif PIPED:
        print_csv(CHANGE_COLUMNS, change_lines(found))
    else:
        print_diff(out, found)
