"""The region's trend over three waves against R's `survey` package, by the real readers and models; see README.md."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.oracle.programme import oracle_programme
from tests.oracle.test_against_r import RESULTS, Cells, _cells, _compare, _results, run_again
from tests.support.dbt import estimated

KEYS = ("vague", "question_code", "mesure")
MEASURES = [c for c in _results(RESULTS, "tendance")[0] if c not in KEYS]


def _expected(folder: Path) -> Cells:
    return _cells(_results(folder, "tendance"), KEYS, MEASURES)


def test_the_trend_of_three_waves(tmp_path: Path) -> None:
    """Slope, error, gap and p-values; waves are not equally apart, so that the middle one counts."""
    root = estimated(oracle_programme(tmp_path / "programme", third=True), "int_tendance")
    columns = ", ".join([*KEYS, *(f"cast({m} as double)" for m in MEASURES)])
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        rows = connection.sql(f"select {columns} from intermediaire.int_tendance").fetchall()
    _compare({row[: len(KEYS)]: row[len(KEYS) :] for row in rows}, _expected(RESULTS), MEASURES)


@pytest.mark.slow
def test_r_still_gives_the_committed_trend(tmp_path: Path) -> None:
    run_again("tendance.R", tmp_path)
    _compare(_expected(tmp_path), _expected(RESULTS), MEASURES)
