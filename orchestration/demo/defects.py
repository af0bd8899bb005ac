"""Rows that must be rejected, planted beside the valid ones: each breaks one rule, once.

A planted row is a spare interview of the same organisme, valid but for one cell. A `doublon` is an
existing row, whole, further down the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from orchestration.demo.contracts import Contract
from orchestration.demo.encode import DECIMAL, SourceTable, source_value, write_dates
from orchestration.demo.programme import FILTERED, DemoProgramme
from orchestration.errors import ProgrammeError

# Truth of one planted defect, before its row is known: `ordre` places it in the file.
DEFECT_SCHEMA = {"ordre": pl.Float64, "regle": pl.String, "colonne": pl.String, "valeur": pl.String}


def plant(
    programme: DemoProgramme, table: SourceTable, frame: pl.DataFrame, defects: list[dict[str, Any]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add to one organisme's rows the defects the scenario wants.

    Returns the cells with a column `ordre` (valid rows and planted ones, unsorted), and the defects
    (`ordre`, regle, colonne, valeur), one row each.
    """
    rng = programme.stream(*table.contract.stream, str(frame["organisme_code"][0]), "defauts")
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
                wanted = _Wanted(programme, table.contract, frame, spare, defect)
                index, column, value = CHANGES[defect["regle"]](wanted)
                spare.remove(index)
                row = cells[index].with_columns(pl.lit(value, dtype=pl.String).alias(column))
            planted.append(row)
            written = row[column][0]
            if table.kinds[column] == DECIMAL:
                written = written.replace(".", table.contract.format.get("decimale", "."))
            truth.append((float(row["ordre"][0]), defect["regle"], column, written))
    return pl.concat([valid, *planted]), pl.DataFrame(truth, schema=DEFECT_SCHEMA, orient="row")


@dataclass(frozen=True)
class _Wanted:
    """A defect that the scenario wants, and what it may be planted in: the spare rows of one organisme."""

    programme: DemoProgramme
    contract: Contract
    frame: pl.DataFrame
    spare: list[int]
    defect: dict[str, Any]

    def row_where(self, fits: pl.Series) -> int:
        """Returns the first spare row that fits."""
        for index in self.spare:
            if fits[index]:
                return index
        raise ProgrammeError(f"scenario.yaml : aucun entretien de réserve ne convient au défaut {self.defect}.")

    def first_answers(self) -> pl.Series:
        """Returns the answers to the target, the first one of a question with several."""
        answers: pl.Series = self.frame[self.defect["cible"]]
        return answers.list.first() if answers.dtype == pl.List else answers


def _unknown_value(wanted: _Wanted) -> tuple[int, str, str]:
    """A value the coding does not know, in place of an expressed answer or of a known segment."""
    contract, target, value = wanted.contract, wanted.defect["cible"], str(wanted.defect["valeur"])
    field = contract.axes.get(target) or contract.questions[target]
    if value.casefold() in {source.casefold() for source in field.sources.values()}:
        raise ProgrammeError(f"scenario.yaml : « {value} » est une valeur connue de {target} ({contract.name}).")
    if target in contract.axes:
        fits = wanted.frame[target].is_not_null()
    else:
        fits = ~wanted.first_answers().is_in(list(wanted.programme.statuses))
    return wanted.row_where(fits), field.columns[0], value


def _filter_contradicted(wanted: _Wanted) -> tuple[int, str, str]:
    """An answer to a question the filter should have spared."""
    programme, target = wanted.programme, wanted.defect["cible"]
    field = wanted.contract.questions[target]
    code = wanted.defect.get("valeur") or programme.options[programme.questions[target].scale][0]
    value = source_value(programme, field, code)
    if value is None:
        raise ProgrammeError(
            f"scenario.yaml : {code} s'écrit en blanc dans {wanted.contract.name}, rien n'y contredit un filtre."
        )
    return wanted.row_where(wanted.first_answers() == programme.status(FILTERED)), field.columns[0], value


def _outside_window(wanted: _Wanted) -> tuple[int, str, str]:
    """`jours` counts from the window: −1 is the eve of its first day, 1 the morrow of its last."""
    wave = wanted.programme.waves[wanted.contract.vague]
    days = int(wanted.defect["jours"])
    if days == 0:
        raise ProgrammeError("scenario.yaml : hors_fenetre veut un nombre de jours négatif (avant) ou positif (après).")
    day = (wave.start if days < 0 else wave.end) + timedelta(days)
    cells, _ = write_dates(wanted.contract, pl.Series([day]))
    return wanted.spare[0], wanted.contract.date["colonne"], str(cells[0])


def _unreadable_date(wanted: _Wanted) -> tuple[int, str, str]:
    return wanted.spare[0], wanted.contract.date["colonne"], str(wanted.defect["valeur"])


def _invalid_weight(wanted: _Wanted) -> tuple[int, str, str]:
    if wanted.contract.weight is None:
        raise ProgrammeError(f"scenario.yaml : {wanted.contract.name} ne livre pas de poids.")
    return wanted.spare[0], wanted.contract.weight, str(wanted.defect["valeur"])


CHANGES: dict[str, Callable[[_Wanted], tuple[int, str, str]]] = {
    "valeur_inconnue": _unknown_value,
    "filtre_contredit": _filter_contradicted,
    "hors_fenetre": _outside_window,
    "date_illisible": _unreadable_date,
    "poids_invalide": _invalid_weight,
}
