"""How much each answer weighs in the overall satisfaction: relative weights, and how firm they are.

Relative weights share the R² of the weighted regression of an outcome on drivers that go together: each driver's part,
never negative, adds to the R² (Genizi 1993, Johnson 2000). Nothing here knows where answers come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

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


def correlations(answers: Floats, weights: Floats) -> Floats:
    """Returns the weighted correlations of the columns of `answers` (n, k), for each row of `weights` (draws, n)."""
    centred = answers - answers.mean(axis=0)
    k = centred.shape[1]
    left, right = np.triu_indices(k)
    total = weights.sum(axis=1)
    means = (weights @ centred) / total[:, None]
    products = (weights @ (centred[:, left] * centred[:, right])) / total[:, None]
    covariances = np.empty((weights.shape[0], k, k))
    covariances[:, left, right] = covariances[:, right, left] = products - means[:, left] * means[:, right]
    scale = np.sqrt(np.einsum("bkk->bk", covariances))
    return covariances / (scale[:, :, None] * scale[:, None, :])


def importance(
    answers: Floats, weights: Floats, strata: Names, groups: Names, *, draws: int, seed: int, confidence: float
) -> dict[str, Importance]:
    """Returns what each group of drivers weighs in the outcome.

    Interviews are drawn again within their strata, as many as there are, by a generator of fixed seed: the same
    interviews give the same bounds.

    Args:
        answers: (n, k + 1), no blank, each column varies, the outcome last.
        weights: (n,).
        strata: (n,), where each interview was drawn.
        groups: (k,), the group of each driver; a driver alone is its own.
        draws: number of bootstrap samples.
        seed: of the generator.
        confidence: of the bounds.

    Returns:
        by group; nothing where the drivers explain nothing.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    counts = np.empty((draws, len(weights)))
    for stratum in np.unique(strata):
        [rows] = np.nonzero(strata == stratum)
        counts[:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = correlations(answers, np.vstack([weights, counts * weights]))
    # a draw in which nobody differs on some question tells nothing
    drawn = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    parts = relative_weights(drawn)
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
