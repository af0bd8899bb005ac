"""What a title says of the two ends of its scale: « 0 = certainement, 10 = certainement pas »."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from orchestration.extracts.draft.leaning import leaning
from orchestration.extracts.draft.lexicon import lexicon, plain

# what closes what is said of an end: a bracket, a stop, or what joins it to the other end
_CLOSED = re.compile(r"[(),;.?!/\[\]«»\"]|\s[-–—]\s")


def ends_said(title: str, low: str, high: str) -> dict[str, str]:
    """Returns what a title says of the lowest and of the highest value; nothing of an end of which it says nothing.

    What is said stands behind the number (« 0 = … », « 0 étant … », « 0 (…) »), or before it in brackets: « … (0) ».
    """
    if before := re.findall(r"([^\W\d][^()\[\],;:.?\d]*)[(\[]\s*(\d{1,3})\s*[)\]]", title):
        said = {number: _bare(text) for text, number in before}
        if {low, high} <= {*said}:
            return {end: said[end] for end in (low, high) if said[end]}
    places = {end: [m.end() for m in re.finditer(rf"(?<!\d){end}(?!\d)", title)] for end in (low, high)}
    if not places[low]:
        return {}
    found = {}
    for end in (low, high):
        for place in places[end]:
            rest = title[place:].lstrip(" =:([«\"-–—'")
            chunk = _bare(re.split(r"\d", _CLOSED.split(rest)[0])[0])
            if chunk and end not in found:
                found[end] = chunk
    return found


def turned(
    titles: Sequence[str],
    labels: Mapping[str, str],
    ends: tuple[str, str],
    codes: tuple[str, str],
    favourable: Collection[str],
) -> tuple[str, Mapping[str, str]]:
    """Returns which end of a scale is said to be the best one, against its codes, and what is said; empty otherwise.

    Args:
        titles: ways to read the title.
        labels: label by value.
        ends: lowest and highest value.
        codes: what these two are read as.
        favourable: favourable options.
    """
    best = next((end for end, code in zip(ends, codes, strict=True) if code in favourable), "")
    labelled = {end: labels[end] for end in ends if end in labels and labels[end].strip() != end}
    for said in (labelled, *(ends_said(title, *ends) for title in titles)):
        sides = {end: side for end, text in said.items() if (side := leaning(text)) is not None}
        if best and sides and len({*sides.values()}) == len(sides) and _against(sides, best):
            return next(end for end in ends if end != best), said
    return "", {}


def _against(sides: Mapping[str, int], best: str) -> bool:
    """Returns whether what is said of the ends speaks against the best one, or for the other."""
    return all((side > 0) is (end != best) for end, side in sides.items())


def _bare(text: str) -> str:
    """Returns what is said of an end, without the words that lead to it, or on to the other end."""
    lead = {plain(word) for word in lexicon()["bouts"]}
    words = text.split()
    while words and plain(words[0]) in lead:
        words.pop(0)
    while words and plain(words[-1]) in lead:
        words.pop()
    return " ".join(words)
