"""Designs that are not nice: where intervals and tests keep their level, and where the models give no verdict.

Each case is the plan of two organismes of a known population. A case that gets verdicts is held to the level; one that does not
keep it must get none. The table is printed in docs/methode.md.
"""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.simulation import printed
from tests.simulation.draws import SEED, draw, estimate, population, truths
from tests.simulation.draws import source as drawn_source
from tests.simulation.hard import CASES, case_of, hard_plan
from tests.simulation.programme import WAVES, question_codes, simulated_programme

DRAWS = 800
LEVELS = (0.10, 0.50, 0.95)
# where a rate changes between the waves, its level before; and by how much, which is what the programme calls notable
BEFORE, CHANGE = 0.97, 0.02
# the cases whose figures are precise enough for a verdict
JUDGED = {"Un entretien pour 2 % des locataires", "Un entretien pour 5 %", "Soixante entretiens pour la moitié"}
# the column of each measure's estimate
ESTIMATES = {"taux": "taux_satisfaits", "note": "note_moyenne"}

ALL = "ensemble"

pytestmark = pytest.mark.long


def _changed(scale: str, tenants: np.ndarray, questions: list[str], design: pl.DataFrame) -> pl.DataFrame:
    """Draws a first wave from the tenants, and a second one after CHANGE of each stratum went from satisfied to not."""
    later = tenants.copy()
    moved = np.ceil(CHANGE * design["population"].to_numpy()).astype(np.int64)
    later[:, 1, 0] -= moved
    later[:, 1, -1] += moved
    drawn = [draw(scale, of, questions, [SEED, place], design, axes=[ALL]) for place, of in enumerate((tenants, later))]
    return pl.concat([counts.filter(vague=wave) for wave, counts in zip(WAVES, drawn, strict=True)])


def _measured(scale: str, measure: str) -> pl.DataFrame:
    """Returns, by case: the shares of intervals that cover, of tests that reject and of verdicts given; how large the
    standard error is beside the true one, which is that of the estimates drawn; and how often the interval of a change does
    not contain it.
    """
    design = hard_plan()
    root = simulated_programme(scale, (len(LEVELS) + 1) * DRAWS, design, masking=False, grouped=False)
    counts, truth, asked, sources = [], [], [], []
    for place, rate in enumerate(LEVELS):
        tenants = population(scale, rate, design)
        questions = question_codes(place * DRAWS, DRAWS)
        seed = [SEED, round(1000 * rate)]
        counts.append(draw(scale, tenants, questions, seed, design, axes=[ALL]))
        sources.append(drawn_source(scale, tenants, questions, seed))
        truth.append(truths(scale, tenants, design).with_columns(rate=pl.lit(rate)))
        asked.append(pl.DataFrame({"question_code": questions}).with_columns(rate=pl.lit(rate)))
    questions = question_codes(len(LEVELS) * DRAWS, DRAWS)
    counts.append(_changed(scale, population(scale, BEFORE, design, spread=0), questions, design))
    estimate(root, pl.concat(counts), pl.concat(sources))
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        connection.register("truths", pl.concat(truth))
        connection.register("asked", pl.concat(asked))
        connection.register("cases", case_of())
        return connection.sql(
            f"""
            with intervals as (
                select cas, avg(({measure} between {measure}_ic_bas and {measure}_ic_haut)::int) as covered
                from intermediaire.int_satisfaction
                inner join asked using (question_code)
                inner join truths using (rate, perimetre_type, perimetre, axe)
                inner join cases using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' group by all
            ),
            errors as (
                select cas, avg(power({measure}_erreur_type, 2)) as estimated, var_samp({ESTIMATES[measure]}) as found
                from intermediaire.int_satisfaction inner join asked using (question_code) inner join cases using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' group by cas, perimetre, rate
            ),
            errors_of_cases as (select cas, sqrt(avg(estimated) / avg(found)) as error from errors group by cas),
            tests as (
                select cas, avg((p_valeur < 0.05)::int) as rejected,
                    avg((motif_verdict_code <> 'base_fragile')::int) as judged
                from intermediaire.int_evolution inner join asked using (question_code) inner join cases using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' and methode = 'publie' group by all
            ),
            changes as (
                select cas, avg((-{CHANGE} not between ecart_taux_ic_bas and ecart_taux_ic_haut)::int) as missed
                from intermediaire.int_evolution anti join asked using (question_code) inner join cases using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' and methode = 'publie' group by all
            )
            select cas, covered, rejected, judged, error, missed
            from intervals inner join tests using (cas) inner join errors_of_cases using (cas) inner join changes using (cas)
            """
        ).pl()


@pytest.fixture(scope="module")
def measured() -> dict[str, pl.DataFrame]:
    return {measure: _measured(scale, measure) for measure, scale in (("taux", "OUI_NON"), ("note", "SAT4"))}


def test_a_case_gets_verdicts_or_none(measured: dict[str, pl.DataFrame]) -> None:
    for table in measured.values():
        judged = dict(table.select("cas", "judged").rows())
        assert judged == {case: float(case in JUDGED) for case in CASES}


def test_where_a_verdict_is_given_the_level_is_kept(measured: dict[str, pl.DataFrame]) -> None:
    for table in measured.values():
        for case, covered, rejected, judged in table.select("cas", "covered", "rejected", "judged").iter_rows():
            if judged:
                assert 0.93 <= covered <= 0.97, case
                assert rejected <= 0.06, case


def test_where_a_verdict_is_given_the_interval_of_a_change_contains_it(measured: dict[str, pl.DataFrame]) -> None:
    """Thirty interviews who stand for half of the tenants may all be satisfied, both times: their error is then nothing."""
    missed = dict(measured["taux"].select("cas", "missed").rows())
    assert max(missed[case] for case in JUDGED) <= 0.07
    assert missed["Trente entretiens pour la moitié"] > 0.07


def test_a_lone_interview_borrows_an_error_of_the_right_size(measured: dict[str, pl.DataFrame]) -> None:
    """Merged with a neighbour that is a census, it was 0.17 to 0.52 of the true one."""
    for table in measured.values():
        sizes = dict(table.select("cas", "error").rows())
        assert {case: size for case, size in sizes.items() if not 0.9 <= size <= 1.1} == {}


def test_the_page_prints_these_figures(measured: dict[str, pl.DataFrame]) -> None:
    printed.holds("methode.md", printed.cases(measured, CASES, JUDGED))
