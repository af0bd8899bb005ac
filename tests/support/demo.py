"""The shipped programme, copied elsewhere, given its demo deliveries and run once: what the integration tests look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.demo import write_demo
from orchestration.publication.editions import DATABASE, Editions
from orchestration.settings import DBT_VARIABLE
from tests.support import warm, warm_dbt
from tests.support.once import REPOSITORY, made_once, run_once

HERE = Path(__file__).resolve()
SHIPPED = REPOSITORY / "data"
# the pseudonym key of the tests
KEY = "clé d'essai, connue de tous et donc d'aucun secret"
KEPT = ("programme.yaml", "reference", "contracts", "demo", "editorial")
MADE_FROM = (*(SHIPPED / name for name in KEPT), HERE)


@dataclass(frozen=True)
class Demo:
    """A programme that was run.

    Attributes:
        root: the programme folder.
        first: the finished `observatoire run` that published it.
    """

    root: Path
    first: subprocess.CompletedProcess[str]

    @property
    def database(self) -> Path:
        """The published file, as a reader is pointed at it."""
        return self.root / "published" / "observatoire.duckdb"

    @property
    def truth(self) -> Path:
        """What the generator knows."""
        return self.root / "demo" / "verite"

    def query(self, sql: str) -> pl.DataFrame:
        """Returns a query's result on the published file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return pl.DataFrame(connection.sql(sql).to_arrow_table())


def observatoire(
    root: Path, *arguments: str, columns: int | None = 200, cold: bool = False, key: str = KEY
) -> subprocess.CompletedProcess[str]:
    """Runs the command line on a programme, in its own process; without `columns`, as in a pipe.

    `cold` starts it from nothing, as a shell does; otherwise it and its dbt are forked from processes that have their libraries.
    """
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": key,
    }
    environment.pop("COLUMNS", None)
    if columns:
        environment["COLUMNS"] = str(columns)
    environment.pop("DAGSTER_HOME", None)
    if not cold:
        environment[DBT_VARIABLE] = warm_dbt.executable()
        return warm.run("orchestration.cli", arguments, environment, root)
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=root)


def copy_programme(target: Path) -> Path:
    """Copies the shipped programme without anything produced."""
    target.mkdir(parents=True)
    for name in KEPT:
        source = SHIPPED / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("verite"))
        else:
            shutil.copy(source, target / name)
    return target


def delivered() -> Path:
    """Returns the landing folder of the shipped programme, written once for all the tests that look at it or copy it."""
    return made_once("livraisons", lambda root: write_demo(copy_programme(root)), *MADE_FROM) / "landing"


def next_edition(store: Editions) -> tuple[str, str]:
    """Puts a copy of the only edition beside it, under a number of its own, unshown: the two numbers."""
    [before] = store.names()
    after = f"{before.rpartition('-')[0]}-9.9"
    shutil.copytree(store.folder(before), store.folder(after))
    database = store.folder(after) / DATABASE
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update observatoire.meta_edition set edition = ?", [after])
    return before, after


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo programme, run from nothing, in a folder whose name has a space and an accent; a copy for this process."""
    kept = run_once("programme déplacé", copy_programme, _run_from_nothing, *MADE_FROM)
    copied = kept.copy(tmp_path_factory.mktemp("essai") / "programme déplacé")
    return Demo(copied.root, copied.said)


def _run_from_nothing(root: Path) -> subprocess.CompletedProcess[str]:
    return observatoire(root, "run", cold=True)
