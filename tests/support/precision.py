"""How many interviews a margin of error asks for: a rule of survey plans, pure arithmetic."""

from __future__ import annotations

import math


def required_sample(population: int, margin: float, *, z: float = 1.96, proportion: float = 0.5) -> int:
    """Returns the interviews needed for a margin of error, finite population included.

    The correction is n0 / (1 + n0 / N), the one that the English regulator's published figures follow to the unit;
    n0 / (1 + (n0 - 1) / N) asks for one interview more in about one case out of eight.

    Args:
        population: tenants.
        margin: half-width of the interval, as a fraction (0.05 for 5 points).
        z: quantile of the confidence level.
        proportion: share supposed, the most demanding by default.
    """
    infinite = proportion * (1 - proportion) * (z / margin) ** 2
    return math.ceil(infinite / (1 + infinite / population))
