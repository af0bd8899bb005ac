"""The importance of drivers: how firm it is said to be, and what it does with what cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from importance import Importance, correlations, importance, relative_weights

RNG = np.random.default_rng(7)
N = 400
DRIVERS = RNG.normal(size=(N, 3))
# the first weighs most, the second less, the third nothing
ANSWERS = np.column_stack([DRIVERS, DRIVERS @ [2.0, 1.0, 0.0] + RNG.normal(size=N)])
WEIGHTS = RNG.uniform(0.5, 2.0, N)
STRATA = np.array([f"S{i % 4}" for i in range(N)])


def _importance(answers: np.ndarray = ANSWERS, groups: str = "abc", **changed: int) -> dict[str, Importance]:
    options = {"draws": 200, "seed": 1, "confidence": 0.95} | changed
    return importance(answers, WEIGHTS, STRATA, np.array(list(groups)), **options)  # type: ignore[arg-type]


def test_the_planted_order_comes_out_firm() -> None:
    found = _importance()
    assert [(i.rank, i.rank_low, i.rank_high) for i in found.values()] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert sum(i.share for i in found.values()) == pytest.approx(1)
    assert all(i.low < i.share < i.high for i in found.values())
    assert found["a"].r2 == pytest.approx(5 / 6, abs=0.05)


def test_the_same_seed_gives_the_same_bounds_and_another_others() -> None:
    assert _importance() == _importance()
    assert _importance(seed=2)["a"].low != _importance()["a"].low
    assert _importance(seed=2)["a"].share == _importance()["a"].share


def test_a_theme_weighs_what_its_questions_do() -> None:
    alone, together = _importance(), _importance(groups="aba")
    assert together["a"].share == pytest.approx(alone["a"].share + alone["c"].share)


def test_two_drivers_that_say_the_same_share_its_part() -> None:
    twice = np.column_stack([ANSWERS[:, [0, 0, 1]], ANSWERS[:, 3]])
    found = _importance(twice)
    assert found["a"].share == pytest.approx(found["b"].share)
    assert found["a"].r2 == pytest.approx(_importance()["a"].r2, abs=0.01)


def test_weights_count_as_repeated_interviews() -> None:
    doubled = np.vstack([ANSWERS, ANSWERS[:50]])
    weights = np.where(np.arange(N) < 50, 2.0, 1.0)[None, :]
    left = relative_weights(correlations(ANSWERS, weights))
    right = relative_weights(correlations(doubled, np.ones((1, N + 50))))
    np.testing.assert_allclose(left, right, rtol=1e-10)
