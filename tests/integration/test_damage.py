"""A full disk, a read-only folder, a clock that jumps, files that are damaged: a sentence or a repair, and readers go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import duckdb
import pytest

from tests.support.demo import REPOSITORY
from tests.support.disks import disk, full, need_mounts, read_only
from tests.support.readers import assert_tidy, produced_files, published_tables, read_whole_edition, read_whole_report
from tests.support.shop import TODAY, YESTERDAY, Shop

pytestmark = pytest.mark.long

KIB = 1024
# DuckDB's own: three headers of 4 KiB, then blocks
HEADERS, BLOCK = 3 * 4 * KIB, 256 * KIB
FULL, READ_ONLY = "Le disque est plein", "lecture seule"
# folder, what befalls its disk, what is said of it
MACHINE: list[tuple[str, Callable[[Path], AbstractContextManager[None]], str]] = [
    ("lake", partial(full, left=0), FULL),
    ("lake", read_only, READ_ONLY),
    (".dagster", partial(full, left=0), FULL),
    ("warehouse", partial(full, left=512 * KIB), FULL),
    ("warehouse", read_only, READ_ONLY),
    ("published", partial(full, left=64 * KIB), FULL),
    ("published", read_only, READ_ONLY),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop.open(tmp_path_factory.mktemp("dommages"))


def _refused(shop: Shop, *said: str) -> None:
    done = shop.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("Refusé : ")]) == 1, done.stderr
    assert read_whole_edition(shop.root) == read_whole_report(shop.root) == YESTERDAY


def _ends_undisturbed(shop: Shop) -> None:
    done = shop.run()
    assert done.returncode == 0, done.stderr
    assert read_whole_edition(shop.root) == read_whole_report(shop.root) == TODAY
    assert published_tables(shop.root) == shop.tables
    assert produced_files(shop.root) == shop.files
    assert_tidy(shop.root)


def test_what_the_machine_refuses_is_said_and_once_it_no_longer_does_the_run_ends_as_ever(shop: Shop) -> None:
    need_mounts()
    shop.restore()
    with ExitStack() as disks:
        for name in dict.fromkeys(folder for folder, _, _ in MACHINE):
            disks.enter_context(disk(shop.root / name))
        for name, befalls, said in MACHINE:
            with befalls(shop.root / name):
                _refused(shop, said)
        _ends_undisturbed(shop)


def test_what_is_produced_is_made_again_where_it_is_damaged(shop: Shop) -> None:
    root = shop.restore()
    for path in [
        *root.glob("lake/registre/V1.o1*.json"),
        *root.glob("lake/versions/V2.o3*/*/*"),
        root / "warehouse/dbt/manifest.json",
    ]:
        os.truncate(path, path.stat().st_size // 2)
    for name in (
        "lake/verdicts.parquet", "lake/mesures_questions.parquet", "lake/lots.parquet", "published/historique.txt",
        "warehouse/candidat.duckdb", "warehouse/candidat.duckdb.wal", "warehouse/run.verrou",
    ):  # fmt: skip
        (root / name).unlink(missing_ok=True)
        (root / name).write_bytes(b"\xff\x00 rien de tel\n")
    shutil.rmtree(root / ".dagster")
    _ends_undisturbed(shop)


def test_a_block_of_the_warehouse_that_can_no_longer_be_read_costs_a_night_at_most(shop: Shop) -> None:
    root = shop.restore()
    warehouse = root / "warehouse/observatoire.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select distinct block_id from pragma_storage_info('intermediaire.comptage') where block_id >= 0"
        ).fetchall()
    assert found
    with warehouse.open("r+b") as file:
        for (block,) in found:
            file.seek(HEADERS + block * BLOCK + 4 * KIB)
            file.write(b"\x5a" * 4 * KIB)
    done = shop.run()
    # where the block holds what opening reads as well, the warehouse is made anew at once
    if done.returncode:
        assert f"L'entrepôt {warehouse} était abîmé : il est effacé ; relancer" in done.stderr
        assert read_whole_edition(root) == read_whole_report(root) == YESTERDAY
    _ends_undisturbed(shop)


def _at(shop: Shop, days: int) -> subprocess.CompletedProcess[str]:
    """A run of a machine whose clock is so many days off; files keep the time that the disk gives them."""
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(shop.root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        "NO_FAKE_STAT": "1",
    }
    command = ["faketime", "-f", f"{days:+d}d", sys.executable, "-m", "orchestration.cli", "run"]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not on this machine: apt install faketime")
def test_a_clock_that_jumps_changes_dates_only(shop: Shop) -> None:
    root = shop.restore()
    late = root / "landing/V2/O2.parquet"
    held = late.rename(root.parent / late.name)
    back = _at(shop, -366)
    assert back.returncode == 0, back.stderr
    assert read_whole_edition(root) == read_whole_report(root) == "V2-0.1"
    held.rename(late)
    forward = _at(shop, 366)
    assert forward.returncode == 0, forward.stderr
    assert read_whole_edition(root) == read_whole_report(root) == "V2-0.2"
    assert published_tables(root) == shop.tables
    _, *lines = (root / "landing/receptions.csv").read_text(encoding="utf-8").splitlines()
    times = [line.split(",")[0] for line in lines]
    assert times == sorted(times) and len(set(times)) == len(times)
    done = shop.run()
    assert "rien de nouveau" in done.stdout, done.stdout + done.stderr
