"""Runs of a programme by the command line, as the benchmark takes them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.measure import BIN, Taken, timed

# What a run produces: a full one starts without it.
PRODUCED = ("lake", "quarantine", "warehouse", "published", "reports", ".dagster")
_STAGE = re.compile(r"Lecture des livraisons .* (\d+):(\d+):(\d+)")


def environment(root: Path) -> dict[str, str]:
    """The variables of whatever is run on a programme."""
    return {**os.environ, "OBSERVATOIRE_DATA": str(root), "NO_COLOR": "1", "COLUMNS": "120"}


def run(root: Path) -> Taken:
    """`observatoire run`."""
    return timed([str(BIN / "observatoire"), "run"], environment(root))


def clear(root: Path) -> None:
    """Takes away all that runs have produced."""
    for name in PRODUCED:
        shutil.rmtree(root / name, ignore_errors=True)


@contextlib.contextmanager
def held_back(root: Path, delivery: Path) -> Iterator[None]:
    """A delivery that comes a night after the others: it is not there meanwhile."""
    aside = delivery.rename(root / "late")
    yield
    aside.rename(delivery)


def reading(taken: Taken) -> int:
    """The seconds that a run says it read for."""
    hours, minutes, rest = map(int, _STAGE.findall(taken.output)[-1])
    return 3600 * hours + 60 * minutes + rest
