"""What a status says: of a cell that is published, that its answers are not nearly all alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.support.joint_attack.columns import KNOWN

if TYPE_CHECKING:
    from tests.support.joint_attack.system import System

# The rule says something of a cell of so many organismes at most.
MANY = 8
# What fewer than this share of a cell answered is far from being what nearly all of it did.
USUAL = 0.6


def write(system: System) -> None:
    """That a cell is published says that its answers are not nearly all alike: the guide tells the rule.

    Without the member who gave most of them, those who did not answer alike are at least a share of what the
    largest member answered alike, in number and in weight.
    """
    share, programme = system.known.protection, system.programme
    for whom, axis, segment, way, worth in list(system.published) if share else ():
        cell = way == "mean_w" and len(whom) <= MANY and segment != KNOWN
        for one, sums in itertools.product(_usual(system, whom, axis, segment, worth) if cell else (), "nw"):
            most = programme.variable(0.0, math.inf)
            for organisme in whom:
                alike = system.form(sums, one, [organisme], (axis, segment))
                programme.line({most: 1.0} | {k: -v for k, v in alike.items()}, 0, math.inf)
                rest = whom - {organisme}
                line, less = (system.form(sums, each, rest, (axis, segment)) for each in ("base", one))
                unlike = {k: v - less.get(k, 0.0) for k, v in line.items()}
                programme.line(unlike | {most: -share}, 0, math.inf, "status")


def _usual(system: System, whom: frozenset[str], axis: str, segment: str, worth: str) -> Iterator[str]:
    """What most of a published cell may have answered, of what one of its figures tells."""
    low, high, _ = system.published[whom, axis, segment, "mean_w", worth]
    if (worth == "satisfied" or worth.startswith("option:")) and high > USUAL:
        yield worth
    if worth == "satisfied" and low < 1 - USUAL:
        yield "others"
