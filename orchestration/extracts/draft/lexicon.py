"""How headers and values are compared: without accents or case, with the words of lexique.yaml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

from orchestration.programme.texts import normalise

_SPLIT = re.compile(r"[^a-z0-9°]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")


@cache
def lexicon() -> Mapping[str, Any]:
    """Returns lexique.yaml."""
    return yaml.safe_load(Path(__file__).with_name("lexique.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Returns a text without accents, case or punctuation, its words separated by one space."""
    bare = unicodedata.normalize("NFD", normalise(text))
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(w for w in _SPLIT.split(bare) if w)


def words(text: str) -> tuple[str, ...]:
    """Returns the words of a header, synonyms replaced by the programme's usual ones."""
    synonyms = lexicon()["synonymes"]
    return tuple(synonyms.get(w, w) for w in plain(text).split())


def says(texts: Sequence[str], listed: Sequence[str]) -> bool:
    """Returns whether one of some headers is in a list of lexique.yaml."""
    return not {plain(text) for text in texts}.isdisjoint(map(plain, listed))


@lru_cache(maxsize=20_000)
def speaks(text: str) -> bool:
    """Returns whether a header is a sentence that can be compared, not a code."""
    mute = set(lexicon()["muets"])
    return sum(len(w) > 3 and w not in mute for w in plain(text).split()) > 1


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Returns how alike two labels are, 0 to 1; an abridged label stays alike, a swapped word does not."""
    a, b = plain(one), plain(other)
    if not a or not b:
        return 0.0
    return max(fuzz.ratio(a, b), 0.5 * fuzz.token_set_ratio(a, b) + 0.5 * fuzz.token_sort_ratio(a, b)) / 100


def best_match(
    text: str, candidates: Mapping[str, str | Sequence[str]], floor: float = 0.86
) -> tuple[str, float] | None:
    """Returns the key whose label is most like a text, with the likeness; None when none is, or two are equally."""
    scored = sorted(
        (
            (max(likeness(text, label) for label in ([labels] if isinstance(labels, str) else labels)), key)
            for key, labels in candidates.items()
        ),
        reverse=True,
    )
    if not scored or scored[0][0] < floor or (len(scored) > 1 and scored[0][0] - scored[1][0] < 0.04):
        return None
    return scored[0][1], scored[0][0]
