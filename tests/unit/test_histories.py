"""Whatever happened before, the lake and what dbt reads of it are what a rebuild from `landing/` makes of the same files.

Hundreds of random histories, as far as dbt; whole runs, killed ones among them, are in tests/integration/.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from orchestration.errors import DeliveryError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.differences import write_differences
from orchestration.extracts.election import install
from orchestration.extracts.exclusions import exclude
from orchestration.extracts.ingest import deliveries, ingest
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.retention import expired, purge
from orchestration.extracts.withdrawals import withdraw
from orchestration.programme import load_programme
from orchestration.publication.inputs import fingerprint
from orchestration.settings import Settings
from tests.support import histories

TABLES = ("lots", "populations", "livraisons", "qualite", "exclusions", "parametres")
WAVES = st.sampled_from(list(histories.WAVES))
NAMES = st.sampled_from(histories.NAMES)
ANY = st.integers(0, 99)


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


class Histories(RuleBasedStateMachine):
    """Steps in any order; each history ends as a rebuild does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histoire"))
        self.root = Path(shutil.copytree(_begun(), self.folder / "programme"))

    @rule(wave=WAVES, name=NAMES, lines=st.sampled_from([12, 12, 11, 9, 13, 0]), turn=st.integers(0, 3),
          bad=st.sampled_from([0, 0, 1, 4, 12]), age=st.sampled_from(histories.AGES))  # fmt: skip
    def deliver(self, wave: str, name: str, lines: int, turn: int, bad: int, age: int) -> None:
        histories.deliver(self.root, wave, name, lines=lines, turn=turn, bad=bad, age=age)

    @precondition(lambda self: histories.delivered(self.root))
    @rule(which=ANY, what=st.sampled_from(["spoil", "remove", "copy", "rename"]), name=NAMES)
    def touch(self, which: int, what: str, name: str) -> None:
        path = self._any(which)
        if what == "spoil":
            histories.spoil(path)
        elif what == "remove":
            path.unlink()
        elif what == "copy":
            histories.copy(path, name)
        else:
            histories.rename(path, name)

    @precondition(lambda self: histories.delivered(self.root))
    @rule(which=ANY)
    def withdraw(self, which: int) -> None:
        programme = load_programme(self.root)
        present = deliveries(programme, load_contracts(programme))
        taken = present[which % len(present)]
        try:
            withdraw(Lake(self.root), taken.sha256, f"{taken.wave}/{taken.name}", "essai")
        except DeliveryError as refusal:
            assert "déjà retirée" in str(refusal)

    @rule(wave=WAVES, organisme=st.sampled_from(histories.ORGANISMES), question=st.sampled_from(["G1", "D2"]))
    def exclude(self, wave: str, organisme: str, question: str) -> None:
        try:
            exclude(load_programme(self.root), wave, organisme, question, "essai")
        except DeliveryError as refusal:
            assert "déjà exclue" in str(refusal)

    @rule(name=st.sampled_from(histories.UNDONE))
    def undo(self, name: str) -> None:
        histories.undo(self.root, name)

    @rule(wave=WAVES, how=st.sampled_from(list(histories.CONTRACTS)))
    def edit_contract(self, wave: str, how: str) -> None:
        histories.edit_contract(self.root, wave, how)

    @rule(what=st.sampled_from(list(histories.EDITS)))
    def edit_reference(self, what: str) -> None:
        histories.edit_reference(self.root, what)

    @rule(name=st.sampled_from(list(histories.THRESHOLDS)), value=st.integers(0, 1))
    def set_threshold(self, name: str, value: int) -> None:
        histories.set_threshold(self.root, name, histories.THRESHOLDS[name][value])

    @rule()
    def forget_receptions(self) -> None:
        histories.forget_receptions(self.root)

    @rule(which=ANY)
    def cut_short(self, which: int) -> None:
        found = list(histories.produced(self.root))
        if found:
            histories.cut_short(found[which % len(found)])

    @rule(name=st.sampled_from(["lake", "lake/versions", "lake/registre", "lake/reponses", "quarantine"]))
    def lose(self, name: str) -> None:
        shutil.rmtree(self.root / name, ignore_errors=True)

    @rule()
    def purge(self) -> None:
        purge(list(expired(Lake(self.root), take_inventory(load_programme(self.root)), days=90)))

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

    def _any(self, which: int) -> Path:
        found = histories.delivered(self.root)
        return found[which % len(found)]


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
    prints = [fingerprint(load_programme(f), i, Settings(f)) for f, i in ((root, inventory), (rebuilt, again))]
    assert prints[0] == prints[1]


def _elected(inventory: Inventory) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {key: (record.livraison, lot.empreinte) for key, (record, lot) in inventory.election.elected.items()}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


_SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    stateful_step_count=10,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai")


def test_a_history_ends_as_a_rebuild_does() -> None:
    run_state_machine_as_test(Histories, settings=settings(_SETTINGS, max_examples=20))


@pytest.mark.slow
def test_many_more_histories_end_as_a_rebuild_does() -> None:
    run_state_machine_as_test(Histories, settings=settings(_SETTINGS, max_examples=500, stateful_step_count=14))
