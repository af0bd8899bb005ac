"""The error of a calibrated figure takes its weights as given: it is of the right size where margins explain nothing of the answers,
and too large where they explain some. The table is printed in docs/methode_lectures.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration.extracts.lake import Lake, write_parquet
from tests.simulation import printed
from tests.simulation.draws import SEED, as_comptage, counted, estimate
from tests.simulation.programme import WAVES, plan, question_codes, simulated_programme

DRAWS = 4000
SCALE, OPTIONS = "OUI_NON", ("OUI", "NON")
# tenants of a stratum by segment of the margin, and interviews of the stratum
STRATA = (((1200, 1600, 1200), 200), ((600, 900, 1500), 120))
# the rate of each segment, and the share of its tenants who answer when called
EVEN, UNEVEN = (1.0, 1.0, 1.0), (0.4, 0.7, 1.0)
CASES = {
    "Les marges n'expliquent rien": ((0.5, 0.5, 0.5), EVEN),
    "Rien, les jeunes répondent deux fois et demie moins": ((0.5, 0.5, 0.5), UNEVEN),
    "Un peu (40, 50 et 60 % de satisfaits)": ((0.4, 0.5, 0.6), EVEN),
    "Un peu, les jeunes répondent moins": ((0.4, 0.5, 0.6), UNEVEN),
    "Beaucoup (15, 50 et 85 %)": ((0.15, 0.5, 0.85), EVEN),
    "Beaucoup, les jeunes répondent moins": ((0.15, 0.5, 0.85), UNEVEN),
}

pytestmark = pytest.mark.slow


def _rake(interviews: np.ndarray) -> np.ndarray:
    """Returns weights, draws × strata × segments, that meet the tenants of each stratum and of each segment at once."""
    tenants = np.array([sizes for sizes, _ in STRATA], dtype=float)
    weights = np.ones(interviews.shape)
    for _ in range(200):
        weights *= (tenants.sum(axis=1) / (interviews * weights).sum(axis=2))[:, :, None]
        weights *= (tenants.sum(axis=0) / (interviews * weights).sum(axis=1))[:, None, :]
    met = (interviews * weights).sum(axis=2)
    assert np.allclose(met, tenants.sum(axis=1), rtol=1e-9)
    return weights


def _drawn(organisme: str, case: str, draws: int, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    """Yields what is counted of an organisme, stratum by stratum, in both waves."""
    rates, answering = (np.array(values) for values in CASES[case])
    for wave in WAVES:
        counts = []
        for sizes, number in STRATA:
            satisfied = np.round(np.array(sizes) * answering * rates).astype(int)
            others = np.round(np.array(sizes) * answering).astype(int) - satisfied
            colors = np.stack([satisfied, others], axis=1).ravel()
            drawn = rng.multivariate_hypergeometric(colors, number, size=draws, method="marginals")
            counts.append(drawn.reshape(draws, len(sizes), len(OPTIONS)))
        numbers = np.stack(counts, axis=1)
        weights = _rake(numbers.sum(axis=3))[..., None]
        for stratum in range(len(STRATA)):
            held, weight = numbers[:, stratum], weights[:, stratum]
            line = {"organisme_code": organisme, "strate": f"S{stratum}"}
            totals = (held.sum(axis=1), (held * weight).sum(axis=1), (held * weight**2).sum(axis=1))
            yield counted(wave, line, "ensemble", *totals)


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[float, float, float]]:
    """Returns, by case: the published error beside the true one, intervals that cover, tests that reject."""
    codes = plan()["organisme_code"].unique(maintain_order=True).to_list()[: len(CASES)]
    rows = [(code, f"S{h}", sum(sizes), number) for code in codes for h, (sizes, number) in enumerate(STRATA)]
    design = pl.DataFrame(rows, schema=plan().schema, orient="row").sort("organisme_code", "strate")
    root = simulated_programme(SCALE, DRAWS, design, masking=False, grouped=False)
    lots = Lake(root).table("lots")
    write_parquet(pl.read_parquet(lots).with_columns(ponderation=pl.lit("calee")), lots)
    rng, questions = np.random.default_rng([SEED, 7]), question_codes(0, DRAWS)
    pairs = list(zip(codes, CASES, strict=True))
    found = [rows for code, case in pairs for rows in _drawn(code, case, len(questions), rng)]
    estimate(root, as_comptage(found, questions, OPTIONS))
    tenants = np.array([sizes for sizes, _ in STRATA]).sum(axis=0)
    truth = [(code, case, float(np.average(CASES[case][0], weights=tenants))) for code, case in pairs]
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        connection.register("truths", pl.DataFrame(truth, schema=["perimetre", "cas", "truth"], orient="row"))
        measures = connection.sql(
            """
            with intervals as (
                select cas, sqrt(avg(power(taux_erreur_type, 2)) / var_samp(taux_satisfaits)) as error,
                    avg((truth between taux_ic_bas and taux_ic_haut)::int) as covered
                from intermediaire.int_satisfaction inner join truths using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' group by cas
            ),
            tests as (
                select cas, avg((p_valeur < 0.05)::int) as rejected
                from intermediaire.int_evolution inner join truths using (perimetre)
                where perimetre_type = 'organisme' and axe = 'ensemble' and methode = 'publie' group by cas
            )
            select cas, error, covered, rejected from intervals inner join tests using (cas)
            """
        ).fetchall()
    return {case: (error, covered, rejected) for case, error, covered, rejected in measures}


def test_the_error_is_never_too_small(measured: dict[str, tuple[float, float, float]]) -> None:
    assert set(measured) == set(CASES)
    for case, (error, covered, rejected) in measured.items():
        assert error >= 0.97, case
        assert covered >= 0.94, case
        assert rejected <= 0.06, case


def test_it_is_too_large_by_what_the_margins_explain(measured: dict[str, tuple[float, float, float]]) -> None:
    """A tenth and more where segments differ much; the right size, but for the chance of the draws, where they are alike."""
    for case, (error, _, _) in measured.items():
        apart = max(CASES[case][0]) - min(CASES[case][0])
        if apart == 0:
            assert error <= 1.03, case
        if apart >= 0.5:
            assert error >= 1.1, case


def test_the_page_prints_these_figures(measured: dict[str, tuple[float, float, float]]) -> None:
    printed.holds("methode_lectures.md", _lines(measured))


def _lines(measured: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    for case in CASES:
        error, *shares = measured[case]
        shown = [f"{error:.2f}".replace(".", ","), *map(printed.percent, shares)]
        yield f"| {case} | {' | '.join(shown)} |"
