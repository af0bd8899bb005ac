"""What every test may ask for: the repository's root, and readers of other DuckDB versions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

from tests.support.chromium import chromium  # noqa: F401 - a fixture: a browser a file
from tests.support.demo import demo  # noqa: F401 - a fixture: one run serves a process

ROOT = Path(__file__).resolve().parent.parent

# A test never works on the programme that a person's shell points to.
for _name in [name for name in os.environ if name.startswith(("OBSERVATOIRE_", "DAGSTER_", "DBT_"))]:
    if _name != "OBSERVATOIRE_DONNEES_REELLES":
        del os.environ[_name]

# No example has a time limit: a busy machine is no fault of the product. Continuous integration draws the same examples
# each time.
settings.register_profile("observatoire", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("observatoire")

# A process takes whole files, in this order: the longest first, so that none is waited for alone in the end. The first of
# them begin with another programme each, so that none waits for what another makes.
LONGEST = (
    "integration/test_refusals.py",
    "integration/test_attack.py",
    "integration/test_faults.py",
    "integration/test_attack_on_small_organismes.py",
    "integration/test_night_gates.py",
    "integration/test_joint_attack.py",
    "integration/test_spark.py",
    "simulation/test_trend_and_panel.py",
    "integration/test_comptages.py",
    "integration/test_sentences.py",
    "integration/test_demo_run.py",
    "integration/test_production.py",
    "integration/test_editions.py",
    "browser/test_reading.py",
    "browser/test_explorer.py",
    "simulation/test_clusters.py",
    "simulation/test_nominal_levels.py",
    "integration/test_code_location.py",
    "integration/test_superset.py",
    "integration/test_tsm.py",
    "integration/test_nasty_folder.py",
    "simulation/test_hard_design.py",
    "integration/test_joint_attack_editions.py",
    "oracle/test_against_r.py",
    "unit/test_histories.py",
    "integration/test_new_measure.py",
    "integration/test_bootstrap.py",
    "integration/test_units_stay_inside.py",
    "integration/test_nothing_personal.py",
    "integration/test_printed.py",
    "oracle/test_calibration_against_r.py",
    "unit/test_contract_draft.py",
    "unit/test_turned_scales.py",
)
_ORDER = {ROOT / "tests" / name: rank for rank, name in enumerate(LONGEST)}

Rows = list[dict[str, Any]]
Reader = Callable[[Path, str], Rows]

# -I and -S leave the interpreter only its standard library, and the folder of one DuckDB.
_QUERY = """
import json, sys
sys.path.insert(0, sys.argv[1])
import duckdb
assert duckdb.__version__ == sys.argv[2], f"DuckDB {duckdb.__version__} answers, not {sys.argv[2]}"
with duckdb.connect(sys.argv[3], read_only=True) as connection:
    cursor = connection.execute(sys.stdin.read())
    names = [column[0] for column in cursor.description]
    print(json.dumps([dict(zip(names, row)) for row in cursor.fetchall()], default=str))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first."""
    items.sort(key=lambda item: _ORDER.get(item.path, len(_ORDER)))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def duckdb_reader() -> Callable[[str], Reader]:
    """`duckdb_reader("1.4.4")(database, sql)`: the rows as that DuckDB, in its own process, reads them."""

    def reader(version: str) -> Reader:
        own = version == duckdb.__version__
        library = Path(duckdb.__file__).parent.parent if own else ROOT / ".readers" / f"duckdb-{version}"
        if not library.is_dir():
            pytest.fail(f"{library.relative_to(ROOT)} is missing: run scripts/bootstrap.sh test")

        def query(database: Path, sql: str) -> Rows:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _QUERY, str(library), version, str(database)],
                input=sql,
                capture_output=True,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONUTF8": "1"},
            )
            if done.returncode:
                raise RuntimeError(f"DuckDB {version}: {done.stderr.strip().splitlines()[-1]}")
            rows: Rows = json.loads(done.stdout)
            return rows

        return query

    return reader
