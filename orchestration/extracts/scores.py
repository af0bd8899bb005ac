"""Reads the scores that a sender publishes, one line per organisme, and judges them: nothing is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.headings import CountsHeadings
from orchestration.extracts.readers import LINE, RawTable, place, plain_number
from orchestration.extracts.validation import Judged, rejects_frame
from orchestration.programme import Programme
from orchestration.programme.scores import score_bounds
from orchestration.programme.texts import normalise

# before the name of a column, that of its numbers as a computer writes them
_NUMBER = "__nombre "
# More people than a country has: what is beyond is a broken export.
_LARGEST = 1e9
SCHEMA = {"score_code": pl.String, "valeur": pl.Float64, "base": pl.Int64, "erreur_type": pl.Float64}

Scored = tuple[str, float, int, float | None]


class ScoresReader:
    """Reads the lines of one table of scores, as its contract says.

    Raises:
        HeadingsRefused: columns of the contract are missing, or several answer to one; all of them are told.
    """

    def __init__(self, table: RawTable, contract: Contract, programme: Programme, name: str) -> None:
        self.table, self.contract, self.bounds = table, contract, score_bounds(programme)
        self.where = place(name, table.sheet)
        self.columns = [c for c in table.frame.columns if c != LINE]
        body = contract.scores_rules
        look = CountsHeadings(contract, self.columns, self.where)
        self.maps = {
            code: tuple(look.find(getattr(rule, part), f"{code}, {part}") for part in ("valeur", "base", "erreur"))
            for code, rule in body.scores.items()
        }
        self.organisme = look.find(body.organisme.colonne, "organisme")
        look.check()
        # nothing checks a score as percentages check counts
        self.checks = CountsHeadings(contract, self.columns, self.where)
        self.used = look.used
        self.absent = {normalise(text) for text in body.absents}
        self.rows = table.frame.with_columns(
            plain_number(pl.col(c), contract.form.decimale).name.prefix(_NUMBER) for c in sorted(self.used)
        )

    def line(self, row: Mapping[str, Any]) -> list[Scored]:
        """Returns the scores of a line: code, value, base, standard error; those that it does not give are left out.

        Raises:
            UnusableScore: the first cell that is wrong.
        """
        found: list[Scored] = []
        for code, (value, base, error) in self.maps.items():
            score = self._number(row, value)
            if score is None:
                continue
            low, high = self.bounds[code]
            if not low <= score <= high:
                raise UnusableScore(value, "score_hors_bornes")
            size = self._number(row, base)
            if size is None or size < 1 or size != round(size):
                raise UnusableScore(base, "effectif_invalide")
            spread = self._number(row, error) if error else None
            if spread is not None and spread < 0:
                raise UnusableScore(error, "score_hors_bornes")
            found.append((code, score, round(size), spread))
        return found

    def _number(self, row: Mapping[str, Any], column: str) -> float | None:
        text: str | None = row[column]
        if text is None or normalise(text) in self.absent:
            return None
        try:
            value = float(row[_NUMBER + column].removesuffix("%"))
        except ValueError:
            raise UnusableScore(column, "valeur_inconnue") from None
        if not abs(value) <= _LARGEST:
            raise UnusableScore(column, "nombre_demesure")
        return value


class UnusableScore(Exception):
    """A line that cannot be used, because of a column and a rule."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(rule)
        self.column, self.rule = column, rule


def judge_scores(reader: ScoresReader, rows: pl.DataFrame, organisme: str) -> Judged:
    """Returns the scores of one organisme, and the rejects: an organisme has one line, whole or not at all.

    Args:
        reader: the table.
        rows: its lines of the organisme.
        organisme: its code, which a second line repeats.
    """
    scores: list[Scored] = []
    rejects: list[tuple[int, str, str | None, str]] = []
    accepted = 0
    for row in reader.rows.filter(pl.col(LINE).is_in(rows[LINE].implode())).iter_rows(named=True):
        if accepted:
            rejects.append((row[LINE], reader.organisme, organisme, "doublon"))
            continue
        try:
            scores = reader.line(row)
        except UnusableScore as fault:
            rejects.append((row[LINE], fault.column, row[fault.column] or "", fault.rule))
            continue
        accepted += 1
    frame = pl.DataFrame(scores, schema=SCHEMA, orient="row")
    # no interview stands behind a score, as far as the warehouse knows
    return Judged(frame, rejects_frame(rejects), refusal="" if scores else "aucun score", interviews=0)
