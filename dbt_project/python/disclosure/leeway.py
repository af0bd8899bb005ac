"""What a set of published cells leaves unknown about the contributions they add up.

A cell is a sum of contributions x, one per organisme and segment. A published cell fixes its sum to within its *slack*,
half of the interval that rounding leaves. Whoever reads the cells knows A x + e, x ≥ 0 and |e| ≤ slack. Every d and e
with A d + e = 0 and Σ (d/x)² + Σ (e/slack)² ≤ 1 gives x + d ≥ 0, another table that publishes the same figures: the
ellipsoid of I. I. Dikin (1967) lies inside what a reader must hold for possible (with slack, around a table whose sums
lie in the middle of their intervals). Over it a cell c·x moves by ± √(c' X M X c), where X = diag(x) and M is what is
left of the identity when each published row f = X a has taken M f f' M / (f' M f + slack²) off it. Twice that is the
cell's *leeway*: no linear programme over the same figures can bound the cell more tightly.

Organismes of one *kind* are those that the same perimeters hold: a published cell counts all of a kind or none. So the
span of X Aᵀ lies in that of one unit vector per kind and segment, and all is worked out in their coordinates, as many
whether there are twenty organismes or a thousand.

Tables of several questions are judged side by side, a cell of each at a time: for one table alone, calling NumPy takes
longer than its numbers do. They have ensembles, organismes and segments in common; `questions` stands first in shapes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# a cell of each question: ensemble × columns + column, or NOTHING
Cells = NDArray[np.intp]
NOTHING = -1

# below this share of its value, what is left of a cell is an error of computation: the published cells fix it
_FIXED = 1e-6
# what a masked cell that is no secret keeps, as a share of it: enough for nobody to fill it in
_FILLED = 1e-3
# keeps the matrix of a reader invertible when the published cells fix its contributions
_RIDGE = 1e-9
# a bound decides alone when it is clear of rounding
_CLEAR = 1 + 1e-6
# a reader who brings less of the squares that hide another of its kind is not followed: every secret keeps what it
# could learn besides
_MINOR = 0.05


class Secret(NamedTuple):
    """A cell that must keep some leeway.

    Attributes:
        own: whether it is one organisme's result, otherwise a perimeter's.
        row: position of the organisme, or of the ensemble.
        column: 0 for the total, then the segments.
    """

    own: bool
    row: int
    column: int


class Kinds:
    """Organismes by the perimeters that hold them.

    Args:
        members: (ensembles, organismes), 1 where an organisme is counted.

    Attributes:
        members: the same.
        counted: (ensembles, kinds), 1 where a kind is.
        of: (organismes,), the kind of each.
    """

    def __init__(self, members: Floats) -> None:
        self.members = members
        self.counted, of = np.unique(members, axis=1, return_inverse=True)
        self.of: NDArray[np.intp] = of.reshape(-1)


class Leeway:
    """The leeway of the cells of one axis, as more and more of them are published.

    A cell is an ensemble and a column: 0 for the total, then the segments.

    Args:
        contributions: (questions, organismes, segments), not negative.
        kinds: of the organismes.
        masked: (questions, ensembles, 1 + segments), the cells that nobody in particular may fill in.
        level: smallest leeway, as a share of the secret.
        floor: (questions,): smallest leeway, in the unit of the contributions; a secret of less than twice as much
            keeps half of its value; 0 where it is None.
        slack: (questions, ensembles, 1 + segments), half of the interval in which rounding leaves a published cell; 0
            where it is None.
        secret: of the masked cells, those that must keep that leeway, for organismes too; all of them where it is None.
        organismes: whether each organisme's total and segments must keep some too.
        readers: whether organismes read too. Each knows its own contributions, and is kept from bounding the rest of a
            secret.

    Attributes:
        columns: how many a table has.
        secrets: what is secret in at least one of the questions, the cells first.
        cells: how many of them are cells.
    """

    def __init__(
        self,
        contributions: Floats,
        kinds: Kinds,
        masked: Bools,
        *,
        level: float,
        organismes: bool,
        readers: bool,
        floor: Floats | None = None,
        slack: Floats | None = None,
        secret: Bools | None = None,
    ) -> None:
        questions, count, segments = contributions.shape
        columns = np.vstack([np.ones(segments), np.eye(segments)])
        self.columns = len(columns)
        units = _Units(contributions, kinds)
        floors = np.zeros((questions, 1)) if floor is None else floor[:, None]
        own = contributions @ columns.T
        values = (kinds.members @ own).reshape(questions, -1)
        least = 4 * units.least_squares(readers=readers) @ columns.T
        at_risk = organismes & (own > 0) & (least < _needed(own, level, floors[:, :, None]) ** 2 * _CLEAR)
        watched = masked.reshape(questions, -1) & (values > 0)
        strict = watched if secret is None else watched & secret.reshape(questions, -1)
        # cells that must only not be filled in are kept from the public alone, and stand first
        soft = watched.any(axis=0) & ~strict.any(axis=0)
        cells = np.concatenate([np.flatnonzero(soft), np.flatnonzero(strict.any(axis=0))])
        self._soft = int(soft.sum())
        rows, places = np.nonzero(at_risk.any(axis=0))
        self.cells = len(cells)
        self.secrets = [Secret(False, *divmod(int(cell), self.columns)) for cell in cells]
        self.secrets += [Secret(True, int(row), int(place)) for row, place in zip(rows, places, strict=True)]
        within = units.of_results(rows, columns[places])
        self._cells: Floats = units.of_cells(columns)
        self._secrets: Floats = np.concatenate([self._cells[:, cells], within], axis=1)
        self._unknown: Floats = np.tile(np.eye(self._cells.shape[2]), (questions, 1, 1))
        self._slack_squares: Floats = np.zeros_like(values) if slack is None else slack.reshape(questions, -1) ** 2
        self._negligible: Floats = (_FIXED * np.maximum(values, 1)) ** 2
        value = np.concatenate([values[:, cells], own[:, rows, places]], axis=1)
        # nothing is asked of what is no secret of this question
        there = np.concatenate([watched[:, cells], at_risk[:, rows, places]], axis=1)
        strictly = np.concatenate([strict[:, cells], at_risk[:, rows, places]], axis=1)
        filled = there * min(level, _FILLED) * value
        needed = np.where(strictly, _needed(value, level, floors), filled)
        squares = np.concatenate(
            [(self._cells[:, cells] ** 2).sum(axis=2), (contributions**2 @ columns.T)[:, rows, places]], axis=1
        )
        known = np.concatenate([
            kinds.members[cells // self.columns].T * own[:, :, cells % self.columns],
            np.where(np.arange(count)[:, None] == rows, own[:, None, rows, places], 0),
        ], axis=2)  # fmt: skip
        theirs = strictly[:, None] * _needed(value[:, None] - known, level, floors[:, :, None])
        # what organismes' results are themselves is not told by others: their readers are judged on the rest
        left = np.concatenate([self._cells[:, cells], np.zeros_like(within)], axis=1)
        hard = slice(self._soft, None)
        self._readers = _Readers(units, left[:, hard], squares[:, hard], theirs[:, :, hard], anyone=readers)
        # every secret keeps what those who are not followed could learn besides
        ignored = self._readers.ignored[:, None]
        self._spare: Floats = squares - _asked(needed / np.sqrt(1 - ignored / (1 - ignored)))

    def fixes(self, at: Cells) -> Bools:
        """Tells of each question whether its published cells already fix this one."""
        return self._left(at)[1] <= self._of(self._negligible, at)

    def tells(self, at: Cells) -> Bools:
        """Tells of each question whether its published cells say of this one as much as publishing it would."""
        told = np.maximum(self._slack_squares, self._negligible)
        return (at != NOTHING) & (self._left(at)[1] <= self._of(told, at))

    def endangered(self, at: Cells) -> Bools:
        """Returns (questions, secrets): those that publishing this cell of each question would bound too tightly."""
        left, square = self._left(at)
        # what is fixed already takes nothing away
        moves = square > self._of(self._negligible, at)
        left *= moves[:, None]
        square = np.where(moves, square + self._of(self._slack_squares, at), 1)
        secrets = _times(self._secrets[: len(at)], left)
        step = self._readers.step(left, square, secrets[:, self._soft :])
        self._step = step, self._spare[: len(at)] - secrets**2 / square[:, None]
        public = self._step[1] < 0
        members = np.zeros_like(public)
        members[:, self._soft :] = (step.spare < 0).any(axis=1)
        return np.where(public.any(axis=1)[:, None], public, members) & moves[:, None]

    def publish(self, admitted: Bools) -> None:
        """Counts the cells that `endangered` was asked of last among the published ones, where they are admitted."""
        step, spare = self._step
        self._readers.publish(step, admitted)
        np.copyto(self._spare[: len(admitted)], spare, where=admitted[:, None])
        unknown, scaled = self._unknown[: len(admitted)], step.left * (admitted / step.square)[:, None]
        unknown -= scaled[:, :, None] * step.left[:, None]

    def _left(self, at: Cells) -> tuple[Floats, Floats]:
        """Returns what is not known of these cells, (questions, unit vectors), and its squares; zeros for `NOTHING`."""
        cells = self._cells[np.arange(len(at)), at] * (at != NOTHING)[:, None]
        left = _times(self._unknown[: len(at)], cells)
        return left, np.vecdot(cells, left)

    @staticmethod
    def _of(values: Floats, at: Cells) -> Floats:
        return values[np.arange(len(at)), at]


def _times(matrices: Floats, vectors: Floats) -> Floats:
    """Returns the product of each matrix with its vector."""
    return (matrices @ vectors[:, :, None])[:, :, 0]


def _needed(values: Floats, level: float, floor: Floats) -> Floats:
    """Returns the smallest leeway of secrets of these values."""
    return np.maximum(level * values, np.minimum(floor, values / 2))


def _asked(needed: Floats) -> Floats:
    """Returns what the squares of secrets must keep, a leeway being twice their root; nothing where none is needed."""
    return np.where(needed > 0, needed**2 / 4, -np.inf)


class _Step(NamedTuple):
    """What publishing a cell of each question would take away from the readers.

    Attributes:
        left: (questions, unit vectors): what is not known of it.
        square: (questions,): of that, with the slack's.
        own: (questions, readers, segments): - R e of the cell.
        told: (questions, readers, segments + secrets): the same, then its product with what they do not know of each
            secret, as shares of the square of what they do not know of the cell.
        spare: (questions, readers, secrets): what would be left of the squares of secrets beyond what is asked.
    """

    left: Floats
    square: Floats
    own: Floats
    told: Floats
    spare: Floats


class _Units:
    """The unit vectors of the kinds and segments of some tables, and where cells and results lie among them.

    Attributes:
        kind: (organismes,), the kind of each.
        share: (questions, organismes, segments), its part of the unit vector of its kind and segment.
        shape: kinds, segments.
    """

    def __init__(self, contributions: Floats, kinds: Kinds) -> None:
        self.kind, self._counted = kinds.of, kinds.counted
        self.shape = kinds.counted.shape[1], contributions.shape[2]
        self._contributions = contributions
        self._squares: Floats = (np.arange(self.shape[0])[:, None] == self.kind) @ contributions**2
        self._norms: Floats = np.sqrt(self._squares)
        self.share: Floats = contributions / np.where(self._norms > 0, self._norms, 1)[:, self.kind]

    def of_cells(self, columns: Floats) -> Floats:
        """Returns (questions, ensembles × columns, unit vectors): the cells, a column being the segments it adds up."""
        cells = (self._counted[:, None, :, None] * columns[:, None])[None] * self._norms[:, None, None]
        return cells.reshape(len(self._norms), -1, self.shape[0] * self.shape[1])

    def of_results(self, rows: NDArray[np.intp], columns: Floats) -> Floats:
        """Returns (questions, results, unit vectors): what of organismes' results lies there."""
        results = np.zeros((len(self._norms), len(rows), *self.shape))
        results[:, np.arange(len(rows)), self.kind[rows]] = columns * (self._contributions * self.share)[:, rows]
        return results.reshape(*results.shape[:2], self.shape[0] * self.shape[1])

    def told(self) -> Floats:
        """Returns (questions, organismes, segments): the most that each takes of what hides another, by knowing itself.

        What hides a result is the squares of all others of its kind: beside one that is nearly all of it, a small one
        may be the only other.
        """
        squares, beside = self.share**2, np.ones_like(self.share)
        for kind in np.flatnonzero(np.bincount(self.kind) > 1):
            [rows] = np.nonzero(self.kind == kind)
            ordered = np.sort(squares[:, rows], axis=1)
            first, second = ordered[:, -1:], ordered[:, -2:-1]
            beside[:, rows] = 1 - np.where(squares[:, rows] == first, second, first)
        return np.minimum(np.divide(squares, beside, out=np.ones_like(squares), where=beside > _FIXED), 1) * (
            squares > 0
        )

    def least_squares(self, *, readers: bool) -> Floats:
        """Returns (questions, organismes, segments): what would be left of squares if all cells were published in full.

        With `readers`, if the largest other organisme of its kind knew its own contribution besides.
        """
        squares, known = self._contributions**2, np.zeros_like(self._contributions)
        if readers:
            for kind in np.flatnonzero(np.bincount(self.kind) > 1):
                [rows] = np.nonzero(self.kind == kind)
                ordered = np.sort(squares[:, rows], axis=1)
                first, second = ordered[:, -1:], ordered[:, -2:-1]
                known[:, rows] = np.where(squares[:, rows] == first, second, first)
        others = self._squares[:, self.kind] - known - squares
        return squares * np.divide(others, others + squares, out=np.zeros_like(squares), where=others > 0)


