"""Whose rows a table holds: by a column, the name of the sheet or of the file; and what to say where nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.personal_data import MASK
from orchestration.extracts.quarantine import personal_values
from orchestration.extracts.readers import RawTable
from orchestration.programme import Programme
from orchestration.programme.texts import capped, counted, normalise

# characters of a delivered value that a sentence quotes, and how much it must look like a known name
_LONGEST, _ALIKE = 40, 0.7


def by_organisme(
    table: RawTable, column: str, file: str, contract: Contract, programme: Programme
) -> dict[str | None, pl.DataFrame]:
    """Returns the rows of each organisme; under None, those whose organisme is not known.

    Args:
        table: the table.
        column: its column that says the organisme; empty where another place does.
        file: name of the file.
        contract: the contract that reads it.
        programme: whose organismes they are.
    """
    resolved = _resolved(table, column, file, contract, programme)
    keyed = table.frame.with_columns(pl.Series("__organisme", resolved, dtype=pl.String))
    parts = keyed.partition_by("__organisme", as_dict=True, maintain_order=True, include_key=False)
    return {organisme: rows for (organisme,), rows in parts.items()}


def organismes_in(table: RawTable, column: str, file: str, contract: Contract, programme: Programme) -> set[str]:
    """Returns the known organismes that a table has rows of; the arguments are those of `by_organisme`."""
    return {code for code in _resolved(table, column, file, contract, programme) if code}


def _resolved(table: RawTable, column: str, file: str, contract: Contract, programme: Programme) -> list[str | None]:
    """Returns the organisme of each row of a table, None where it is not known."""
    names = contract.organisme_names(programme)
    if column:
        return [names.get(normalise(v)) if v else None for v in table.frame[column]]
    by_sheet = names.get(normalise(table.sheet)) if contract.body.organisme.feuille and table.sheet else None
    return [by_sheet or contract.organisme_of(file, programme)] * table.frame.height


def organisme_beside(table: RawTable, file: str, contract: Contract) -> str | None:
    """Returns what says the organisme of a table beside its cells: the name of its sheet or of its file."""
    return contract.organisme_said(file) or (table.sheet if contract.body.organisme.feuille else None)


def unknown_organisme(
    table: RawTable, rows: pl.DataFrame, column: str, file: str, contract: Contract, names: Mapping[str, str]
) -> str:
    """Returns why rows are refused whose organisme the programme does not know, in French.

    Args:
        table: the table they stand in.
        rows: the rows.
        column: the column that says the organisme; empty where another place does.
        file: name of the file.
        contract: the contract that reads it.
        names: the code behind each known name.
    """
    lines, said = counted(rows.height, "ligne"), organisme_beside(table, file, contract)
    if not column and said is None:
        return _nowhere(table, contract, file, lines)
    counts: dict[str | None, int] = {said: rows.height}
    if column:
        found = rows[column].value_counts().sort("count", column, descending=[True, False])
        counts = dict(found.rows())
    blank = counts.pop(None, 0) if column else 0
    hidden = personal_values(table, contract.all_ignored_columns)
    told = [_quoted(value, names, hidden) for value in counts if value is not None]
    where = f"{file}, colonne {column}" if column else file
    sentences = []
    if told:
        noun, them = ("organisme", "l'ajouter") if len(told) == 1 else ("organismes", "les ajouter")
        known = f"inconnu{'' if len(told) == 1 else 's'} du programme"
        sentences.append(
            f"{noun} {capped(told, most=5)} {known} ({where}, {counted(rows.height - blank, 'ligne')}) ; {them} à"
            f" organismes_alias.csv ou à « organisme.valeurs » du contrat {contract.name}, ou corriger le fichier"
        )
    if blank:
        sentences.append(f"organisme laissé vide ({where}, {counted(blank, 'ligne')}) ; compléter la colonne")
    return " ; ".join(sentences)


def _nowhere(table: RawTable, contract: Contract, file: str, lines: str) -> str:
    rule = contract.body.organisme
    if rule.nom_fichier is not None:
        return (
            f"le nom {file} ne dit pas l'organisme de ses {lines} : il ne répond pas à « {rule.nom_fichier} » ;"
            f" renommer le fichier, ou corriger « organisme.nom_fichier » du contrat {contract.name}"
        )
    return f"rien ne dit l'organisme ({file}, {lines}) ; corriger « organisme » dans le contrat {contract.name}"


def _quoted(value: str, names: Mapping[str, str], hidden: set[str]) -> str:
    """Returns a delivered value as a sentence quotes it, with the known organisme that it looks like."""
    if value in hidden:
        return MASK
    close = difflib.get_close_matches(normalise(value), names, 1, _ALIKE)
    likely = f" (peut-être {names[close[0]]})" if close else ""
    shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return f"« {shown} »{likely}"
