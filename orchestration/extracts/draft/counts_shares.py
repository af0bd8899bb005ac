"""Whether whole numbers that are titled as counts may be percentages: they come to 100 whatever the base is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestration.extracts.draft.counts_table import Number

# what percentages of one question add up to, rounded one by one, some of those asked having given no answer
_LEAST, _MOST = 94.5, 102.5
# a base from here on is not about 100, even where some gave no answer
_BASE = 120
_SUMS = 3  # sums that come to 100 without a known base: fewer may be chance
# a number that stays where the bases do not: how far it may move, and how far they must
_STEADY, _VARIED, _LOW = 7, 1.2, 50


def like_percentages(
    single: Mapping[str, Sequence[Number]], several: Mapping[str, Sequence[Number]], sizes: Sequence[Number]
) -> frozenset[str]:
    """Returns the questions whose numbers may be percentages, though they are whole and titled as counts.

    Args:
        single: of each question of one answer, what its numbers add up to, line by line.
        several: of each question of several answers, how many answered it, line by line.
        sizes: the interviews of each line; None where they are not known.
    """
    if _of_table(list(single.values()), sizes):
        return frozenset({*single, *several})
    at = [i for i, size in enumerate(sizes) if size is not None and size >= _BASE]
    return frozenset(
        code
        for code, sums in [*single.items(), *several.items()]
        if len(found := [s for i in at if (s := sums[i]) is not None]) > 1 and all(map(_hundred, found))
    )


def _of_table(questions: Sequence[Sequence[Number]], sizes: Sequence[Number]) -> bool:
    """Returns whether lines of a table never go beyond 100, as lines of counts of that many interviews would."""
    fullest: dict[int, float] = {}
    for i in range(len(sizes)):
        sums = [s for asked in questions if (s := asked[i]) is not None]
        if sums and (len(questions) > 1 or len(sizes) > 1):
            fullest[i] = max(sums)
    if all(size is None for size in sizes):
        hundreds = [s for asked in questions for s in asked if s is not None and _hundred(s)]
        return bool(fullest) and all(map(_hundred, fullest.values())) and len(hundreds) >= _SUMS
    large = {i: size for i, size in enumerate(sizes) if size is not None and size >= _BASE and i in fullest}
    if len(questions) > 1 and any(_hundred(fullest[i]) for i in large):
        return True
    found = [fullest[i] for i in large]
    steady = len(found) > 1 and min(found) >= _LOW and max(found) <= min(_MOST, min(found) + _STEADY)
    return steady and max(large.values()) >= _VARIED * min(large.values())


def _hundred(total: float) -> bool:
    return _LEAST <= total <= _MOST
