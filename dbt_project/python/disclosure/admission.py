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
        floor: smallest leeway of a secret, in answers; a secret of less than twice as many keeps half of its value.
        organismes: whether an organisme's results are secret.
        members: whether organismes, who know their own results, are readers to guard against.
    """

    level: float
    organismes: bool
    members: bool
    floor: float = 0.0


@dataclass(frozen=True)
class Table:
    """One axis of one question in one wave.

    Attributes:
        brought: (organismes, segments), the weight of their answers.
        primary: (ensembles, 1 + segments), total first: whether a cell is masked for its own sake.
        base: (ensembles, 1 + segments): its answers; 0 where there are none.
        secret: of the cells masked for their own sake, those that are secrets themselves; all where it is None. A cell
            of too few organismes is not: what it could tell is a result of theirs, which is a secret.
        slack: (ensembles, 1 + segments): half of the weight within which rounding leaves a published cell; 0 where it
            is None.
    """

    brought: Floats
    primary: NDArray[np.bool_]
    base: Floats
    secret: NDArray[np.bool_] | None = None
    slack: Floats | None = None


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
    judges = {axis: _judge(kinds, table, rules) for axis, table in axes.items()}
    held: dict[tuple[str, int, int], Held] = {}
    out: set[int] = set()
    for axis, ensemble, column in _order(axes, ranks, segment_ranks or {}):
        judged = [axis] if column else list(judges)
        if column and ensemble not in out:
            why: Held | None = Held.TOTAL
        else:
            why = next(filter(None, (_objection(judges[one], ensemble, column) for one in judged)), None)
        for one in judged:
            if why:
                held[one, ensemble, column] = why
            else:
                judges[one].publish(ensemble, column)
        if not column and not why:
            out.add(ensemble)
    # what the published cells tell anyway, as closely, protects nobody
    for axis, ensemble, column in list(held):
        judge = judges[axis]
        if column and judge.tells(ensemble, column) and not judge.endangered(ensemble, column):
            judge.publish(ensemble, column)
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


def _judge(kinds: Kinds, table: Table, rules: Rules) -> Leeway:
    answers = table.base.max(initial=0)
    weight = (kinds.members @ table.brought.sum(axis=1)).max(initial=0)
    return Leeway(
        table.brought, kinds, table.primary,
        level=rules.level, floor=rules.floor * weight / max(answers, 1), slack=table.slack,
        organismes=rules.organismes, readers=rules.members, secret=table.secret,
    )  # fmt: skip


def _objection(judge: Leeway, ensemble: int, column: int) -> Held | None:
    endangered = judge.endangered(ensemble, column)
    if not endangered:
        return None
    return Held.ORGANISME if all(secret.own for secret in endangered) else Held.CELL
