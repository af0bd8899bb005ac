"""`observatoire fetch`: brings what is new in the depots of a programme into `landing/`."""

from __future__ import annotations

import typer
from rich.markup import escape

from orchestration.cli_contract import Data, err, opened, out

depots = typer.Typer()


@depots.command()
def fetch(data: Data = None) -> None:
    """Relève les dépôts de programme.yaml : ce qui y est nouveau arrive dans landing/ ; code 1 si l'un se tait."""
    from orchestration.operation.arrivals import collect
    from orchestration.programme.vocabulary import words_of
    from orchestration.summary import print_passage

    programme = opened(data)
    words = words_of(programme.config)
    if not programme.config.depots:
        out.print(escape(words.say("depots_aucun")), soft_wrap=True)
        return
    collected = collect(programme)
    for passage in collected.passages:
        print_passage(out, err, words, passage)
    if collected.alert:
        err.print(collected.alert, markup=False, soft_wrap=True)
    if collected.failed:
        raise typer.Exit(1)
