"""The warehouse before a build and after one that failed: waited for, named, made anew; and what a killed run left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration import children
from orchestration.errors import PublicationRefused
from orchestration.extracts.readers.archives import TEMPORARY
from orchestration.machine import machine_refusal
from orchestration.operation.leftovers import sweep
from orchestration.operation.warehouse import discard_unreadable, make_ready
from orchestration.publication.editions import Editions
from orchestration.reporting.printed import SEAL
from orchestration.settings import Settings

HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("tenu", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A programme with a warehouse of one table of a few blocks."""
    found = Settings(tmp_path / "programme")
    found.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(found.warehouse)) as connection:
        connection.execute("create table t as select range as i, md5(range::text) as s from range(100000)")
    return found


@pytest.fixture
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the warehouse open until a line is written to it."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(settings.warehouse)], **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == "tenu\n"
    yield process
    process.kill()
    process.wait()


def test_a_warehouse_that_is_open_elsewhere_is_waited_for(settings: Settings, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []

    def waiting(sentence: str) -> None:
        said.append(sentence)
        assert holder.stdin is not None
        holder.stdin.write("fin\n")
        holder.stdin.flush()

    make_ready(settings, waiting)
    assert len(said) == 1 and f"processus {holder.pid}" in said[0]


def test_a_warehouse_that_stays_open_elsewhere_is_a_sentence(settings: Settings, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(PublicationRefused, match=rf"processus {holder.pid}\) ; le fermer, puis relancer"):
        make_ready(settings, lambda _: None, patience=0)
    assert not discard_unreadable(settings.warehouse)
    assert settings.warehouse.exists()


def test_a_warehouse_that_cannot_be_opened_is_made_anew(settings: Settings) -> None:
    settings.warehouse.write_bytes(b"ni une base")
    make_ready(settings, pytest.fail)
    assert not settings.warehouse.exists()


def test_a_block_that_cannot_be_read_condemns_the_warehouse(settings: Settings) -> None:
    assert not discard_unreadable(settings.warehouse)
    with settings.warehouse.open("r+b") as file:
        file.seek(12288 + 262144 + 4096)
        file.write(b"\x5a" * 200_000)
    assert discard_unreadable(settings.warehouse)
    assert not settings.warehouse.exists()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (OSError(28, "No space left on device", "/x/lake"), "Le disque est plein (/x/lake) ; libérer"),
        ("IO Error: Could not write file \"/x/y.tmp\": No space left on device", "Le disque est plein (/x/y.tmp)"),
        ("(sqlite3.OperationalError) database or disk is full", "Le disque est plein ; libérer"),
        ("attempt to write a readonly database", "lecture seule ; l'ouvrir en écriture"),
        (PermissionError(13, "Permission denied", "/x"), "Droits insuffisants (/x)"),
        # the files of the code are not what was written
        ('No space left on device Traceback: File "/opt/dbt/system.py", line 3', "Le disque est plein ; libérer"),
        ("Encountered an error: No module named 'duckdb'", "un module à l'environnement de Python (duckdb)"),
    ],
)  # fmt: skip
def test_what_the_machine_refuses_is_a_sentence(said: BaseException | str, expected: str) -> None:
    assert expected in str(machine_refusal(said))


def test_a_full_disk_that_nobody_names_is_the_one_with_the_least_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {tmp_path / "large": 9, tmp_path / "étroit": 1}
    for folder in free:
        folder.mkdir()
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=free.get(folder, 5)))
    said = "(sqlite3.OperationalError) database or disk is full"
    assert f"Le disque est plein ({tmp_path}/étroit) ; libérer" in str(machine_refusal(said, [*free, tmp_path / "x"]))
    named = machine_refusal(OSError(28, "No space left on device", "/x/lake"), free)
    assert "Le disque est plein (/x/lake)" in str(named)


def test_what_else_fails_is_left_to_others() -> None:
    assert machine_refusal(ValueError("colonne absente")) is None
    try:
        try:
            raise OSError(30, "Read-only file system", "/x")
        except OSError as error:
            raise RuntimeError("une étape a échoué") from error
    except RuntimeError as error:
        assert "lecture seule" in str(machine_refusal(error))


def test_what_a_killed_run_left_is_swept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # another process of the tests sweeps the machine's own
    monkeypatch.setattr(tempfile, "tempdir", str(settings.root.parent / "tmp"))
    store = settings.published / "editions"
    swept = [
        settings.root / "lake/versions/x/vague=V/.organisme=O.parquet.abc", settings.root / "lake/reponses/vague=V/.o.parquet.neuf",
        settings.root / "quarantine/.x.abc/rejets.csv", settings.warehouse.parent / "observatoire.duckdb.tmp/bloc",
        settings.dbt_target / "entrepot-1/manifest.json", settings.published / ".courante.12", store / ".en-cours.V-0.3/a",
        store / ".V-0.0/edition.duckdb", store / "V-0.3/manifeste.json", settings.reports / "V-0.2/controles/index.html", settings.reports / "V-0.1/.index-abc.html",
        settings.reports / f"V-0.1/.{SEAL}.abc", Path(tempfile.gettempdir()) / f"{TEMPORARY}999999999-abc" / "extrait",
    ]  # fmt: skip
    kept = [
        settings.root / "lake/lots.parquet", settings.root / "landing/.cache/x", store / "V-0.1/manifeste.json",
        store / "V-0.2/manifeste.json", store / "V-0.0/edition.duckdb", settings.reports / "V-0.1/index.html", settings.reports / "lettres/x",
        settings.reports / "V-0.1" / SEAL, settings.published / "livrets/V-0.1" / SEAL,
        Path(tempfile.gettempdir()) / f"{TEMPORARY}{os.getpid()}-abc" / "extrait",
    ]  # fmt: skip
    for path in (*swept, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (store / ".a-montrer").write_text("V-0.3", encoding="utf-8")
    link = settings.published / "courante"
    link.symlink_to("editions/V-0.1")
    # a list that does not know the current edition proves nothing of the others
    sweep(settings)
    assert [path for path in swept if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert (settings.published / "historique.txt").read_text(encoding="utf-8") == "V-0.2\nV-0.1\n"
    sweep(settings)
    assert sorted(p.name for p in store.iterdir()) == ["V-0.0", "V-0.1", "V-0.2"]
    assert [path.name for path in Editions(settings.published).incomplete()] == ["V-0.0"]
    kept[-1].unlink()
    kept[-1].parent.rmdir()


def test_an_edition_gone_back_from_stays_in_the_store(settings: Settings) -> None:
    store = settings.published / "editions"
    for name in ("V-0.0", "V-0.1"):
        (store / name).mkdir(parents=True)
        (store / name / "manifeste.json").touch()
    (settings.published / "courante").symlink_to("editions/V-0.0")
    (settings.published / "historique.txt").write_text("V-0.0\nV-0.1", encoding="utf-8")
    sweep(settings)
    assert sorted(p.name for p in store.iterdir()) == ["V-0.0", "V-0.1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_ends_with_its_parent() -> None:
    command = children.bound([sys.executable, "-c", "print('né', flush=True); import time; time.sleep(60)"])
    start = f"import subprocess, os; p = subprocess.Popen({command!r}); print(p.pid, flush=True); p.wait()"
    parent = subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    said = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
    assert "né" in said
    os.kill(parent.pid, signal.SIGKILL)
    # the pipe is at its end once both have gone
    assert parent.stdout.read() == ""
    assert parent.wait() == -signal.SIGKILL
