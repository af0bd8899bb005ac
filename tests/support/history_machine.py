"""Random histories of a programme: every change of `tests.support.histories` as a rule, in any order.

A machine of this kind says what it begins with, how it reads and runs, and what must hold at its end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from abc import abstractmethod
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from orchestration.errors import DeliveryError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decisions import exclude, withdraw
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.retention import expired, purge
from orchestration.programme import load_programme
from tests.support import histories

SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
WAVES = st.sampled_from(list(histories.WAVES))
NAMES = st.sampled_from(histories.NAMES)
ANY = st.integers(0, 99)


class Changes(RuleBasedStateMachine):
    """The changes people, institutes and accidents make to a programme's folder."""

    # what may be lost at once
    folders = ("lake", "lake/versions", "lake/registre", "lake/reponses", "quarantine")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histoire"))
        self.root = self.folder / "programme"
        shutil.copytree(self.begun(), self.root, symlinks=True)

    @abstractmethod
    def begun(self) -> Path:
        """Returns a programme that was read once: what every history begins with."""

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

    @rule(which=ANY)
    def lose(self, which: int) -> None:
        shutil.rmtree(self.root / self.folders[which % len(self.folders)], ignore_errors=True)

    @rule()
    def purge(self) -> None:
        purge(list(expired(Lake(self.root), take_inventory(load_programme(self.root)), days=90)))

    def _any(self, which: int) -> Path:
        found = histories.delivered(self.root)
        return found[which % len(found)]
