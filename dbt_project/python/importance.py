"""How much each answer weighs in the overall satisfaction: relative weights, and how firm they are.

Relative weights share the R² of the weighted regression of an outcome on drivers that go together: each driver's part,
never negative, adds to the R² (Genizi 1993, Johnson 2000). Nothing here knows where answers come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Names = NDArray[np.str_]

# interviews whose moments are held at once
BLOCK = 4096

# rank below which a direction of the drivers is nothing but rounding
NEGLIGIBLE = 1e-10


@dataclass(frozen=True)
class Importance:
    """What a group of drivers weighs; the bounds are percentiles of the bootstrap.

    Attributes:
        r2: share of the outcome's variance that all drivers explain together, 0 to 1.
        share: the group's part of it; the groups' add up to 1.
        low, high: bounds of the part.
        rank: 1 for the heaviest.
        rank_low, rank_high: bounds of the rank.
    """

    r2: float
    share: float
    low: float
    high: float
    rank: int
    rank_low: int
    rank_high: int


def relative_weights(correlations: Floats) -> Floats:
    """Returns the parts of R² of the drivers.

    Args:
        correlations: (..., k + 1, k + 1), the outcome last.

    Returns:
        (..., k), adding up to R².
    """
    drivers, outcome = correlations[..., :-1, :-1], correlations[..., :-1, -1]
    values, vectors = np.linalg.eigh(drivers)
    roots = np.sqrt(np.clip(values, 0.0, None))
    # square root of the correlations: the drivers from uncorrelated ones as near to them as can be
    bridge = (vectors * roots[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    inverse = np.where(roots > NEGLIGIBLE, 1.0 / np.where(roots > NEGLIGIBLE, roots, 1.0), 0.0)
    slopes = (vectors * inverse[..., None, :]) @ np.swapaxes(vectors, -1, -2) @ outcome[..., None]
    return ((bridge**2) @ (slopes**2))[..., 0]


class Sample:
    """Weighted moments of interviews, and of samples drawn again from them: strata come one by one, none is kept.

    Interviews are drawn within their stratum, as many as it has, by a generator of fixed seed: the same interviews in
    the same order give the same draws. A stratum of more than `most` is parted into as many random groups, drawn in
    their place (random groups, Wolter 2007, chapter 2): a group's moments are added up once, not at every draw. Where
    interviews come by units (buildings), units are drawn.

    Args:
        columns: of the answers.
        draws: number of samples.
        seed: of the generator.
        most: interviews of a stratum that are drawn one by one.

    Attributes:
        base: interviews added.
    """

    def __init__(self, columns: int, *, draws: int, seed: int, most: int) -> None:
        self.base = 0
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._draws, self._most = draws, most
        self._left, self._right = np.triu_indices(columns)
        # (what was added, then each draw; weight, weighted answers, weighted products of two)
        self._sums: Floats = np.zeros((1 + draws, 1 + columns + len(self._left)))
        self._centre: Floats = np.zeros(columns)
        self._low, self._high = np.full(columns, np.inf), np.full(columns, -np.inf)

    def add(self, answers: Floats, weights: Floats, units: Names | None = None) -> None:
        """Adds a stratum.

        Args:
            answers: (n, columns), no blank.
            weights: (n,).
            units: (n,), the unit that each interview was drawn with; None where it was drawn by itself.
        """
        if not len(weights):
            return
        if not self.base:
            # near enough to all means: products of large numbers would be subtracted otherwise
            self._centre = answers.mean(axis=0)
        self.base += len(weights)
        self._low = np.minimum(self._low, answers.min(axis=0))
        self._high = np.maximum(self._high, answers.max(axis=0))
        if units is not None:
            moments = self._by_unit(answers, weights, units)
        elif len(weights) <= self._most:
            moments = self._moments(answers, weights)
        else:
            moments = self._grouped(answers, weights, self._most)
        self._sums += np.vstack([np.ones(len(moments)), self._drawn(len(moments))]) @ moments

    def varies(self) -> NDArray[np.bool_]:
        """Tells of each column whether its answers differ."""
        return self._high > self._low

    def correlations(self, kept: NDArray[np.bool_]) -> Floats:
        """Returns (1 + draws, k, k), the correlations of the columns kept: of what was added, then of each draw."""
        columns = len(kept)
        total, rest = self._sums[:, :1], self._sums[:, 1:]
        means = rest[:, :columns] / total
        covariances = np.empty((len(total), columns, columns))
        products = rest[:, columns:] / total - means[:, self._left] * means[:, self._right]
        covariances[:, self._left, self._right] = covariances[:, self._right, self._left] = products
        covariances = covariances[:, kept][:, :, kept]
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt(np.einsum("bkk->bk", covariances))
            return covariances / (scale[:, :, None] * scale[:, None, :])

    def _drawn(self, units: int) -> NDArray[np.int64]:
        """Returns (draws, units), how often each unit is drawn of as many; faster than draws of a multinomial."""
        drawn = self._rng.integers(units, size=(self._draws, units)) + units * np.arange(self._draws)[:, None]
        return np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)

    def _moments(self, answers: Floats, weights: Floats) -> Floats:
        centred = answers - self._centre
        weighted = centred * weights[:, None]
        return np.hstack([weights[:, None], weighted, weighted[:, self._left] * centred[:, self._right]])

    def _by_unit(self, answers: Floats, weights: Floats, units: Names) -> Floats:
        names, place = np.unique(units, return_inverse=True)
        moments = np.zeros((len(names), self._sums.shape[1]))
        np.add.at(moments, place, self._moments(answers, weights))
        # an order that no pseudonym decides
        return moments[np.lexsort(moments.T)]

    def _grouped(self, answers: Floats, weights: Floats, units: int) -> Floats:
        group = self._rng.permutation(np.arange(len(weights)) % units)
        sizes = np.bincount(group, minlength=units)
        # a row per group, filled up with an interview of no weight: groups differ by one at most
        filled = np.arange(sizes.max()) < sizes[:, None]
        rows = np.full(filled.shape, len(weights))
        rows[filled] = np.argsort(group, kind="stable")
        centred, weights = np.vstack([answers - self._centre, np.zeros_like(self._centre)]), np.append(weights, 0.0)
        moments = np.empty((units, self._sums.shape[1]))
        step = max(1, BLOCK // filled.shape[1])
        for block in (slice(start, start + step) for start in range(0, units, step)):
            said, weight = centred[rows[block]], weights[rows[block]]
            products = np.swapaxes(said * weight[..., None], 1, 2) @ said
            sums = (weight[:, None, :] @ said)[:, 0]
            moments[block] = np.hstack([weight.sum(axis=1)[:, None], sums, products[:, self._left, self._right]])
        return moments


def importance(
    correlations: Floats, groupings: Mapping[str, Names], *, confidence: float
) -> dict[str, dict[str, Importance]]:
    """Returns what each group of drivers weighs in the outcome, in one or more groupings of the same drivers.

    Args:
        correlations: (1 + draws, k + 1, k + 1), the outcome last; the first gives the figures, the draws their bounds.
        groupings: by name, (k,), the group of each driver; a driver alone is its own.
        confidence: of the bounds.

    Returns:
        by grouping, by group.
    """
    # a draw in which nobody differs on some question tells nothing
    parts = relative_weights(correlations[np.isfinite(correlations).all(axis=(1, 2))])
    return {name: _of_groups(parts, groups, confidence) for name, groups in groupings.items()}


def _of_groups(parts: Floats, groups: Names, confidence: float) -> dict[str, Importance]:
    """Returns what each group weighs, from the parts of R² of drivers (1 + draws, k), undrawn ones first."""
    names = np.unique(groups)
    sums = parts @ (groups[:, None] == names[None, :]).astype(float)
    r2 = sums.sum(axis=1, keepdims=True)
    shares = sums / r2
    ranks = (-shares).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1.0
    ends = [100 * (1 - confidence) / 2, 100 * (1 + confidence) / 2]
    low, high = np.percentile(shares[1:], ends, axis=0)
    rank_low, rank_high = np.percentile(ranks[1:], ends, axis=0, method="nearest")
    return {
        str(name): Importance(
            *map(float, (r2[0, 0], shares[0, i], low[i], high[i])),
            *map(int, (ranks[0, i], rank_low[i], rank_high[i])),
        )
        for i, name in enumerate(names)
    }
