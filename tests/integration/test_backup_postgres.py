"""Dagster's journals in a real PostgreSQL: they are in the backup, and come back with it, or nothing does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import dagster as dg
import pytest

from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.small import small_programme


def _programme(root: Path) -> Path:
    small_programme(root)
    Settings(root).prepare()
    return root


def _runs(root: Path) -> set[tuple[str, str]]:
    with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
        return {(run.run_id, run.status.value) for run in instance.get_runs()}


def _note_a_run(root: Path) -> None:
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def essai() -> None:
        nothing()

    with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
        assert essai.execute_in_process(instance=instance).success


def _restore(file: Path, root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return observatoire(root.parent, "restore", str(file), "--data", str(root), *options)


def test_the_history_of_runs_comes_back(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", postgres)
    root, folder = _programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    _note_a_run(root)
    before = _runs(root)
    assert len(before) == 1
    done = observatoire(root, "backup", str(folder))
    assert done.returncode == 0, done.stderr
    [file] = folder.glob("*.tar")
    assert postgres.encode() not in file.read_bytes()
    shutil.rmtree(root)

    # the database serves: it is left alone unless asked
    done = _restore(file, root)
    assert (done.returncode, root.exists()) == (1, False)
    assert "contient déjà des exécutions" in done.stderr
    # in another storage the journals have no place: all the rest comes back
    with monkeypatch.context() as elsewhere:
        elsewhere.delenv("OBSERVATOIRE_POSTGRES")
        done = _restore(file, root)
        assert (done.returncode, root.exists()) == (1, False) and "--sans-journaux" in done.stderr
        done = _restore(file, root, "--sans-journaux")
        assert done.returncode == 0, done.stderr
        assert (root / "programme.yaml").is_file()
        assert _runs(root) == set()
        shutil.rmtree(root)

    _programme(root)
    _note_a_run(root)
    assert _runs(root) > before
    there = sorted(path.name for path in root.rglob("*"))
    # refused by PostgreSQL, nothing of the programme has moved
    tools = tmp_path / "outils"
    tools.mkdir()
    for name, body in (("pg_restore", "echo 'pg_restore: error: no' >&2; exit 1"), ("pg_dump", "exit 1")):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    with monkeypatch.context() as broken:
        broken.setenv("PATH", f"{tools}:{os.environ['PATH']}")
        done = _restore(file, root, "--remplacer")
        assert done.returncode == 1 and "pg_restore a refusé : pg_restore: error: no" in done.stderr
        assert observatoire(root, "backup", str(folder)).returncode == 1
    assert sorted(path.name for path in root.rglob("*") if path.name != "run.verrou") == there
    assert _runs(root) > before and list(folder.iterdir()) == [file]

    done = _restore(file, root, "--remplacer")
    assert done.returncode == 0, done.stderr
    assert _runs(root) == before


@pytest.mark.parametrize("command", ["backup", "doctor"])
def test_a_database_that_does_not_answer_is_said_without_its_password(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, folder = _programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    address = "postgresql+psycopg2://observatoire:un-secret@127.0.0.1:1/observatoire"
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", address)
    done = observatoire(root, command, *([str(folder)] if command == "backup" else []))
    assert done.returncode == 1
    said = done.stderr + done.stdout
    assert "un-secret" not in said and "Traceback" not in said
    assert "127.0.0.1" in said
    assert list(folder.iterdir()) == []
