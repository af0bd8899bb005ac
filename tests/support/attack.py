"""An attacker with linear programming: how tightly do the published files bound what they mask?

The attacker reads the regional file, and may be an organisme that has its own file too. It knows the perimeters, hence
which organismes each cell adds up, the number of interviews of each, the thresholds, and that counts are not negative.
Every published figure bounds a sum of the contributions of organismes to segments; every axis cuts the same interviews. HiGHS then finds the least and the greatest value a secret may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from tests.support.opened import BASES, TOTAL, WEIGHTED, Cell, Files, Question

Floats = NDArray[np.float64]
# reasons of cells that are masked for the results of organismes, which are secrets in their own right
OF_ORGANISMES = ("organismes_minimum", "dominance")
# the reason of cells that are masked because they are imprecise, which is no secret
IMPRECISE = "base_efficace"


class Bound(NamedTuple):
    """What the attacker found out about a secret: it lies between `low` and `high`."""

    question: str
    vague: str
    cell: Cell
    measure: str
    status: str
    low: float
    high: float
    truth: float
    reader: str

    @property
    def width(self) -> float:
        """How much is left unknown, as a share of what the reader did not know to begin with."""
        return (self.high - self.low) / self.truth


def bounds(files: Files, question: Question, measure: str, reader: str = "") -> Iterator[Bound]:
    """Yields what a reader can bound more tightly than it should.

    A cell masked for its few answers, and a result of one organisme, keep `protection` of their value. A cell masked
    for another's sake, or because it counts too few organismes, is no secret: an outsider must not be able to fill it
    in, that is all.

    Args:
        files: everything published.
        question: the question under attack.
        measure: the quantity under attack.
        reader: the organisme that reads; nobody in particular when empty.
    """
    problem = _Problem(files, question, measure, reader)
    secrets = list(problem.secrets())
    if not secrets:
        return
    rows = csr_array(vstack([problem.row(cell) for cell, _ in secrets]))
    truth = rows @ problem.truth
    needed = np.array([files.protection if status == "S" else 1e-6 for _, status in secrets]) * truth
    low, high = truth.copy(), truth.copy()
    # a solution for one secret often shows that others are free as well: few have to be tried themselves
    random = np.random.default_rng(0)
    for attempt in range(3 * len(secrets)):
        tight = np.flatnonzero(high - low < needed)
        if not len(tight):
            return
        if attempt < 6:
            weights = random.choice([-1.0, 1.0], len(tight)) / truth[tight]
        else:
            tight = tight[:1]
            weights = np.ones(1)
        for sign in (1, -1):
            found = rows @ problem.solve(sign * (weights @ rows[tight]))
            low, high = np.minimum(low, found), np.maximum(high, found)
        if attempt >= 6 and high[tight[0]] - low[tight[0]] < needed[tight[0]]:
            one = tight[0]
            cell, status = secrets[one]
            yield Bound(question.code, question.vague, cell, measure, status, low[one], high[one], truth[one], reader)
            needed[one] = -1


class _Problem:
    """The polytope of the tables that publish the same figures."""

    def __init__(self, files: Files, question: Question, measure: str, reader: str) -> None:
        self._files, self._question, self._measure, self._reader = files, question, measure, reader
        cells = [key for key in question.truth if key[1:] != TOTAL]
        if not cells:
            cells = list(question.truth)
        # an axis tells where an organisme has answers at all: how many is unknown, that there are none is not protected
        self._variables = {key: i for i, key in enumerate(sorted(cells))}
        self.truth: Floats = np.array([question.truth[key].get(measure, 0.0) for key in self._variables])
        self._axes = sorted({axe for _, axe, _ in self._variables})
        self._sums, self._told = self._published()
        self._same = self._axes_agree()

    def secrets(self) -> Iterator[tuple[Cell, str]]:
        """Yields the cells the reader should not know, with the status that says how well."""
        question = self._question
        held = "SD" if self._measure in BASES and not self._reader else "S"
        for cell, (status, reason) in question.status.items():
            if reason in OF_ORGANISMES:
                status = "D"
            if status in held and reason != IMPRECISE and self._unknown(cell) > 0:
                yield cell, status
        organismes = {o for o, _, _ in self._variables}
        for organisme, axe, segment in list(question.truth):
            cell = Cell(frozenset([organisme]), axe, segment)
            known = cell in question.status or (self._measure == "base_brute" and (axe, segment) == TOTAL)
            if organisme != self._reader and len(organismes) > 1 and not known and self._unknown(cell) > 0:
                yield cell, "S"

    def row(self, cell: Cell) -> csr_array:
        """Returns a cell as a sum of variables; what the reader brings itself is no part of a secret."""
        members = cell.organismes - {self._reader}
        return self._sum(cell, members)

    def solve(self, objective: Floats) -> Floats:
        """Returns the table that minimises an objective among those that publish the same figures."""
        found = linprog(
            np.asarray(objective).reshape(-1),
            A_eq=self._same,
            b_eq=np.zeros(self._same.shape[0]),
            A_ub=self._limits[0],
            b_ub=self._limits[1],
            bounds=self._bounds,
            method="highs",
        )
        # unbounded: the attacker knows nothing from above
        assert found.status in (0, 3), (found.message, self._question.code, self._measure)
        return self.truth * 1e3 if found.status == 3 else found.x

    def _unknown(self, cell: Cell) -> float:
        return self._question.value(cell._replace(organismes=cell.organismes - {self._reader}), self._measure)

    def _sum(self, cell: Cell, members: Iterable[str]) -> csr_array:
        axe = self._axes[0] if (cell.axe, cell.segment) == TOTAL else cell.axe
        indices = [
            i
            for (organisme, a, segment), i in self._variables.items()
            if organisme in members and a == axe and cell.segment in ("tous", segment)
        ]
        return csr_array((np.ones(len(indices)), ([0] * len(indices), indices)), shape=(1, len(self._variables)))

    def _published(self) -> tuple[csr_array, Floats]:
        """The sums that are published, and the least and the greatest each can be."""
        known = [
            (self._sum(cell, cell.organismes), figures[self._measure])
            for cell, figures in self._question.published.items()
            if self._measure in figures
        ]
        rows = [row for row, _ in known] or [csr_array((0, len(self._variables)))]
        return csr_array(vstack(rows)), np.array([told for _, told in known]).reshape(-1, 2)

    def _axes_agree(self) -> csr_array:
        """What is nothing whatever the table: an organisme's answers by one axis, less those by another."""
        rows = [csr_array((1, len(self._variables)))]
        for organisme in sorted({o for o, _, _ in self._variables}):
            first = self._sum(Cell(frozenset(), *TOTAL), [organisme])
            rows += [self._sum(Cell(frozenset(), axe, "tous"), [organisme]) - first for axe in self._axes[1:]]
        return csr_array(vstack(rows))

    @cached_property
    def _bounds(self) -> list[tuple[float, float | None]]:
        """What is known of each contribution: it is not negative; the reader's own is known."""
        return [
            (value, value) if organisme == self._reader else (0.0, None)
            for (organisme, _, _), value in zip(self._variables, self.truth, strict=True)
        ]

    @cached_property
    def _limits(self) -> tuple[csr_array, Floats]:
        """What sums are at most: as published, and no count exceeds the number of interviews, which is published."""
        rows = [self._sums, -self._sums]
        values = [self._told[:, 1], -self._told[:, 0]]
        if self._measure not in ("base_brute", *WEIGHTED):
            organismes = sorted({o for o, _, _ in self._variables})
            rows += [self._sum(Cell(frozenset(), *TOTAL), [organisme]) for organisme in organismes]
            values.append(np.array([self._files.interviews[self._question.vague, o] for o in organismes], dtype=float))
        return csr_array(vstack(rows)), np.concatenate(values)


def attacked(files: Files, measures: Iterable[str] = BASES, **chosen: Any) -> list[Bound]:
    """Returns every secret that a reader bounds too tightly.

    Args:
        files: everything published.
        measures: the quantities to attack.
        chosen: `questions`, keys of those to attack, and `readers`; all, and nobody in particular, by default.
    """
    return [
        bound
        for key in chosen.get("questions", files.questions)
        for measure in measures
        if measure in files.questions[key].measures
        for reader in chosen.get("readers", [""])
        for bound in bounds(files, files.questions[key], measure, reader)
    ]


def attacked_by_all_measures(files: Files, questions: list[tuple[str, str]], readers: list[str]) -> list[Bound]:
    """Returns what readers bound too tightly of some questions, by any measure that one of them has."""
    measures = sorted({m for key in questions for m in files.questions[key].measures})
    return attacked(files, measures, questions=questions, readers=readers)
