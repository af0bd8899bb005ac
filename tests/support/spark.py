"""The same dbt project on Spark, and its marts held against DuckDB's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import polars as pl

from orchestration.settings import Settings
from tests.support.demo import REPOSITORY

DBT = REPOSITORY / ".venv-spark" / "bin" / "dbt"
SCHEMA = "observatoire"
# relative beyond 1, absolute below: sums of floats are not exact on Spark
TOLERANCE = 1e-9


def missing() -> str | None:
    """Says what Spark lacks here; None when it can run."""
    return None if shutil.which("java") else "Java is not installed (Debian: default-jre-headless)"


def build(root: Path, *arguments: str) -> str:
    """Builds the programme's warehouse on Spark, from the lake of its last run, and returns what dbt printed."""
    made = subprocess.run(["scripts/bootstrap.sh", "spark"], cwd=REPOSITORY, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    target = str(root / "warehouse" / "dbt-spark")
    environment = {
        **os.environ,
        **Settings(root).environment(),
        "DBT_TARGET_PATH": target,
        "DBT_LOG_PATH": target,
        "NO_COLOR": "1",
    }
    project = str(REPOSITORY / "dbt_project")
    command = [str(DBT), "build", "--target", "spark"]
    command += ["--project-dir", project, "--profiles-dir", project, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def marts(root: Path) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Returns every published table by name, of DuckDB and of Spark, rows in the same order."""
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        names = connection.sql(f"select table_name from duckdb_tables() where schema_name = '{SCHEMA}'").fetchall()
        of_duckdb = {
            name: pl.DataFrame(connection.sql(f"select * from {SCHEMA}.{name}").to_arrow_table()) for (name,) in names
        }
    folder = root / "warehouse" / "spark" / f"{SCHEMA}.db"
    of_spark = {path.name: pl.read_parquet(path / "*.parquet") for path in folder.iterdir()}
    return _sorted(of_duckdb), _sorted(of_spark)


def differences(duckdbs: pl.DataFrame, sparks: pl.DataFrame) -> list[str]:
    """Says how two tables differ, whose rows stand in the same order; nothing when they are the same."""
    if duckdbs.columns != sparks.columns:
        return [f"columns: {duckdbs.columns} / {sparks.columns}"]
    if duckdbs.height != sparks.height:
        return [f"rows: {duckdbs.height} / {sparks.height}"]
    found = []
    for name in duckdbs.columns:
        here, there = duckdbs[name], sparks[name]
        if here.dtype.is_temporal() and here.dtype != there.dtype:
            there = there.dt.replace_time_zone(None).cast(here.dtype)
        if here.dtype != there.dtype:
            found.append(f"{name}: {here.dtype} / {there.dtype}")
            continue
        if here.dtype == pl.Float64:
            scale = pl.max_horizontal(pl.lit(1.0), pl.col("here").abs())
            off = pl.DataFrame({"here": here, "there": there}).select(
                (pl.col("here").is_null() != pl.col("there").is_null())
                | (pl.col("here").is_nan() != pl.col("there").is_nan()).fill_null(False)
                | ((pl.col("here") - pl.col("there")).abs() > TOLERANCE * scale).fill_null(False)
            )
            wrong = off.to_series()
        else:
            wrong = here.ne_missing(there)
        if wrong.any():
            first = wrong.arg_true()[0]
            found.append(f"{name}: {wrong.sum()} cells, first {here[first]!r} / {there[first]!r}")
    return found


def _sorted(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    # keys are texts and numbers without decimals; a measure could sort two engines' rows apart
    return {
        name: table.sort([c for c in table.columns if table[c].dtype != pl.Float64], nulls_last=True)
        for name, table in tables.items()
    }
