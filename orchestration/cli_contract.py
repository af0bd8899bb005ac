"""`observatoire contract`: drafts a contract, checks one; and what every command shares, consoles and options."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from orchestration.cli_words import COMMAND, FrenchGroup, existing_file, possible_folder, writable_file
from orchestration.folder import refuse_special_files
from orchestration.settings import DATA_VARIABLE, default_root
from orchestration.streams import open_streams

if TYPE_CHECKING:
    from orchestration.programme import Programme

open_streams()
# some services set it to a width of nothing, in which nothing would be printed
if os.environ.get("COLUMNS") == "0":
    del os.environ["COLUMNS"]
# in a pipe a line is a line, however long: another program reads it
PIPED = not (sys.stdout.isatty() or "COLUMNS" in os.environ)
out = Console(file=sys.stdout, highlight=False, width=1000 if PIPED else None)
err = Console(file=sys.stderr, highlight=False)

# faults that a command lists; one more than that is listed too
_FAULTS = 20

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar=DATA_VARIABLE,
        metavar="DOSSIER",
        help="Dossier du programme.",
        callback=possible_folder,
        readable=False,
    ),
]
contract = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    subcommand_metavar=COMMAND,
    help="Écrit et vérifie les contrats d'extrait.",
)


def opened(data: Path | None) -> Programme:
    """Returns the programme of a folder, by default the environment's; only then is polars imported.

    Raises:
        ProgrammeError: it cannot be opened, or has a file whose reading may never end.
    """
    root = (data or default_root()).resolve()
    refuse_special_files(root)
    from orchestration.programme import load_programme

    return load_programme(root)


def refuse_all(problems: Iterable[str]) -> None:
    """Prints each problem on a line of its own, the first ones of many; ends with exit code 1 if there is one."""
    listed = list(problems)
    if not listed:
        return
    from orchestration.programme.texts import number

    # a table whose header is wrong has a fault on every line, and the first ones tell it
    shown = listed if len(listed) <= _FAULTS + 1 else listed[:_FAULTS]
    for problem in shown:
        err.print(problem, markup=False, soft_wrap=True)
    if len(shown) < len(listed):
        err.print(f"… et {number(len(listed) - _FAULTS)} autres fautes ; corriger celles-ci, puis relancer.")
    raise typer.Exit(1)


def print_json(body: Mapping[str, Any]) -> None:
    """Prints data as JSON: a schema, or what another program reads."""
    typer.echo(json.dumps(body, ensure_ascii=False, indent=2))


def print_csv(columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    """Prints rows as CSV, a truth as `oui` or `non`; the names of the columns first, even where there is no row."""
    said = {True: "oui", False: "non"}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([said.get(row[column], row[column]) for column in columns] for row in rows)


@contract.command()
def draft(
    fichier: Annotated[Path, typer.Argument(help="Extrait à lire.", callback=existing_file, readable=False)],
    vague: Annotated[str | None, typer.Option("--vague", metavar="VAGUE", help="Vague, code de vagues.csv.")] = None,
    institut: Annotated[
        str | None, typer.Option("--institut", metavar="INSTITUT", help="Institut, code d'instituts.csv.")
    ] = None,
    sortie: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--sortie",
            metavar="FICHIER",
            help="Fichier à écrire ; sinon à l'écran.",
            callback=writable_file,
            readable=False,
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Propose le contrat d'un extrait inconnu : un brouillon, chaque ligne avec sa confiance et sa raison."""
    from orchestration.extracts.draft.report import draft_file

    text, table = draft_file(fichier, opened(data), vague, institut, sortie)
    if sortie is None:
        typer.echo(text, nl=False)
    (err if sortie is None else out).print(table)


@contract.command()
def schema() -> None:
    """Écrit le schéma JSON d'un contrat, pour les éditeurs."""
    from orchestration.extracts.contract_body import contract_schema

    print_json(contract_schema())


@contract.command("check")
def check_contract(
    fichier: Annotated[Path, typer.Argument(help="Contrat à vérifier.", callback=existing_file, readable=False)],
    data: Data = None,
) -> None:
    """Tient un contrat à son schéma et au questionnaire, sans rien lire."""
    from orchestration.extracts.contracts import Broken, read_contracts

    found = read_contracts(fichier, opened(data))
    if isinstance(found, Broken):
        refuse_all(found.faults)
        return
    first = found[0]
    left = len(first.body.a_decider)
    state = "confirmé" if first.confirmed else "brouillon, ne charge rien" + f" ; à décider : {left}" * bool(left)
    out.print(f"{fichier.name} : en règle ({state}).", markup=False)
