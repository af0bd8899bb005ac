"""Lets the cells of a wave's questions out one by one, the most useful first, while every secret keeps its leeway.

A secret is a cell masked for its few answers, or a result of one organisme. A total is judged in every axis at once, a
segment in its own, and only where its total is out, so that what moves in one axis can follow in another. What is held
back is the secondary suppression. Questions are judged side by side, and none tells anything of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from disclosure.leeway import NOTHING, Bools, Cells, Floats, Kinds, Leeway

# a `Held`, or `_OUT`
Reasons = NDArray[np.str_]
_OUT = ""


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
    """One axis of some questions in one wave.

    Attributes:
        brought: (questions, organismes, segments), the weight of their answers.
        primary: (questions, ensembles, 1 + segments), total first: whether a cell is masked for its own sake.
        base: (questions, ensembles, 1 + segments): its answers; 0 where there are none.
        secret: of the cells masked for their own sake, those that are secrets themselves; all where it is None. A cell
            of too few organismes is not: what it could tell is a result of theirs, which is a secret.
        slack: (questions, ensembles, 1 + segments): half of the weight within which rounding leaves a published cell; 0
            where it is None.
    """

    brought: Floats
    primary: Bools
    base: Floats
    secret: Bools | None = None
    slack: Floats | None = None


def held_back(
    members: Floats,
    ranks: Sequence[int],
    axes: Mapping[str, Table],
    rules: Rules,
    segment_ranks: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, Reasons]:
    """Returns the cells to hold back.

    Args:
        members: (ensembles, organismes), 1 where an organisme is counted.
        ranks: when the total of each ensemble is judged, the smallest first.
        axes: the tables; their totals are the same.
        rules: what is asked for.
        segment_ranks: axis → when the segments of each ensemble are judged; after all totals where none is given.

    Returns:
        axis → (questions, ensembles, 1 + segments): why a cell is held back. A total is under every axis.
    """
    held = {axis: np.full(table.base.shape, _OUT, dtype=f"U{max(map(len, Held))}") for axis, table in axes.items()}
    if not axes or not rules.level:
        return held
    totals = np.array(ranks)
    late = {axis: np.array((segment_ranks or {}).get(axis, 1 + max(ranks) + totals)) for axis in axes}
    kinds = Kinds(members)
    judges = {axis: _judge(kinds, table, rules) for axis, table in axes.items()}
    candidates = {axis: ~table.primary & (table.base > 0) for axis, table in axes.items()}
    base, total = next((table.base[:, :, 0], candidates[axis][:, :, 0]) for axis, table in axes.items())
    out = np.zeros_like(total)
    for rank in np.unique([totals, *late.values()]):
        for at in _in_order(total & (totals == rank), base):
            reasons = _reasons(judges, at)
            for axis in axes:
                # where every total is held back, not every axis was asked
                if (reasons == _OUT).any():
                    judges[axis].publish(reasons == _OUT)
                _write(reasons, held[axis][:, :, 0], at)
            _write(reasons == _OUT, out, at)
        for axis, table in axes.items():
            now = candidates[axis] & (late[axis] == rank)[:, None]
            now[:, :, 0] = False
            held[axis][now & ~out[:, :, None]] = Held.TOTAL
            for at in _in_order(now & out[:, :, None], table.base):
                reasons = _reason(judges[axis], at)
                judges[axis].publish(reasons == _OUT)
                _write(reasons, held[axis], at)
    for axis, table in axes.items():
        _let_out_what_is_told(judges[axis], held[axis], table.base, late[axis])
    return held


def _judge(kinds: Kinds, table: Table, rules: Rules) -> Leeway:
    answers = table.base.max(axis=(1, 2), initial=0)
    weight = (table.brought.sum(axis=2) @ kinds.members.T).max(axis=1, initial=0)
    return Leeway(
        table.brought, kinds, table.primary,
        level=rules.level, floor=rules.floor * weight / np.maximum(answers, 1), slack=table.slack,
        organismes=rules.organismes, readers=rules.members, secret=table.secret,
    )  # fmt: skip


def _let_out_what_is_told(judge: Leeway, held: Reasons, base: Floats, ranks: NDArray[np.intp]) -> None:
    """Lets out segments of which the published cells say as much anyway: to hold them back protects nobody."""
    segments = held != _OUT
    segments[:, :, 0] = False
    for at in _in_order(segments, base, ranks):
        told = judge.tells(at)
        if told.any():
            at = np.where(told, at, NOTHING)
            safe = told & (_reason(judge, at) == _OUT)
            judge.publish(safe)
            _write(np.full(len(at), _OUT), held, np.where(safe, at, NOTHING))


def _in_order(cells: Bools, base: Floats, ranks: NDArray[np.intp] | None = None) -> Iterator[Cells]:
    """Yields the first of these cells of every question, by rank of their ensemble, then the largest; then the second.

    Yields:
        (questions,): positions among a question's cells, `NOTHING` where it has no more; without those after the last
        that has one.
    """
    questions = len(cells)
    if not cells.any():
        return
    places = np.zeros(cells.shape[1:]) if ranks is None else np.broadcast_to(ranks[:, None], cells.shape[1:])
    there = cells.reshape(questions, -1)
    order = np.lexsort((-base.reshape(questions, -1), np.tile(places.reshape(-1), (questions, 1)), ~there))
    counts = there.sum(axis=1)
    for place in range(counts.max()):
        more = counts > place
        yield np.where(more, order[:, place], NOTHING)[: np.flatnonzero(more)[-1] + 1]


def _reason(judge: Leeway, at: Cells) -> Reasons:
    """Returns why these cells must not be published; nothing where they may."""
    endangered = judge.endangered(at)
    cell = endangered[:, : judge.cells].any(axis=1)
    return np.where(cell, Held.CELL, np.where(endangered.any(axis=1), Held.ORGANISME, _OUT))


def _reasons(judges: Mapping[str, Leeway], ensembles: Cells) -> Reasons:
    """Returns why the totals of these ensembles must not be published: the reason of the first axis that has one."""
    reasons = np.full(len(ensembles), _OUT)
    for judge in judges.values():
        own = _reason(judge, np.where(ensembles == NOTHING, NOTHING, ensembles * judge.columns))
        reasons = np.where(reasons == _OUT, own, reasons)
        if (reasons != _OUT).all():
            break
    return reasons


def _write(values: NDArray[np.generic], into: NDArray[np.generic], at: Cells) -> None:
    """Writes a value of each question at its cell."""
    [questions] = np.nonzero(at != NOTHING)
    into.reshape(len(into), -1)[questions, at[questions]] = values[questions]
