"""Figures of four periods: they are the periods' own, weighted by population, and none of them tells a masked period."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from orchestration.programme import load_programme
from orchestration.settings import Settings
from tests.support.between import PERIODS, add_calls
from tests.support.dbt import estimated
from tests.support.small import small_programme

pytestmark = pytest.mark.slow
LEAST, FEW = 10, 6
WAVES = list(PERIODS)
# of one organisme the first and the fourth period are too small, of another one all of them
SIZES = {(WAVES[0], "O2"): FEW, (WAVES[3], "O2"): FEW, **{(wave, "O3"): FEW for wave in WAVES}}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small programme with its calls, estimated and not published."""
    root = small_programme(tmp_path_factory.mktemp("mobiles"), base_minimale=LEAST)
    return estimated(add_calls(root, SIZES), "int_moyennes_mobiles")


def _ask(root: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(Settings(root).warehouse), read_only=True) as warehouse:
        return warehouse.sql(sql).fetchall()


def _periods(root: Path) -> dict[tuple[str, str, str], tuple[str, float | None, float]]:
    """By perimeter, question and period: status, printed figure as its reader has it, population of its interviews."""
    people: dict[tuple[str, str], float] = {}
    programme = load_programme(root)
    for wave in WAVES:
        for code, strata in programme.planned(wave).items():
            for place in (code, "region"):
                people[place, wave] = people.get((place, wave), 0) + sum(strata.values())
    sql = (
        "select perimetre, question_code, vague, statut, note_imprimee from intermediaire.int_satisfaction"
        " where axe = 'ensemble' and perimetre_type in ('region', 'organisme')"
    )
    return {(p, q, w): (s, n, people[p, w]) for p, q, w, s, n in _ask(root, sql) if w in WAVES}


def _moving(root: Path) -> dict[tuple[str, str, str], tuple[str, str | None, float | None, str]]:
    columns = "perimetre, question_code, vague, statut, motif_code, valeur, premiere_periode"
    sql = f"select {columns} from intermediaire.int_moyennes_mobiles"
    return {(p, q, w): tuple(rest) for p, q, w, *rest in _ask(root, sql)}  # type: ignore[misc]


def test_a_figure_of_four_published_periods_is_theirs_by_population(root: Path) -> None:
    periods, checked = _periods(root), 0
    for (place, question, wave), (status, _, value, first) in _moving(root).items():
        window = WAVES[WAVES.index(first) : WAVES.index(wave) + 1]
        assert len(window) == 4
        own = [periods[place, question, one] for one in window]
        if status == "V" and all(s == "V" for s, *_ in own):
            total = sum(people for *_, people in own)
            assert value == pytest.approx(sum(note * people for _, note, people in own if note is not None) / total)
            checked += 1
    # the region and the organisme whose periods are all published, two questions, two windows
    assert checked == 2 * 2 * 2


def test_small_bases_have_a_figure_of_four_periods_where_none_of_them_follows(root: Path) -> None:
    moving = _moving(root)
    assert {moving["O3", "G1", wave][0] for wave in WAVES[3:]} == {"V"}
    assert moving["O2", "G1", WAVES[3]][0] == "V"
    # the fourth period alone is masked: the three others would give it
    assert moving["O2", "G1", WAVES[4]][:3] == ("D", "periodes_masquees", None)


def test_nothing_that_is_published_gives_a_masked_period(root: Path) -> None:
    """Whoever reads the periods and the figures of four has as many equations, and may combine them as they like."""
    periods, moving = _periods(root), _moving(root)
    masked_ones = 0
    for place, question in {(p, q) for p, q, _ in moving}:
        masked = [w for w in WAVES if periods[place, question, w][0] != "V"]
        equations = []
        for wave, first in (
            (w, m[3]) for (p, q, w), m in moving.items() if (p, q) == (place, question) and m[0] == "V"
        ):
            window = WAVES[WAVES.index(first) : WAVES.index(wave) + 1]
            equations.append([periods[place, question, w][2] if w in window else 0.0 for w in masked])
        known = np.array(equations).reshape(len(equations), len(masked))
        for one in range(len(masked)):
            alone = np.eye(len(masked))[one]
            assert np.linalg.matrix_rank(np.vstack([known, alone])) > np.linalg.matrix_rank(known), (place, question)
            masked_ones += 1
    assert masked_ones == 2 * (2 + 5)
