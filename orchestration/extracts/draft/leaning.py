"""Which side a text takes by usage, though its words do not say it: agreement, frequency, likelihood, stars, faces.

A contract is held to these and may give a reason; nothing is proposed from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import BARE, Meaning, agreed, meaning, no_answer, opinion, stems

# what follows a face to give it colours, and what joins signs
_SILENT = re.compile("[\\s\ufe0e\ufe0f\u200d]")
# what joins two reasons for no answer: « NSP / NC », « Refus ou ne sait pas »
_JOINED = [re.compile(sign, re.IGNORECASE) for sign in (r"[,;|]", r"\s+(?:ou|et|or|and|-)\s+|[+&]", "/")]
# letters that a cut word keeps at least, with a dot behind it and without, and that it loses
_CUT_DOTTED, _CUT_BARE, _CUT_LOSES = 3, 5, 2
# as many, of a word that no label has
_CUT_UNSAID = 5
# words that a no may have behind it, and still be one
_DENIED = 2


def half(text: str) -> bool:
    """Returns whether a text leaves the answer between two sides: « partiellement satisfait », « parfois »."""
    joined = f" {plain(text)} "
    return any(f" {plain(word)} " in joined for word in lexicon()["usage"]["demi"])


def doubtful(text: str) -> bool:
    """Returns whether a text is no opinion, without saying for what reason: « NR », « Inconnu », « NSP / NC »."""
    listed = lexicon()["douteux"]
    if plain(text) in listed:
        return True
    split = ([part for part in sign.split(text) if plain(part)] for sign in _JOINED)
    return any(len(parts) > 1 and all(no_answer(one) or plain(one) in listed for one in parts) for parts in split)


def answered(text: str, nature: str) -> bool:
    """Returns whether a text is a closed answer, « No », « Jamais », that no other reason than its code's would give.

    A « non » may say that the question does not concern the respondent.

    Args:
        text: a text.
        nature: what its code stands for (statut_reponse).
    """
    usual = lexicon()["usage"]
    if doubtful(text) or text in lexicon()["blancs"] or plain(text) in usual["incertain"]:
        return False
    if agreed(text, "oui"):
        return nature in usual["sans_reponse_fermee"]
    return stars_of(text) is not None or leaning(text, alone=True) is not None


def level(text: str) -> bool:
    """Returns whether a text says that nothing has changed, the middle of a comparison: « Pareil »."""
    return plain(text) in lexicon()["usage"]["pareil"]


def leaning(text: str, beside: Collection[str] = (), *, alone: bool = False) -> int | None:
    """Returns the side that a text takes, by its own words or by usage: 1 or -1; None where nothing tells one.

    Args:
        text: a value, or its label.
        beside: those of the same list, from which the most stars are known.
        alone: whether words of favour must say nothing else: « difficile à dire » has no side then.
    """
    if half(text):
        return None
    if said := opinion(text, alone=alone):
        return said
    if (drawn := _drawn(text, beside)) is not None:
        return drawn or None
    usage = lexicon()["usage"]
    bare = plain(text)
    for phrase in usage["quantite"]:
        rest = f" {bare} ".replace(f" {phrase} ", " ").strip()
        if not rest:
            return 1
        bare = rest
    words = [word for word in bare.split() if word not in usage["presque"]]
    if any(word.isdigit() for word in words):
        # « 7 sur 10 » is not « sûr »
        words = [word for word in words if word != "sur"]
    if "plus" in words and "plus du tout" not in bare:
        # « plus propre » or « n'est plus propre »
        return None
    if words[:1] and words[0] in usage["oui"]:
        return 1
    meant = _meant(words)
    if words[1:] and words[0] in usage["non"] and (rest_of := _meant(words[1:])).sign < 0:
        # « non, pas du tout » is no yes
        meant = rest_of
    if not meant.core:
        # « pas du tout », « jamais », « tout à fait »
        return meant.sign if words and (meant.sign < 0 or meant.degree != BARE) else None
    return meant.sign * sided_core(meant.core) or None


def _meant(words: Sequence[str]) -> Meaning:
    usage = lexicon()["usage"]
    return meaning(" ".join(words), (*usage["favorable"], *usage["defavorable"]))


def names_bad(label: str) -> bool:
    """Returns whether a label names what is unfavourable, and does not deny it: « bruyant »."""
    meant = _meant(plain(label).split())
    return meant.sign > 0 and sided_core(meant.core) < 0


def of_a_statement(text: str) -> bool:
    """Returns whether a text answers something that it does not name: « beaucoup », « jamais », « pas du tout »."""
    usage, said = lexicon()["usage"], plain(text)
    core = {*_meant(said.split()).core} - stems(usage["quantite"])
    runs = [phrase for run in usage["degres"] for phrases in run for phrase in phrases]
    return said in usage["quantite"] or agreed(text, "oui") is not None or core <= stems(runs)


def sided_core(core: Iterable[str]) -> int:
    """Returns the side that the words of a meaning take by usage, 1 or -1; 0 where they take none, or both."""
    good, bad = _usual()
    sides = {1 if word in good else -1 if word in bad else 0 for word in core}
    return sides.pop() if len(sides) == 1 else 0


@cache
def _usual() -> tuple[frozenset[str], frozenset[str]]:
    usage = lexicon()["usage"]
    return stems(usage["favorable"]), stems(usage["defavorable"])


def _drawn(text: str, beside: Iterable[str]) -> int | None:
    """Returns the side of a text that is made of signs or counts stars, 0 in the middle; None for any other."""
    if (own := stars_of(text)) is not None:
        stars, most = own
        most = max([most, *(found[1] for one in beside if (found := stars_of(one)))])
        if most == 1 and plain(text) != "":
            # of however many, « 1 étoile » is the least
            return -1
        return (2 * stars > most + 1) - (2 * stars < most + 1)
    said, signs = lexicon()["usage"], _SILENT.sub("", text)
    if plain(text) in said["groupes_notes"] and {*said["groupes_notes"]} <= {plain(one) for one in beside}:
        return int(said["groupes_notes"][plain(text)])
    sides = {"plus": 1, "moins": -1, "neutres": 0}
    return next((side for name, side in sides.items() if signs and _made_of(signs, said[name])), None)


def _made_of(signs: str, listed: Sequence[str]) -> bool:
    for sign in sorted(listed, key=len, reverse=True):
        signs = signs.replace(sign, "")
    return not signs


def stars_of(text: str) -> tuple[int, int] | None:
    """Returns how many stars a text has, and of how many; None where it has none."""
    said, signs = lexicon()["usage"], _SILENT.sub("", text)
    if signs and _made_of(signs, [*said["etoiles"], *said["etoiles_vides"]]):
        empty = sum(signs.count(sign) for sign in said["etoiles_vides"])
        return len(signs) - empty, len(signs)
    number, _, word = plain(text).partition(" ")
    return (int(number), int(number)) if number.isdigit() and word in said["mots_etoiles"] else None


def spelled(text: str) -> str:
    """Returns a text whose abbreviations are written in full: « Couple s/ enfant »."""
    for short, whole in lexicon()["abreges"].items():
        text = re.sub(rf"(?<!\w){re.escape(short)}", whole, text, flags=re.IGNORECASE)
    return text


def completed(text: str, labels: Iterable[str]) -> str:
    """Returns a text whose cut words are whole again: « Pas satisf. » beside « Très satisfait ».

    A word is cut where it is no word of the lexicon, and begins words of the labels that are one, or else words of the
    lexicon that all take one side.
    """
    whole = {word for label in labels for word in plain(label).split()}
    return re.sub(r"[^\W\d_]+\.?", lambda found: _whole(found[0], frozenset(whole)), text)


@lru_cache(maxsize=20_000)
def _whole(word: str, whole: frozenset[str]) -> str:
    cut, groups = plain(word), _vocabulary()
    least = _CUT_DOTTED if word.endswith(".") else _CUT_BARE
    if len(cut) < least or cut in whole or any(cut in listed for listed in groups):
        return word
    prefixes: list[str] = [p for p in lexicon()["sens"]["prefixes"] if cut.startswith(p)]
    for prefix in ("", *prefixes):
        rest = cut.removeprefix(prefix)
        if len(rest) < least:
            continue
        begun = sorted(one for one in whole if _begins(rest, one))
        if len(stems(begun)) == 1:
            return prefix + begun[0]
        if len(rest) < _CUT_UNSAID:
            continue
        sides = [sorted(one for one in listed if _begins(rest, one)) for listed in groups]
        if not begun and sum(map(bool, sides)) == 1 and (sides[0] or sides[1]):
            return prefix + (sides[0] or sides[1])[0]
    return word


def _begins(cut: str, word: str) -> bool:
    return word.startswith(cut) and len(word) - len(cut) >= _CUT_LOSES


@cache
def _vocabulary() -> tuple[frozenset[str], ...]:
    """Returns the words of the lexicon that favour, those that disfavour, and those that do something else."""
    said, usage, sense = lexicon()["faveur"], lexicon()["usage"], lexicon()["sens"]
    good = {*said["favorable"], *usage["favorable"]}
    bad = {*said["defavorable"], *usage["defavorable"]}
    listed = (
        said["moyen"],
        said["extreme"],
        said["extreme_contraire"],
        said["partage"],
        usage["demi"],
        usage["pareil"],
    )
    phrases = [*(one for group in listed for one in group), *(one for name in sense for one in sense[name])]
    phrases += [one for name in ("oui", "non", "douteux", "neutres") for one in lexicon()[name]]
    phrases += [one for listed in lexicon()["sans_opinion"].values() for one in listed]
    other = {word for phrase in phrases for word in plain(phrase).split()}
    both = (good & bad) | other
    return frozenset(good - both), frozenset(bad - both), frozenset(both)


def counted_of(text: str, labels: Iterable[str]) -> str:
    """Returns the number that a text says of as many as the labels have, « 0/10 », « dix »; else the text."""
    numbers = {label for label in map(plain, labels) if label.isdigit()}
    if not numbers:
        return text
    found = re.fullmatch(r"(\d+)\s*(?:/|sur|out of)\s*(\d+)", text.strip(), re.IGNORECASE)
    if found and int(found[2]) == max(map(int, numbers)):
        return found[1]
    return str(lexicon()["bornes"]["nombres"].get(plain(text), text))


def denies(text: str) -> bool:
    """Returns whether a text is a no, and says to what: « Non résolue », « Aucune demande »; not « Aucun souci »."""
    usage, said = lexicon()["usage"], plain(text)
    for begun in usage["nie_en_tete"]:
        rest = said.removeprefix(f"{begun} ")
        words = rest.split()
        if rest != said and words:
            bad = stems([*usage["maux"], *usage["defavorable"], *lexicon()["faveur"]["defavorable"]])
            return len(words) <= _DENIED and not (stems(words) & bad) and _meant(words).sign > 0
    return False


def denied(text: str, label: str, labels: Iterable[str]) -> bool:
    """Returns whether a text denies what a label says, or says what it denies, as another label does.

    « Non diplômé » is « sans diplôme », and not « diplômé ».
    """
    if any(c.isdigit() for c in text + label):
        return False
    own, meant = meaning(text, (label,)), meaning(label, (text,))
    core = _core(own.core)
    if not own.sign * meant.sign < 0 or not _within(core, _core(meant.core)):
        return False
    others = [meaning(other, (text,)) for other in labels if other != label]
    return any(other.sign == own.sign and _within(core, _core(other.core)) for other in others)


def _core(words: Iterable[str]) -> frozenset[str]:
    usual = {next(iter(stems([word]))): said for word, said in lexicon()["en_regard"].items()}
    return frozenset(usual.get(word, word) for word in words)


def _within(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


def opposed(text: str, label: str, labels: Iterable[str]) -> bool:
    """Returns whether a text names what another label names, and this one its opposite: « rural », « ville »."""
    for groups in lexicon()["opposes"]:
        own, meant = _groups(text, groups), _groups(label, groups)
        if own and meant and own != meant and any(_groups(other, groups) == own for other in labels):
            return True
    return False


def _groups(text: str, groups: Sequence[Sequence[str]]) -> int:
    """Returns which group of opposed words a text is of, counted from one; 0 for none, or several."""
    joined = f" {plain(text)} "
    found = [at for at, group in enumerate(groups, 1) if any(f" {word} " in joined for word in group)]
    return found[0] if len(found) == 1 else 0
