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
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dger

Floats = NDArray[np.float64]

# below this share of its value, what is left of a cell is an error of computation: the published cells fix it
_FIXED = 1e-6
# what a masked cell that is no secret keeps, as a share of it: enough for nobody to fill it in
_FILLED = 1e-3
# keeps the matrix of a reader invertible when the published cells fix its contributions
_RIDGE = 1e-9
# a bound decides alone when it is clear of rounding
_CLEAR = 1 + 1e-6
# a reader who brings less of the squares of its kind is not followed: every secret keeps what it could learn besides
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
    """The leeway of the cells of one table, as more and more of them are published.

    A cell is an ensemble and a column: 0 for the total, then the segments.

    Args:
        contributions: (organismes, segments), not negative.
        kinds: of the organismes.
        masked: (ensembles, 1 + segments), the cells that nobody in particular may fill in.
        level: smallest leeway, as a share of the secret.
        floor: smallest leeway, in the unit of the contributions; a secret of less than twice as much keeps half of
            its value.
        slack: (ensembles, 1 + segments), half of the interval in which rounding leaves a published cell; 0 where it is
            None.
        secret: of the masked cells, those that must keep that leeway, for organismes too; all of them where it is None.
        organismes: whether each organisme's total and segments must keep some too.
        readers: whether organismes read too. Each knows its own contributions, and is kept from bounding the rest of a
            secret.
    """

    def __init__(
        self,
        contributions: Floats,
        kinds: Kinds,
        masked: NDArray[np.bool_],
        *,
        level: float,
        organismes: bool,
        readers: bool,
        floor: float = 0.0,
        slack: Floats | None = None,
        secret: NDArray[np.bool_] | None = None,
    ) -> None:
        columns = np.vstack([np.ones(contributions.shape[1]), np.eye(contributions.shape[1])])
        self._columns = len(columns)
        units = _Units(contributions, kinds)
        own = contributions @ columns.T
        values = (kinds.members @ own).reshape(-1)
        least = 4 * units.least_squares(readers=readers) @ columns.T
        rows, places = np.nonzero(organismes & (own > 0) & (least < _needed(own, level, floor) ** 2 * _CLEAR))
        watched = np.flatnonzero(masked.reshape(-1) & (values > 0))
        strict = np.ones(len(watched), dtype=bool) if secret is None else secret.reshape(-1)[watched]
        # the secrets: the cells that are watched, then every organisme's result at risk
        self._watched, self._results = watched, (rows, places)
        within = units.of_results(rows, columns[places])
        self._cells: Floats = units.of_cells(columns)
        self._secrets: Floats = np.vstack([self._cells[watched], within])
        self._unknown: Floats = np.eye(self._cells.shape[1], order="F")
        self._slack_squares: Floats = np.zeros(len(values)) if slack is None else slack.reshape(-1) ** 2
        self._negligible: Floats = (_FIXED * np.maximum(values, 1)) ** 2
        value = np.concatenate([values[watched], own[rows, places]])
        needed = _needed(value, level, floor)
        needed[: len(watched)][~strict] = min(level, _FILLED) * values[watched][~strict]
        theirs = None
        if readers:
            unknown = value - np.hstack([
                (kinds.members[watched // self._columns] * own.T[watched % self._columns]).T,
                np.where(np.arange(len(own))[:, None] == rows, own[rows, places], 0),
            ])  # fmt: skip
            theirs = _needed(unknown, level, floor)
            theirs[:, : len(watched)] *= strict
        squares = (self._secrets[: len(watched)] ** 2).sum(axis=1)
        squares = np.concatenate([squares, (contributions**2 @ columns.T)[rows, places]])
        # what organismes' results are themselves is not told by others: their readers are judged on the rest
        left = np.vstack([self._secrets[: len(watched)], np.zeros_like(within)])
        self._readers = _Readers(units, left, squares, needed, theirs)
        # the row of the cell that was looked at last, and its step
        self._last: tuple[int, _Step | None] = -1, None

    def fixes(self, ensemble: int, column: int) -> bool:
        """Tells whether the published cells already fix this one."""
        return self._step(ensemble, column) is None

    def tells(self, ensemble: int, column: int) -> bool:
        """Tells whether the published cells say of this one as much as publishing it would."""
        row = ensemble * self._columns + column
        return self._left(row)[1] <= max(self._slack_squares[row], self._negligible[row])

    def endangered(self, ensemble: int, column: int) -> list[Secret]:
        """Returns the secrets that publishing this cell would bound too tightly."""
        step = self._step(ensemble, column)
        return [] if step is None else [self._secret(position) for position in self._readers.endangered(step)]

    def publish(self, ensemble: int, column: int) -> None:
        """Counts a cell among the published ones."""
        step = self._step(ensemble, column)
        if step is not None:
            self._readers.publish(step)
            dger(-1 / step.square, step.left, step.left, a=self._unknown, overwrite_a=True)
            self._last = -1, None

    def _secret(self, position: int) -> Secret:
        result = position - len(self._watched)
        if result < 0:
            return Secret(False, *divmod(int(self._watched[position]), self._columns))
        return Secret(True, *(int(places[result]) for places in self._results))

    def _left(self, row: int) -> tuple[Floats, float]:
        """Returns what is not known of a cell, (unit vectors,), and its square."""
        left = self._unknown @ self._cells[row]
        return left, float(self._cells[row] @ left)

    def _step(self, ensemble: int, column: int) -> _Step | None:
        """Returns what publishing this cell would take away; None when the published ones fix it."""
        row = ensemble * self._columns + column
        if self._last[0] != row:
            left, square = self._left(row)
            step = None
            if square > self._negligible[row]:
                step = self._readers.step(left, square + float(self._slack_squares[row]), self._secrets @ left)
            self._last = row, step
        return self._last[1]


def _needed(values: Floats, level: float, floor: float) -> Floats:
    """Returns the smallest leeway of secrets of these values."""
    return np.maximum(level * values, np.minimum(floor, values / 2))


class _Step(NamedTuple):
    """What publishing a cell would take away from the readers.

    Attributes:
        left: (unit vectors,): what is not known of it.
        square: of that, with the slack's.
        own: (readers, segments): - R e of the cell.
        told: (readers, segments + secrets): the same, then its product with what they do not know of each secret, as
            shares of the square of what they do not know of the cell.
        taken: (readers, segments + secrets): by how much the squares of secrets fall.
    """

    left: Floats
    square: float
    own: Floats
    told: Floats
    taken: Floats


class _Units:
    """The unit vectors of the kinds and segments of a table, and where cells and results lie among them.

    Attributes:
        kind: (organismes,), the kind of each.
        share: (organismes, segments), its part of the unit vector of its kind and segment.
        shape: kinds, segments.
    """

    def __init__(self, contributions: Floats, kinds: Kinds) -> None:
        self.kind, self._counted = kinds.of, kinds.counted
        self.shape = kinds.counted.shape[1], contributions.shape[1]
        self._contributions = contributions
        self._squares: Floats = np.zeros(self.shape)
        np.add.at(self._squares, self.kind, contributions**2)
        norms = np.sqrt(np.where(self._squares > 0, self._squares, 1))
        self.share: Floats = contributions / norms[self.kind]

    def of_cells(self, columns: Floats) -> Floats:
        """Returns (ensembles × columns, unit vectors): the cells, a column being the segments it adds up."""
        cells = self._counted[:, None, :, None] * columns[None, :, None, :] * np.sqrt(self._squares)
        return cells.reshape(-1, self._squares.size)

    def of_results(self, rows: NDArray[np.intp], columns: Floats) -> Floats:
        """Returns (results, unit vectors): what of organismes' results lies there."""
        results = np.zeros((len(rows), *self.shape))
        results[np.arange(len(rows)), self.kind[rows]] = columns * (self._contributions * self.share)[rows]
        return results.reshape(len(rows), self._squares.size)

    def least_squares(self, *, readers: bool) -> Floats:
        """Returns (organismes, segments): what would be left of each square if every cell were published in full.

        With `readers`, if the largest other organisme of its kind knew its own contribution besides.
        """
        squares, known = self._contributions**2, np.zeros_like(self._contributions)
        if readers:
            for kind in np.flatnonzero(np.bincount(self.kind) > 1):
                [rows] = np.nonzero(self.kind == kind)
                *_, second, first = np.sort(squares[rows], axis=0)
                known[rows] = np.where(squares[rows] == first, second, first)
        others = self._squares[self.kind] - known - squares
        return squares * np.divide(others, others + squares, out=np.zeros_like(squares), where=others > 0)


class _Readers:
    """Those who read the published cells: first the public, then the organismes, who know what they brought.

    Knowing their own contributions takes e' R e off the square of a secret: e is what is left of the secret there, R
    the inverse of what is left of the identity. Both follow each published cell, as a regression follows one more
    observation. The public is a reader who brought nothing.

    Args:
        units: of the table.
        left: (secrets, unit vectors): of the secrets, without what organismes' results are themselves.
        squares: (secrets,): of the secrets, with what lies outside the unit vectors.
        needed: (secrets,): smallest leeway of a secret.
        theirs: (organismes, secrets): smallest leeway of what an organisme does not know of it; None where none reads.
    """

    def __init__(
        self, units: _Units, left: Floats, squares: Floats, needed: Floats, theirs: Floats | None = None
    ) -> None:
        self._shape, self._segments = units.shape, units.shape[1]
        self._kind, self._share = np.zeros(1, dtype=np.intp), np.zeros((1, self._segments))
        needed = needed[None]
        if theirs is not None:
            most = (units.share**2).max(axis=1, initial=0)
            [followed] = np.nonzero(most > _MINOR)
            # every secret keeps what those who are not followed could learn besides
            ignored = most[most <= _MINOR].max(initial=0)
            self._kind = np.concatenate([self._kind, units.kind[followed]])
            self._share = np.concatenate([self._share, units.share[followed]])
            needed = np.concatenate([needed / np.sqrt(1 - ignored / (1 - ignored)), theirs[followed]])
        # (readers, segments, secrets): e, then R e
        told = self._share[:, :, None] * left.reshape(-1, *self._shape).transpose(1, 2, 0)[self._kind]
        told /= 1 + _RIDGE
        # what a reader knows whole needs nothing, whatever errors of computation leave of it
        needed = np.where(needed > 0, needed**2 / 4, -np.inf)
        spare = squares - (1 + _RIDGE) * (told**2).sum(axis=1) - needed
        # R stands before R e, for both follow a cell in the same way; nothing is asked of it
        inverse = np.broadcast_to(np.eye(self._segments) / (1 + _RIDGE), (len(told), self._segments, self._segments))
        self._told: Floats = np.concatenate([inverse, told], axis=2)
        self._spare: Floats = np.concatenate([np.full((len(told), self._segments), np.inf), spare], axis=1)

    def step(self, left: Floats, square: float, secrets: Floats) -> _Step:
        """Returns what a cell takes away, from what is not known of it and the product of that with each secret."""
        own = self._share * left.reshape(self._shape).take(self._kind, axis=0)
        rest = np.concatenate([np.zeros(self._segments), secrets]) - (own[:, None] @ self._told)[:, 0]
        told = rest / (square + (rest[:, : self._segments] * own).sum(axis=1))[:, None]
        return _Step(left, square, rest[:, : self._segments], told, rest * told)

    def endangered(self, step: _Step) -> list[int]:
        """Returns the positions of the secrets that the public would bound too tightly, or else some organisme."""
        tight = step.taken > self._spare
        if not tight.any():
            return []
        found = tight[0] if tight[0].any() else tight.any(axis=0)
        return [int(position) - self._segments for position in np.flatnonzero(found)]

    def publish(self, step: _Step) -> None:
        """Counts a cell among the published ones."""
        self._spare -= step.taken
        self._told += step.own[:, :, None] * step.told[:, None, :]
