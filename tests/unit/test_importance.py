"""The importance of drivers: how firm it is said to be, and what it does with what cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from importance import Importance, Sample, importance, relative_weights

RNG = np.random.default_rng(7)
N = 400
DRIVERS = RNG.normal(size=(N, 3))
# the first weighs most, the second less, the third nothing
ANSWERS = np.column_stack([DRIVERS, DRIVERS @ [2.0, 1.0, 0.0] + RNG.normal(size=N)])
WEIGHTS = RNG.uniform(0.5, 2.0, N)
STRATA = np.array([f"S{i % 4}" for i in range(N)])


def _importance(answers: np.ndarray = ANSWERS, groups: str = "abc", **changed: int) -> dict[str, Importance]:
    sample = _sample(answers, **changed)
    return importance(sample.correlations(sample.varies()), {"g": np.array(list(groups))}, confidence=0.95)["g"]


def _sample(answers: np.ndarray, *, seed: int = 1, most: int = 1000, draws: int = 200) -> Sample:
    sample = Sample(answers.shape[1], draws=draws, seed=seed, most=most)
    for stratum in np.unique(STRATA):
        sample.add(answers[stratum == STRATA], WEIGHTS[stratum == STRATA])
    return sample


def test_the_planted_order_comes_out_firm() -> None:
    found = _importance()
    assert [(i.rank, i.rank_low, i.rank_high) for i in found.values()] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert sum(i.share for i in found.values()) == pytest.approx(1)
    assert all(i.low < i.share < i.high for i in found.values())
    assert found["a"].r2 == pytest.approx(5 / 6, abs=0.05)


def test_bounds_are_the_percentiles_of_the_draws_alone() -> None:
    """Two drivers that do not go together: each part of R² is the square of its correlation with the outcome."""
    part = np.array([0.9, *(0.30 + 0.01 * np.arange(41)), np.nan])
    correlations = np.zeros((len(part), 3, 3)) + np.eye(3)
    correlations[:, 0, 2] = correlations[:, 2, 0] = np.sqrt(0.5 * part)
    correlations[:, 1, 2] = correlations[:, 2, 1] = np.sqrt(0.5 * (1 - part))
    found = importance(correlations, {"g": np.array(["a", "b"])}, confidence=0.95)["g"]["a"]
    assert (found.r2, found.share) == pytest.approx((0.5, 0.9))
    # of 41 draws, 95 % leave out the first and the last
    assert (found.low, found.high) == pytest.approx((0.31, 0.69))
    assert (found.rank, found.rank_low, found.rank_high) == (1, 1, 2)


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


def test_interviews_of_a_unit_are_drawn_together() -> None:
    """Four neighbours who answer alike tell as much as one, and it shows once their buildings are known."""
    answers, weights, strata = (np.repeat(of, 4, axis=0) for of in (ANSWERS, WEIGHTS, STRATA))
    buildings = np.repeat(np.array([f"B{i}" for i in range(N)]), 4)
    width = {}
    for told in (False, True):
        sample = Sample(answers.shape[1], draws=200, seed=1, most=1000)
        for stratum in np.unique(strata):
            own = strata == stratum
            sample.add(answers[own], weights[own], buildings[own] if told else None)
        found = importance(sample.correlations(sample.varies()), {"g": np.array(list("abc"))}, confidence=0.95)["g"][
            "a"
        ]
        assert found.share == pytest.approx(_importance()["a"].share)
        width[told] = found.high - found.low
    alone = _importance()["a"]
    assert width[True] == pytest.approx(alone.high - alone.low, rel=0.2)
    assert width[True] > 1.5 * width[False]


def test_weights_count_as_repeated_interviews() -> None:
    doubled = np.vstack([ANSWERS, ANSWERS[:50]])
    weights = np.where(np.arange(N) < 50, 2.0, 1.0)
    left, right = (Sample(4, draws=0, seed=1, most=1000) for _ in range(2))
    left.add(ANSWERS, weights)
    right.add(doubled, np.ones(N + 50))
    everything = np.ones(4, bool)
    np.testing.assert_allclose(
        relative_weights(left.correlations(everything)), relative_weights(right.correlations(everything)), rtol=1e-10
    )


def test_correlations_are_those_of_weighted_answers_and_each_draw_is_a_sample_of_the_strata() -> None:
    sample = _sample(ANSWERS)
    [whole, *drawn] = sample.correlations(np.ones(4, bool))
    expected = np.cov(ANSWERS.T, aweights=WEIGHTS, ddof=0)
    np.testing.assert_allclose(whole, expected / np.sqrt(np.outer(np.diag(expected), np.diag(expected))), rtol=1e-10)
    rng = np.random.Generator(np.random.PCG64(1))
    counts = np.zeros(N)
    for stratum in np.unique(STRATA):
        [rows] = np.nonzero(stratum == STRATA)
        np.add.at(counts, rows[rng.integers(len(rows), size=(200, len(rows)))[0]], 1)
    again = np.cov(ANSWERS.T, aweights=WEIGHTS * counts, ddof=0)
    np.testing.assert_allclose(drawn[0], again / np.sqrt(np.outer(np.diag(again), np.diag(again))), rtol=1e-9)


def test_a_column_that_does_not_vary_is_seen_and_left_out() -> None:
    flat = np.column_stack([np.full(N, 7.0), ANSWERS])
    sample = _sample(flat)
    # within a single stratum too
    alone = Sample(5, draws=0, seed=1, most=1000)
    alone.add(flat, WEIGHTS)
    assert sample.varies().tolist() == alone.varies().tolist() == [False, True, True, True, True]
    np.testing.assert_allclose(
        sample.correlations(sample.varies()), _sample(ANSWERS).correlations(np.ones(4, bool)), rtol=1e-9
    )


def test_groups_drawn_in_place_of_interviews_give_the_same_figures_and_bounds_as_wide() -> None:
    """Over many seeds, for one set of groups has its own luck."""
    one, grouped = _importance()["b"], _importance(most=50)["b"]
    assert (grouped.share, grouped.r2, grouped.rank) == pytest.approx((one.share, one.r2, one.rank))
    widths = {
        most: [found.high - found.low for found in (_importance(most=most, seed=seed)["b"] for seed in range(30))]
        for most in (1000, 50)
    }
    assert np.mean(widths[50]) == pytest.approx(np.mean(widths[1000]), rel=0.1)
    assert widths[50] != widths[1000]