class _Readers:
    """Organismes, who read the published cells knowing what they brought.

    Knowing their own contributions takes e' R e off the square of a secret: e is what is left of the secret there, R
    the inverse of what is left of the identity. Both follow each published cell, as a regression follows one more
    observation.

    Args:
        units: of the tables.
        left: (questions, secrets, unit vectors): of the secrets, without what organismes' results are themselves.
        squares: (questions, secrets): of the secrets, with what lies outside the unit vectors.
        needed: (questions, organismes, secrets): smallest leeway of what an organisme does not know of it.
        anyone: whether organismes read at all.

    Attributes:
        ignored: (questions,): the largest share that one of those who are not followed brings to its kind.
    """

    def __init__(self, units: _Units, left: Floats, squares: Floats, needed: Floats, *, anyone: bool) -> None:
        self._shape, self._segments = units.shape, units.shape[1]
        most = anyone * units.told().max(axis=2, initial=0)
        read = most > _MINOR
        self.ignored: Floats = np.where(read, 0, most).max(axis=1, initial=0)
        [followed] = np.nonzero(read.any(axis=0))
        self._kind = units.kind[followed]
        self._share: Floats = (units.share * read[:, :, None])[:, followed]
        needed = (needed * read[:, :, None])[:, followed]
        # (questions, readers, segments, secrets): e, then R e
        told = self._share[..., None] * left.reshape(*left.shape[:2], *self._shape).transpose(0, 2, 3, 1)[:, self._kind]
        told /= 1 + _RIDGE
        # what a reader knows whole needs nothing, whatever errors of computation leave of it
        self._spare: Floats = squares[:, None] - (1 + _RIDGE) * (told**2).sum(axis=2) - _asked(needed)
        # R stands before R e, for both follow a cell in the same way
        inverse = np.broadcast_to(np.eye(self._segments) / (1 + _RIDGE), (*told.shape[:3], self._segments))
        self._told: Floats = np.concatenate([inverse, told], axis=3)

    def step(self, left: Floats, square: Floats, secrets: Floats) -> _Step:
        """Returns what a cell takes away, from what is not known of it and the product of that with each secret."""
        own = self._share[: len(left)] * left.reshape(-1, *self._shape)[:, self._kind]
        rest = (-own[:, :, None] @ self._told[: len(left)])[:, :, 0]
        gain, of_secrets = rest[:, :, : self._segments], rest[:, :, self._segments :]
        of_secrets += secrets[:, None]
        told = rest / (square[:, None] + np.vecdot(gain, own))[:, :, None]
        spare = self._spare[: len(left)] - of_secrets * told[:, :, self._segments :]
        return _Step(left, square, gain, told, spare)

    def publish(self, step: _Step, admitted: Bools) -> None:
        """Counts a cell among the published ones, in the questions where it is admitted."""
        spare, told = self._spare[: len(admitted)], self._told[: len(admitted)]
        np.copyto(spare, step.spare, where=admitted[:, None, None])
        told += (step.own * admitted[:, None, None])[..., None] * step.told[:, :, None]
