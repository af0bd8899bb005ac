"""What a label means beside another: whether they say the same, the contrary, or the same in another degree.

Two labels that differ by two letters may be contraries (satisfait, insatisfait). Letters alone decide nothing here: an
exact equality is known from a meaning that is close, and what crosses from one side of a scale to the other is never
proposed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz

from orchestration.extracts.draft.lexicon import best_match, lexicon, plain
from orchestration.programme.texts import normalise, percent

STRONG, WEAK, BARE = 2, 1, 0
_NUMBERED = re.compile(r"^\s*[(\[]?\s*(\d{1,3})\s*[-–—:.=)\]]+\s*(?=[^\W\d])")
_EXTREME = 4  # an extreme word goes further than « very »
_TYPING = 85  # two words that begin alike and are this much alike are one word, mistyped


@dataclass(frozen=True)
class Meaning:
    """What a label says.

    Attributes:
        core: what it speaks of, without negations, degrees and small words.
        sign: 1, or -1 where it is negated; 0 where it is neither one thing nor the other.
        degree: `STRONG`, `WEAK`, or `BARE` where it does not say.
    """

    core: tuple[str, ...]
    sign: int
    degree: int


@lru_cache(maxsize=50_000)
def compared(text: str) -> tuple[str, ...]:
    """Returns what two labels that are one have alike, whatever their case, accents, spaces, punctuation and « (e) ».

    A symbol counts: « + de 3 ans » is not « - de 3 ans ». A number is compared as it stands: -1 is not 1.
    """
    if not re.search(r"[^\W\d]", text):
        return (normalise(text),)
    text = re.sub(lexicon()["genres"], "", text)
    minus = ["-"] if re.match(r"\s*[-–—]", text) else []
    return (plain(text), *minus, *(c for c in text if unicodedata.category(c).startswith("S")))


def equal(one: str, other: str) -> bool:
    """Returns whether two labels are one; none are that say nothing."""
    return bool(compared(one)[0]) and compared(one) == compared(other)


def unnumbered(text: str) -> tuple[str, str]:
    """Returns a label without the number before it, and that number: « 1 - Très satisfait »; both empty without one."""
    found = _NUMBERED.match(text)
    return (text[found.end() :], found[1]) if found else ("", "")


def contrary(one: str, other: str) -> bool:
    """Returns whether two labels speak of one thing and take opposite sides."""
    a, b = _pair(one, other)
    return a.sign * b.sign < 0 and _same_core(a, b)


def of_same_meaning(text: str, labels: Mapping[str, str]) -> list[str]:
    """Returns the codes whose label says what a text says, to the same degree.

    Of words that do nothing but favour or disfavour, any is as good as another: « very satisfied », « très bien ».
    """
    base = stems([text, *labels.values()]) | _sided()
    own, found = _meaning(text, base), []
    for code, label in labels.items():
        meant = _meaning(label, base)
        same = own.sign == meant.sign and _same_core(own, meant)
        if own.sign and own.degree == meant.degree and (same or _valued(own, _VALUE) == _valued(meant, None)):
            found.append(code)
    return found


_VALUE = 0


def _valued(meaning: Meaning, otherwise: int | None) -> int | None:
    """Returns the side of a meaning that one word makes up, signed; what is given otherwise."""
    side = favour(meaning) if len(meaning.core) == 1 else None
    return meaning.sign * side if side else otherwise


def opinion(text: str, *, alone: bool) -> int | None:
    """Returns the side that a text takes by its own words, whatever the labels beside it: 1 or -1.

    None where these words tell no side, or half a one: « moyennement satisfait », « plus satisfait ».

    Args:
        text: a value or a label.
        alone: whether it must say nothing else: « difficile à dire » is no unfavourable opinion.
    """
    said = lexicon()["faveur"]
    joined = f" {plain(text)} "
    if any(f" {plain(word)} " in joined for word in said["partage"]):
        return None
    meant = _meaning(text, _sided() | stems([text]))
    side = favour(meant)
    if not side or not meant.sign or (alone and len(meant.core) != 1):
        return None
    return meant.sign * (1 if side > 0 else -1)


@cache
def _sided() -> frozenset[str]:
    said = lexicon()["faveur"]
    return frozenset(_stem(w) for name in ("favorable", "defavorable", "extreme") for w in said[name])


def between(text: str) -> bool:
    """Returns whether a text says the middle of a scale: « ni satisfait ni insatisfait », « neutre »."""
    return meaning(text).sign == 0


def with_or_without(text: str, label: str, labels: Iterable[str]) -> int | None:
    """Returns 1 where a yes is given what another label denies, or a no what denies it; -1 the other way; else None.

    A yes under « avec ascenseur » is 1, under « sans ascenseur » -1; labels without such a pair say nothing.
    """
    way = agreed(text, "oui")
    if way is None or not any(contrary(label, other) for other in labels):
        return None
    sign = _meaning(label, stems(labels)).sign
    return way * sign or None


def no_answer(text: str) -> str | None:
    """Returns the usual status of a text that stands for no opinion, as a whole; None for any other."""
    said = plain(re.sub(lexicon()["genres"], "", text))
    return next((code for code, listed in lexicon()["sans_opinion"].items() if said in map(plain, listed)), None)


def agreed(one: str, other: str) -> int | None:
    """Returns 1 where two texts are both a yes or both a no, -1 where they are one and the other; else None."""
    return _way(one) * _way(other) or None


def _way(text: str) -> int:
    """Returns 1 for a yes, whatever follows it, -1 for a no, 0 for neither: « Oui, plusieurs fois », « Jamais »."""
    said, usual = plain(text), lexicon()["usage"]
    # « non » is a no before a sign or alone: « non prioritaire » is none
    begun = plain(re.split(r"[,;:(]|\s[-–—]\s", text)[0])
    if said in _plainly("oui") or said.split(" ")[0] in usual["oui"] or said in map(plain, usual["revient_a_oui"]):
        return 1
    return -1 if said in _plainly("non") or begun in usual["non"] or said in map(plain, usual["revient_a_non"]) else 0


@cache
def _plainly(name: str) -> frozenset[str]:
    """Returns words of the lexicon as they are compared; bare digits say neither yes nor no by themselves."""
    return frozenset(plain(word) for word in lexicon()[name] if not word.isdigit())


def like(text: str, targets: Mapping[str, Sequence[str]], *, sided: bool) -> tuple[str, str] | None:
    """Returns the code that a text may stand for, and why: to be proposed, never decided; None where none is close.

    Args:
        text: a value or its label.
        targets: labels by code.
        sided: whether the codes take sides, as those of a scale: letters that look alike then prove nothing.
    """
    if not re.search(r"[^\W\d]{3}", text):
        return None
    return _like(text, tuple((code, tuple(listed)) for code, listed in targets.items()), sided)


@lru_cache(maxsize=50_000)
def _like(text: str, listed: tuple[tuple[str, tuple[str, ...]], ...], sided: bool) -> tuple[str, str] | None:
    names = [(code, name) for code, said in listed for name in said]
    base = stems([text, *(name for _, name in names)])
    own = _meaning(text, base)
    same: dict[str, tuple[int, str]] = {}
    for code, name in names:
        meant = _meaning(name, base)
        if own.core and meant.sign == own.sign and _same_core(own, meant):
            same.setdefault(code, (meant.degree, name))
    close = {code: name for code, (degree, name) in same.items() if degree == own.degree} or {
        code: name for code, (_, name) in same.items()
    }
    if len(close) == 1:
        [(code, name)] = close.items()
        return code, f"même sens que « {name} »"
    if same or sided:
        return None
    agreeing = {
        code: kept
        for code, said in listed
        if (kept := [name for name in said if _meaning(name, base).sign == own.sign])
    }
    near = best_match(text, agreeing)
    return (near[0], f"ressemble à « {agreeing[near[0]][0]} », {percent(near[1], 0)}") if near else None


def in_order(labels: Sequence[str]) -> tuple[list[str], bool] | None:
    """Returns labels from one end of their scale to the other, by their words; None where these do not tell.

    The second part tells whether words say which end is favourable, which then is the last one. To be proposed, never
    decided: « agree » is favourable of one statement, and not of the next.
    """
    for run in lexicon()["suites"]:
        if {plain(label) for label in labels} <= set(run):
            return sorted(labels, key=lambda label: run.index(plain(label))), False
    base = stems(labels)
    meant = {label: _meaning(label, base) for label in labels}
    sides = {label: favour(meaning) for label, meaning in meant.items() if meaning.sign and meaning.core}
    cores = {meaning.core for meaning in meant.values() if meaning.sign}
    known = all(side is not None for side in sides.values()) and bool(sides)
    if not known and (len(cores) != 1 or any(side is not None for side in sides.values())):
        return None
    scores = {}
    for label, meaning in meant.items():
        side = sides.get(label, 0)
        side = 1 if side is None else side
        far = _EXTREME if abs(side) > 1 else {STRONG: 3, BARE: 2, WEAK: 1}[meaning.degree]
        scores[label] = meaning.sign * (1 if side > 0 else -1 if side < 0 else 0) * far
    ends = min(scores.values()) < max(scores.values())
    return (sorted(labels, key=scores.__getitem__), known) if ends and len({*scores.values()}) == len(labels) else None


@lru_cache(maxsize=50_000)
def favour(meaning: Meaning) -> int | None:
    """Returns the side of what a label speaks of: 1 or -1, twice that at an end, 0 in the middle; None if unknown."""
    said = lexicon()["faveur"]
    sides = {"favorable": 1, "defavorable": -1, "moyen": 0, "extreme": 2, "extreme_contraire": -2}
    found = {side for name, side in sides.items() if {*meaning.core} & {_stem(word) for word in said[name]}}
    return found.pop() if len(found) == 1 else None


def _pair(one: str, other: str) -> tuple[Meaning, Meaning]:
    beside = (one, other)
    return meaning(one, beside), meaning(other, beside)


def meaning(text: str, beside: Iterable[str] = ()) -> Meaning:
    """Returns what a text says; a prefix negates a word that a text beside it has without the prefix."""
    return _meaning(text, stems([text, *beside]))


def stems(texts: Iterable[str]) -> frozenset[str]:
    """Returns the words of some texts, as the core of a meaning has them."""
    return frozenset().union(*map(_stems, texts))


@lru_cache(maxsize=50_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in plain(text).split())


# The words of one scale are held to those of every question that has it, in every contract.
@lru_cache(maxsize=50_000)
def _meaning(text: str, base: frozenset[str]) -> Meaning:
    """Reads one label; a word is a negation of another one of `base` when a negating prefix is all that parts them."""
    said = lexicon()["sens"]
    words = [w for w in plain(unnumbered(text)[0] or text).split() if not w.isdigit()]
    joined = f" {' '.join(words)} "
    if any(f" {plain(w)} " in joined for w in said["milieu"]) or joined.count(" ni ") > 1:
        return Meaning(tuple(sorted(_stem(w) for w in words)), 0, BARE)
    degree, sign, core = BARE, 1, []
    for name, value in (("jamais", STRONG), ("fort", STRONG), ("faible", WEAK)):
        for phrase in said[name]:
            if f" {plain(phrase)} " in joined:
                joined = joined.replace(f" {plain(phrase)} ", " ", 1)
                # « pas du tout » stays strong; « pas très » is weak
                if name == "jamais":
                    sign, degree = -sign, STRONG
                elif degree == BARE:
                    degree = value
    for word in joined.split():
        if word in said["negation"]:
            sign = -sign
            degree = WEAK if word in said["peu"] or degree in (STRONG, WEAK) else degree
        elif word not in said["muets"]:
            root, turned = _root(_stem(word), base)
            sign = -sign if turned else sign
            core.append(root)
    return Meaning(tuple(sorted(core)), sign, degree)


def _root(word: str, base: frozenset[str]) -> tuple[str, bool]:
    for prefix in lexicon()["sens"]["prefixes"]:
        rest = word.removeprefix(prefix)
        if rest == word or len(rest) < 3:
            continue
        if any(one_word(rest, other) for other in base):
            return rest, True
        # a short word keeps its last letter alone, and loses it behind a prefix: « safe », « unsafe »
        if short := next((other for other in base if rest == _cut(other)), None):
            return short, True
    return word, False


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return _cut(word) if len(word) > 4 else word


def _cut(word: str) -> str:
    return re.sub(r"(?:es|s|e)$", "", word)


def one_word(one: str, other: str) -> bool:
    """Returns whether two words are one, a slip of the keyboard apart."""
    return one == other or (
        min(len(one), len(other)) > 4 and one[:2] == other[:2] and fuzz.ratio(one, other) >= _TYPING
    )


def _same_core(one: Meaning, other: Meaning) -> bool:
    left = list(other.core)
    for word in one.core:
        found = next((w for w in left if one_word(word, w)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(one.core) and not left
