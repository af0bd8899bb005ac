"""The commands that write what a programme declares: a new programme, and its next wave."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from orchestration.cli_contract import Data, opened, out

author = typer.Typer()


def _day(text: str | None, option: str) -> dt.date | None:
    """Returns the day that an option names.

    Raises:
        BadParameter: it is no date.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"« {text} » n'est pas une date AAAA-MM-JJ", param_hint=option) from None


@author.command()
def wave(
    vague: Annotated[str, typer.Argument(help="Code de la vague à ouvrir.")],
    debut: Annotated[
        str | None, typer.Option("--debut", metavar="DATE", help="Premier jour de terrain, AAAA-MM-JJ.")
    ] = None,
    fin: Annotated[
        str | None, typer.Option("--fin", metavar="DATE", help="Dernier jour de terrain, AAAA-MM-JJ.")
    ] = None,
    data: Data = None,
) -> None:
    """Ouvre la vague suivante d'après la dernière ; relancée, dit ce qui y manque encore."""
    from orchestration.authoring.next_wave import last_wave, open_wave
    from orchestration.authoring.wave_left import REMINDERS, still_missing
    from orchestration.errors import PublicationRefused
    from orchestration.operation.locks import holder
    from orchestration.programme import load_programme

    programme = opened(data)
    last, there = last_wave(programme, vague)
    if not there:
        # a run that reads the reference files meanwhile would see some of the new lines without the others
        if (process := holder(programme.settings)) is not None:
            raise PublicationRefused(
                f"une exécution travaille sur {programme.root} (processus {process}) ; attendre sa fin."
            )
        done = open_wave(programme, vague, _day(debut, "--debut"), _day(fin, "--fin"))
        out.print(f"Vague {vague} ouverte d'après {last} :", markup=False)
        for sentence in done:
            out.print(f"  {sentence}", markup=False, soft_wrap=True)
        programme = load_programme(programme.root)
    missing = still_missing(programme, vague, last)
    out.print(
        f"Ce qui manque à {vague}, et que seule une personne sait :" if missing else f"Rien ne manque à {vague}.",
        markup=False,
    )
    for sentence in missing:
        out.print(f"  {sentence}", markup=False, soft_wrap=True)
    out.print("À revoir, ce que rien ne peut vérifier :")
    for sentence in REMINDERS:
        out.print(f"  {sentence}", markup=False, soft_wrap=True)
    out.print("Puis : « observatoire check », déposer les extraits, « observatoire run ».")
