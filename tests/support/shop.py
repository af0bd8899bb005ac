"""A small published programme and what arrives the morning after, restored at one place as often as a test wants."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from orchestration.settings import DBT_VARIABLE
from tests.support import warm, warm_dbt
from tests.support.demo import REPOSITORY, observatoire
from tests.support.faults import MARK
from tests.support.mini import mini_contract, row, write_contract, write_csv
from tests.support.place import put
from tests.support.readers import Table, produced_files, published_tables
from tests.support.small import small_programme

# the oldest edition is the one too many: today's publication deletes it, not the last one of its wave
OLDEST, LASTING, YESTERDAY, TODAY = "V1-0.0", "V1-0.1", "V2-0.0", "V2-0.1"


@dataclass
class Shop:
    """A programme with yesterday's edition, two deliveries waiting, and what an undisturbed run makes of them.

    dbt parses its project anew for another path, half of a small run: every case works at the same one.
    """

    root: Path
    kept: Path
    tables: dict[str, Table] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, folder: Path) -> Shop:
        """Publishes yesterday's edition, keeps it aside, and runs today's undisturbed."""
        root = put(partial(small_programme, editions_conservees=1))
        _contracts(root)
        _expect(observatoire(root, "run", cold=True))
        store = root / "published" / "editions"
        for before in (OLDEST, LASTING):
            shutil.copytree(store / YESTERDAY, store / before)
        history = f"{OLDEST}\n{LASTING}\n{YESTERDAY}\n"
        (root / "published" / "historique.txt").write_text(history, encoding="utf-8")
        shop = cls(root, folder / "garde")
        shutil.move(root, shop.kept)
        shop.restore()
        _expect(shop.run())
        shop.tables, shop.files = published_tables(root), produced_files(root)
        shutil.copytree(root, folder / "sans_faute", symlinks=True)
        return shop

    @property
    def undisturbed(self) -> Path:
        """The programme as the undisturbed run left it."""
        return self.kept.with_name("sans_faute")

    def restore(self, *, deliver: bool = True, source: Path | None = None) -> Path:
        """Puts the programme back as it was yesterday evening, with what has been delivered since."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(source or self.kept, self.root, symlinks=True)
        if deliver:
            new_deliveries(self.root)
        return self.root

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line in its own process, a run by default."""
        return observatoire(self.root, *(arguments or ("run",)))

    def struck(self, point: str, *arguments: str, child: str | None = None) -> subprocess.CompletedProcess[str]:
        """The command line, killed at a point, or whose child is; fails unless that is what happened."""
        note = self.root.with_name("faute.json")
        note.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "OBSERVATOIRE_DATA": str(self.root),
            "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        }
        environment |= {MARK: str(note), "COLUMNS": "200"}
        # a child that is to be killed is the real one
        environment |= {} if child else {DBT_VARIABLE: warm_dbt.executable()}
        whom = ["--enfant", child] if child else []
        done = warm.run("tests.support.faults", [*whom, point, *(arguments or ("run",))], environment, REPOSITORY)
        assert note.is_file(), f"« {point} » n'a pas été atteint ({done.returncode}) : {done.stderr}"
        said = json.loads(note.read_text(encoding="utf-8"))
        assert said["point"] == point
        if child is None:
            assert done.returncode == -signal.SIGKILL, (point, done.returncode, done.stderr)
            _wait(lambda: not any(map(_alive, said["children"])))
        return done


def new_deliveries(root: Path) -> None:
    """What comes in the morning: a text that corrects one organisme, a Parquet that corrects another."""
    rows = [row(str(i), Q1="1", TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)]
    write_csv(root / "landing/V2/O1.csv", rows)
    frame = pl.DataFrame([{**cells, "Q1": "2", "Q3": "2", "Q4": "", "Q5": ""} for cells in rows])
    frame.write_parquet(root / "landing/V2/O2.parquet")


def _contracts(root: Path) -> None:
    by_name = {"nom_fichier": r"^(O\d)\."}
    write_contract(root, mini_contract(organisme=by_name, ignorees=["ORG"], fichiers=["*.csv"]))
    form = {"type": "parquet"}
    other = mini_contract(contrat="p-v2", organisme=by_name, ignorees=["ORG"], fichiers=["*.parquet"], format=form)
    write_contract(root, other)


def _expect(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def _alive(process: str) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    # ended, and not yet waited for by whoever inherited it
    return state not in "ZX"


def _wait(ended: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not ended():
        assert time.monotonic() < deadline, "a child outlives the process that was killed"
        time.sleep(0.05)
