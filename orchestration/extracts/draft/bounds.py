"""Whether the numbers of a text are those of another segment: « 18-34 », « [35;50[ », « 37-119 mois », « 65+ »."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.units import named_units

Span = tuple[float, float]
# a number from here on is a year, which no label's bounds are compared with
_YEARS = 1800


def apart(text: str, label: str, labels: Iterable[str], bounds: Span | None = None) -> bool:
    """Returns whether the numbers of a text have nothing in common with those of a label, and have with another.

    Args:
        text: a value, or what a file calls it.
        label: that of its code.
        labels: those of all the codes.
        bounds: those of the segment, which a text may count in where it names no unit.
    """
    own = span(text) or _point(text)
    if own is None or (bounds and not _unit(text) and _meet(own, bounds)):
        return False
    meant = _beside(label, text)
    if meant is None or _meet(_beside(text, label) or own, meant):
        return False
    return any(_meet(_beside(text, one) or own, other) for one in labels if (other := _beside(one, text)) is not None)


def span(text: str) -> Span | None:
    """Returns the bounds that a label gives, « 35 à 49 ans », « trois ans et moins »; None without any."""
    said, words = lexicon()["bornes"], plain(text)
    words = " ".join(str(said["nombres"].get(word, word)) for word in words.split())
    numbers = [float(n) for n in re.findall(r"\d+", words)]
    if any(n >= _YEARS for n in numbers):
        return None
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) != 1:
        return None
    signs = [c for c in text.replace("≤", "<").replace("⩽", "<").replace("≥", ">").replace("⩾", ">") if c in "<>+"]
    below = signs == ["<"] or any(f" {word} " in f" {words} " for word in said["dessous"])
    above = signs in ([">"], ["+"]) or any(f" {word} " in f" {words} " for word in said["dessus"])
    if below == above:
        return None
    return (-math.inf, numbers[0]) if below else (numbers[0], math.inf)


def _beside(text: str, other: str) -> Span | None:
    """Returns the bounds of a text; where another text counts in another unit of the kind, both in the smallest."""
    found, units = span(text) or _point(text), lexicon()["unites"]
    own, its = _unit(text), _unit(other)
    if found is None or not own or not its or own == its or units[own]["grandeur"] != units[its]["grandeur"]:
        return found
    return found[0] * units[own]["vaut"], found[1] * units[own]["vaut"]


def _point(text: str) -> Span | None:
    """Returns the bounds of a number that stands with its unit alone, both the number: « 6 mois »."""
    found = re.fullmatch(r"(\d+) ([a-z]+)", plain(text))
    return (float(found[1]), float(found[1])) if found and int(found[1]) < _YEARS and _unit(text) else None


def _unit(text: str) -> str:
    named = named_units([text])
    return next(iter(named)) if len(named) == 1 else ""


def _meet(one: Span, other: Span) -> bool:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    # a number alone is within its bounds, both included
    return one == other or low < high or (low == high and any(a == b for a, b in (one, other)))
