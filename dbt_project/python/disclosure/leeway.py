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
    """

    def __init__(self, contributions: Floats, cells: Floats, secrets: NDArray[np.intp]) -> None:
        self._shape = contributions.shape
        scaled = cells * contributions
        self._value: Floats = scaled.sum(axis=(1, 2))
        # (contribution, cell): the part of each cell that no published one fixes
        self._free: Floats = scaled.reshape(len(cells), -1).T.copy()
        # one block per organisme of the projector on what is published
        self._hat = np.zeros((*self._shape, self._shape[1]))
        self._secrets = secrets
        # (organisme, secret): what an organisme does not know of a secret, knowing all about itself
        self._of_others: Floats = self._value[secrets] - scaled[secrets].sum(axis=2).T

    def fixes(self, cell: int) -> bool:
        """Tells whether the published cells already fix this one."""
        free = self._free[:, cell]
        return bool(np.sqrt(free @ free) <= _FIXED * max(self._value[cell], 1))

    def endangered(self, cell: int, level: float, members: bool) -> NDArray[np.intp]:
        """Returns the secrets, as positions in `secrets`, that publishing this cell would bound too tightly.

        Args:
            cell: the cell to publish.
            level: smallest leeway, as a share of the secret.
            members: whether organismes read too. Each knows its own contributions, and is kept from bounding the rest
                of a secret.
        """
        step, along = self._step(cell)
        free = self._free[:, self._secrets] - np.outer(step, along[self._secrets])
        squares = np.einsum("ns,ns->s", free, free)
        tight = np.flatnonzero(2 * np.sqrt(squares) < level * self._value[self._secrets])
        if len(tight) or not members:
            return tight
        # leaving an organisme's rows out of a least squares fit takes eᵀ (I - H)⁻¹ e off its residual sum of squares
        own = free.reshape(*self._shape, -1)
        rest = (1 + _RIDGE) * np.eye(self._shape[1]) - self._hat - _squares(step.reshape(self._shape))
        told = np.einsum("ogs,ogs->os", own, np.linalg.solve(rest, own))
        leeway = 2 * np.sqrt(np.maximum(squares - told, 0))
        return np.flatnonzero((leeway < level * self._of_others).any(axis=0))

    def publish(self, cell: int) -> None:
        """Counts a cell among the published ones."""
        if not self.fixes(cell):
            step, along = self._step(cell)
            self._free -= np.outer(step, along)
            self._hat += _squares(step.reshape(self._shape))

    def _step(self, cell: int) -> tuple[Floats, Floats]:
        """Returns the direction a cell would fix, and every cell's extent along it."""
        free = self._free[:, cell]
        step = free / np.sqrt(free @ free)
        return step, step @ self._free


def _squares(blocks: Floats) -> Floats:
    return blocks[:, :, None] * blocks[:, None, :]
