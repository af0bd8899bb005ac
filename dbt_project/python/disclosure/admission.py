"""Lets the cells of one question and wave out one by one, the most useful first, while every secret keeps its leeway.

A secret is a cell masked for its own sake, or a result of one organisme. Totals are judged in every axis at once, then
the segments of each axis; a segment only where its total is out, so that what moves in one axis can follow in another.
What is held back is the secondary suppression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from disclosure.leeway import Floats, Kinds, Leeway


class Held(StrEnum):
    """Why a cell is held back; the codes of `dim_motif`."""

    CELL = "deduction_cellule"
    ORGANISME = "deduction_organisme"
    TOTAL = "perimetre_masque"


@dataclass(frozen=True)
class Rules:
    """What a programme asks for.

    Attributes:
        level: smallest leeway of a secret, as a share of it; 0 holds nothing back.
        organismes: whether an organisme's results are secret.
        members: whether organismes, who know their own results, are readers to guard against.
    """

    level: float
    organismes: bool
    members: bool


@dataclass(frozen=True)
class Table:
    """One axis of one question in one wave.

    Attributes:
        measures: (organismes, segments) arrays: answers first, then their weight and the answers to each option.
        primary: (ensembles, 1 + segments), total first: whether a cell is masked for its own sake.
        base: (ensembles, 1 + segments): its answers; 0 where there are none.
    """

    measures: Sequence[Floats]
    primary: NDArray[np.bool_]
    base: Floats


def held_back(
    members: Floats, ranks: Sequence[int], axes: Mapping[str, Table], rules: Rules
) -> dict[tuple[str, int, int], Held]:
    """Returns the cells to hold back.

    Args:
        members: (ensembles, organismes), 1 where an organisme is counted.
        ranks: how useful each ensemble is, the smallest first.
        axes: the tables; their totals are the same.
        rules: what is asked for.

    Returns:
        (axis, ensemble, column of `Table.base`) → why. A total is under every axis.
    """
    if not axes or not rules.level:
        return {}
    kinds = Kinds(members)
    judges = {axis: _Judge(kinds, table, rules) for axis, table in axes.items()}
    held: dict[tuple[str, int, int], Held] = {}
    first = next(iter(axes.values()))
    for ensemble, column in _order(first, ranks, totals=True):
        why = next(filter(None, (judge.objection(ensemble, column) for judge in judges.values())), None)
        for axis, judge in judges.items():
            if why:
                held[axis, ensemble, column] = why
            else:
                judge.publish(ensemble, column)
    for axis, table in axes.items():
        judge = judges[axis]
        for ensemble, column in _order(table, ranks, totals=False):
            masked = table.primary[ensemble, 0] or (axis, ensemble, 0) in held
            why = Held.TOTAL if masked else judge.objection(ensemble, column)
            if why:
                held[axis, ensemble, column] = why
            else:
                judge.publish(ensemble, column)
        # what the published cells fix anyway protects nobody
        for key in [key for key in held if key[0] == axis and key[2] and judge.fixes(*key[1:])]:
            del held[key]
    return held


def _order(table: Table, ranks: Sequence[int], *, totals: bool) -> list[tuple[int, int]]:
    """Returns the cells that may go out, by rank of their ensemble, then the largest first."""
    ensembles, columns = np.nonzero(~table.primary & (table.base > 0))
    cells = [(int(e), int(c)) for e, c in zip(ensembles, columns, strict=True) if (c == 0) == totals]
    return sorted(cells, key=lambda cell: (ranks[cell[0]], -table.base[cell], cell))


class _Judge:
    """Says of each cell of one table whether publishing it endangers a secret."""

    def __init__(self, kinds: Kinds, table: Table, rules: Rules) -> None:
        # the costly guard against members is the answers' alone: what undoes one measure of a cell undoes them all
        self._measures = [
            Leeway(
                measure, kinds, table.primary,
                level=rules.level, organismes=rules.organismes, readers=rules.members and not rank,
            )
            for rank, measure in enumerate(table.measures)
        ]  # fmt: skip

    def objection(self, ensemble: int, column: int) -> Held | None:
        for measure in self._measures:
            if not measure.fixes(ensemble, column):
                endangered = measure.endangered(ensemble, column)
                if endangered:
                    return Held.ORGANISME if all(secret.own for secret in endangered) else Held.CELL
        return None

    def publish(self, ensemble: int, column: int) -> None:
        for measure in self._measures:
            measure.publish(ensemble, column)

    def fixes(self, ensemble: int, column: int) -> bool:
        return all(measure.fixes(ensemble, column) for measure in self._measures)
