"""A PostgreSQL that stops, is read-only or lost tables: one French sentence with a remedy, from a run and from `doctor`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from orchestration.installation import journals
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.production import control
from tests.support.small import small_programme
from tests.support.warm import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture
def root(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A programme whose journals are in a database that Dagster has just made."""
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", postgres)
    _told(postgres, "alter database postgres reset all", "drop schema public cascade", "create schema public")
    root = small_programme(tmp_path / "programme")
    Settings(root).prepare()
    assert journals.faults(Settings(root)) == [], "an empty database is one that Dagster fills"
    import dagster as dg

    with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
        instance.get_dynamic_partitions("livraisons")
    return root


def _told(postgres: str, *statements: str) -> None:
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("set default_transaction_read_only = off"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_base_that_dagster_has_made_lacks_nothing(root: Path, postgres: str) -> None:
    assert journals.faults(Settings(root)) == []
    engine = create_engine(postgres)
    assert {*journals._TABLES} <= {*inspect(engine).get_table_names()}
    engine.dispose()


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["alter database postgres set default_transaction_read_only = on"], "ne se laisse pas écrire"),
        (["drop table snapshots cascade"], "tables de Dagster (snapshots)"),
        (
            ["drop table event_logs cascade", "drop table snapshots cascade"],
            "tables de Dagster (event_logs, snapshots)",
        ),
    ],
    ids=["read-only", "snapshots", "events"],
)
def test_a_base_that_a_run_cannot_write_to_is_said_to_be_so(
    root: Path, postgres: str, statements: list[str], said: str
) -> None:
    _told(postgres, *statements)
    [fault] = journals.faults(Settings(root))
    assert said in fault and " ; " in fault
    done = observatoire(root, "run")
    assert done.returncode == 1 and fault in done.stderr and "Traceback" not in done.stderr, done.stderr
    found = observatoire(root, "doctor")
    assert found.returncode == 1 and said in found.stdout


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_base_that_stops_amid_a_run_is_one_sentence(root: Path, postgres: str) -> None:
    command = [sys.executable, "-m", "orchestration.cli", "run"]
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
    }
    engine = create_engine(postgres)

    def begun() -> bool:
        with engine.connect() as connection:
            return bool(connection.execute(text("select count(*) from event_logs")).scalar_one() > 5)

    run = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
    _until(begun)
    engine.dispose()
    control(postgres, "--mode", "immediate", "stop")
    try:
        _, said = run.communicate(timeout=300)
    finally:
        control(postgres, "start")
    assert run.returncode == 1 and "Traceback" not in said and "Retrying" not in said, said
    assert "Refusé : Base de OBSERVATOIRE_POSTGRES inaccessible" in said, said
