"""`dbt build --target spark` on real Spark, in local mode: from the same lake, every mart is DuckDB's.

The environment is made by the first test that needs it (`scripts/bootstrap.sh spark`), as Superset's is by its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import spark
from tests.support.demo import Demo, observatoire
from tests.support.small import small_programme

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(spark.missing() is not None, reason=str(spark.missing())),
]


def _differences(root: Path) -> dict[str, list[str]]:
    on_duckdb, on_spark = spark.marts(root)
    assert set(on_duckdb) == set(on_spark)
    found = {name: spark.differences(on_duckdb[name], on_spark[name]) for name in sorted(on_duckdb)}
    return {name: words for name, words in found.items() if words}


def _small(folder: Path) -> Path:
    """A small programme that was run, in a folder whose backticks quote nothing."""
    root = small_programme(folder / "programme d’essai, `déplacé`")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.long
def test_a_small_programme_has_the_same_marts_on_spark(tmp_path: Path) -> None:
    root = _small(tmp_path)
    assert " ERROR=0 SKIP=0 " in spark.build(root)
    assert _differences(root) == {}


def test_what_an_earlier_build_left_is_no_part_of_the_next(tmp_path: Path) -> None:
    root = _small(tmp_path)
    for wanted in (["dim_question", "dim_organisme"], ["dim_question"]):
        spark.build(root, "--select", *(f"+{name}" for name in wanted), "--indirect-selection", "cautious")
        on_duckdb, on_spark = spark.marts(root)
        assert set(on_spark) == set(wanted)
        assert all(spark.differences(on_duckdb[name], on_spark[name]) == [] for name in wanted)


def test_the_demo_has_the_same_marts_on_spark(demo: Demo) -> None:
    assert " ERROR=0 SKIP=0 " in spark.build(demo.root)
    assert _differences(demo.root) == {}
