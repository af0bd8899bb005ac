"""What must stay unknown, and when too much is known of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

PROTECTION = 0.10
FLOOR = 5.0
# Kinds of targets: what is told of an organisme, of a group of them, and of a stratum or segment of an organisme.
WHOLE = ("answers", "routed answers", "satisfied", "count", "figure", "mean", "ranked")
# What an attacker may find, and the guide says so: an answer that hardly anybody gave, in all that is published; that nothing is
# established of an organisme; how many answered, but where the question is put to those who gave another answer.
HARMLESS = ("rare answer", "no verdict", "answers")
PARTS = ("answers of a part", "routed answers of a part", "part")


@dataclass
class Target:
    """Something that must stay unknown."""

    organisme: str
    kind: str
    name: str
    form: dict[int, float]
    respondents: float
    truth: float | None = None
    among: dict[int, float] | None = None
    """The answers among which it is counted, as a combination of variables."""


@dataclass(frozen=True)
class Finding:
    """A target known too well."""

    wave: str
    question: str
    attacker: str
    organisme: str
    kind: str
    name: str
    low: float
    high: float
    truth: float | None
    method: str


def too_narrow(target: Target, low: float, high: float, protection: float = PROTECTION, floor: float = FLOOR) -> bool:
    """Whether an interval says more of a target than it may."""
    width = high - low
    if target.kind in ("mean", "ranked"):  # found again, not only approached
        return width * target.respondents < (10.0 if target.name.startswith("score") else 1.0)
    if target.kind == "figure":
        top = 10.0 if target.name == "score" else 1.0
        if target.respondents <= 2 * floor:
            return width * target.respondents < top
        return width < max(protection * (low + high) / 2, floor * top / target.respondents) - 1e-9
    if not math.isfinite(width):
        return False
    least, most = math.ceil(low - 1e-6), math.floor(high + 1e-6)
    if target.respondents <= 2 * floor:
        return most - least < 1
    return most - least < max(protection * (low + high) / 2, floor)


def learned(findings: Iterable[Finding]) -> Counter[str]:
    """How many findings there are of each kind, without those that the guide says may be made."""
    return Counter(
        f.kind for f in findings if f.kind == "routed answers" or not any(word in f.kind for word in HARMLESS)
    )
