"""Reads the lines of a delivery of counts: numbers, and the statuses that stand where a number is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.headings import CountsHeadings
from orchestration.extracts.readers import LINE, RawTable, place, plain_number
from orchestration.programme import Programme
from orchestration.programme.texts import normalise

BLANK = "vide"
# More people than a country has; of squared weights, its square. What is beyond is a broken export, and sums would
# overflow.
LARGEST = 1e9
OVERALL = ("ensemble", "tous")
# before the name of a column, that of its numbers as a computer writes them
_NUMBER = "__nombre "


# How many interviews, their sum of weights and of squared weights.
Cell = np.ndarray
# What makes a line unusable: line, column, value as delivered, rule.
Reject = tuple[int, str, str, str]


@dataclass(frozen=True)
class Line:
    """One line of counts: where it stands, whom it is about, what was counted.

    Attributes:
        line: physical line.
        stratum: stratum code.
        axis: axis, `ensemble` for the overall line.
        segment: segment of the axis.
        size: interviews behind the line.
        population: people of the stratum, None where the delivery does not say.
        cells: question → option → cell, or the status said in its place.
        published: question → published percentage, for those that are numbers.
    """

    line: int
    stratum: str
    axis: str
    segment: str
    size: Cell
    population: int | None
    cells: Mapping[str, Mapping[str, Cell | str]]
    published: Mapping[str, float]


class CountsReader:
    """Reads the lines of one table of a delivery of counts, as its contract says.

    Raises:
        HeadingsRefused: columns of the contract are missing, or several answer to one; all of them are told.
    """

    def __init__(self, table: RawTable, contract: Contract, programme: Programme, name: str) -> None:
        rules = contract.counts_rules
        self.table, self.contract, self.programme = table, contract, programme
        self.where = place(name, table.sheet)
        self.columns = [c for c in table.frame.columns if c != LINE]
        self.statuses = {normalise(code): status for code, status in rules.statuts.items()}
        look = self.headings = CountsHeadings(contract, self.columns, self.where)
        sizes = ("effectif", "effectif_poids", "effectif_poids_carre")
        self.size = [look.find(getattr(rules, name), name) for name in sizes]
        self.population = look.find(rules.population, "population")
        cut = rules.decoupage
        self.cut = [look.find(cut.axe, "axe"), look.find(cut.segment, "segment")] if cut else ["", ""]
        self.stratum = look.find(contract.sample_rules.strate.colonne, "strate")
        counted = contract.counts(programme)
        self.maps = {
            code: {
                option: (
                    look.find(heading, f"{code}.{option}"),
                    look.find(rule.poids.get(option), f"{code}.{option}, poids"),
                    look.find(rule.poids_carre.get(option), f"{code}.{option}, poids_carre"),
                )
                for option, heading in rule.comptes.items()
            }
            for code, rule in counted.items()
        }
        self.organisme = look.find(contract.body.organisme.colonne, "organisme")
        look.check()
        # A published percentage only checks the counts: a table without it is read all the same, and this is told.
        self.checks = CountsHeadings(contract, self.columns, self.where)
        self.percentages = {
            code: self.checks.find(rule.pourcentage, f"{code}, pourcentage") for code, rule in counted.items()
        }
        self.used = look.used | self.checks.used
        # Numbers are converted once for the whole table: a national workbook has a line or two for each of hundreds of
        # organismes, and preparing the conversion costs more than converting.
        self.rows = table.frame.with_columns(
            plain_number(pl.col(c), contract.form.decimale).name.prefix(_NUMBER) for c in sorted(self.used)
        )

    def read(self, frame: pl.DataFrame) -> tuple[list[Line], list[Reject]]:
        """Returns the lines of some rows, and of each row that is none the first reason why."""
        lines: list[Line] = []
        rejects: list[Reject] = []
        for row in self.rows.filter(pl.col(LINE).is_in(frame[LINE].implode())).iter_rows(named=True):
            try:
                lines.append(self._line(row))
            except _Unreadable as fault:
                rejects.append((row[LINE], fault.column, row[fault.column] or "", fault.rule))
        return lines, rejects

    def _line(self, row: Mapping[str, Any]) -> Line:
        limits = (LARGEST, LARGEST, LARGEST**2)
        size, weight, square = (
            self._number(row, column, limit) if column else None
            for column, limit in zip(self.size, limits, strict=True)
        )
        if not isinstance(size, float) or size <= 0 or size != round(size):
            raise _Unreadable(self.size[0], "effectif_invalide")
        if isinstance(weight, str) or isinstance(square, str):
            raise _Unreadable(self.size[1], "poids_invalide")
        axis, segment = OVERALL
        if self.cut[0] and row[self.cut[0]]:
            axis, segment = str(row[self.cut[0]]), str(row[self.cut[1]] or "")
            known = [band.code for band in self.programme.axes.get(axis, [])]
            if (axis, segment) != OVERALL and segment not in known:
                raise _Unreadable(self.cut[1] if known else self.cut[0], "valeur_inconnue")
        population = self._number(row, self.population) if self.population else BLANK
        return Line(
            line=row[LINE],
            stratum=self._stratum(row),
            axis=axis,
            segment=segment,
            size=np.array([size, size if weight is None else weight, size if square is None else square]),
            population=round(population) if isinstance(population, float) and population >= 1 else None,
            cells={
                code: {option: self._cell(row, *three) for option, three in cells.items()}
                for code, cells in self.maps.items()
            },
            published={
                code: number
                for code, column in self.percentages.items()
                if column and isinstance(number := self._number(row, column), float)
            },
        )  # fmt: skip

    def _stratum(self, row: Mapping[str, Any]) -> str:
        if not self.stratum:
            return self.contract.sample_rules.strate.valeur or OVERALL[0]
        said, codage = row[self.stratum], self.contract.codes(self.contract.sample_rules.strate)
        if not said or (codage and normalise(said) not in codage):
            raise _Unreadable(self.stratum, "strate_inconnue")
        return codage.get(normalise(said), said)

    def _cell(self, row: Mapping[str, Any], count: str, weight: str, square: str) -> Cell | str:
        values: list[float] = []
        for column in (count, weight or count, square or weight or count):
            value = self._number(row, column, LARGEST**2 if column == square else LARGEST)
            if isinstance(value, str):
                return value
            if value < 0:
                raise _Unreadable(column, "compte_negatif")
            values.append(value)
        return np.array(values)

    def _number(self, row: Mapping[str, Any], column: str, limit: float = LARGEST) -> float | str:
        """Returns a number within a limit, or the status written in its place."""
        text: str | None = row[column]
        if text is None:
            return BLANK
        if normalise(text) in self.statuses:
            return str(self.statuses[normalise(text)])
        try:
            value = float(row[_NUMBER + column].removesuffix("%"))
        except ValueError:
            raise _Unreadable(column, "valeur_inconnue") from None
        if not abs(value) <= limit:
            raise _Unreadable(column, "nombre_demesure")
        return value


class _Unreadable(Exception):
    """A line that cannot be used, because of a column and a rule."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(rule)
        self.column, self.rule = column, rule
