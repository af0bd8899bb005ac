"""Intervals contain the truth as often as they say, and tests reject as seldom, on samples drawn from a known population.

Each rate and each distribution of notes is drawn hundreds of times in both waves, and estimated by the project's own
models. `make test-long` draws two thousand times: those are the figures printed in docs/methode.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pytest

from tests.simulation.draws import SEED, draw, estimate, population, source, truths
from tests.simulation.programme import question_codes, simulated_programme
from tests.support.demo import REPOSITORY

PAGE = REPOSITORY / "docs" / "methode.md"
RATES = (0.02, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.98)
LEVELS = (0.10, 0.50, 0.90)
# what is read of each: how many of each kind of perimeter, all answering, then organismes where few are asked
COLUMNS = [("region", "ensemble"), ("famille", "ensemble"), ("departement", "ensemble"), ("organisme", "ensemble")]
FEW = ("organisme", "rare")
# how far from its nominal level a share may be, whatever chance does
TOLERANCE = 0.01


@dataclass(frozen=True)
class Size:
    """How many samples are drawn, and what that leaves to chance.

    Attributes:
        draws: of each population; the page prints the shares of `PRINTED`.
        at_once: how many populations one run of the models estimates; memory is the limit.
        errors: how many Monte-Carlo standard errors are allowed beside the tolerance. Under 3.5, one of the hundred shares
            would be found outside by chance alone in one choice of the seed out of twenty.
    """

    draws: int
    at_once: int
    errors: float

    def allowed(self, level: float, trials: float) -> float:
        """Returns how far from its level a share of so many trials may be."""
        return max(TOLERANCE, self.errors * math.sqrt(level * (1 - level) / trials))


HUNDREDS = Size(draws=400, at_once=len(RATES), errors=3.5)
PRINTED = Size(draws=2_000, at_once=1, errors=0)

pytestmark = pytest.mark.slow


class Counted(NamedTuple):
    """How many trials there were, and in how many of them something was so."""

    trials: float
    so: float

    @property
    def share(self) -> float:
        return self.so / self.trials


Cells = dict[tuple[str, str], Counted]


class Measured:
    """What the models made of the draws: for each rate, by kind of perimeter and axis.

    Attributes:
        size: of the samples.
        covered: the intervals that contain the population's value.
        rejected: the tests of evolution whose p-value, not adjusted, is under 5 %.
        discovered: those still under 5 % once adjusted.
        apart: the region's tests against a source that asked 1,181 tenants, rejected though both answer alike.
        apart_from_exact: those that would be, were the source taken for exact.
    """

    def __init__(self, scale: str, measure: str, rates: tuple[float, ...], size: Size) -> None:
        self.size = size
        self.covered: dict[float, Cells] = {}
        self.rejected: dict[float, Cells] = {}
        self.discovered: dict[float, Cells] = {}
        self.apart: dict[float, Counted] = {}
        self.apart_from_exact: dict[float, Counted] = {}
        at_once = min(size.at_once, len(rates))
        root = simulated_programme(scale, at_once * size.draws)
        for first in range(0, len(rates), at_once):
            self._estimate(root, scale, measure, rates[first : first + at_once])

    def _estimate(self, root: Path, scale: str, measure: str, rates: tuple[float, ...]) -> None:
        counts, truth, asked, sources = [], [], [], []
        for place, rate in enumerate(rates):
            tenants = population(scale, rate)
            questions = question_codes(place * self.size.draws, self.size.draws)
            counts.append(draw(scale, tenants, questions, [SEED, round(1000 * rate)]))
            sources.append(source(scale, tenants, questions, [SEED, round(1000 * rate)]))
            truth.append(truths(scale, tenants).with_columns(rate=pl.lit(rate)))
            asked.append(pl.DataFrame({"question_code": questions}).with_columns(rate=pl.lit(rate)))
        estimate(root, pl.concat(counts), pl.concat(sources))
        with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
            connection.register("truths", pl.concat(truth))
            connection.register("asked", pl.concat(asked))
            intervals = connection.sql(
                f"""
                select
                    rate, perimetre_type, axe, count(*) as trials,
                    sum(({measure} between {measure}_ic_bas and {measure}_ic_haut)::int) as covered
                from intermediaire.int_satisfaction
                inner join asked using (question_code)
                inner join truths using (rate, perimetre_type, perimetre, axe)
                where statut = 'V' group by all
                """
            ).pl()
            tests = connection.sql(
                """
                select
                    rate, perimetre_type, axe, count(*) as trials, sum((p_valeur < 0.05)::int) as rejected,
                    sum((p_valeur_ajustee < 0.05)::int) as discovered
                from intermediaire.int_evolution inner join asked using (question_code)
                where statut = 'V' and methode = 'publie' group by all
                """
            ).pl()
            gaps = connection.sql(
                f"""
                select rate, count(*) as trials, sum((p_valeur < 0.05)::int) as apart,
                    sum((abs(ecart) > 1.96 * {measure}_erreur_type * if(unite = 'note_10', 1, 100))::int) as apart_from_exact
                from intermediaire.int_ecart_reference inner join asked using (question_code)
                inner join intermediaire.int_satisfaction using (vague, perimetre_type, perimetre, question_code)
                where perimetre_type = 'region' and axe = 'ensemble' group by all
                """
            ).pl()
        for rate, trials, apart, exact in gaps.iter_rows():
            self.apart[rate] = Counted(float(trials), float(apart))
            self.apart_from_exact[rate] = Counted(float(trials), float(exact))
        for rate in rates:
            self.covered[rate] = _by_cell(intervals.filter(rate=rate), "covered")
            self.rejected[rate] = _by_cell(tests.filter(rate=rate), "rejected")
            self.discovered[rate] = _by_cell(tests.filter(rate=rate), "discovered")


def _by_cell(table: pl.DataFrame, column: str) -> Cells:
    rows = table.select("perimetre_type", "axe", pl.col("trials", column).cast(pl.Float64)).iter_rows()
    return {(kind, axis): Counted(trials, so) for kind, axis, trials, so in rows}


@pytest.fixture(
    scope="module", params=[HUNDREDS, pytest.param(PRINTED, marks=pytest.mark.long)], ids=["hundreds", "printed"]
)
def size(request: pytest.FixtureRequest) -> Size:
    wanted: Size = request.param
    return wanted


@pytest.fixture(scope="module")
def rates(size: Size) -> Measured:
    return Measured("OUI_NON", "taux", RATES, size)


@pytest.fixture(scope="module")
def notes(size: Size) -> Measured:
    return Measured("SAT4", "note", LEVELS, size)


def _outside(counted: dict[float, Cells], level: float, size: Size) -> list[str]:
    return [
        f"{rate:.0%} {' '.join(cell)}: {cells[cell].share:.4f}"
        for rate, cells in counted.items()
        for cell in COLUMNS
        if abs(cells[cell].share - level) > size.allowed(level, cells[cell].trials)
    ]


def _over_all_rates(counted: dict[float, Cells]) -> Cells:
    """Adds up what was counted at each rate: what differs from one rate to another by chance is then a third as large."""
    return {
        cell: Counted(*(sum(part) for part in zip(*(cells[cell] for cells in counted.values()), strict=True)))
        for cell in [*COLUMNS, FEW]
    }


def test_intervals_of_rates_cover(rates: Measured) -> None:
    assert _outside(rates.covered, 0.95, rates.size) == []


def test_intervals_of_notes_cover(notes: Measured) -> None:
    assert _outside(notes.covered, 0.95, notes.size) == []


def test_intervals_of_rates_cover_on_the_average(rates: Measured) -> None:
    """Nine times the samples of one rate: enough to hold the region, of which a draw has only one, to the tolerance."""
    covered = _over_all_rates(rates.covered)
    assert {cell: n.share for cell, n in covered.items() if cell != FEW and abs(n.share - 0.95) > TOLERANCE} == {}


def test_intervals_of_few_answers_cover_on_the_average_of_rates(rates: Measured, notes: Measured) -> None:
    """Sixty answers take so few values that a given rate is covered more or less than 95 % whatever the interval."""
    few = [cells[FEW].share for cells in rates.covered.values()]
    assert 0.94 <= sum(few) / len(few) <= 0.96
    assert 0.93 <= min(few) <= max(few) <= 0.97
    assert all(0.94 <= cells[FEW].share <= 0.96 for cells in notes.covered.values())


def test_an_evolution_is_rejected_as_seldom_as_said(rates: Measured, notes: Measured) -> None:
    assert _outside(rates.rejected, 0.05, rates.size) + _outside(notes.rejected, 0.05, notes.size) == []
    rejected = _over_all_rates(rates.rejected)
    assert {cell: n.share for cell, n in rejected.items() if cell != FEW and abs(n.share - 0.05) > TOLERANCE} == {}


def test_few_answers_are_never_rejected_more_often(rates: Measured, notes: Measured) -> None:
    assert max(cells[FEW].share for m in (rates, notes) for cells in m.rejected.values()) <= 0.06


def test_hardly_any_adjusted_evolution_is_found_where_nothing_changed(rates: Measured, notes: Measured) -> None:
    found = [_over_all_rates(m.discovered) for m in (rates, notes)]
    assert max(n.share for cells in found for n in cells.values()) < 0.001


def test_a_source_that_answers_alike_is_said_apart_as_seldom_as_said(rates: Measured, notes: Measured) -> None:
    """Type I: 5 %, and no more than 6 % beside what chance does to so few draws. A source taken for exact has far more."""
    for measured in (rates, notes):
        trials = sum(n.trials for n in measured.apart.values())
        found, exact = (
            sum(n.so for n in counted.values()) / trials for counted in (measured.apart, measured.apart_from_exact)
        )
        assert found <= 0.05 + measured.size.allowed(0.05, trials)
        assert exact > 0.5


def test_the_page_prints_these_figures(rates: Measured, notes: Measured) -> None:
    """The figures are those of two thousand draws; fewer draws are as far from them as chance takes them."""
    page = PAGE.read_text(encoding="utf-8").splitlines()
    lines = list(_lines(rates, notes))
    if rates.size == PRINTED:
        missing = [line for line, _ in lines if line not in page]
        assert missing == [], "docs/methode.md says otherwise:\n" + "\n".join(line for line, _ in lines)
        return
    labels = {line.split("|")[1] for line, _ in lines}
    printed = [line for line in page if line.startswith("|") and line.split("|")[1] in labels]
    assert len(printed) == len(lines)
    for there, (line, counted) in zip(printed, lines, strict=True):
        for figure, (trials, so) in zip(re.findall(r"([0-9,]+) % \|", there.split("|", 2)[2]), counted, strict=True):
            said = float(figure.replace(",", ".")) / 100
            error = math.sqrt(said * (1 - said) * (1 / trials + rates.size.draws / PRINTED.draws / trials))
            assert abs(said - so / trials) <= rates.size.errors * error + 0.0005, f"{there}\n{line}"


def _lines(rates: Measured, notes: Measured) -> Iterator[tuple[str, list[Counted]]]:
    """Yields the lines of the page's two tables, each with what its cells were counted from."""
    labels = [f"Taux de {rate:.0%}".replace("%", " %") for rate in RATES]
    labels += [f"Note, {rate:.0%} de satisfaits".replace("%", " %") for rate in LEVELS]
    for name in ("covered", "rejected"):
        measured = chain(getattr(rates, name).values(), getattr(notes, name).values())
        for label, cells in zip(labels, measured, strict=True):
            row = [cells[cell] for cell in [*COLUMNS, FEW]]
            shown = [f"{100 * counted.share:.1f} %".replace(".", ",") for counted in row]
            yield f"| {label} | {' | '.join(shown)} |", row
