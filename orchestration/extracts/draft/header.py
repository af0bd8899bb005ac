"""Finds the titles of a table among its first rows, and what a survey tool writes between them and the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.extracts.draft.tools import Tool, mute, tool_of
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import numbered, parts_of_titles, titles
from orchestration.programme.texts import clean, counted

_NUMBER = re.compile(r"[-\d.,/: ]+")
_CODE = re.compile(r"[^\W\d]\w*(?:[.-]\w+)*")
_BELOW = 5  # rows of answers, without which nothing tells a second row of titles from the first answers
HEAD = 40  # rows among which the titles are looked for


@dataclass(frozen=True)
class Header:
    """Where titles stand.

    Attributes:
        above: rows above them.
        tool: the survey tool whose titles they are, if one is known by them.
        rows: rows that they take.
        below: rows under them that are no answers, recognised by `sign`.
        sign: column and pattern of these rows.
        labels: what these rows say of each column.
        parts: what each row of titles says of each column, where they take several.
    """

    above: int
    tool: Tool | None
    rows: int
    below: int
    sign: tuple[str, str]
    labels: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]]

    @property
    def end(self) -> int:
        """Row of the first answers."""
        return self.above + self.rows + self.below

    def form(self) -> dict[str, tuple[Any, str]]:
        """Returns the lines of a contract's `format` that say so, with their reason."""
        found: dict[str, tuple[Any, str]] = {}
        named = self.tool.name if self.tool else ""
        if self.above:
            found["lignes_avant_entete"] = self.above, f"en-tête reconnu à la ligne {self.above + 1}"
        if self.rows > 1:
            found["lignes_entete"] = self.rows, f"titres{named and f' de {named},'} sur {self.rows} lignes"
        if self.below:
            rule = {"colonne": self.sign[0], "motif": self.sign[1]}
            of = f" de {named}" if named else ""
            found["lignes_ignorees"] = rule, f"{counted(self.below, 'ligne')}{of} sous les titres"
        return found


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Returns the header of a table.

    It is a tool's own titles; or codes above a row of their meanings; or the row with most different texts, and the one
    below it where the titles go on there.
    """
    for above, row in enumerate(rows[:HEAD]):
        if tool := tool_of(row):
            return _of_tool(rows, above, tool)
    for above in range(min(HEAD, len(rows))):
        if coded := _of_codes(rows, above):
            return coded
    most = _most_titles(rows)
    for above in (most, most - 1):
        # themes above the titles are no titles; « Réponse » under some of them says that they are
        if above >= 0 and (above == most or any(map(mute, rows[most]))) and _two_rows(rows, above):
            return Header(above, None, 2, 0, ("", ""), {}, _parts(rows[above : above + 2]))
    return Header(most, None, 1, 0, ("", ""), {}, {})


def _two_rows(rows: Sequence[Sequence[str]], above: int) -> bool:
    """Returns whether a row of titles goes on in the next one: under a question, « Réponse », or what its columns are.

    A row of answers is known from it by answers that come again below, beside others. The column of an option repeats
    its own title only, and is empty for those who did not choose it.
    """
    top, second = rows[above], rows[above + 1] if above + 1 < len(rows) else []
    below = rows[above + 2 :]
    said = {i: clean(cell) for i, cell in enumerate(second) if clean(cell)}
    if not any(map(clean, top)) or any(_NUMBER.fullmatch(cell) for cell in said.values()):
        return False
    untitled = [i for i in said if i >= len(top) or not clean(top[i])]
    if not any(map(mute, said.values())) and (len(untitled) < 2 or len(below) < _BELOW):
        return False
    for i, cell in said.items():
        given = {clean(row[i]) if i < len(row) else "" for row in below}
        if not mute(cell) and cell in given and given != {cell, ""}:
            return False
    return True


def _of_codes(rows: Sequence[Sequence[str]], above: int) -> Header | None:
    """Returns the header of a table whose titles are codes above a row of their meanings; None where that is not sure.

    A row of answers is known from a row of meanings by a number, or by an answer that comes again below.
    """
    codes, below = [clean(cell) for cell in rows[above]], rows[above + 2 :]
    said = [clean(cell) for cell in rows[above + 1]] if len(below) >= _BELOW else []
    if len(codes) < 2 or len(said) != len(codes) or len({*codes}) < len(codes):
        return None
    if not all(map(_CODE.fullmatch, codes)) or not all(said) or any(map(_NUMBER.fullmatch, said)):
        return None
    given = [[text for row in below if i < len(row) and (text := clean(row[i]))] for i in range(len(codes))]
    closed = sum(len({*answers}) < len(answers) for answers in given)
    if 2 * closed < len(codes) or any(text in answers for text, answers in zip(said, given, strict=True)):
        return None
    sign = codes[0], f"^{re.escape(said[0])}$".replace("\\ ", " ")
    return Header(above, None, 1, 1, sign, dict(zip(codes, said, strict=True)), {})


def _parts(taken: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    form = Format(type="csv")
    return dict(zip(numbered(titles(taken, form), form), parts_of_titles(taken), strict=True))


def _of_tool(rows: Sequence[Sequence[str]], above: int, tool: Tool) -> Header:
    at = next(i for i, title in enumerate(rows[above]) if tool.is_first_sign(title))
    under = [row[at] if at < len(row) else "" for row in rows[above + 1 :]]
    # a second row of titles says nothing of the tool's own columns
    taken = tool.header_rows if not any(under[: tool.header_rows - 1]) else 1
    form = Format(type="csv")
    names = numbered(titles(rows[above : above + taken], form), form)
    parts = _parts(rows[above : above + taken]) if taken > 1 else {}
    below, met = 0, []
    for pattern in tool.below:
        if below < len(under) and re.search(pattern, clean(under[below])):
            below += 1
            met.append(pattern)
    said = rows[above + taken] if below else []
    labels = {name: clean(text) for name, text in zip(names, said, strict=False) if name and text}
    return Header(above, tool, taken, below, (clean(rows[above][at]), "|".join(met)), labels, parts)


def _most_titles(rows: Sequence[Sequence[str]]) -> int:
    """Returns the row with most different texts among the first; a number is no title."""

    def titles_in(row: Sequence[str]) -> int:
        return len({c for c in row if c and not _NUMBER.fullmatch(c)})

    return max(range(min(HEAD, len(rows))), key=lambda i: (titles_in(rows[i]), -i))
