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


def needed(value: float, protection: float = PROTECTION, floor: float = FLOOR) -> float:
    """How wide what is known of a secret of so many respondents must stay: the guide's rule."""
    return max(protection * value, min(floor, value / 2))


def too_narrow(target: Target, low: float, high: float, protection: float = PROTECTION, floor: float = FLOOR) -> bool:
    """Whether an interval says more of a target than it may: never less strictly than the rule.

    Of more than twice the floor of respondents a small number keeps the whole floor, where the rule lets half of it go. Of as
    many or fewer, half is all that there is to keep; but a number that is found exactly is found, however small.
    """
    width = high - low
    if target.kind in ("mean", "ranked"):  # found again, not only approached
        return width * target.respondents < (10.0 if target.name.startswith("score") else 1.0)
    few = target.respondents <= 2 * floor
    if target.kind == "figure":
        respondents = target.respondents / (10.0 if target.name == "score" else 1.0)
        middle = (low + high) / 2 * respondents
        least = max(needed(middle, protection, floor), 1.0) if few else max(protection * middle, floor)
        return width * respondents < least - 1e-9 * target.respondents
    if not math.isfinite(width):
        return False
    value = (low + high) / 2 if target.truth is None else target.truth
    least, most = math.ceil(low - 1e-6), math.floor(high + 1e-6)
    return most - least < (max(needed(value, protection, floor), 1.0) if few else max(protection * value, floor))


def learned(findings: Iterable[Finding]) -> Counter[str]:
    """How many findings there are of each kind, without those that the guide says may be made."""
    return Counter(
        f.kind for f in findings if f.kind == "routed answers" or not any(word in f.kind for word in HARMLESS)
    )
