"""What drivers weigh in an overall note, against R's own arithmetic: see README.md."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from importance import Sample, relative_weights
from numpy.typing import NDArray

from tests.oracle.generate import DATA, read
from tests.oracle.test_against_r import HERE, RELATIVE, RESULTS, _results

ROWS = read("importance")
COLUMNS = ["D1", "D2", "D3", "D4", "G"]
ANSWERS = np.array([[float(row[c]) for c in COLUMNS] for row in ROWS])
WEIGHTS = np.array([float(row["poids"]) for row in ROWS])


def test_parts_are_rs_and_add_up_to_the_r2_of_lm() -> None:
    expected = _results(RESULTS, "importance")
    parts = _parts()
    assert [r["pilote"] for r in expected] == COLUMNS[:-1]
    np.testing.assert_allclose(parts, [float(r["part"]) for r in expected], rtol=RELATIVE)
    assert parts.sum() == pytest.approx(float(expected[0]["r2"]), rel=RELATIVE)


def test_parts_are_near_the_average_over_all_orders_of_entry() -> None:
    """Which would cost 2^k regressions: relative weights stand for it."""
    expected = _results(RESULTS, "importance")
    parts = _parts()
    np.testing.assert_allclose(parts, [float(r["lmg"]) for r in expected], atol=0.005)


def _parts() -> NDArray[np.float64]:
    sample = Sample(len(COLUMNS), draws=0, seed=0, most=1)
    sample.add(ANSWERS, WEIGHTS)
    [parts] = relative_weights(sample.correlations(sample.varies()))
    return parts


@pytest.mark.slow
def test_r_gives_the_committed_results(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed here: its committed results stand (Debian r-base-core)")
    command = [rscript, "--vanilla", str(HERE / "importance.R"), str(DATA), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for again, committed in zip(_results(tmp_path, "importance"), _results(RESULTS, "importance"), strict=True):
        assert again.pop("pilote") == committed.pop("pilote")
        assert {k: float(v) for k, v in again.items()} == pytest.approx(
            {k: float(v) for k, v in committed.items()}, rel=RELATIVE
        )
