"""Readers are connected while editions are published, over and over: no error, and one edition in each answer.

Real processes: the daemon and its code server on PostgreSQL, `observatoire run` beside them, eight readers on the three
versions of DuckDB that BI tools come with.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.files import write_json
from orchestration.publication.editions import Editions
from tests.support.demo import REPOSITORY, observatoire
from tests.support.mini import row, write_csv
from tests.support.production import daemon
from tests.support.reader import ANSWER
from tests.support.small import small_programme

PUBLICATIONS = 10
# the sensor looks each minute, and a run follows: far more than a busy machine takes
PATIENCE_SECONDS = 420
PAUSE_SECONDS = 0.5
# DuckDB, how it reads, what it opens; DuckDB 1.4 has an entrance of its own
READERS = [
    ("2.0.0", "held", "observatoire.duckdb"),
    ("1.5.6", "held", "organismes/O1.duckdb"),
    ("1.4.4", "held", "bi.duckdb"),
    ("2.0.0", "anew", "observatoire.duckdb"),
    ("1.5.6", "anew", "observatoire.duckdb"),
    ("1.4.4", "anew", "bi.duckdb"),
    ("1.4.4", "anew", "organismes/O1.duckdb"),
    ("2.0.0", "resolved", "courante"),
]


@dataclass
class Reader:
    """A reader at work, and what it said."""

    of_organisme: bool
    how: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self, kind: str) -> list[Any]:
        # the last line may still be written
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0]
        told = [json.loads(line) for line in whole.splitlines()]
        return [entry[kind] for entry in told if kind in entry]


@dataclass
class Shown:
    """The answers that each edition gives, taken from its own folder once it is there."""

    root: Path
    regional: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    of_organisme: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self) -> str:
        """Notes the current edition; its figures must be those of its manifest."""
        editions = Editions(self.root / "published")
        name = str(editions.current())
        folder = editions.folder(name)
        self.regional[name] = _answer(folder / "edition.duckdb")
        self.of_organisme[name] = _answer(folder / "organismes/O1.duckdb")
        self.tables[name] = editions.manifest(name)["tables"]
        assert self.regional[name][0] == self.of_organisme[name][0] == name
        assert self.regional[name][3] == self.tables[name]["fct_satisfaction"]
        return name


def _answer(database: Path) -> tuple[Any, ...]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(ANSWER.format(s="observatoire")).fetchone()
    assert found is not None
    # as a reader's answer comes back from JSON
    return tuple(json.loads(json.dumps(found, default=float)))


def _assert_undisturbed(readers: list[Reader], seen: Shown, first: str) -> None:
    """Asserts that no reader met an error, or an answer that is not one edition's."""
    for reader in readers:
        said = reader.log.read_text(encoding="utf-8")
        assert (reader.process.returncode, reader.said("error")) == (0, []), said[-3000:]
        expected = seen.of_organisme if reader.of_organisme else seen.regional
        answers = [tuple(answer) for answer in reader.said("answer")]
        assert set(answers) <= set(expected.values())
        names = [answer[0] for answer in answers]
        if reader.how == "held":
            assert set(names) == {first}
            [counted] = reader.said("tables")
            assert reader.of_organisme or counted == seen.tables[first]
        else:
            order = list(seen.regional)
            assert [order.index(name) for name in names] == sorted(order.index(name) for name in names)
            # the pace of publications leaves each edition more time than a reader needs
            assert set(names) == set(order)


@pytest.fixture
def programme(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published programme that keeps so few editions that most of those read here are deleted meanwhile."""
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", postgres)
    root = small_programme(tmp_path / "programme", editions_conservees=2)
    _settle(root)
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    return root


def _settle(root: Path) -> None:
    """Makes deliveries look as if their copy had ended an hour ago: the sensor leaves a fresh file alone."""
    for path in root.glob("landing/*/*"):
        os.utime(path, (time.time() - 3600,) * 2)


def _deliver(root: Path, number: int) -> None:
    """Delivers O1's answers again, with one interview more each time."""
    rows = [
        row(str(i), Q1=str(1 + (i + number) % 4), TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12 + number)
    ]
    temporary = write_csv(root / f"{number}.neuf", rows)
    os.utime(temporary, (time.time() - 3600,) * 2)
    temporary.replace(root / "landing/V2/O1.csv")


@contextlib.contextmanager
def _readers(root: Path, folder: Path, pause: float = PAUSE_SECONDS) -> Iterator[list[Reader]]:
    folder.mkdir()
    stop, found = folder / "stop", []
    with contextlib.ExitStack() as files:
        for number, (version, how, path) in enumerate(READERS):
            own = version == duckdb.__version__
            library = Path(duckdb.__file__).parent.parent if own else REPOSITORY / f".readers/duckdb-{version}"
            told = {"library": str(library), "version": version, "how": how, "path": str(root / "published" / path),
                    "stop": str(stop), "pause": pause}  # fmt: skip
            log = folder / f"{number}.jsonl"
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", REPOSITORY / "tests/support/reader.py", json.dumps(told)],
                stdout=files.enter_context(log.open("wb")), stderr=subprocess.STDOUT, env={**os.environ, "PYTHONUTF8": "1"},
            )  # fmt: skip
            found.append(Reader(path.startswith("organismes"), how, log, process))
        try:
            yield found
        finally:
            stop.touch()
            for reader in found:
                reader.process.wait(60)


