"""Whatever happened before, what is published in the end is what a clean rebuild publishes, table by table.

A few random histories of whole runs: deliveries, withdrawals, edits, killed runs, rollbacks, losses, in any order.
More of them, as far as dbt, are in tests/unit/test_histories.py.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from orchestration.extracts.decision_lists import LOSSES
from orchestration.publication.editions import DATABASE, Editions
from tests.support import histories
from tests.support.demo import observatoire
from tests.support.history_machine import SETTINGS, Changes

pytestmark = pytest.mark.long

# Columns that tell the edition, not what it was made from: its number, and when it was published.
HISTORY = {"meta_edition": ("edition", "publiee_le"), "meta_entree": ("edition",)}
# what was agreed to be lost of an earlier edition, which a rebuild has none of
AGREED_LOSSES = f"landing/{LOSSES}"

AGREED = ("run", "--accepter-les-pertes", "essai", "--publier")

# what tells, from outside, how far a run has come; a run with nothing to do comes to none of them
POINTS: dict[str, Callable[[Path], Any]] = {
    "it has begun": lambda root: (root / "warehouse/run.verrou").stat().st_mtime_ns,
    "a delivery was read": lambda root: _newest(root / "lake/registre"),
    "lots are in force": lambda root: _newest(root / "lake", "edition.parquet"),
    "dbt writes": lambda root: _newest(root / "warehouse", "candidat.duckdb"),
    "the candidate was checked": lambda root: _newest(root / "warehouse/controles", "candidat.json"),
    "an edition is being made": lambda root: sorted((root / "published/editions").glob(".en-cours.*")),
    "the link was switched": lambda root: (root / "published/courante").readlink(),
    "a report is being made": lambda root: sorted(p.name for p in (root / "reports").iterdir()),
}


def _newest(folder: Path, name: str = "*") -> int:
    return max((p.stat().st_mtime_ns for p in folder.glob(name) if p.is_file()), default=0)


def kill_at(root: Path, reached: Callable[[Path], Any]) -> None:
    """Starts a run, and kills it with all that it started as soon as it has come to a point."""
    before = _seen(root, reached)
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *AGREED],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while process.poll() is None and _seen(root, reached) == before:
        time.sleep(0.002)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _seen(root: Path, reached: Callable[[Path], Any]) -> Any:
    try:
        return reached(root)
    except OSError:
        return None


@cache
def _begun() -> Path:
    """Returns a programme that was published once: what every history begins with."""
    folder = Path(tempfile.mkdtemp(prefix="histoire"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    root = histories.begin(folder / "programme")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    return root


class Nights(Changes):
    """Each history ends in the tables of a rebuild."""

    folders = ("lake", "warehouse", "lake/registre", ".dagster", "quarantine", "reports")

    def begun(self) -> Path:
        return _begun()

    @rule(arguments=st.sampled_from([("run",), AGREED]))
    def run(self, arguments: tuple[str, ...]) -> None:
        done = observatoire(self.root, *arguments)
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        assert self._readable()

    @rule(point=st.sampled_from(list(POINTS)))
    def kill(self, point: str) -> None:
        kill_at(self.root, POINTS[point])
        assert self._readable()

    @rule()
    def rollback(self) -> None:
        done = observatoire(self.root, "rollback")
        assert done.returncode == 0 or "Aucune édition antérieure" in done.stderr, done.stderr
        assert self._readable()

    def teardown(self) -> None:
        try:
            # when each delivery was received is given too, and noted by the run that first sees it
            done = observatoire(self.root, *AGREED)
            rebuilt = histories.given(self.root, self.folder / "refait")
            again = observatoire(rebuilt, "run")
            assert done.returncode == again.returncode, done.stderr + again.stderr
            published = done.returncode == 0
            one, other = (_tables(_databases(folder, published=published)) for folder in (self.root, rebuilt))
            assert list(one) == list(other)
            for table in one:
                assert one[table] == other[table], table
            assert not published or "rien de nouveau" in observatoire(self.root, "run").stdout
        finally:
            shutil.rmtree(self.folder)

    def _readable(self) -> bool:
        """Returns whether readers see a whole edition, as they do after each step."""
        editions = Editions(self.root / "published")
        editions.check(str(editions.current()))
        return True


def _databases(root: Path, *, published: bool) -> list[Path]:
    """Returns the files of the current edition; of a refused one, the candidate, as far as it came."""
    if not published:
        return [p for p in [root / "warehouse/candidat.duckdb"] if p.is_file()]
    editions = Editions(root / "published")
    folder = editions.folder(str(editions.current()))
    return [folder / DATABASE, *sorted((folder / "organismes").glob("*.duckdb"))]


def _tables(databases: list[Path]) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the rows of every published table in the files, in the order of all their columns."""
    found = {}
    for path in databases:
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'observatoire' order by 1"
            ).fetchall()
            for (name,) in names:
                left = f"exclude ({', '.join(HISTORY[name])})" if name in HISTORY else ""
                rows = connection.execute(f"select * {left} from observatoire.{name} order by all").fetchall()
                found[f"{path.stem}.{name}"] = [row for row in rows if AGREED_LOSSES not in row]
    return found


def test_a_history_of_nights_ends_as_a_rebuild_does() -> None:
    # shrinking would cost an hour, and a history is short enough to read
    chosen = settings(SETTINGS, phases=[Phase.explicit, Phase.generate])
    run_state_machine_as_test(Nights, settings=settings(chosen, max_examples=5, stateful_step_count=8))
