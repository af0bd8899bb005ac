"""Levels read under one another's names are told by the other answers; levels as they are, whoever answers, are not.

Deliveries are generated: respondents are satisfied with everything more or less, and some of them prefer the ends of a scale.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.plausibility.contrariety import against_others, out_of_order
from orchestration.plausibility.suites import thresholds
from orchestration.programme import load_programme
from tests.support.mini import mini_programme

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")
SAT = [c for c, q in PROGRAMME.delivered_questions.items() if q.scale == "SAT4" and "2022" in q.waves][:12]
LEVELS = ["PDT", "PPS", "PS", "TS"]
NOTE = next(c for c, q in PROGRAMME.delivered_questions.items() if q.scale == "NOTE_0_10" and "2022" in q.waves)


def _answers(chance: np.random.Generator, size: int, extremes: float = 0.0) -> pl.DataFrame:
    """Answers to twelve questions of satisfaction, and a mark of the whole that goes with them."""
    person, asked = chance.normal(0.8, 0.8, size), chance.normal(0, 0.4, len(SAT))
    stretch = np.where(chance.random(size) < extremes, 3.0, 1.0)
    columns = {}
    for code, ease in zip(SAT, asked, strict=True):
        felt = (person + ease + chance.normal(0, 0.8, size)) * stretch
        columns[code] = np.array(LEVELS)[np.searchsorted([-0.9, 0.0, 1.3], felt)]
    mark = np.clip(np.round(7 + 1.5 * (person - 0.8) + chance.normal(0, 1.2, size)), 0, 10).astype(int)
    columns[NOTE] = np.array([f"N{value:02}" for value in mark])
    return pl.DataFrame(columns)


def _told(answers: pl.DataFrame) -> set[str]:
    found = out_of_order(answers, PROGRAMME, "2022")
    return {code for code, errors in found.items() if errors > thresholds()["desordre_maximum"]}


@pytest.mark.parametrize("size", [60, 200, 900])
@pytest.mark.parametrize("extremes", [0.0, 0.3])
def test_levels_in_order_are_not_told(size: int, extremes: float) -> None:
    chance = np.random.default_rng(size)
    told = [_told(_answers(chance, size, extremes)) for _ in range(60)]
    assert sum(map(bool, told)) <= 1


def test_independent_answers_have_no_order() -> None:
    chance = np.random.default_rng(8)
    for size in (30, 100, 400) * 10:
        answers = pl.DataFrame({code: chance.choice(LEVELS, size) for code in SAT})
        assert _told(answers) == set()


@pytest.mark.parametrize("swapped", [("TS", "PS"), ("PPS", "PDT"), ("PS", "PPS")])
@pytest.mark.parametrize("everywhere", [True, False])
def test_two_levels_that_change_places_are_told(swapped: tuple[str, str], everywhere: bool) -> None:
    chance, one = np.random.default_rng(4), SAT[3]
    other = {swapped[0]: swapped[1], swapped[1]: swapped[0]}
    columns = pl.col(SAT if everywhere else [one])
    told = [_told(_answers(chance, 900).with_columns(columns.replace(other))) for _ in range(20)]
    assert everywhere or {*map(frozenset, told)} <= {frozenset({one}), frozenset()}
    # the two lowest levels of one question have few answers, which proves less
    assert sum(map(bool, told)) >= (10 if swapped == ("PPS", "PDT") and not everywhere else 20)


def test_a_mark_alone_on_its_scale_is_compared_with_the_questions_of_another() -> None:
    chance, limit = np.random.default_rng(2), thresholds()["contresens_plafond"]
    turned = {f"N{value:02}": f"N{10 - value:02}" for value in range(11)}
    for _ in range(20):
        answers = _answers(chance, 300)
        assert max(against_others(answers, PROGRAMME, "2022").values()) < limit
        against = against_others(answers.with_columns(pl.col(NOTE).replace(turned)), PROGRAMME, "2022")
        assert {code for code, value in against.items() if value > limit} == {NOTE}


def test_a_scale_whose_best_level_is_in_the_middle_has_no_order(tmp_path: Path) -> None:
    codes = ["TROP", "BIEN", "PEU"]
    scale = [
        f"SAT,{code},{i},{code.title()},exprime,{'oui' if code == 'BIEN' else 'non'},non,"
        for i, code in enumerate(codes, 1)
    ]
    rows = Path(mini_programme(tmp_path / "avant").reference_path("modalites")).read_text("utf-8").splitlines()[1:]
    kept = [row for row in rows if not row.startswith("SAT,")]
    mini_programme(tmp_path, tables={"modalites": [*scale, *kept]})
    programme = load_programme(tmp_path)
    answers = pl.DataFrame({code: ["TROP", "BIEN", "PEU"] * 40 for code in ("G1", "C1", "D2")})
    assert out_of_order(answers, programme, "V2") == {}
