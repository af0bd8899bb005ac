"""The commands that write what a programme declares: a new programme, and its next wave."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli_contract import Data, err, opened, out
from orchestration.cli_words import existing_file

author = typer.Typer()


def _file(path: Path | None) -> Path | None:
    return None if path is None else existing_file(path)


def _day(text: str | None, option: str) -> dt.date | None:
    """Returns the day that an option names.

    Raises:
        BadParameter: it is no date.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"« {text} » n'est pas une date AAAA-MM-JJ", param_hint=option) from None


def _typed(question: str) -> str:
    """Returns the line that a person types after a question.

    Raises:
        ProgrammeError: there is nothing more to read.
    """
    from orchestration.errors import ProgrammeError

    try:
        return input(question)
    except EOFError:
        raise ProgrammeError("Une réponse était attendue ; la donner en option, ou par --reponses.") from None


@author.command()
def init(
    dossier: Annotated[Path, typer.Argument(help="Dossier du programme à écrire, vide ou à faire.", readable=False)],
    reponses: Annotated[
        Path | None,
        typer.Option(
            "--reponses",
            metavar="FICHIER",
            help="Réponses en YAML, au lieu de questions.",
            callback=_file,
            readable=False,
        ),
    ] = None,
    extrait: Annotated[
        Path | None,
        typer.Option(
            "--extrait", metavar="FICHIER", help="Extrait d'où proposer les réponses.", callback=_file, readable=False
        ),
    ] = None,
    nom: Annotated[str | None, typer.Option(metavar="NOM", help="Nom de l'enquête.")] = None,
    langue: Annotated[str | None, typer.Option(metavar="LANGUE", help="Langue des rapports.")] = None,
    vague: Annotated[str | None, typer.Option(metavar="VAGUE", help="Code de la première vague.")] = None,
    debut: Annotated[str | None, typer.Option(metavar="DATE", help="Premier jour de terrain, AAAA-MM-JJ.")] = None,
    fin: Annotated[str | None, typer.Option(metavar="DATE", help="Dernier jour de terrain, AAAA-MM-JJ.")] = None,
    mode: Annotated[str | None, typer.Option(metavar="MODE", help="Mode de collecte.")] = None,
    institut: Annotated[str | None, typer.Option(metavar="INSTITUT", help="Qui a interrogé.")] = None,
    organismes: Annotated[
        str | None, typer.Option(metavar="NOM=POPULATION,...", help="Organismes, et combien de personnes chacun.")
    ] = None,
    mots: Annotated[
        str | None,
        typer.Option(metavar="MOT=UN, PLUSIEURS; ...", help="Mots de l'enquête : repondant=lecteur, lecteurs ; …"),
    ] = None,
    publics: Annotated[bool, typer.Option("--publics", help="Les chiffres d'un organisme sont publics.")] = False,
    echelle: Annotated[
        str | None, typer.Option(metavar="RÉPONSES", help="Réponses dans l'ordre : 1..6, ou des mots.")
    ] = None,
    meilleure: Annotated[
        str | None, typer.Option(metavar="CÔTÉ", help="Meilleure réponse : premiere ou derniere.")
    ] = None,
) -> None:
    """Écrit un programme neuf : demande ce qu'il faut, ou le lit d'options, de réponses, d'un extrait."""
    from orchestration.authoring.start import Told, start

    told = Told(
        {
            "nom": nom,
            "langue": langue,
            "vague": vague,
            "terrain_debut": _day(debut, "--debut"),
            "terrain_fin": _day(fin, "--fin"),
            "mode_collecte": mode,
            "institut": institut,
            "organismes_secrets": False if publics else None,
        },
        organismes,
        echelle,
        meilleure,
        mots,
    )
    ask = _typed if sys.stdin.isatty() else None
    for sentence in start(dossier, reponses, extrait, told, ask, lambda said: err.print(said, markup=False)):
        out.print(sentence, markup=False, soft_wrap=True)


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
    from orchestration.authoring.next_wave import hold_dates, last_wave, open_wave
    from orchestration.authoring.together import finish
    from orchestration.authoring.wave_left import REMINDERS, still_missing
    from orchestration.operation.locks import lock
    from orchestration.programme import load_programme
    from orchestration.settings import OPENING

    start, end = _day(debut, "--debut"), _day(fin, "--fin")
    programme = opened(data)
    if (programme.root / OPENING).exists():
        with lock(programme.settings):
            completed = finish(programme.root / OPENING)
        named = ", ".join(completed) or "rien ne manquait"
        out.print(f"Ouverture de vague interrompue, achevée : {named}.", markup=False, soft_wrap=True)
        programme = load_programme(programme.root)
    last, there = last_wave(programme, vague)
    if not there:
        # A run that reads the reference files meanwhile would see some of the new lines without the others; of two
        # waves that are opened at once, one would be lost. What another has opened meanwhile is read anew.
        with lock(programme.settings):
            programme = load_programme(programme.root)
            last, _ = last_wave(programme, vague)
            done = open_wave(programme, vague, start, end)
        out.print(f"Vague {vague} ouverte d'après {last} :", markup=False)
        for sentence in done:
            out.print(f"  {sentence}", markup=False, soft_wrap=True)
        programme = load_programme(programme.root)
    else:
        hold_dates(programme, vague, start, end)
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
