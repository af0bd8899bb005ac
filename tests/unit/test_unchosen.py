"""Two labels under one code leave an option that nobody chooses: it is told, and options that are only rare are not.

Deliveries are generated: each respondent is satisfied with everything more or less, each question pleases more or less.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestration.plausibility.measures import usual_shares
from orchestration.plausibility.questions import measure_questions
from orchestration.plausibility.several_answers import Usually, measures_of
from orchestration.plausibility.suites import thresholds
from orchestration.plausibility.unchosen import expected_of_unchosen, expected_of_uncited
from orchestration.programme import load_programme

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
SAT = [c for c, q in PROGRAMME.delivered_questions.items() if q.scale == "SAT4" and "2022" in q.waves]
LEVELS = ["TS", "PS", "PPS", "PDT"]
Levels = np.ndarray[Any, Any]


def _answers(chance: np.random.Generator, size: int, questions: int, levels: int) -> list[Levels]:
    cuts = np.sort(np.linspace(-1.2, 1.6, levels - 1) + chance.normal(0, 0.1, levels - 1))
    person = chance.normal(chance.normal(0.9, 0.3), 0.7, size)
    asked = person + chance.normal(0, 0.4, (questions, 1)) + chance.normal(0, 0.7, (questions, size))
    return list(levels - 1 - np.searchsorted(cuts, asked))


def _tallies(answers: list[Levels], names: list[str]) -> dict[str, dict[str, float]]:
    return {
        f"Q{i}": {name: float((given == place).sum()) for place, name in enumerate(names)}
        for i, given in enumerate(answers)
    }


def _told(answers: list[Levels], names: list[str]) -> set[str]:
    asked = _tallies(answers, names)
    found = expected_of_unchosen(asked, names, {code: {*names} for code in asked}, ordered=True)
    return {code for code, expected in found.items() if expected > thresholds()["attendues_delaissees_maximum"]}


@pytest.mark.parametrize("levels", [3, 4, 5])
@pytest.mark.parametrize(("size", "questions"), [(60, 30), (150, 12), (400, 4), (900, 30)])
def test_merged_levels_are_told_at_every_question_and_rare_ones_at_none(levels: int, size: int, questions: int) -> None:
    chance, names, tries = np.random.default_rng(size + levels), [f"L{i}" for i in range(levels)], 60
    false, missed = 0, 0
    for _ in range(tries):
        answers = _answers(chance, size, questions, levels)
        false += bool(_told(answers, names))
        merged = int(chance.integers(0, levels - 1))
        whole = _told([np.where(given == merged + 1, merged, given) for given in answers], names)
        missed += len(whole) < questions
    assert false <= 0.05 * tries
    assert missed == 0


def test_a_level_that_one_question_alone_is_without_is_told_there() -> None:
    chance = np.random.default_rng(3)
    found = []
    for _ in range(200):
        answers = _answers(chance, 900, 8, 4)
        rarest = min(float((given == 3).mean()) for given in answers)
        answers[5] = np.where(answers[5] == 3, 0, answers[5])
        # as many as the gate lets be missed
        if rarest > 12 / 900:
            found.append(_told(answers, LEVELS))
    assert len(found) > 10
    assert all(told == {"Q5"} for told in found)


def test_an_option_that_the_contract_does_not_offer_is_expected_of_nobody() -> None:
    now = {code: {"TS": 300.0, "PS": 300.0, "PDT": 100.0} for code in SAT[:5]}
    before = {code: dict.fromkeys(LEVELS, 100.0) for code in SAT[:5]}
    peers = {code: Usually([0.4, 0.4, 0.1, 0.1], [0.3, 0.3, 0.05, 0.05]) for code in SAT[:5]}
    for compared in ((before, {}), ({}, peers), ({}, {})):
        for absent, wanted in (({}, True), (dict.fromkeys(SAT[:5], ("PPS",)), False)):
            rows = measure_questions(now, *compared, PROGRAMME, "2022", 30, absent)
            columns = ("attendues_absentes", "attendues_delaissees")
            assert all(any((row[c] or 0) > 12 for c in columns) == wanted for row in rows), (compared, absent)


@pytest.mark.parametrize(("fewest", "held"), [(0.02, True), (0.01, False)])
def test_a_level_is_held_to_the_smallest_share_of_the_other_organismes(fewest: float, held: bool) -> None:
    """What few choose anywhere, an organisme may be without; what every other one has, it may not."""
    now = {SAT[0]: {"TS": 500.0, "PS": 300.0, "PPS": 100.0}}
    peers = {SAT[0]: Usually([0.45, 0.4, 0.1, 0.05], [0.3, 0.3, 0.05, fewest])}
    [row] = measure_questions(now, {}, peers, PROGRAMME, "2022", 30, {})
    assert ((row["attendues_delaissees"] or 0) > thresholds()["attendues_delaissees_maximum"]) is held


def test_of_too_few_organismes_none_tells_what_is_usual() -> None:
    assert usual_shares(PROGRAMME, [], 30) == {}


def test_an_option_of_several_answers_that_nobody_cites_is_told() -> None:
    names, limit = ["A", "B", "C", "D"], thresholds()["citations_perdues_maximum"]
    given = {"*": 400.0, "A": 200.0, "B": 150.0, "C": 60.0}
    peers = Usually([0.4, 0.3, 0.2, 0.1], [0.3, 0.2, 0.1, 0.05])
    row = measures_of(given, {}, peers, names, [], 30)
    assert row["citations_perdues"] == pytest.approx(20.0)
    assert row["citations_perdues"] > limit
    assert row["attendues_delaissees"] == pytest.approx(30.0)
    row = measures_of(given, {}, peers, names, [], 30, ["D"])
    assert (row["citations_perdues"], row["attendues_delaissees"]) == (0.0, None)
    assert expected_of_uncited([200.0, 150.0, 3.0, 0.0]) == pytest.approx(1.5)
    assert expected_of_uncited([200.0, 150.0, 0.0]) == 0.0
