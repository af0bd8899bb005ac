"""What a title says beyond the words of an axis or of a question: « âge du conjoint » is more than an age.

A word in common makes two titles neighbours, not one. What is left over decides nothing; it leaves to a person what
the other words would have decided.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import one_word, stems

_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 3  # an abbreviation has as many letters at least


def left_over(titles: Sequence[str], own: Collection[str], neutral: Collection[str] = ()) -> tuple[str, ...]:
    """Returns the words of a title that are neither a thing's own nor neutral, as the title writes them.

    Args:
        titles: the ways to read the title: the one that leaves fewest words counts.
        own: texts whose words are the thing's own.
        neutral: texts whose words say nothing here, beside those that say nothing anywhere.
    """
    known = frozenset(w for text in own for w in plain(text).split())
    mute = frozenset(neutral_words() | stems(neutral))
    return min((tuple(_left(title, known, mute)) for title in titles), key=len, default=())


def says_more(left: Iterable[str]) -> str:
    """Returns, in French, that a title says more."""
    return "mais le titre dit aussi " + ", ".join(f"« {word} »" for word in left)


def says_less(unsaid: Iterable[str]) -> str:
    """Returns, in French, that a title does not say all that a question asks about."""
    return "mais le titre ne dit pas " + ", ".join(f"« {word} »" for word in unsaid)


def _left(title: str, known: frozenset[str], mute: frozenset[str]) -> Iterable[str]:
    synonyms, whole = lexicon()["synonymes"], stems(known)
    abridged = " " not in title.strip()
    seen = set()
    for word in _WORD.findall(re.sub(lexicon()["genres"], "", title)):
        for bare in plain(word).split():
            usual = {bare, synonyms.get(bare, bare)}
            if len(bare) < 2 or bare in seen or stems(usual) & (whole | mute):
                continue
            if any(one_word(bare, other) for other in known):
                continue
            if abridged and len(bare) >= _SHORT and any(other.startswith(bare) for other in known):
                continue
            seen.add(bare)
            yield word


@cache
def neutral_words() -> frozenset[str]:
    """Returns the words that say nothing of what a title is about, as the core of a meaning has them."""
    said = lexicon()
    return stems([*said["neutres"], *said["muets"], *said["sens"]["muets"]])
