"""What a column's title says: of which question it is a part, which part, and every way to read the question's text."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from orchestration.extracts.draft.tools import mute, tools
from orchestration.programme.texts import clean

# « Q12. », « 12) », « G1Q00012. » before a question's text
_NUMBERED = re.compile(r"^\s*[(\[]?([A-Za-z]{0,5}\d\w{0,12})[)\]]?\s*[-–—:.)]*\s+(?=[^\W\d])")
# a mark of HTML and what it says of itself; « <moins de 3 ans> » is none
_MARK = re.compile(
    r"<!--.*?-->|</?([a-z][a-z0-9]*)(?:\s+[-:\w]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s<>\"']+))*\s*/?>",
    re.IGNORECASE | re.DOTALL,
)
# what is left of a mark or of a blank where a tool cuts long titles
_CUT = re.compile(
    r"(?:</?(?:[a-z][a-z0-9]{0,9})?(?:\s+[-:\w]+\s*(?:=[^<>]*)?|\s*/?)?|&(?:n(?:b(?:s(?:p)?)?)?)?)$", re.IGNORECASE
)
_INLINE = frozenset({"b", "i", "u", "s", "em", "strong", "small", "span", "font", "a", "sub", "sup", "mark"})


@lru_cache(maxsize=50_000)
def bare(text: str) -> str:
    """Returns what a text of HTML shows: without marks, its entities read; a text without any as it stands."""
    if "<" not in text and "&" not in text:
        return text
    # a tool may write the marks themselves as entities
    read = _CUT.sub("", html.unescape(text))
    shown = html.unescape(_MARK.sub(lambda mark: "" if (mark[1] or "").lower() in _INLINE else " ", read))
    return text if shown == text else clean(shown)


@dataclass(frozen=True)
class Part:
    """What a column is of a question whose other columns stand beside it.

    Attributes:
        stem: what the titles of these columns share: the question.
        own: what is left of this one's: an option, a mention, a line of a grid.
    """

    stem: str
    own: str


def parts_of(titles: Sequence[str], levels: Mapping[str, tuple[str, ...]]) -> list[Part | None]:
    """Returns of which question each column is a part, by titles that neighbours begin alike; None for the others.

    Args:
        titles: in the order of the file.
        levels: by title, what each row of the header says, where there are several rows: their limit is then known.
    """
    runs: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for i, title in enumerate(titles):
        for mark, stem, own in _cuts(title, levels.get(title, ())):
            runs[mark, stem].append((i, own))
    found: list[Part | None] = [None] * len(titles)
    # the longest shared beginning is the question; a shorter one is that of a group of questions
    for (_, stem), members in sorted(runs.items(), key=lambda run: -len(run[0][1])):
        for run in _neighbours([(i, own) for i, own in members if found[i] is None]):
            if len(run) > 1 and len({own for _, own in run}) == len(run):
                for i, own in run:
                    found[i] = Part(stem, own)
    return found


def _cuts(title: str, levels: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    if len(levels) > 1:
        yield "", levels[0], " / ".join(levels[1:])
        return
    # « Q8[SQ001]. Text [option] »: the code of the option stands between the question's and its text
    title = re.sub(tools()["sous_code"], r"\1\2", title)
    for opening, closing in tools()["parts"]:
        at, closed = title.find(opening, 1), False
        while at > 0 and title.endswith(closing):
            stem, own = title[:at].strip(), title[at + len(opening) : len(title) - len(closing)].strip()
            if stem and own:
                closed = bool(closing)
                yield opening, stem, own
            at = title.find(opening, at + 1)
        # what stands in brackets is one part, whatever dashes or colons are in it
        if closed:
            return


def _neighbours(members: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    run: list[tuple[int, str]] = []
    for member in members:
        if run and member[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(member)
    if run:
        yield run


def readings_of(title: str, levels: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Returns the ways to read a title as a question's text: as it is, without a number before, without a mute part."""
    # « theme/question » is the path of a question in its form, not its text
    said = [title if " " in title else title.rsplit("/", 1)[-1]]
    said += [stem for _, stem, own in _cuts(title, levels) if mute(own)]
    said += [text[found.end() :] for text in said if (found := _NUMBERED.match(text))]
    return tuple(dict.fromkeys(said))


def code_before(title: str) -> str:
    """Returns the code that a title begins with, « Q12 » of « Q12. … »; empty without one."""
    found = _NUMBERED.match(title)
    return found[1] if found else ""


def is_rank(own: str) -> bool:
    """Returns whether a part of a title is the rank of a mention."""
    return re.match(tools()["rangs"], own.strip(), re.IGNORECASE) is not None
