"""What a set of published cells leaves unknown about the contributions they add up.

A cell is a sum of contributions x, one per organisme and segment. Published cells fix A x; whoever reads them knows A x
and x ≥ 0. Every d with A d = 0 and Σ (d/x)² ≤ 1 gives x + d ≥ 0, another table that publishes the same figures: the
ellipsoid of I. I. Dikin (1967) lies inside what a reader must hold for possible. Over it a cell c·x moves by
± ‖(I - Π) X c‖, where X = diag(x) and Π projects on the span of X Aᵀ. Twice that is the cell's *leeway*: no linear
programme over the same figures can bound the cell more tightly.

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

# below this share of its value, what is left of a cell is rounding: the published cells fix it
_FIXED = 1e-6
# what a masked cell that is no secret keeps, as a share of it: enough for nobody to fill it in
_FILLED = 1e-3
# keeps I - H invertible for an organisme whose contributions are wholly fixed
_RIDGE = 1e-9
# a bound decides alone when it is clear of rounding
_CLEAR = 1 + 1e-6


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
        secret: of these, the cells that must keep that leeway, for organismes too; all of them where it is None.
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
        secret: NDArray[np.bool_] | None = None,
    ) -> None:
        columns = np.vstack([np.ones(contributions.shape[1]), np.eye(contributions.shape[1])])
        self._columns = len(columns)
        units = _Units(contributions, kinds)
        cells, own = units.of_cells(columns), contributions @ columns.T
        values = (kinds.members @ own).reshape(-1)
        risk = 4 * units.least_squares(readers=readers) @ columns.T < (level * own) ** 2 * _CLEAR
        watched = np.flatnonzero(masked.reshape(-1) & (values > 0))
        rows, places = np.nonzero(organismes & risk & (own > 0))
        within = units.of_results(rows, columns[places])
        # a column per cell, then per organisme's result at risk: what is not fixed of it, its square, its value
        self._free: Floats = np.asfortranarray(np.hstack([cells, within]))
        self._squares: Floats = np.concatenate([(cells**2).sum(axis=0), (contributions**2 @ columns.T)[rows, places]])
        self._value: Floats = np.concatenate([values, own[rows, places]])
        self._watched = np.concatenate([watched, len(values) + np.arange(len(rows))])
        self._cells, self._results = len(values), (rows, places)
        strict = (masked if secret is None else secret).reshape(-1)[watched]
        levels = np.concatenate([np.where(strict, level, min(level, _FILLED)), np.full(len(rows), level)])
        self._needed = levels * self._value[self._watched]
        self._last: tuple[int, Floats, Floats] = -1, self._squares, self._squares
        self._readers: _Readers | None = None
        if readers:
            kept = np.where(levels == level, level, 0.0)
            unknown = self._value[self._watched] - np.hstack([
                (kinds.members[watched // self._columns] * own.T[watched % self._columns]).T,
                np.where(np.arange(len(own))[:, None] == rows, own[rows, places], 0),
            ])  # fmt: skip
            self._readers = _Readers(units, np.hstack([np.zeros_like(cells[:, watched]), within]), kept * unknown)

    def fixes(self, ensemble: int, column: int) -> bool:
        """Tells whether the published cells already fix this one."""
        cell = ensemble * self._columns + column
        return bool(np.sqrt(self._squares[cell]) <= _FIXED * max(self._value[cell], 1))

    def endangered(self, ensemble: int, column: int) -> list[Secret]:
        """Returns the secrets that publishing this cell, not fixed yet, would bound too tightly."""
        if not len(self._watched):
            return []
        step, along = self._step(ensemble * self._columns + column)
        # publishing takes the square of a cell's extent along the step off its own
        squares = np.maximum(self._squares[self._watched] - along[self._watched] ** 2, 0)
        tight = 2 * np.sqrt(squares) < self._needed
        if self._readers and not tight.any():
            free = self._free[:, self._watched] - step[:, None] * along[self._watched]
            tight = self._readers.endangered(free, squares, step)
        return [self._secret(position) for position in self._watched[tight].tolist()] if tight.any() else []

    def publish(self, ensemble: int, column: int) -> None:
        """Counts a cell among the published ones."""
        if self.fixes(ensemble, column):
            return
        step, along = self._step(ensemble * self._columns + column)
        self._free = dger(-1, step, along, a=self._free, overwrite_a=True)
        self._squares = np.maximum(self._squares - along**2, 0)
        self._last = -1, step, along
        if self._readers:
            self._readers.publish(step)

    def _secret(self, position: int) -> Secret:
        result = position - self._cells
        if result < 0:
            return Secret(False, *divmod(position, self._columns))
        return Secret(True, *(int(places[result]) for places in self._results))

    def _step(self, cell: int) -> tuple[Floats, Floats]:
        """Returns the direction a cell would fix, and every cell's extent along it."""
        if self._last[0] != cell:
            step = self._free[:, cell] / np.sqrt(self._free[:, cell] @ self._free[:, cell])
            self._last = cell, step, step @ self._free
        return self._last[1:]


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
        """Returns (unit vectors, ensembles × columns): the cells, a column being the segments it adds up."""
        cells = self._counted[:, None, :, None] * columns[None, :, None, :] * np.sqrt(self._squares)
        return cells.reshape(-1, self._squares.size).T

    def of_results(self, rows: NDArray[np.intp], columns: Floats) -> Floats:
        """Returns (unit vectors, results): what of organismes' results lies there."""
        results = np.zeros((len(rows), *self.shape))
        results[np.arange(len(rows)), self.kind[rows]] = columns * (self._contributions * self.share)[rows]
        return results.reshape(len(rows), self._squares.size).T

    def least_squares(self, *, readers: bool) -> Floats:
        """Returns (organismes, segments): what would be left of each square if every cell were published.

        With `readers`, if the largest other organisme of its kind knew its own contribution besides.
        """
        squares, known = self._contributions**2, np.zeros_like(self._contributions)
        if readers:
            for kind in range(self.shape[0]):
                [rows] = np.nonzero(self.kind == kind)
                *_, second, first = np.vstack([np.zeros((2, self.shape[1])), np.sort(squares[rows], axis=0)])
                known[rows] = np.where(squares[rows] == first, second, first)
        others = self._squares[self.kind] - known - squares
        return squares * np.divide(others, others + squares, out=np.zeros_like(squares), where=others > 0)


