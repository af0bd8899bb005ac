"""Interviews drawn by buildings: where intervals and tests keep their level, and where the models give no verdict.

Each case is the plan of two organismes of a known population, where the tenants of a building answer more alike than
others. The table is printed in docs/methode.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.simulation import printed
from tests.simulation.draws import SCALES, SEED, estimate, truths
from tests.simulation.draws import source as drawn_source
from tests.simulation.programme import WAVES, plan, question_codes, simulated_programme

DRAWS = 400
LEVELS = (0.10, 0.50, 0.95)
# buildings of a stratum, and tenants of each
BUILDINGS, TENANTS = 400, 40


@dataclass(frozen=True)
class Case:
    """A plan of buildings.

    Attributes:
        alike: intra-class correlation of the buildings.
        buildings: drawn in each stratum.
        interviews: in each building drawn, in turn.
        told: whether the building of each interview is delivered.
    """

    alike: float
    buildings: tuple[int, ...]
    interviews: tuple[int, ...] = (10,)
    told: bool = True

    def asked(self, stratum: int) -> np.ndarray:
        """Returns the interviews in each building of a stratum."""
        return np.resize(self.interviews, self.buildings[stratum])


CASES = {
    "20 immeubles, corrélation 0,1": Case(0.1, (20,)),
    "40 immeubles, corrélation 0,1": Case(0.1, (40,)),
    "60 immeubles, corrélation 0,05": Case(0.05, (60,)),
    "60 immeubles, corrélation 0,1": Case(0.1, (60,)),
    "60 immeubles, corrélation 0,2": Case(0.2, (60,)),
    "60 immeubles de 4 ou 16 entretiens, corrélation 0,1": Case(0.1, (60,), (4, 16)),
    "Trois strates de 20 immeubles, corrélation 0,1": Case(0.1, (20, 20, 20)),
    "60 immeubles et une strate d'un seul, corrélation 0,1": Case(0.1, (60, 1)),
    "60 immeubles non livrés, corrélation 0,1": Case(0.1, (60,), told=False),
}
JUDGED = {name for name in CASES if name.startswith(("60 immeubles", "Trois"))}
# what the others are measured against: an error of independent answers, which is too small
UNTOLD = "60 immeubles non livrés, corrélation 0,1"
# tenants of a stratum of a single building beside those of one of sixty
FEW = 0.05

pytestmark = pytest.mark.long


def _design() -> pl.DataFrame:
    """Returns the plan: each case given to two organismes of the shipped programme."""
    rows = [
        (code, f"S{place}", _buildings(case, place) * TENANTS, int(case.asked(place).sum()))
        for code, case in _members()
        for place in range(len(case.buildings))
    ]
    return pl.DataFrame(rows, schema=plan().schema, orient="row").sort("organisme_code", "strate")


def _members() -> list[tuple[str, Case]]:
    codes = plan()["organisme_code"].unique(maintain_order=True).sort().to_list()
    return list(zip(codes, [*CASES.values(), *CASES.values()], strict=False))


def _buildings(case: Case, stratum: int) -> int:
    return BUILDINGS if case.buildings[stratum] > 1 else round(FEW * BUILDINGS)


def _population(scale: str, rate: float) -> list[np.ndarray]:
    """Returns the answer of each tenant, stratum by stratum of the plan: building × tenant, the number of an option."""
    rng = np.random.default_rng([SEED, round(1000 * rate)])
    split = np.array(list(SCALES[scale].values()))
    half = len(split) // 2
    found = []
    for _, case in _members():
        for stratum in range(len(case.buildings)):
            spread = (1 - case.alike) / case.alike
            level = rng.beta(rate * spread, (1 - rate) * spread, (_buildings(case, stratum), 1))
            satisfied = rng.random((_buildings(case, stratum), TENANTS)) < level
            shares = [split[:half] / split[:half].sum(), split[half:] / split[half:].sum()]
            chosen = [rng.choice(half, satisfied.shape, p=share) for share in shares]
            found.append(np.where(satisfied, chosen[0], half + chosen[1]))
    return found


def _told(scale: str, answers: list[np.ndarray]) -> np.ndarray:
    """Returns the tenants of each stratum by answer, as `population` of `draws` has them."""
    options = len(SCALES[scale])
    counts = np.array([np.bincount(of.ravel(), minlength=options) for of in answers])
    return np.stack([np.zeros_like(counts), counts], axis=1)


def _drawn(scale: str, answers: list[np.ndarray], questions: list[str], rate: float) -> Iterator[pl.DataFrame]:
    """Yields `comptage` of each stratum and wave: buildings drawn anew for each question, then tenants in each."""
    rng = np.random.default_rng([SEED, round(1000 * rate), 1])
    options = pl.Series(list(SCALES[scale]))
    for wave in WAVES:
        strata = iter(answers)
        for code, case in _members():
            for stratum, drawn in enumerate(case.buildings):
                of = next(strata)
                chosen = rng.random((len(questions), len(of))).argsort(axis=1)[:, :drawn]
                order = rng.random((len(questions), drawn, TENANTS)).argsort(axis=2)
                said = np.take_along_axis(of[chosen], order, axis=2)
                asked = np.arange(TENANTS) < case.asked(stratum)[:, None]
                question, building, _ = np.nonzero(np.broadcast_to(asked, said.shape))
                found = pl.DataFrame({"q": question, "u": building, "m": said[:, asked].ravel()})
                yield (
                    found.group_by("q", "u" if case.told else pl.lit(0).alias("u"), "m")
                    .len()
                    .select(
                        vague=pl.lit(wave),
                        organisme_code=pl.lit(code),
                        strate=pl.lit(f"S{stratum}"),
                        unite_primaire=pl.format("U{}", "u") if case.told else pl.lit(""),
                        axe=pl.lit("ensemble"),
                        segment=pl.lit("tous"),
                        question_code=pl.lit(pl.Series(questions)).gather(pl.col("q")),
                        modalite_code=pl.lit(options).gather(pl.col("m")),
                        n=pl.col("len").cast(pl.Float64),
                        poids_somme=pl.col("len").cast(pl.Float64),
                        poids_carre_somme=pl.col("len").cast(pl.Float64),
                    )
                )


def _measured(scale: str, measure: str) -> pl.DataFrame:
    """Returns, by case, the shares of intervals that cover, of tests that reject and of verdicts given."""
    design = _design()
    root = simulated_programme(scale, len(LEVELS) * DRAWS, design, masking=False, grouped=False)
    counts, truth, asked, sources = [], [], [], []
    for place, rate in enumerate(LEVELS):
        answers = _population(scale, rate)
        questions = question_codes(place * DRAWS, DRAWS)
        counts += list(_drawn(scale, answers, questions, rate))
        tenants = _told(scale, answers)
        sources.append(drawn_source(scale, tenants, questions, [SEED]))
        truth.append(truths(scale, tenants, design).filter(axe="ensemble").with_columns(rate=pl.lit(rate)))
        asked.append(pl.DataFrame({"question_code": questions}).with_columns(rate=pl.lit(rate)))
    estimate(root, pl.concat(counts), pl.concat(sources))
    names = [*CASES, *CASES]
    cases = pl.DataFrame(
        [(code, names[i]) for i, (code, _) in enumerate(_members())], schema=["perimetre", "cas"], orient="row"
    )
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        for name, table in (("truths", pl.concat(truth)), ("asked", pl.concat(asked)), ("cases", cases)):
            connection.register(name, table)
        return connection.sql(
            f"""
            with intervals as (
                select cas, avg(({measure} between {measure}_ic_bas and {measure}_ic_haut)::int) as covered
                from intermediaire.int_satisfaction
                inner join asked using (question_code)
                inner join truths using (rate, perimetre_type, perimetre, axe)
                inner join cases using (perimetre)
                where perimetre_type = 'organisme' group by all
            ),
            tests as (
                select cas, avg((p_valeur < 0.05)::int) as rejected,
                    avg((motif_verdict_code <> 'base_fragile')::int) as judged
                from intermediaire.int_evolution inner join asked using (question_code) inner join cases using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' and methode = 'publie' group by all
            )
            select cas, covered, rejected, judged from intervals inner join tests using (cas)
            """
        ).pl()


@pytest.fixture(scope="module")
def measured() -> dict[str, pl.DataFrame]:
    return {measure: _measured(scale, measure) for measure, scale in (("taux", "OUI_NON"), ("note", "SAT4"))}


def test_a_case_gets_verdicts_or_none(measured: dict[str, pl.DataFrame]) -> None:
    for table in measured.values():
        assert dict(table.select("cas", "judged").rows()) == {case: float(case in JUDGED) for case in CASES}


def test_where_buildings_are_delivered_the_level_is_kept(measured: dict[str, pl.DataFrame]) -> None:
    """With a verdict or without: few buildings make wide intervals, not wrong ones."""
    for table in measured.values():
        for case, covered, rejected in table.select("cas", "covered", "rejected").iter_rows():
            if case != UNTOLD:
                assert 0.93 <= covered <= 0.97, case
                assert rejected <= 0.06, case


def test_without_their_buildings_the_same_interviews_promise_too_much(measured: dict[str, pl.DataFrame]) -> None:
    for table in measured.values():
        [(covered, rejected)] = table.filter(cas=UNTOLD).select("covered", "rejected").rows()
        assert covered < 0.90
        assert rejected > 0.10


def test_the_page_prints_these_figures(measured: dict[str, pl.DataFrame]) -> None:
    printed.holds("methode.md", printed.cases(measured, CASES, JUDGED))
