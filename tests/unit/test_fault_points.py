"""The points at which a fault is injected are functions by name: none may go without the tests of every day saying so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.demo import REPOSITORY
from tests.support.faults import POINTS


@pytest.mark.parametrize("absent", [False, True], ids=["all", "one is gone"])
def test_every_point_is_in_the_product(absent: bool) -> None:
    # in a process of its own: arming replaces what it finds
    gone = "from orchestration.publication import organismes\ndel organismes._answers\n" if absent else ""
    armed = "from tests.support.faults import POINTS, arm\nfor name in POINTS:\n    arm(name, print)\n    print(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", gone + armed], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.stdout.splitlines() == list(POINTS)) is not absent, done.stderr
