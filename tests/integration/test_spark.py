"""`dbt build --target spark` on real Spark, in local mode: from the same lake, every mart is DuckDB's.

The environment is made by the first test that needs it (`scripts/bootstrap.sh spark`), as Superset's is by its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_refusals import small_programme
from tests.support import spark
from tests.support.demo import Demo, observatoire

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(spark.missing() is not None, reason=str(spark.missing())),
]


def _differences(root: Path) -> dict[str, list[str]]:
    on_duckdb, on_spark = spark.marts(root)
    assert set(on_duckdb) == set(on_spark)
    found = {name: spark.differences(on_duckdb[name], on_spark[name]) for name in sorted(on_duckdb)}
    return {name: words for name, words in found.items() if words}


def test_a_small_programme_has_the_same_marts_on_spark(tmp_path: Path) -> None:
    """What an earlier build left in the warehouse is no part of the next; backticks in its path quote nothing."""
    root = small_programme(tmp_path / "programme d’essai, `déplacé`")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    assert " ERROR=0 SKIP=0 " in spark.build(root)
    assert _differences(root) == {}
    spark.build(root, "--select", "+dim_question", "--indirect-selection", "cautious")
    on_duckdb, on_spark = spark.marts(root)
    assert set(on_spark) == {"dim_question"}
    assert spark.differences(on_duckdb["dim_question"], on_spark["dim_question"]) == []


def test_the_demo_has_the_same_marts_on_spark(demo: Demo) -> None:
    assert " ERROR=0 SKIP=0 " in spark.build(demo.root)
    assert _differences(demo.root) == {}
