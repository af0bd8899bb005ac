"""The demo's figures at regional level: calibrated levels, evolutions, the gap of priority districts, routing."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist, stdev

import numpy as np
import polars as pl
import pytest

from orchestration.demo.answers import answer_wave
from orchestration.demo.programme import DemoProgramme, load_demo
from orchestration.demo.respondents import delivered_weights, draw_respondents
from orchestration.programme.dispositifs import principal_waves

DATA = Path(__file__).parents[2] / "data"
# Of an evolution of the calibrated level, what is well above sampling noise and materiality.
CLEAR = 0.15


@pytest.fixture(scope="module")
def programme() -> DemoProgramme:
    return load_demo(DATA, seed=20221017)


@pytest.fixture(scope="module")
def waves(programme: DemoProgramme) -> dict[str, pl.DataFrame]:
    drawn = {}
    for vague in programme.waves:
        participants = programme.participants(vague)
        frames = [draw_respondents(programme, vague, o, rank) for rank, (o, _) in enumerate(participants)]
        drawn[vague] = answer_wave(programme, pl.concat(frames)).filter("valide")
    return drawn


def satisfied(programme: DemoProgramme, frame: pl.DataFrame, code: str) -> tuple[float, float]:
    """Weighted share of answers above the middle of the scale, and its standard error."""
    scale = programme.questions[code].scale
    order = programme.scenario["seuils"][scale]
    good = order["ordre"][order["coupures"].index(0) + 1 :]
    kept = frame.filter(pl.col(code).is_in(programme.options[scale]))
    weights, hits = kept["poids_plan"].to_numpy(), kept[code].is_in(good).to_numpy()
    share = float(np.average(hits, weights=weights))
    return share, math.sqrt(float((weights**2 * (hits - share) ** 2).sum())) / float(weights.sum())


def calibrated(programme: DemoProgramme) -> list[tuple[str, str, float]]:
    scales = [s for s, law in programme.scenario["seuils"].items() if 0 in law["coupures"]]
    codes = [q.code for q in programme.questions.values() if q.scale in scales]
    rows = programme.calibration.filter(pl.col("question_code").is_in(codes))
    return list(rows.select("question_code", "vague", "niveau").iter_rows())


def test_regional_levels_are_the_calibrated_ones(programme: DemoProgramme, waves: dict[str, pl.DataFrame]) -> None:
    off = []
    for code, vague, level in calibrated(programme):
        share, error = satisfied(programme, waves[vague], code)
        off.append((share - NormalDist().cdf(level)) / error)
    assert max(map(abs, off)) < 4
    assert 0.6 < stdev(off) < 1.6


def test_clear_evolutions_come_out_with_their_sign(programme: DemoProgramme, waves: dict[str, pl.DataFrame]) -> None:
    before, after = principal_waves(programme)[-2:]
    levels = {(c, v): level for c, v, level in calibrated(programme)}
    clear = flat = 0
    for code in {c for c, v in levels if v == before}:
        move = levels[code, after] - levels[code, before]
        (s1, e1), (s0, e0) = satisfied(programme, waves[after], code), satisfied(programme, waves[before], code)
        z = (s1 - s0) / math.hypot(e1, e0)
        if abs(move) >= CLEAR:
            clear += 1
            assert z * math.copysign(1, move) > 3, code
        elif move == 0:
            flat += 1
            assert abs(z) < 3, code
    assert clear >= 10 and flat >= 3


def test_priority_districts_are_less_satisfied(programme: DemoProgramme, waves: dict[str, pl.DataFrame]) -> None:
    wave = waves[principal_waves(programme)[-1]]
    axe, effects = next(iter(programme.scenario["effets"]["segments"].items()))
    ((segment, by_theme),) = effects.items()
    worst = min(by_theme, key=by_theme.get)
    scales = {c for c, _, _ in calibrated(programme)}
    for question in programme.questions.values():
        if programme.themes[question.code] == worst and question.code in scales:
            inside = satisfied(programme, wave.filter(pl.col(axe) == segment), question.code)[0]
            outside = satisfied(programme, wave.filter(pl.col(axe) != segment), question.code)[0]
            assert -0.19 < inside - outside < -0.09, question.code


def test_organismes_differ_but_not_wildly(programme: DemoProgramme, waves: dict[str, pl.DataFrame]) -> None:
    code = next(c for c, _, _ in calibrated(programme))
    wave = waves[principal_waves(programme)[-1]]
    shares = [satisfied(programme, part, code)[0] for part in wave.partition_by("organisme_code")]
    assert 0.04 < stdev(shares) < 0.10


def test_answers_follow_filters(programme: DemoProgramme, waves: dict[str, pl.DataFrame]) -> None:
    filtered, not_asked = programme.status("filtre"), programme.status("non_pose")
    for vague, wave in waves.items():
        for question in programme.questions.values():
            told = wave[question.code].list.first() if question.multiple else wave[question.code]
            assert told.null_count() == 0
            if vague not in question.waves:
                assert (told == not_asked).all()
            elif question.condition:
                asked = wave.select(pl.sql_expr(question.condition).alias("a"))["a"]
                assert asked.null_count() == 0
                assert (asked != (told == filtered)).all(), question.code
            else:
                assert not (told == filtered).any()


def test_delivered_weights_restore_the_strata(programme: DemoProgramme) -> None:
    vague = list(programme.waves)[-1]
    organisme = programme.participants(vague)[0][0]
    frame = draw_respondents(programme, vague, organisme, 0)
    rng = np.random.default_rng(1)
    stock = delivered_weights(frame, {"base": "parc", "dispersion": 0.2, "decimales": 4}, rng)
    sums = frame.with_columns(stock).filter("valide").group_by("strate").agg(pl.sum("poids"))
    plan = programme.plan.filter(vague=vague, organisme_code=organisme)
    for strate, population in plan.select("strate", "population").iter_rows():
        assert sums.filter(strate=strate)["poids"].item() == pytest.approx(population, abs=0.1)
    mean_one = delivered_weights(frame, {"base": "effectif", "dispersion": 0.2, "decimales": 4}, rng)
    assert mean_one.filter(frame["valide"]).mean() == pytest.approx(1, abs=1e-4)
    assert mean_one.min() > 0  # type: ignore[operator]
