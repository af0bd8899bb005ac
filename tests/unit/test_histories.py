"""Whatever happened before, the lake and what dbt reads of it are what a rebuild from `landing/` makes of the same files.

Random histories, as far as dbt; `make test-long` tries hundreds.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import settings
from hypothesis.stateful import rule, run_state_machine_as_test

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.differences import write_differences
from orchestration.extracts.election import install
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.programme import load_programme
from orchestration.publication.inputs import fingerprint
from tests.support import histories
from tests.support.history_machine import SETTINGS, Changes

TABLES = (
    "lots",
    "populations",
    "livraisons",
    "qualite",
    "exclusions",
    "parametres",
    "textes",
    "perimetres",
    "perimetres_libelles",
    "sorties",
    "recouvrements",
    "composites",
    "composantes",
    "scores",
    "scores_classes",
    "scores_livres",
)


def read(root: Path, at_most: int | None = None) -> None:
    """Reads what is stale, or only its first files, as a run that dies does."""
    programme = load_programme(root)
    wanted = {d.id for d in take_inventory(programme).stale[:at_most]}
    # as the asset of the extraction does
    known = {d.id: d for d in reversed(deliveries(programme, load_contracts(programme)))}
    for identity in wanted:
        ingest(known[identity], programme)


def take_stock(root: Path) -> Inventory:
    """Reads what is stale, and writes all that dbt reads."""
    read(root)
    programme, lake = load_programme(root), Lake(root)
    inventory = take_inventory(programme)
    assert inventory.stale == []
    install(inventory.election, lake)
    write_control_tables(inventory, write_differences(inventory.election, lake, programme), programme)
    return inventory


@cache
def _begun() -> Path:
    """Returns a programme that was read once: what every history begins with."""
    folder = Path(tempfile.mkdtemp(prefix="histoire"))
    atexit.register(shutil.rmtree, folder)
    root = histories.begin(folder / "programme")
    take_stock(root)
    return root


class Histories(Changes):
    """Each history ends as a rebuild does."""

    def begun(self) -> Path:
        return _begun()

    @rule(at_most=st.integers(1, 3))
    def begin_reading(self, at_most: int) -> None:
        read(self.root, at_most)

    @rule()
    def run(self) -> None:
        take_stock(self.root)

    def teardown(self) -> None:
        try:
            inventory = take_stock(self.root)
            rebuilt = histories.given(self.root, self.folder / "refait")
            assert_same(self.root, inventory, rebuilt, take_stock(rebuilt))
        finally:
            shutil.rmtree(self.folder)


def assert_same(root: Path, inventory: Inventory, rebuilt: Path, again: Inventory) -> None:
    """Asserts that two folders hold the same versions in force, control tables, answers, differences and rejects."""
    assert _elected(inventory) == _elected(again)
    for table in TABLES:
        one, other = (pl.read_parquet(Lake(folder).table(table)) for folder in (root, rebuilt))
        assert one.rows() == other.rows(), table
    for folder in ("reponses", "comptages", "differences"):
        assert _files(root / "lake" / folder) == _files(rebuilt / "lake" / folder), folder
    for record in again.records:
        kept, made = (Lake(folder).quarantine(record.livraison) for folder in (root, rebuilt))
        # rejects have their time, and are then deleted
        assert not kept.is_dir() or _files(kept) == _files(made), record.fichier
    # what says whether the edition in place is still that of its inputs
    prints = [fingerprint(load_programme(f), i) for f, i in ((root, inventory), (rebuilt, again))]
    assert prints[0] == prints[1]


def _elected(inventory: Inventory) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {key: (record.livraison, lot.empreinte) for key, (record, lot) in inventory.election.elected.items()}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def test_a_history_ends_as_a_rebuild_does() -> None:
    run_state_machine_as_test(Histories, settings=settings(SETTINGS, max_examples=20, stateful_step_count=10))


@pytest.mark.long
def test_many_more_histories_end_as_a_rebuild_does() -> None:
    run_state_machine_as_test(Histories, settings=settings(SETTINGS, max_examples=300, stateful_step_count=14))
