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
        # every cell has a row, those that are watched last; then every organisme's result at risk
        order = np.concatenate([np.delete(np.arange(len(values)), watched), watched])
        self._row = np.argsort(order)
        self._cells, self._results = order, (rows, places)
        self._watched = slice(len(values) - len(watched), None)
        cells, within = units.of_cells(columns)[order], units.of_results(rows, columns[places])
        self._sums: Floats = np.vstack([cells, within])
        self._free: Floats = self._sums.copy()
        result_squares = (contributions**2 @ columns.T)[rows, places]
        self._squares: Floats = np.concatenate([(cells[self._watched] ** 2).sum(axis=1), result_squares])
        self._slack: Floats = np.zeros(len(values)) if slack is None else slack.reshape(-1)[order]
        self._negligible: Floats = (_FIXED * np.maximum(values[order], 1)) ** 2
        value = np.concatenate([values[watched], own[rows, places]])
        needed = _needed(value, level, floor)
        needed[: len(watched)][~strict] = min(level, _FILLED) * values[watched][~strict]
        self._last: _Step | None = None
        self._readers: _Readers | None = None
        if readers:
            left = self._free[self._watched] - np.vstack([np.zeros((len(watched), within.shape[1])), within])
            unknown = value - np.hstack([
                (kinds.members[watched // self._columns] * own.T[watched % self._columns]).T,
                np.where(np.arange(len(own))[:, None] == rows, own[rows, places], 0),
            ])  # fmt: skip
            theirs = _needed(unknown, level, floor)
            theirs[:, : len(watched)] *= strict
            self._readers = _Readers(units, left, self._squares, theirs)
            needed *= self._readers.margin
        self._needed: Floats = needed**2 / 4

    def fixes(self, ensemble: int, column: int) -> bool:
        """Tells whether the published cells already fix this one."""
        row = self._row[ensemble * self._columns + column]
        return bool(self._sums[row] @ self._free[row] <= self._negligible[row])

    def tells(self, ensemble: int, column: int) -> bool:
        """Tells whether the published cells say of this one as much as publishing it would."""
        row = self._row[ensemble * self._columns + column]
        return bool(self._sums[row] @ self._free[row] <= max(self._slack[row] ** 2, self._negligible[row]))

    def endangered(self, ensemble: int, column: int) -> list[Secret]:
        """Returns the secrets that publishing this cell would bound too tightly."""
        if self.fixes(ensemble, column) or not len(self._needed):
            return []
        step = self._step(ensemble, column)
        tight = self._squares - step.taken < self._needed
        if self._readers and step.seen and not tight.any():
            tight = self._readers.endangered(step.seen)
        return [self._secret(position) for position in np.flatnonzero(tight).tolist()]

    def publish(self, ensemble: int, column: int) -> None:
        """Counts a cell among the published ones."""
        if self.fixes(ensemble, column):
            return
        step = self._step(ensemble, column)
        self._squares -= step.taken
        if self._readers and step.seen:
            self._readers.publish(step.seen)
        dger(-1 / step.square, step.left, step.along, a=self._free.T, overwrite_a=True)
        self._last = None

    def _secret(self, position: int) -> Secret:
        result = position - (len(self._cells) - self._watched.start)
        if result < 0:
            return Secret(False, *divmod(int(self._cells[self._watched.start + position]), self._columns))
        return Secret(True, *(int(places[result]) for places in self._results))

    def _step(self, ensemble: int, column: int) -> _Step:
        row = int(self._row[ensemble * self._columns + column])
        if self._last is None or self._last.row != row:
            left = self._free[row].copy()
            along = self._sums @ left
            secrets = along[self._watched]
            square = along[row] + self._slack[row] ** 2
            seen = self._readers.seen(left, square, secrets) if self._readers else None
            self._last = _Step(row, left, square, along, secrets * secrets / square, seen)
        return self._last


def _needed(values: Floats, level: float, floor: float) -> Floats:
    """Returns the smallest leeway of secrets of these values."""
    return np.maximum(level * values, np.minimum(floor, values / 2))


class _Step(NamedTuple):
    """What publishing a cell would take away.

    Attributes:
        row: of the cell.
        left: (unit vectors,): what is not known of it.
        square: of that, with the slack's.
        along: (cells and results,): its product with what is not known of each.
        taken: (secrets,): by how much the square of each falls.
        seen: what readers see in it; None where organismes do not read.
    """

    row: int
    left: Floats
    square: float
    along: Floats
    taken: Floats
    seen: _Seen | None


class _Seen(NamedTuple):
    """What publishing a cell would take away for those who know their own contributions.

    Attributes:
        gain: (readers, segments): R e of the cell.
        share: (readers,): 1 / the square of what they do not know of it.
        told: (readers, secrets): the product of that with what they do not know of each, times the share.
        taken: (readers, secrets): by how much the square of each falls.
    """

    gain: Floats
    share: Floats
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
    """The organismes, as readers who know what they brought.

    Knowing their own contributions takes e' R e off the square of a secret: e is what is left of the secret there, R
    the inverse of what is left of the identity. Both follow each published cell, as a regression follows one more
    observation.

    Args:
        units: of the table.
        left: (secrets, unit vectors): of the secrets, without what organismes' results are themselves.
        squares: (secrets,): of the secrets, with what lies outside the unit vectors.
        needed: (organismes, secrets): smallest leeway of what a reader does not know of a secret.

    Attributes:
        margin: by how much the leeway of every secret must exceed what it needs, for readers who are not followed.
    """

    def __init__(self, units: _Units, left: Floats, squares: Floats, needed: Floats) -> None:
        most = (units.share**2).max(axis=1, initial=0)
        [followed] = np.nonzero(most > _MINOR)
        ignored = most[most <= _MINOR].max(initial=0)
        self.margin = 1 / np.sqrt(1 - ignored / (1 - ignored))
        self._shape = units.shape
        self._kind, self._share = units.kind[followed], units.share[followed]
        # what a reader knows whole needs nothing, whatever errors of computation leave of it
        self._needed: Floats = np.where(needed > 0, needed**2 / 4, -np.inf)[followed]
        # (readers, segments, secrets): e, then R e
        own = self._share[:, :, None] * left.reshape(-1, *self._shape).transpose(1, 2, 0)[self._kind]
        self._told: Floats = own / (1 + _RIDGE)
        self._left: Floats = squares - (1 + _RIDGE) * (self._told**2).sum(axis=1)
        self._inverse: Floats = np.tile(np.eye(units.shape[1]) / (1 + _RIDGE), (len(followed), 1, 1))

    def seen(self, left: Floats, square: float, secrets: Floats) -> _Seen:
        """Returns what a cell is to readers, from the fields of its `_Step`."""
        own = self._share * left.reshape(self._shape)[self._kind]
        gain = (self._inverse @ own[:, :, None])[:, :, 0]
        theirs = secrets - (own[:, None, :] @ self._told)[:, 0]
        share = 1 / (square - (gain * own).sum(axis=1))
        told = theirs * share[:, None]
        return _Seen(gain, share, told, theirs * told)

    def endangered(self, seen: _Seen) -> NDArray[np.bool_]:
        """Tells of each secret whether some reader would bound the rest of it too tightly."""
        return (self._left - seen.taken < self._needed).any(axis=0)

    def publish(self, seen: _Seen) -> None:
        """Counts a cell among the published ones."""
        self._left -= seen.taken
        self._told -= seen.gain[:, :, None] * seen.told[:, None, :]
        self._inverse += (seen.share[:, None] * seen.gain)[:, :, None] * seen.gain[:, None, :]