def _wait(until: Callable[[], bool], alive: subprocess.Popen[bytes], journal: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert alive.poll() is None and time.monotonic() < deadline, journal.read_text(encoding="utf-8")[-9000:]
        time.sleep(0.5)


def _put_in_store(editions: Editions, number: int) -> str:
    """Writes an edition of which every figure tells the number, as far as a reader asks."""
    name = f"V2-0.{number}"
    folder = editions.folder(name)
    (folder / "organismes").mkdir(parents=True)
    (folder / "donnees").mkdir()
    sizes = {"meta_edition": 1, "obs_couverture": 1, "dim_question": 1, "fct_satisfaction": 9 + number,
             "fct_distribution": 20_000 + number}  # fmt: skip
    for path in (folder / "edition.duckdb", folder / "organismes/O1.duckdb"):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{path}' as edition (storage_version 'v1.4.0')")
            connection.execute("create schema edition.observatoire")
            connection.execute("use edition.observatoire")
            connection.execute(f"create table meta_edition as select '{name}' as edition, {number} as nb_entretiens")
            connection.execute(f"create table obs_couverture as select 'inclus' as statut, {number} as nb_entretiens")
            connection.execute("create table dim_question as select 'G1' as question_code")
            for fact in ("fct_satisfaction", "fct_distribution"):
                connection.execute(
                    f"create table {fact} as select 'G1' as question_code, {number} as base_brute, hash(range) as h"
                    f" from range({sizes[fact]})"
                )
            connection.execute(f"copy meta_edition to '{folder}/donnees/meta_edition.parquet'")
    write_json({"empreinte": name, "tables": sizes, "fichiers": {}}, folder / "manifeste.json")
    return name


def test_a_switch_and_a_pruning_cost_no_reader_anything(tmp_path: Path) -> None:
    editions = Editions(tmp_path / "published")
    editions.switch(_put_in_store(editions, 0))
    seen = Shown(tmp_path)
    first = seen.note()
    with _readers(tmp_path, tmp_path / "lecteurs", pause=0.1) as readers:
        for number in range(PUBLICATIONS + 1):
            if number:
                name, before = _put_in_store(editions, number), editions.current()
                editions.switch(name)
                editions.prune(1, before)
                seen.note()
            told = [len(r.said("answer")) for r in readers]
            # each edition stands until every reader has asked again
            _wait(lambda n=told: all(len(r.said("answer")) > k + 2 for r, k in zip(readers, n, strict=True)),
                  readers[0].process, readers[0].log)  # fmt: skip
    assert editions.names() == ["V2-0.9", "V2-0.10"]
    _assert_undisturbed(readers, seen, first)


@pytest.mark.long
def test_nobody_is_locked_out_or_misled_while_editions_are_published(
    programme: Path, postgres: str, tmp_path: Path
) -> None:
    journal, seen = tmp_path / "journal", Shown(programme)
    first = seen.note()
    with _readers(programme, tmp_path / "lecteurs") as readers:
        _wait(lambda: all(r.said("answer") for r in readers), readers[0].process, readers[0].log)
        with daemon(programme, postgres, journal) as process:
            for number in range(1, PUBLICATIONS + 1):
                _deliver(programme, number)
                interviews = 2 * 3 * 12 + number

                def published(wanted: int = interviews) -> bool:
                    return _answer(programme / "published/observatoire.duckdb")[1] == wanted

                if number in (1, PUBLICATIONS):
                    _wait(published, process, journal)
                while not published():
                    # refused while the daemon's own run holds the programme
                    done = observatoire(programme, "run")
                    assert done.returncode == 0 or "Une autre exécution travaille" in done.stderr, done.stderr
                seen.note()
    assert list(seen.regional) == [f"V2-0.{n}" for n in range(PUBLICATIONS + 1)], "something was published twice"
    kept = Editions(programme / "published").names()
    assert len(kept) == 2, kept
    _assert_undisturbed(readers, seen, first)
