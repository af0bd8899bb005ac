"""Rows that must be rejected, planted beside the valid ones: each breaks one rule, once.

A planted row is a spare interview of the same organisme, valid but for one cell. A `doublon` is an
existing row, whole, further down the file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl

from orchestration.demo.contracts import Contract
from orchestration.demo.encode import DECIMAL, SourceTable, source_value, write_dates
from orchestration.demo.programme import FILTERED, Programme
from orchestration.errors import ProgrammeError

# Truth of one planted defect, before its row is known: `ordre` places it in the file.
DEFECT_SCHEMA = {"ordre": pl.Float64, "regle": pl.String, "colonne": pl.String, "valeur": pl.String}


def plant(
    programme: Programme, table: SourceTable, frame: pl.DataFrame, defects: list[dict[str, Any]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add to one organisme's rows the defects the scenario wants.

    Returns the cells with a column `ordre` (valid rows and planted ones, unsorted), and the defects
    (`ordre`, regle, colonne, valeur), one row each.
    """
    rng = programme.stream(table.contract.name, str(frame["organisme_code"][0]), "defauts")
    cells = table.cells.with_columns(frame["ordre"])
    valid = cells.filter(frame["valide"])
    spare = frame["valide"].not_().arg_true().to_list()
    planted: list[pl.DataFrame] = []
    truth: list[tuple[float, str, str, str | None]] = []
    for defect in defects:
        for _ in range(int(defect.get("nombre", 1))):
            if defect["regle"] == "doublon":
                # Never the last row: the copy has to find a place below its original.
                row = valid.sort("ordre")[int(rng.integers(valid.height - 1))]
                original, last = float(row["ordre"][0]), float(valid["ordre"].max())  # type: ignore[arg-type]
                row = row.with_columns(ordre=pl.lit(rng.uniform(original, last)))
                column = table.contract.entretien
            else:
                change = CHANGES[defect["regle"]]
                index, column, value = change(programme, table.contract, frame, spare, defect)
                spare.remove(index)
                row = cells[index].with_columns(pl.lit(value, dtype=pl.String).alias(column))
            planted.append(row)
            written = row[column][0]
            if table.kinds[column] == DECIMAL:
                written = written.replace(".", table.contract.format.get("decimale", "."))
            truth.append((float(row["ordre"][0]), defect["regle"], column, written))
    return pl.concat([valid, *planted]), pl.DataFrame(truth, schema=DEFECT_SCHEMA, orient="row")


Change = Callable[[Programme, Contract, pl.DataFrame, list[int], dict[str, Any]], tuple[int, str, str]]


def _unknown_value(
    programme: Programme, contract: Contract, frame: pl.DataFrame, spare: list[int], defect: dict[str, Any]
) -> tuple[int, str, str]:
    """A value the coding does not know, in place of an expressed answer or of a known segment."""
    target = defect["cible"]
    field = contract.axes.get(target) or contract.questions[target]
    value = str(defect["valeur"])
    if value.casefold() in {source.casefold() for source in field.sources.values()}:
        raise ProgrammeError(f"scenario.yaml : « {value} » est une valeur connue de {target} ({contract.name}).")
    if target in contract.axes:
        return _first(frame[target].is_not_null(), spare, defect), field.columns[0], value
    return _first(_expressed(programme, frame, target), spare, defect), field.columns[0], value


def _filter_contradicted(
    programme: Programme, contract: Contract, frame: pl.DataFrame, spare: list[int], defect: dict[str, Any]
) -> tuple[int, str, str]:
    """An answer to a question the filter should have spared."""
    target = defect["cible"]
    field = contract.questions[target]
    scale = next(q.echelle for q in programme.questions if q.code == target)
    code = defect.get("valeur") or programme.expressed(scale)[0].code
    value = source_value(programme, field, code)
    if value is None:
        raise ProgrammeError(
            f"scenario.yaml : {code} s'écrit en blanc dans {contract.name}, rien n'y contredit un filtre."
        )
    first = frame[target].list.first() if frame[target].dtype == pl.List else frame[target]
    return _first(first == programme.status(FILTERED), spare, defect), field.columns[0], value


def _outside_window(
    programme: Programme, contract: Contract, frame: pl.DataFrame, spare: list[int], defect: dict[str, Any]
) -> tuple[int, str, str]:
    """`jours` counts from the window: −1 is the eve of its first day, 1 the morrow of its last."""
    vague = next(v for v in programme.vagues if v.code == contract.vague)
    days = int(defect["jours"])
    if days == 0:
        raise ProgrammeError("scenario.yaml : hors_fenetre veut un nombre de jours négatif (avant) ou positif (après).")
    day = (vague.debut if days < 0 else vague.fin) + timedelta(days)
    cells, _ = write_dates(contract, pl.Series([day]))
    return spare[0], contract.date["colonne"], str(cells[0])


def _unreadable_date(
    programme: Programme, contract: Contract, frame: pl.DataFrame, spare: list[int], defect: dict[str, Any]
) -> tuple[int, str, str]:
    return spare[0], contract.date["colonne"], str(defect["valeur"])


def _invalid_weight(
    programme: Programme, contract: Contract, frame: pl.DataFrame, spare: list[int], defect: dict[str, Any]
) -> tuple[int, str, str]:
    if contract.weight is None:
        raise ProgrammeError(f"scenario.yaml : {contract.name} ne livre pas de poids.")
    return spare[0], contract.weight, str(defect["valeur"])


CHANGES: dict[str, Change] = {
    "valeur_inconnue": _unknown_value,
    "filtre_contredit": _filter_contradicted,
    "hors_fenetre": _outside_window,
    "date_illisible": _unreadable_date,
    "poids_invalide": _invalid_weight,
}


def _expressed(programme: Programme, frame: pl.DataFrame, target: str) -> pl.Series:
    first = frame[target].list.first() if frame[target].dtype == pl.List else frame[target]
    return ~first.is_in(list(programme.statuses))


def _first(fits: pl.Series, spare: list[int], defect: dict[str, Any]) -> int:
    for index in spare:
        if fits[index]:
            return index
    raise ProgrammeError(f"scenario.yaml : aucun entretien de réserve ne convient au défaut {defect}.")
