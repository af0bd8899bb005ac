"""Programmes drawn at random, published again and again: whoever keeps every edition and reads all of them at once learns nothing more."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.support.demo import observatoire
from tests.support.joint_attack.attack import attack
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import PARTS, WHOLE, Finding, learned
from tests.support.joint_attack.known import Known
from tests.support.joint_attack.system import System
from tests.support.place import put
from tests.support.small_programmes import YEARS, random_programmes, redeliver

# What an attacker may find besides, and the guide says so: that nearly all of an organisme are satisfied, where nearly everybody is.
NEARLY_ALL = "up to all"
LAST = max(YEARS)
# Respondents by which whole numbers may bring an end nearer.
SLACK = 3

pytestmark = pytest.mark.long


class History:
    """A programme and its editions, each with the answers that it was made of, as somebody may have kept them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.root = put(partial(random_programmes, seed=seed, protection=0.1, editions_successives="refuser"))
        self.kept: list[Reader] = []

    def publish(self) -> Reader:
        """Publishes as the programme then stands, and keeps the edition."""
        done = observatoire(self.root, "run")
        assert done.returncode == 0, done.stdout + done.stderr
        place = self.folder / str(len(self.kept))
        for part in ("lake/reponses", "reference", "published/courante"):
            shutil.copytree(self.root / part, place / part)
        shutil.copy(self.root / "programme.yaml", place)
        self.kept.append(Reader(Known(place)))
        return self.kept[-1]


def _kinds(findings: Sequence[Finding]) -> Counter[str]:
    return Counter({kind: count for kind, count in learned(findings).items() if NEARLY_ALL not in kind})


def _found(reader: Reader, waves: Sequence[str], kept: Sequence[Reader] = ()) -> list[Finding]:
    """What everybody finds on all questions of some waves."""
    found = []
    for wave in waves:
        posed = reader.known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'")["question_code"]
        for question in sorted(posed.unique()):
            attackers = (None, *sorted(reader.known.takers[wave]))
            found += attack(reader, wave, question, attackers, None, (*WHOLE, *PARTS), kept, errors=True)[0]
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Two editions: a first one, and one that the product let pass: several of each perimeter answered otherwise."""
    made = History(tmp_path_factory.mktemp("editions"), seed=1)
    made.publish()
    redeliver(made.root, LAST, 8, seed=2)
    made.publish()
    return made


def test_nobody_learns_anything_of_an_organisme(history: History) -> None:
    assert _kinds(_found(history.kept[0], list(YEARS))) == {}


def test_nor_from_every_edition_that_was_let_pass(history: History) -> None:
    first, second = history.kept
    assert _kinds(_found(second, [LAST], [first])) == {}


def test_whole_numbers_say_no_more(history: History) -> None:
    """Where numbers of respondents must be whole, intervals are hardly narrower than with their ends rounded."""
    reader = history.kept[0]
    wave = min(YEARS)
    tried = 0
    for question in ("G1", "D1"):
        system = System(reader, wave, question)
        assert system.read_by(None)
        for target in [t for t in system.targets() if t.kind == "satisfied"][:3]:
            low, high = system.programme.range(target.form)
            least, most = system.programme.range_in_whole_numbers(target.form, system.columns(), 5)
            assert target.truth is not None and least - 0.01 <= target.truth <= most + 0.01
            assert low - 0.01 <= least <= low + SLACK and high - SLACK <= most <= high + 0.01
            tried += 1
    assert tried
