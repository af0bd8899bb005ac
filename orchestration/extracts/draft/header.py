"""Finds the titles of a table among its first rows, and what a survey tool writes between them and the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.extracts.draft.tools import Tool, tool_of
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import numbered, parts_of_titles, titles
from orchestration.programme.texts import clean, counted

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
            found["lignes_ignorees"] = rule, f"{counted(self.below, 'ligne')} de {named} sous les titres"
        return found


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Returns the header of a table: a tool's own titles, or the row with most different texts among the first."""
    for above, row in enumerate(rows[:HEAD]):
        if tool := tool_of(row):
            return _of_tool(rows, above, tool)
    return Header(_most_titles(rows), None, 1, 0, ("", ""), {}, {})


def _of_tool(rows: Sequence[Sequence[str]], above: int, tool: Tool) -> Header:
    at = next(i for i, title in enumerate(rows[above]) if tool.is_first_sign(title))
    under = [row[at] if at < len(row) else "" for row in rows[above + 1 :]]
    # a second row of titles says nothing of the tool's own columns
    taken = tool.header_rows if not any(under[: tool.header_rows - 1]) else 1
    form = Format(type="csv")
    names = numbered(titles(rows[above : above + taken], form), form)
    parts = dict(zip(names, parts_of_titles(rows[above : above + taken]), strict=True)) if taken > 1 else {}
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
        return len({c for c in row if c and not re.fullmatch(r"[-\d.,/: ]+", c)})

    return max(range(min(HEAD, len(rows))), key=lambda i: (titles_in(rows[i]), -i))
