"""The designs that are not nice, level by level, on the whole and in a segment that half of the tenants are in.

An organisme's interviews fall into the segment as they are drawn, so that a lone one may not. Rates and notes are held to the
level wherever a verdict is given and an interval is not said indicative. The table is printed in docs/methode.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb
import polars as pl
import pytest

from tests.simulation import printed
from tests.simulation.draws import SEED, draw, estimate, population, truths
from tests.simulation.hard import CASES, Strata, case_of, hard_plan
from tests.simulation.programme import question_codes, simulated_programme
from tests.support.once import REPOSITORY

LEVELS = (0.05, 0.50, 0.90, 0.95)
# the part of the tenants who are in the segment
SEGMENT = 0.5
AXES = {"ensemble": "", "rare": ", segment"}
SHOWN: Mapping[str, Strata] = {
    name: CASES[name]
    for name in (
        "Un entretien pour 2 % des locataires",
        "Un entretien pour 5 %",
        "Un entretien pour 5 %, les autres recensés",
        "Six entretiens pour 80 %",
        "Soixante entretiens pour la moitié",
    )
} | {"Cent cinquante entretiens pour la moitié": ((20000, 150), (20000, 3000))}
# what gets verdicts; elsewhere, in fewer than one draw of fifty
JUDGED = {
    "Un entretien pour 2 % des locataires",
    "Un entretien pour 2 % des locataires, segment",
    "Un entretien pour 5 %",
    "Soixante entretiens pour la moitié",
    "Cent cinquante entretiens pour la moitié",
    "Cent cinquante entretiens pour la moitié, segment",
}
SELDOM = 0.02
MEASURES = {"taux": "OUI_NON", "note": "SAT4"}
# draws of a few hundred, and those of which the page has the figures; and how many standard errors chance may take
DRAWS, PRINTED, ERRORS = 250, 1500, 4.0

pytestmark = pytest.mark.slow


class Counted(NamedTuple):
    """What was counted at one level of a case.

    Attributes:
        firm, covering: intervals that are not said indicative, and those of them that contain the truth.
        points, true_points: intervals of no width, indicative or not, and those that contain the truth.
        asked, judged, rejected: tests, those that may give a verdict, and those of them that reject.
    """

    firm: int
    covering: int
    points: int
    true_points: int
    asked: int
    judged: int
    rejected: int


# by measure, then by name of the case and level
Table = dict[str, dict[tuple[str, float], Counted]]


def _measured(scale: str, measure: str, draws: int) -> dict[tuple[str, float], Counted]:
    design = hard_plan(SHOWN)
    root = simulated_programme(scale, len(LEVELS) * draws, design, masking=False, grouped=False)
    counts, truth, asked = [], [], []
    for place, rate in enumerate(LEVELS):
        tenants = population(scale, rate, design, retained=SEGMENT)
        questions = question_codes(place * draws, draws)
        counts.append(draw(scale, tenants, questions, [SEED, round(1000 * rate)], design))
        truth.append(truths(scale, tenants, design).with_columns(rate=pl.lit(rate)))
        asked.append(pl.DataFrame({"question_code": questions}).with_columns(rate=pl.lit(rate)))
    estimate(root, pl.concat(counts), models=("int_satisfaction", "int_evolution"))
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        for name, table in (("truths", pl.concat(truth)), ("asked", pl.concat(asked)), ("cases", case_of(SHOWN))):
            connection.register(name, table)
        rows = connection.sql(
            f"""
            with cells as (
                select cas, axe, rate, base_verdict >= base_fragile as firm, {measure}_ic_bas = {measure}_ic_haut as point,
                    {measure} between {measure}_ic_bas and {measure}_ic_haut as covers
                from intermediaire.int_satisfaction
                inner join asked using (question_code)
                inner join truths using (rate, perimetre_type, perimetre, axe)
                inner join cases using (perimetre)
                cross join preparation.stg_parametres
                where perimetre_type = 'organisme'
            ),
            intervals as (
                select cas, axe, rate, count_if(firm) as firm, count_if(firm and covers) as covering,
                    count_if(point) as points, count_if(point and covers) as true_points
                from cells group by all
            ),
            tests as (
                select cas, axe, rate, count(*) as asked,
                    count_if(motif_verdict_code <> 'base_fragile') as judged,
                    count_if(motif_verdict_code <> 'base_fragile' and p_valeur < 0.05) as rejected
                from intermediaire.int_evolution inner join asked using (question_code) inner join cases using (perimetre)
                where perimetre_type = 'organisme' and methode = 'publie' group by all
            )
            select cas, axe, rate, firm, covering, points, true_points, asked, judged, rejected
            from tests inner join intervals using (cas, axe, rate)
            """
        ).fetchall()
    return {(case + AXES[axis], rate): Counted(*counted) for case, axis, rate, *counted in rows}


@pytest.fixture(
    scope="module", params=[DRAWS, pytest.param(PRINTED, marks=pytest.mark.long)], ids=["hundreds", "printed"]
)
def draws(request: pytest.FixtureRequest) -> int:
    wanted: int = request.param
    return wanted


@pytest.fixture(scope="module")
def measured(draws: int) -> Table:
    return {measure: _measured(scale, measure, draws) for measure, scale in MEASURES.items()}


def _names() -> list[str]:
    return [case + axis for case in SHOWN for axis in AXES.values()]


def _beyond(so: int, of: int, bound: float) -> float:
    """By how many standard errors a share is above a bound."""
    return (so / of - bound) / math.sqrt(bound * (1 - bound) / of)


def test_a_case_gets_verdicts_or_none(measured: Table) -> None:
    """Of a lone interview that is not in the segment, nothing says that none of its stratum's tenants is."""
    for table in measured.values():
        for (name, _), of in table.items():
            assert (of.judged == of.asked) if name in JUDGED else (of.judged <= SELDOM * of.asked), name