class _Readers:
    """The organismes, as readers who know what they brought.

    Leaving a reader's rows out of a least squares fit takes eᵀ (I - H)⁻¹ e off its residual sum of squares: e is what
    is left of a secret there, H the projector's block.

    Args:
        units: of the table.
        results: (unit vectors, secrets): of organismes' results, what lies among the unit vectors; elsewhere 0.
        needed: (organismes, secrets): smallest leeway of what a reader does not know of a secret.
    """

    def __init__(self, units: _Units, results: Floats, needed: Floats) -> None:
        self._units, self._results, self._needed = units, results, needed
        # (kind, segment, segment): the projector on what is published
        self._hat: Floats = np.zeros((*units.shape, units.shape[1]))
        spread = np.zeros((len(units.kind), *units.shape))
        spread[np.arange(len(units.kind)), units.kind] = units.share**2
        self._spread: Floats = spread.reshape(len(units.kind), -1)
        self._inverse: Floats = 1 / (1 + _RIDGE - (units.share**2).max(axis=1, initial=0))

    def endangered(self, free: Floats, squares: Floats, step: Floats) -> NDArray[np.bool_]:
        """Tells of each secret whether some reader would bound the rest of it too tightly.

        Args:
            free: (unit vectors, secrets): what would not be fixed.
            squares: (secrets,): of that, with what lies outside the unit vectors.
            step: (unit vectors,): what would be published besides.
        """
        left = free - self._results
        # H is at most the reader's share squared: a bound on the term, for most readers and secrets enough
        most = self._spread @ left**2 * self._inverse[:, None]
        doubtful = (4 * (squares - most) < self._needed**2 * _CLEAR) & (self._needed > 0)
        [readers] = np.nonzero(doubtful.any(axis=1))
        if not len(readers):
            return np.zeros(len(squares), dtype=bool)
        share, kind = self._units.share[readers], self._units.kind[readers]
        own = share[:, :, None] * left.reshape(*self._units.shape, -1)[kind]
        block = self._hat[kind] + _outer(step.reshape(self._units.shape)[kind])
        rest = (1 + _RIDGE) * np.eye(share.shape[1]) - share[:, :, None] * block * share[:, None, :]
        told = (own * np.linalg.solve(rest, own)).sum(axis=1)
        leeway = 2 * np.sqrt(np.maximum(squares - told, 0))
        return (leeway < self._needed[readers]).any(axis=0)

    def publish(self, step: Floats) -> None:
        """Counts a direction among the published ones."""
        self._hat += _outer(step.reshape(self._units.shape))


def _outer(blocks: Floats) -> Floats:
    return blocks[:, :, None] * blocks[:, None, :]
