"""Sentences of docs/methode.md that arithmetic or a draw of p-values settles, without a run of the models."""

from __future__ import annotations

from typing import Any

import duckdb
import jinja2
import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.simulation import printed
from tests.simulation.draws import SEED
from tests.support.once import REPOSITORY

PAGE = " ".join((REPOSITORY / "docs" / "methode.md").read_text(encoding="utf-8").split())
MACROS = REPOSITORY / "dbt_project" / "macros" / "verdict.sql"
FAMILIES, QUESTIONS = 4_000, 50


def test_on_sixty_answers_the_usual_interval_loses_its_level_and_that_of_wilson_misses_on_one_side() -> None:
    """Each number of satisfied tenants out of sixty, with its probability where 2 % are: nothing is drawn."""
    n, rate = 60, 0.02
    p = np.arange(n + 1) / n
    chance = stats.binom.pmf(np.arange(n + 1), n, rate)
    quantile = stats.t.ppf(0.975, n - 1)
    usual = chance[abs(p - rate) <= quantile * np.sqrt(p * (1 - p) / (n - 1))].sum()
    c = quantile**2 / (n - 1)
    middle, reach = (p + c / 2) / (1 + c), np.sqrt(c * p * (1 - p) + c**2 / 4) / (1 + c)
    too_high, too_low = chance[middle - reach > rate].sum(), chance[middle + reach < rate].sum()
    assert (
        f"la vérité dans {printed.percent(usual)} des cas, celui de Wilson dans {printed.percent(1 - too_high)}" in PAGE
    )
    assert too_high > 0
    assert too_low == 0


def _false_among_discoveries(changed: int, shared: float) -> tuple[float, float]:
    """Returns the mean share of false evolutions among those said significant: adjusted by the project's SQL, and not.

    Args:
        changed: how many questions of each family have a change, of three standard errors.
        shared: correlation of the errors of a family's questions.
    """
    rng = np.random.default_rng([SEED, changed, round(100 * shared)])
    alone, common = rng.normal(size=(FAMILIES, QUESTIONS)), rng.normal(size=(FAMILIES, 1))
    true = np.arange(QUESTIONS) < changed
    z = np.sqrt(1 - shared) * alone + np.sqrt(shared) * common + 3 * true
    tests = pl.DataFrame(
        {
            "rapport": np.repeat(np.arange(FAMILIES), QUESTIONS),
            "vraie": np.tile(true, FAMILIES),
            "p_valeur": (2 * stats.norm.sf(abs(z))).ravel(),
        }
    )
    macros: Any = jinja2.Environment().from_string(MACROS.read_text(encoding="utf-8")).module
    with duckdb.connect() as connection:
        connection.register("tests", tests)
        found = connection.sql(
            f"""
            with {macros.p_ajustees(["rapport"])},
            dites as (
                select rapport, coalesce(avg((not vraie)::int) filter (p_ajustee < 0.05), 0) as adjusted,
                    coalesce(avg((not vraie)::int) filter (p_valeur < 0.05), 0) as plain
                from ajustes group by rapport
            )
            select avg(adjusted), avg(plain) from dites
            """
        ).fetchall()
    [(adjusted, plain)] = found
    return float(adjusted), float(plain)


@pytest.mark.parametrize("shared", [0.0, 0.5], ids=["independent", "going the same way"])
@pytest.mark.parametrize("changed", [25, 45], ids=["half changed", "nearly all changed"])
def test_the_false_are_few_among_the_evolutions_said_significant(changed: int, shared: float) -> None:
    adjusted, _ = _false_among_discoveries(changed, shared)
    assert adjusted <= 0.05


def test_where_few_questions_changed_it_is_the_adjustment_that_holds_the_share() -> None:
    adjusted, plain = _false_among_discoveries(5, 0.0)
    assert adjusted <= 0.05 < 0.15 < plain
