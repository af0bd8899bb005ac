"""What a set of published cells leaves unknown about the contributions they add up.

A cell is a sum of contributions x, one per organisme and segment. Published cells fix A x; whoever reads them knows A x
and x ≥ 0. Every d with A d = 0 and Σ (d/x)² ≤ 1 gives x + d ≥ 0, another table that publishes the same figures: the
ellipsoid of I. I. Dikin (1967) lies inside what a reader must hold for possible. Over it a cell c·x moves by
± ‖(I - Π) X c‖, where X = diag(x) and Π projects on the span of X Aᵀ. Twice that is the cell's *leeway*: no linear
programme over the same figures can bound the cell more tightly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# below this share of its value, what is left of a cell is rounding: the published cells fix it
_FIXED = 1e-6
# keeps I - H invertible for an organisme whose contributions are wholly fixed
_RIDGE = 1e-9


class Leeway:
    """The leeway of the cells of one table, as more and more of them are published.

    Args:
        contributions: (organismes, segments), not negative.
        cells: (cells, organismes, segments), 1 where a cell counts a contribution.
        secrets: the cells that must keep some leeway, as positions in `cells`.
        members: whether organismes read too. Each knows its own contributions, and is kept from bounding the rest of a
            secret.
    """

    def __init__(self, contributions: Floats, cells: Floats, secrets: NDArray[np.intp], *, members: bool) -> None:
        self._shape, self._secrets, self._members = contributions.shape, secrets, members
        scaled = cells * contributions
        self._value: Floats = scaled.sum(axis=(1, 2))
        # (contribution, cell): the part of each cell that no published one fixes, and its norm squared
        self._free: Floats = scaled.reshape(len(cells), -1).T.copy()
        if not members:
            self._free = self._free[contributions.reshape(-1) > 0]
        self._squares: Floats = (self._free**2).sum(axis=0)
        # one block per organisme of the projector on what is published
        self._hat = np.zeros((*self._shape, self._shape[1]))
        # (organisme, secret): what an organisme does not know of a secret
        self._of_others: Floats = self._value[secrets] - scaled[secrets].sum(axis=2).T
        self._last: tuple[int, Floats, Floats] = -1, self._squares, self._squares

    def fixes(self, cell: int) -> bool:
        """Tells whether the published cells already fix this one."""
        return bool(np.sqrt(self._squares[cell]) <= _FIXED * max(self._value[cell], 1))

    def endangered(self, cell: int, level: float) -> NDArray[np.intp]:
        """Returns the secrets, as positions in `secrets`, that publishing this cell would bound too tightly.

        Args:
            cell: the cell to publish, not fixed yet.
            level: smallest leeway, as a share of the secret.
        """
        step, along = self._step(cell)
        # publishing takes the square of a cell's extent along the step off its own
        squares = np.maximum(self._squares[self._secrets] - along[self._secrets] ** 2, 0)
        tight = np.flatnonzero(2 * np.sqrt(squares) < level * self._value[self._secrets])
        if len(tight) or not self._members:
            return tight
        # leaving an organisme's rows out of a least squares fit takes eᵀ (I - H)⁻¹ e off its residual sum of squares
        free = self._free[:, self._secrets] - step[:, None] * along[self._secrets]
        own = free.reshape(*self._shape, -1)
        rest = (1 + _RIDGE) * np.eye(self._shape[1]) - self._hat - self._outer(step)
        told = (own * np.linalg.solve(rest, own)).sum(axis=1)
        leeway = 2 * np.sqrt(np.maximum(squares - told, 0))
        return np.flatnonzero((leeway < level * self._of_others).any(axis=0))

    def publish(self, cell: int) -> None:
        """Counts a cell among the published ones."""
        if self.fixes(cell):
            return
        step, along = self._step(cell)
        self._free -= step[:, None] * along
        self._squares = np.maximum(self._squares - along**2, 0)
        self._last = -1, step, along
        if self._members:
            self._hat += self._outer(step)

    def _step(self, cell: int) -> tuple[Floats, Floats]:
        """Returns the direction a cell would fix, and every cell's extent along it."""
        if self._last[0] != cell:
            step = self._free[:, cell] / np.sqrt(_norm(self._free[:, cell]))
            self._last = cell, step, step @ self._free
        return self._last[1:]

    def _outer(self, step: Floats) -> Floats:
        blocks = step.reshape(self._shape)
        return blocks[:, :, None] * blocks[:, None, :]


def _norm(vector: Floats) -> float:
    return float(vector @ vector)
