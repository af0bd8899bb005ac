"""Intervals contain the truth as often as they say, and tests reject as seldom, on samples drawn from a known population.

Two thousand draws of both waves for each rate and each distribution of notes, estimated by the project's own models. The
figures are those printed in docs/methode.md.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.simulation.draws import DRAWS, SEED, draw, estimate, population, simulated_programme, truths
from tests.support.demo import REPOSITORY

PAGE = REPOSITORY / "docs" / "methode.md"
RATES = (0.02, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.98)
LEVELS = (0.10, 0.50, 0.90)
# what is read of each: how many of each kind of perimeter, all answering, then organismes where few are asked
COLUMNS = [("region", "ensemble"), ("famille", "ensemble"), ("departement", "ensemble"), ("organisme", "ensemble")]
FEW = ("organisme", "rare")

Share = dict[tuple[str, str], float]

pytestmark = pytest.mark.slow


class Measured:
    """What the models made of the draws, by kind of perimeter and axis.

    Attributes:
        covered: share of the intervals that contain the population's value.
        rejected: share of the tests of evolution whose p-value, not adjusted, is under 5 %.
        discovered: share of those still under 5 % once adjusted.
    """

    def __init__(self, root: Path, scale: str, measure: str, rates: tuple[float, ...]) -> None:
        simulated_programme(root, scale)
        self.covered: dict[float, Share] = {}
        self.rejected: dict[float, Share] = {}
        self.discovered: dict[float, Share] = {}
        for rate in rates:
            tenants = population(scale, rate)
            estimate(root, draw(scale, tenants, [SEED, round(1000 * rate)]))
            with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
                connection.register("truths", truths(scale, tenants))
                intervals = connection.sql(
                    f"""
                    select perimetre_type, axe, avg(({measure} between {measure}_ic_bas and {measure}_ic_haut)::int) as covered
                    from intermediaire.int_satisfaction inner join truths using (perimetre_type, perimetre, axe)
                    where statut = 'V' group by all
                    """
                ).pl()
                tests = connection.sql(
                    """
                    select
                        perimetre_type, axe, avg((p_valeur < 0.05)::int) as rejected,
                        avg((p_valeur_ajustee < 0.05)::int) as discovered
                    from intermediaire.int_evolution where statut = 'V' and methode = 'publie' group by all
                    """
                ).pl()
            self.covered[rate] = _by_cell(intervals, "covered")
            self.rejected[rate] = _by_cell(tests, "rejected")
            self.discovered[rate] = _by_cell(tests, "discovered")


def _by_cell(table: pl.DataFrame, column: str) -> Share:
    return dict(zip(table.select("perimetre_type", "axe").iter_rows(), table[column], strict=True))


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return Measured(tmp_path_factory.mktemp("taux") / "programme", "OUI_NON", "taux", RATES)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return Measured(tmp_path_factory.mktemp("notes") / "programme", "SAT4", "note", LEVELS)


def _outside(shares: dict[float, Share], low: float, high: float) -> list[str]:
    return [
        f"{rate:.0%} {' '.join(cell)}: {shares[rate][cell]:.4f}"
        for rate in shares
        for cell in COLUMNS
        if not low <= shares[rate][cell] <= high
    ]


def test_intervals_of_rates_cover(rates: Measured) -> None:
    assert _outside(rates.covered, 0.94, 0.96) == []


def test_intervals_of_notes_cover(notes: Measured) -> None:
    assert _outside(notes.covered, 0.94, 0.96) == []


def test_intervals_of_few_answers_cover_on_the_average_of_rates(rates: Measured, notes: Measured) -> None:
    """Sixty answers take so few values that a given rate is covered more or less than 95 % whatever the interval."""
    few = [shares[FEW] for shares in rates.covered.values()]
    assert 0.94 <= sum(few) / len(few) <= 0.96
    assert 0.93 <= min(few) <= max(few) <= 0.97
    assert all(0.94 <= shares[FEW] <= 0.96 for shares in notes.covered.values())


def test_an_evolution_is_rejected_as_seldom_as_said(rates: Measured, notes: Measured) -> None:
    assert _outside(rates.rejected, 0.04, 0.06) + _outside(notes.rejected, 0.04, 0.06) == []


def test_few_answers_are_never_rejected_more_often(rates: Measured, notes: Measured) -> None:
    assert max(shares[FEW] for m in (rates, notes) for shares in m.rejected.values()) <= 0.06


def test_hardly_any_adjusted_evolution_is_found_where_nothing_changed(rates: Measured, notes: Measured) -> None:
    assert max(share for m in (rates, notes) for shares in m.discovered.values() for share in shares.values()) < 0.001


def test_the_page_prints_these_figures(rates: Measured, notes: Measured) -> None:
    page = PAGE.read_text(encoding="utf-8")
    lines = [line for name in ("covered", "rejected") for line in _lines(rates, notes, name)]
    missing = [line for line in lines if line not in page]
    assert missing == [], f"docs/methode.md says otherwise of {DRAWS} draws:\n" + "\n".join(lines)


def _lines(rates: Measured, notes: Measured, name: str) -> list[str]:
    def line(label: str, shares: Share) -> str:
        cells = [f"{100 * shares[cell]:.1f} %".replace(".", ",") for cell in [*COLUMNS, FEW]]
        return f"| {label} | {' | '.join(cells)} |"

    return [line(f"Taux de {rate:.0%}".replace("%", " %"), shares) for rate, shares in getattr(rates, name).items()] + [
        line(f"Note, {rate:.0%} de satisfaits".replace("%", " %"), shares)
        for rate, shares in getattr(notes, name).items()
    ]