def test_where_a_lone_interview_is_elsewhere_and_others_are_a_census_nothing_is_called_firm(measured: Table) -> None:
    """The interval is then a point, beside the truth: half of the draws, which used to give a verdict."""
    for table in measured.values():
        for (name, _), of in table.items():
            if name == "Un entretien pour 5 %, les autres recensés, segment":
                assert (of.firm, of.true_points) == (0, 0)
                assert of.points > of.asked / 2


def test_where_a_verdict_is_given_the_level_is_kept(measured: Table) -> None:
    """Chance set aside: of 1,500 intervals a share of 95 % is 0.6 points off, of 750 tests one of 5 % is 0.8 points off."""
    for measure, table in measured.items():
        for (name, level), of in table.items():
            if name in JUDGED:
                said = f"{measure} {name} {level:.0%}"
                assert _beyond(of.firm - of.covering, of.firm, 0.07) <= ERRORS / 2, said
                assert _beyond(of.rejected, of.judged, 0.06) <= ERRORS / 2, said


def test_intervals_of_notes_are_not_too_wide(measured: Table) -> None:
    """Those of rates are, near 5 and 95 %, where a few interviews may have missed all the rare answers."""
    for (name, level), of in measured["note"].items():
        if name in JUDGED:
            assert _beyond(of.covering, of.firm, 0.97) <= ERRORS / 2, f"{name} {level:.0%}"


def test_the_page_prints_these_figures(measured: Table, draws: int) -> None:
    """The figures are those of fifteen hundred draws; fewer draws are as far from them as chance takes them."""
    lines = dict(_lines(measured))
    if draws == PRINTED:
        printed.holds("methode.md", lines.values())
        return
    page = (REPOSITORY / "docs/methode.md").read_text(encoding="utf-8").splitlines()
    for name, line in lines.items():
        if name not in JUDGED:
            assert line in page
            continue
        [there] = [found for found in page if found.startswith(f"| {name} | ") and " · " in found]
        for said, (so, of) in zip(re.findall(r"(\d+,\d)", there), _figures(measured, name), strict=True):
            share = float(said.replace(",", ".")) / 100
            error = math.sqrt(max(share * (1 - share), 0.01) / of * (1 + draws / PRINTED))
            assert abs(share - so / of) <= ERRORS * error + 0.0005, f"{there}\n{line}"


def _figures(measured: Table, name: str) -> list[tuple[int, int]]:
    """Returns what the figures of a line were counted from, in their order; none where no verdict is given."""
    if name not in JUDGED:
        return []
    by_level = {measure: [table[name, level] for level in LEVELS] for measure, table in measured.items()}
    covered = [(of.covering, of.firm) for rows in by_level.values() for of in rows]
    return covered + [(of.rejected, of.judged) for rows in by_level.values() for of in rows]


def _lines(measured: Table) -> Iterator[tuple[str, str]]:
    """Yields each line of the page's table with its name: four figures a cell, in the order of the levels."""
    for name in _names():
        figures = [f"{100 * so / of:.1f}".replace(".", ",") for so, of in _figures(measured, name)]
        cells = [" · ".join(figures[place : place + len(LEVELS)]) for place in range(0, len(figures), len(LEVELS))]
        yield (
            name,
            f"| {name} | {' | '.join(cells) if cells else ' | '.join(['—'] * 4)} | {'oui' if cells else 'non'} |",
        )
