"""Lets the cells of one question and wave out one by one, the most useful first, while every secret keeps its leeway.

A secret is a cell masked for its few answers, or a result of one organisme. A total is judged in every axis at once, a
segment in its own, and only where its total is out, so that what moves in one axis can follow in another. What is held
back is the secondary suppression.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        secret: of the cells masked for their own sake, those that are secrets themselves; all where it is None. A cell
            of too few organismes is not: what it could tell is a result of theirs, which is a secret.
    """

    measures: Sequence[Floats]
    primary: NDArray[np.bool_]
    base: Floats
    secret: NDArray[np.bool_] | None = None


def held_back(
    members: Floats,
    ranks: Sequence[int],
    axes: Mapping[str, Table],
    rules: Rules,
    segment_ranks: Mapping[str, Sequence[int]] | None = None,
) -> dict[tuple[str, int, int], Held]:
    """Returns the cells to hold back.

    Args:
        members: (ensembles, organismes), 1 where an organisme is counted.
        ranks: when the total of each ensemble is judged, the smallest first.
        axes: the tables; their totals are the same.
        rules: what is asked for.
        segment_ranks: axis → when the segments of each ensemble are judged; after all totals where none is given.

    Returns:
        (axis, ensemble, column of `Table.base`) → why. A total is under every axis.
    """
    if not axes or not rules.level:
        return {}
    kinds = Kinds(members)
    judges = {axis: _Judge(kinds, table, rules) for axis, table in axes.items()}
    held: dict[tuple[str, int, int], Held] = {}
    out: set[int] = set()
    for axis, ensemble, column in _order(axes, ranks, segment_ranks or {}):
        judged = [axis] if column else list(judges)
        if column and ensemble not in out:
            why: Held | None = Held.TOTAL
        else:
            why = next(filter(None, (judges[one].objection(ensemble, column) for one in judged)), None)
        for one in judged:
            if why:
                held[one, ensemble, column] = why
            else:
                judges[one].publish(ensemble, column)
        if not column and not why:
            out.add(ensemble)
    # what the published cells fix anyway protects nobody
    for axis, ensemble, column in list(held):
        if column and judges[axis].fixes(ensemble, column):
            del held[axis, ensemble, column]
    return held


def _order(
    axes: Mapping[str, Table], ranks: Sequence[int], segment_ranks: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, int, int]]:
    """Yields the cells that may go out, by rank, then the largest first; a total once, under the first axis."""
    after = 1 + max(ranks)
    first = next(iter(axes))
    queue = []
    for axis, table in axes.items():
        own = segment_ranks.get(axis, [after + rank for rank in ranks])
        ensembles, columns = np.nonzero(~table.primary & (table.base > 0))
        for ensemble, column in zip(map(int, ensembles), map(int, columns), strict=True):
            if column or axis == first:
                rank = own[ensemble] if column else ranks[ensemble]
                queue.append((rank, -table.base[ensemble, column], ensemble, column, axis))
    for _, _, ensemble, column, axis in sorted(queue):
        yield axis, ensemble, column


class _Judge:
    """Says of each cell of one table whether publishing it endangers a secret."""

    def __init__(self, kinds: Kinds, table: Table, rules: Rules) -> None:
        # the costly guard against members is the answers' alone: what undoes one measure of a cell undoes them all
        self._measures = [
            Leeway(
                measure, kinds, table.primary,
                level=rules.level, organismes=rules.organismes, readers=rules.members and not rank, secret=table.secret,
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
