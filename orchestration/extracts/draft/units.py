"""In which unit a column's title, and the bounds of an axis, count: years, months, a calendar year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.programme.texts import normalise

_NEAR = 0.02  # a year is not a whole number of weeks


def named_units(texts: Sequence[str]) -> frozenset[str]:
    """Returns the units that texts name, « en années », « (m²) », « année de naissance »; a point in time is one."""
    return frozenset(unit for text in texts for unit in _named(text))


@lru_cache(maxsize=20_000)
def _named(text: str) -> tuple[str, ...]:
    found: list[str] = []
    words, signs = f" {plain(text)} ", normalise(text)
    for name, said in _units().items():
        for word in said["mots"]:
            bare = f" {plain(word)} "
            if (bare in words) if re.search(r"\w", word) else (word in signs):
                # what names a point in time holds the word of a length of time: « année de naissance »
                words = words.replace(bare, " ")
                found.append(name)
                break
    return tuple(found)


def bounds_unit(names: Sequence[str], labels: Mapping[str, str], bands: Mapping[str, tuple[float, float]]) -> str:
    """Returns the unit in which an axis has its bounds; empty where neither its names nor its segments' labels tell.

    Args:
        names: what the axis is called.
        labels: label by segment: « 3 à 5 ans » of bounds 36 and 59 counts in months.
        bands: bounds by segment.
    """
    found = named_units(names) or {
        unit
        for said in named_units([*labels.values()])
        for unit, traits in _units().items()
        if traits["grandeur"] == _units()[said]["grandeur"]
        and all(_agree(labels[code], said, unit, *bounds) for code, bounds in bands.items())
    }
    return next(iter(found)) if len(found) == 1 else ""


def _agree(label: str, said: str, unit: str, low: float, high: float) -> bool:
    """Returns whether the numbers of a label, in one unit, are bounds in another one."""
    ratio = _units()[said]["vaut"] / _units()[unit]["vaut"]
    numbers = [int(n) * ratio for n in re.findall(r"\d+", plain(label))]
    return all(min(abs(n - low), abs(n - high)) <= max(1.0, _NEAR * n) for n in numbers)


def band_doubt(
    titles: Sequence[str], unit: str, bands: Mapping[str, tuple[float, float]], highest: float
) -> tuple[str, bool]:
    """Returns why numbers may not be in the unit of the bounds they are held against, and whether a title says so.

    Args:
        titles: ways to read the column's title.
        unit: that of the bounds; empty where nothing tells it.
        bands: the bounds, by segment.
        highest: what nearly all of the numbers stay under.
    """
    named = named_units(titles)
    if named == {unit}:
        return "", False
    told = "redemander la colonne dans cette unité, ou écrire un codage"
    if named:
        said = " ou ".join(sorted(_units()[name]["dit"] for name in named))
        if not unit:
            return f"le titre compte en {said}, et rien ne dit l'unité des bornes de segments.csv ; {told}", True
        return f"le titre compte en {said}, les bornes de segments.csv en {_units()[unit]['dit']} ; {told}", True
    first, top = min(high for _, high in bands.values()), max(high for _, high in bands.values())
    for other, traits in _units().items() if unit else ():
        ratio = traits["vaut"] / _units()[unit]["vaut"]
        if other != unit and traits["grandeur"] == _units()[unit]["grandeur"] and first < highest * ratio <= top:
            bounds = _units()[unit]["dit"]
            said = f"rien ne dit si ces nombres comptent en {bounds}, comme les bornes de segments.csv, ou en"
            return f"{said} {traits['dit']} ; demander l'unité", False
    return "", False


def _units() -> Mapping[str, Mapping[str, Any]]:
    return lexicon()["unites"]  # type: ignore[no-any-return]
