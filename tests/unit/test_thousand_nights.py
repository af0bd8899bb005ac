"""A thousand nights of a store of editions: deliveries, refusals, upgrades, rollbacks, new waves, and kills at any step.

Each night is a process of its own, which may be killed before or in the middle of any change to the disk, as a machine
that stops would. What is promised is held against a list kept apart, that knows only what readers have seen.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from orchestration.files import file_sha256, write_json
from orchestration.publication.aside import set_aside, take_back, unwanted
from orchestration.publication.currency import is_published
from orchestration.publication.editions import DATABASE, FIGURES, Editions
from orchestration.publication.numbers import wave_of
from tests.support.going_back import roll_back

NIGHTS, KEPT = 1000, 5
# every change to the disk goes through one of these
CHANGES = ((Path, "unlink"), (Path, "replace"), (Path, "mkdir"), (Path, "symlink_to"), (shutil, "rmtree"))
KILLED = 137


@dataclass
class Inputs:
    """What an edition would be made from tonight.

    Attributes:
        wave: the current wave, counted from 1.
        final: whether it was declared final.
        figures: changes with whatever changes a figure: a delivery, the code.
        refusals: changes with what is told without a figure: a refused delivery.
    """

    wave: int = 1
    final: bool = False
    figures: int = 0
    refusals: int = 0

    @property
    def fingerprint(self) -> str:
        """What the manifest of an edition says that it was made from."""
        figures = hashlib.sha256(f"{self.wave} {self.final} {self.figures}".encode()).hexdigest()[:FIGURES]
        return figures + hashlib.sha256(str(self.refusals).encode()).hexdigest()[:FIGURES]


@dataclass
class Seen:
    """What readers have seen: each edition's bytes by its name, in the order of the nights, and those set aside."""

    bytes_of: dict[str, bytes] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)

    def promised(self, current: str) -> set[str]:
        """The last edition of each wave that is over, but for those set aside where it has another."""
        last: dict[str, str] = {}
        for name in self.bytes_of:
            wave = wave_of(name)
            if wave != wave_of(current) and (name not in self.aside or last.get(wave, name) in self.aside):
                last[wave] = name
        return set(last.values())


def _night(root: Path, inputs: Inputs) -> None:
    """What a night does with the store: sweeps, and publishes where the inputs make something new."""
    editions = Editions(root)
    editions.tidy()
    made_of = inputs.fingerprint
    if is_published(editions, made_of) or set_aside(root, made_of):
        return
    name = editions.next_number(f"T{1 + inputs.wave % 4}-{2020 + inputs.wave // 4}", final=inputs.final)
    folder = editions.store / f".en-cours.{name}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(f"{name} {made_of}".encode())
    files = {DATABASE: file_sha256(folder / DATABASE)}
    write_json({"empreinte": made_of, "tables": {}, "fichiers": files}, folder / "manifeste.json")
    editions.add(name, folder)
    before = editions.current()
    editions.switch(name)
    take_back(root, made_of)
    editions.prune(KEPT, before, unwanted(root))


def _killed_at(step: int, *, halfway: bool) -> None:
    """Ends this process at one of its changes to the disk: before it, or in the middle of a folder's deletion."""
    count, unlink = 0, Path.unlink

    def wrapped(real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def change(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                if halfway and name == "rmtree":
                    for path in sorted(Path(arguments[0]).rglob("*"))[:1]:
                        unlink(path)
                os._exit(KILLED)
            return real(*arguments, **named)

        return change

    for place, name in CHANGES:
        setattr(place, name, wrapped(getattr(place, name), name))


def _in_a_process(work: Callable[[], object], step: int | None, *, halfway: bool) -> bool:
    """Does some work in a process of its own, killed at a step where one is given; returns whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            if step is not None:
                _killed_at(step, halfway=halfway)
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), "a night ended with an error"
    return code == 0


def _look(editions: Editions, seen: Seen) -> str | None:
    """Looks as a reader does: the current edition is whole, and a name never stood for anything else."""
    current = editions.current()
    assert current is not None or not seen.bytes_of, "readers see nothing any more"
    if current is None:
        return None
    editions.check(current)
    held = (editions.root / "observatoire.duckdb").read_bytes()
    assert seen.bytes_of.setdefault(current, held) == held, f"{current} was something else"
    return current


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_a_thousand_nights_keep_what_is_promised(seed: int, tmp_path: Path) -> None:
    chance, inputs, seen = random.Random(seed), Inputs(), Seen()
    root = tmp_path / "published"
    (root / "editions").mkdir(parents=True)
    editions = Editions(root)
    killed = waves = 0
    for _ in range(NIGHTS):
        event = chance.choices(
            ("delivery", "refusal", "nothing", "upgrade", "wave", "final", "rollback"), (40, 20, 15, 8, 2, 3, 4)
        )[0]
        if event in ("delivery", "upgrade"):
            inputs.figures += 1
        elif event == "refusal":
            inputs.refusals += 1
        elif event == "wave":
            inputs = Inputs(inputs.wave + 1, False, inputs.figures + 1, inputs.refusals)
            waves += 1
        elif event == "final":
            inputs.final = True
        before = _look(editions, seen)
        step = chance.randint(1, 14) if chance.random() < 0.2 else None
        if event == "rollback" and before is not None and len(editions.names()) > 1:
            whole = _in_a_process(partial(roll_back, editions, None, "essai"), step, halfway=True)
        else:
            whole = _in_a_process(partial(_night, root, inputs), step, halfway=chance.random() < 0.5)
        killed += not whole
        current = _look(editions, seen)
        seen.aside = unwanted(root)
        names = editions.names()
        # what was published while the last kept edition was being replaced is still being read
        if current is not None and before is not None and whole:
            assert before in names or before in seen.aside or before == current
        if current is not None:
            for name in seen.promised(current):
                editions.check(name)
                assert (editions.folder(name) / DATABASE).read_bytes() == seen.bytes_of[name]
        if whole:
            past = {wave_of(name) for name in seen.bytes_of} - ({wave_of(current)} if current else set())
            assert len(names) <= KEPT + 1 + len(past), "more is kept than declared"
    assert _in_a_process(editions.tidy, None, halfway=False)
    assert {p.name for p in editions.store.iterdir()} == set(editions.names()), "something half made was left"
    assert killed > 80 and waves > 5 and len(seen.bytes_of) > 400
