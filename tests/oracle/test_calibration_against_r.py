"""Calibrated weights, and the estimates made with them, against R's `survey::rake`, by the real readers and models; see README.md."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import mean

import duckdb
import polars as pl
import pytest

from tests.oracle.generate import DATA, Row
from tests.oracle.programme import oracle_programme
from tests.oracle.test_against_r import HERE, RELATIVE, RESULTS, ZERO, _results
from tests.support.dbt import estimated

CALIBRATED = [("V1", "O1"), ("V2", "O1"), ("V2", "O5")]
STRATA = {"vague", "organisme", "strate", "construction", "age"}
COLUMNS = {"note": ("note_moyenne", "note_erreur_type"), "taux": ("taux_satisfaits", "taux_erreur_type")}

Cell = tuple[str, ...]


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The oracle's programme with margins for three of its lots, its estimates made once."""
    root = oracle_programme(tmp_path_factory.mktemp("calage") / "programme")
    shutil.copyfile(DATA / "marges.csv", root / "reference" / "marges.csv")
    return estimated(root, "int_satisfaction", "obs_qualite")


def _close(got: float, expected: float) -> bool:
    return abs(got - expected) <= max(RELATIVE * abs(expected), ZERO)


def _weights(rows: Iterable[Row]) -> dict[Cell, list[float]]:
    """Returns the weights of each cell of strata and segments, in order: interviews have no name that R knows."""
    cells: dict[Cell, list[float]] = defaultdict(list)
    for row in rows:
        cells[tuple(str(row[c]) for c in sorted(STRATA))].append(float(row["poids"]))
    return {cell: sorted(weights) for cell, weights in cells.items()}


def test_calibrated_weights(programme: Path) -> None:
    expected = _weights(_results(RESULTS, "calage_poids"))
    with duckdb.connect(str(programme / "warehouse" / "observatoire.duckdb"), read_only=True) as warehouse:
        factors = dict(
            warehouse.sql(
                "select (vague, organisme_code), min(facteur) from intermediaire.int_strates"
                " where ponderation = 'calee' group by all having min(facteur) = max(facteur)"
            ).fetchall()
        )
    assert sorted(factors) == CALIBRATED
    got: dict[Cell, list[float]] = {}
    for wave, organisme in CALIBRATED:
        lake = pl.read_parquet(programme / f"lake/reponses/vague={wave}/organisme={organisme}.parquet")
        rows = lake.with_columns(
            pl.col("organisme_code").alias("organisme"),
            pl.col("construction", "age").fill_null("NR"),
            pl.col("poids") * factors[wave, organisme],
        )
        got |= _weights(rows.select(*STRATA, "poids").to_dicts())
    assert got.keys() == expected.keys()
    for cell, weights in expected.items():
        assert len(got[cell]) == len(weights)
        assert all(map(_close, got[cell], weights)), (cell, got[cell], weights)


def test_estimates_take_calibrated_weights_as_given(programme: Path) -> None:
    with duckdb.connect(str(programme / "warehouse" / "observatoire.duckdb"), read_only=True) as warehouse:
        for row in _results(RESULTS, "calage"):
            value, error = COLUMNS[row["mesure"]]
            [(got, got_error)] = warehouse.execute(
                f"select {value}, {error} from intermediaire.int_satisfaction where perimetre_type = 'organisme'"
                " and axe = 'ensemble' and vague = ? and perimetre = ? and question_code = ?",
                [row["vague"], row["organisme"], row["question_code"]],
            ).fetchall()
            assert _close(got, float(row["valeur"])), row
            assert _close(got_error, float(row["erreur_type"])), row


def test_calibration_is_reported(programme: Path) -> None:
    with duckdb.connect(str(programme / "warehouse" / "candidat.duckdb"), read_only=True) as candidate:
        told = candidate.sql(
            "select vague, organisme_code, tenue from observatoire.obs_qualite where regle = 'calage_impossible'"
        ).fetchall()
    assert sorted(told) == [(*lot, True) for lot in CALIBRATED]


def test_published_errors_are_not_below_those_that_know_of_the_calibration() -> None:
    """On average: survey's own error uses residuals on the margins, which no count can give."""
    rows = _results(RESULTS, "calage")
    ratios = [float(r["erreur_type"]) / float(r["erreur_type_calee"]) for r in rows if float(r["erreur_type"]) > ZERO]
    assert mean(ratios) >= 1
    assert min(ratios) > 0.97


@pytest.mark.slow
def test_r_gives_the_committed_results(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if (
        rscript is None
        or subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode
    ):
        pytest.skip("R or its survey package is not installed here: the committed results stand (Debian r-cran-survey)")
    command = [rscript, "--vanilla", str(HERE / "calage.R"), str(DATA), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, numbers in (("calage_poids", ["poids"]), ("calage", ["valeur", "erreur_type", "erreur_type_calee"])):
        for again, committed in zip(_results(tmp_path, name), _results(RESULTS, name), strict=True):
            assert all(_close(float(again.pop(n)), float(committed.pop(n))) for n in numbers), (again, committed)
            assert again == committed
