"""How far words go along a scale, beside others of their list: « toujours » before « souvent », ★★★ before ★★.

Of words that take one side, two that change places are told apart by that alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from orchestration.extracts.draft.leaning import half, sided_core, stars_of
from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import BARE, STRONG, WEAK, favour, meaning

_FAR, _LITTLE, _HALF, _EXTREME = {STRONG: 3.0, BARE: 2.0, WEAK: 1.0}, 0.3, 0.5, 4.0
# before what is known by usage to take a side
_USUAL = "usage "
_BAND = re.compile(r"(\d+) ?(?:-|–|à|to) ?(\d+)")


def disordered(places: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yields the pairs of texts that stand the other way round than all the others do: stronger text first.

    Args:
        places: the place along its scale of each text of a list.
    """
    scores = {text: found for text in places if (found := _score(text, places))}
    pairs = []
    for one, other in combinations(scores, 2):
        far, near = scores[one][1], scores[other][1]
        if _comparable(scores[one], scores[other]) and far != near and places[one] != places[other]:
            strong, weak = (one, other) if far > near else (other, one)
            pairs.append((strong, weak, places[strong] < places[weak]))
    forward = sum(1 if before else -1 for _, _, before in pairs)
    for strong, weak, before in pairs:
        if forward and before != (forward > 0):
            yield strong, weak


def _comparable(one: tuple[str, float], other: tuple[str, float]) -> bool:
    """Returns whether two texts say one thing more or less, or take two sides."""
    sided = all(kind in ("faveur", "seuls") or kind.startswith(_USUAL) for kind, _ in (one, other))
    return one[0] == other[0] or (sided and one[1] * other[1] < 0)


def _score(text: str, beside: Iterable[str]) -> tuple[str, float] | None:
    """Returns with what a text can be compared, and how far it goes; None where nothing tells."""
    usage, signs = lexicon()["usage"], re.sub("[\\s\ufe0e\ufe0f\u200d]", "", text)
    if (stars := stars_of(text)) is not None:
        return "étoiles", stars[0]
    if signs and set(signs) in ({"+"}, {"-"}):
        return "signes", len(signs) if "+" in signs else -len(signs)
    if band := _BAND.fullmatch(text.strip()):
        return "bornes", float(band[1]) + float(band[2])
    for at, faces in enumerate(usage["visages"]):
        if signs in faces:
            return "visages", -at
    return _run(text) or _worded(text, beside)


def _run(text: str) -> tuple[str, float] | None:
    """Returns the place of a text in a run of degrees; a degree before it takes it away from the middle, or nearer."""
    said, usage = plain(text), lexicon()["usage"]
    first, _, rest = said.partition(" ")
    said = rest if rest and first in (*usage["oui"], *usage["non"]) else said
    for number, run in enumerate(usage["degres"]):
        for at, phrases in enumerate(run):
            for phrase in phrases:
                before = said.removesuffix(phrase).strip()
                if said != phrase and (before == said or f"{before} {phrase}" != said):
                    continue
                far = {
                    "": 0.0,
                    **dict.fromkeys(map(plain, _degrees("fort")), 1),
                    **dict.fromkeys(_degrees("faible"), -1),
                }
                if before in far:
                    # « très rarement » is about « presque jamais »
                    return f"suite {number}", -at + _LITTLE * far[before] * (2 * at < len(run))
    return None


def _degrees(name: str) -> list[str]:
    return list(lexicon()["sens"][name])


def _worded(text: str, beside: Iterable[str]) -> tuple[str, float] | None:
    usage = lexicon()["usage"]
    words = [word for word in plain(text).split() if word not in usage["oui"]]
    if len(words) < len(plain(text).split()) and not words:
        return "seuls", _FAR[BARE]
    if words and words[0] in usage["non"] and meaning(" ".join(words[1:])).sign < 0:
        words = words[1:]
    said = " ".join(words)
    if {*usage["compare"]} & {*words}:
        return None
    bad = {*lexicon()["faveur"]["defavorable"]} & {*lexicon()["sens"]["negation"]}
    if words and words[-1] in bad:
        # « mal » denies what it stands beside, and alone is no favour
        before = meaning(" ".join(words[:-1]))
        return None if before.core or before.sign < 0 else ("faveur", -_FAR[before.degree])
    if said in usage["quantite"]:
        return "seuls", _FAR[BARE]
    meant = meaning(said, (*beside, *usage["favorable"], *usage["defavorable"], *_favours()))
    if not meant.sign:
        return None
    far = _HALF if half(text) else _FAR[meant.degree]
    if not meant.core:
        return ("seuls", meant.sign * far) if words and (meant.sign < 0 or meant.degree != BARE) else None
    said, by_usage = " ".join(meant.core), sided_core(meant.core)
    if (side := favour(meant)) is not None:
        said, far = "faveur", _EXTREME if abs(side) > 1 else far
    elif by_usage:
        said, side = f"{_USUAL}{said}", by_usage
    else:
        side = 1
    return said, meant.sign * far * ((side > 0) - (side < 0))


def _favours() -> list[str]:
    return [word for name in ("favorable", "defavorable", "extreme") for word in lexicon()["faveur"][name]]
