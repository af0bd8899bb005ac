"""When a title says its answers were given, and out of how many: « (2019) », « _2019 », « (N-1) », « (sur 10) ».

A year that is not the wave's makes another question of the same words; the wave's own adds nothing to them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.programme import Programme

_FIRST, _LAST = 1990, 2039
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
# what stands apart from a title's words: in brackets, or after an underscore; after a dash, or before the text
_APART = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]|_+([^\W_]+)\s*$|\s[-–—:/|]\s*([^-–—:/|()]*)$|^\s*([^\W_]+)\s*[-–—:_|]")
_BEFORE = re.compile(r"(?<!\w)n\s?[-–−_]\s?\d(?!\w)", re.IGNORECASE)
_OUT_OF = r"(?<!\w)(?:{words})\s*(\d+)\s*(?:$|[)\]}}.?:,;])"


def other_time(titles: Iterable[str], programme: Programme, wave: str | None, own: Collection[str] = ()) -> str:
    """Returns the year, or the code of the wave, that a title says and that is not the wave's; empty without one.

    Args:
        titles: the title, as the file writes it.
        programme: its waves.
        wave: the wave; None where it is not known: nothing is then another's.
        own: texts of the questionnaire: what they say is no time of the column.
    """
    if wave is None:
        return ""
    mine, others = _names(programme, wave)
    mine |= {word for text in own for word in _tokens(text)}
    for title in titles:
        if (before := _BEFORE.search(title)) and not any(before[0].lower() in text.lower() for text in own):
            return str(before[0])
        for year in _YEAR.findall(title):
            if year in others - mine:
                return str(year)
        for part in _apart(title):
            years = [w for w in part if re.fullmatch(r"\d{4}", w) and _FIRST <= int(w) <= _LAST]
            codes = [w for w in part if w in others and len(w) > 1]
            if found := next((w for w in (*years, *codes) if w not in mine), ""):
                return found
    return ""


def dated(time: str, wave: str | None) -> str:
    """Returns, in French, that a title says another time than the wave's."""
    return f"le titre dit {time} ; la vague est {wave}"


def without_own_time(title: str, programme: Programme, wave: str | None) -> str:
    """Returns a title without what says that it is the wave's: « … (2022) », « … _2022 », « … - vague 2022 »."""
    if wave is None:
        return title
    mine, _ = _names(programme, wave)

    def shortened(found: re.Match[str]) -> str:
        said = _tokens(next(part for part in found.groups() if part is not None))
        return " " if {*said} & mine and {*map(plain, said)} <= mine | {*lexicon()["temps"]} else found[0]

    left = _APART.sub(shortened, title).strip()
    return left or title


def out_of(titles: Sequence[str], own: Collection[str]) -> str:
    """Returns « sur 10 » where a title says out of how many its answers are, and no text of the question does."""
    pattern = _OUT_OF.format(words="|".join(map(re.escape, lexicon()["sur"])))
    for title in titles:
        found = re.search(pattern, title, re.IGNORECASE)
        if found and not any(re.search(rf"(?<!\d){found[1]}(?!\d)", text) for text in own):
            return found[1]
    return ""


def _names(programme: Programme, wave: str) -> tuple[set[str], set[str]]:
    """Returns how the wave is called, its years among them, and how the others are."""
    window = programme.waves.get(wave)
    mine = {wave.lower(), *_YEAR.findall(wave)}
    if window:
        mine |= {str(year) for year in range(window.start.year, window.end.year + 1)}
    others = {name for code in programme.waves for name in (code.lower(), *_YEAR.findall(code))}
    return mine, others - mine


def _apart(title: str) -> Iterator[list[str]]:
    """Yields the words of each part that stands apart; behind a dash, or before the text, they are of a time alone."""
    for bracketed, last, dashed, first in _APART.findall(title):
        said = _tokens(bracketed or last or dashed or first)
        if bracketed or last or {w for w in said if not w.isdigit()} <= {*lexicon()["temps"]}:
            yield said


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
