"""Waves of one design of which the first and the last have tenants in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tests.simulation.draws import SCALES, as_comptage, counted


def draw_panel(
    scale: str,
    tenants: np.ndarray,
    questions: Sequence[str],
    seed: Sequence[int],
    design: pl.DataFrame,
    waves: Sequence[str],
    share: float,
    correlation: float,
) -> pl.DataFrame:
    """Draws waves of one design of which the first and the last have tenants in common; each of these has answers of its own
    to both, and nothing changes from wave to wave.

    Args:
        scale: on which they answer.
        tenants: what `population` returned.
        questions: a code for each draw.
        seed: of the draws.
        design: as `plan` returns it.
        waves: the first one first; those between are drawn apart.
        share: of the interviews of a stratum at the last wave, those whose tenant answered at the first.
        correlation: of a tenant's answers to both.

    Returns:
        `comptage`, for all tenants.
    """
    rng = np.random.default_rng(seed)
    options = list(SCALES[scale])
    found = []
    for numbers, line in zip(tenants.sum(axis=1), design.iter_rows(named=True), strict=True):
        both = _answers_to_both(numbers, correlation)
        met = max(round(share * line["n"]), 2 * line["n"] - line["population"])
        drawn = np.zeros((len(waves), len(questions), len(options)), dtype=np.int64)
        for place in range(len(questions)):
            again = rng.multivariate_hypergeometric(both.ravel(), met)
            left = both.ravel() - again
            first = rng.multivariate_hypergeometric(left, line["n"] - met)
            last = rng.multivariate_hypergeometric(left - first, line["n"] - met)
            drawn[0, place] = (again + first).reshape(both.shape).sum(axis=1)
            drawn[-1, place] = (again + last).reshape(both.shape).sum(axis=0)
        answers = both.sum(axis=1)
        drawn[1:-1] = rng.multivariate_hypergeometric(answers, line["n"], size=(len(waves) - 2, len(questions)))
        found += [counted(wave, line, "ensemble", counts) for wave, counts in zip(waves, drawn, strict=True)]
    return as_comptage(found, questions, options)


def _answers_to_both(numbers: np.ndarray, correlation: float) -> np.ndarray:
    """Returns how many tenants give each answer at one wave (row) and at another (column), as many at both, correlated as said
    whatever an answer is worth.
    """
    size = numbers.sum()
    shares = numbers / size
    both = np.floor(size * ((1 - correlation) * np.outer(shares, shares) + correlation * np.diag(shares))).astype(
        np.int64
    )
    most = numbers.argmax()
    both[most, most] += size - both.sum()
    return both
