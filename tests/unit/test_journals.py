"""Dagster's journals of SQLite: what keeps them from being read is told as what it is."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from orchestration import cli, machine
from orchestration.installation import journals
from tests.support.disks import disk, full, need_mounts
from tests.support.mini import mini_programme


def _no_room(path: Path) -> sqlite3.Connection:
    """What SQLite says where it cannot make the file that tells readers from writers."""
    raise sqlite3.OperationalError("disk I/O error")


def test_a_journal_on_a_full_disk_is_not_called_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_mounts()
    settings = mini_programme(tmp_path / "programme").settings
    settings.prepare()
    with disk(settings.root, 8):
        journal = settings.dagster_home / "schedules/schedules.db"
        journal.parent.mkdir(parents=True)
        with closing(sqlite3.connect(journal)) as made:
            made.execute("create table jobs (n int)")
        assert journals.faults(settings) == []
        # whether SQLite meets the lack of room depends on which pages are left
        monkeypatch.setattr(journals, "_reading", _no_room)
        with full(settings.root, 0):
            [told] = journals.faults(settings)
        assert told.startswith(f"Le disque est plein ({journal.parent})") and "libérer de la place" in told
        [told] = journals.faults(settings)
        assert told == f"{journal} : journal de Dagster illisible (la base ne se lit pas)."


def test_a_journal_on_a_disk_that_turned_read_only_is_not_called_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux refuses each file and lists the mount as it was: no flag of it tells."""
    settings = mini_programme(tmp_path / "programme").settings
    settings.prepare()
    journal = settings.dagster_home / "runs.db"
    journal.write_bytes(b"x")

    def refused(folder: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))

    monkeypatch.setattr(journals, "_reading", _no_room)
    monkeypatch.setattr(machine, "try_writing", refused)
    [told] = journals.faults(settings)
    assert told.startswith(f"Écriture impossible ({journal.parent}) : le système de fichiers est en lecture seule")


def test_a_journal_that_does_not_open_is_a_sentence_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("PRAGMA x", {}, sqlite3.OperationalError("unable to open database file"))

    told: list[str] = []
    monkeypatch.setattr(cli, "french", lambda app: broken)
    monkeypatch.setattr(cli, "_refuse", told.append)
    cli.main()
    [said] = told
    assert said.startswith("Les journaux de Dagster ne s'ouvrent plus") and "« observatoire doctor »" in said
