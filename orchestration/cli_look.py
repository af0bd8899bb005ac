"""The commands that look and change nothing: the state of a programme, its editions, what changes between two."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli_contract import PIPED, Data, opened, out, print_csv, print_json

look = typer.Typer()
# how wide a page is that no terminal sets the width of
_PIPE_WIDTH = 80


@look.command()
def status(
    en_json: Annotated[bool, typer.Option("--json", help="L'état en JSON, pour un autre programme.")] = False,
    data: Data = None,
) -> None:
    """Dit qui a livré quoi, dans quel état, et quelle édition est publiée ; code 1 si la dernière exécution échoua."""
    from orchestration.status import as_json, print_status, state_of

    state = state_of(opened(data))
    if en_json:
        print_json(as_json(state))
    else:
        print_status(out, state)
    if not state.sound:
        raise typer.Exit(1)


@look.command()
def editions(data: Data = None) -> None:
    """Dit les éditions gardées, de quelle vague, de quand, et laquelle est courante ; en CSV dans un tube."""
    from orchestration.programme.vocabulary import words_of
    from orchestration.summary import editions_of, print_editions

    programme = opened(data)
    found = editions_of(programme)
    if PIPED:
        print_csv(found)
    else:
        print_editions(out, words_of(programme.config), found)


@look.command()
def diff(
    ancienne: Annotated[str, typer.Argument(help="Édition de départ, telle que « editions » la nomme.")],
    nouvelle: Annotated[str, typer.Argument(help="Édition d'arrivée.")],
    data: Data = None,
) -> None:
    """Montre ce qui change d'une édition à l'autre, table par table et indicateur par indicateur."""
    from orchestration.summary import print_diff

    print_diff(out, opened(data).settings, ancienne, nouvelle, _PIPE_WIDTH if PIPED else None)
