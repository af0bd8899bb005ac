"""The numbers and words of a question's file: each stands once, and a cell of the explorer names it by its rank.

Ranks begin at 1; 0 is nothing. A number is a pair, the value as the database holds it and its text, which is the page's
(`pages.written`). A word is a label of the page with its code, its reason, and what is said with reserve of it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from orchestration.reporting.cells import Cell
from orchestration.reporting.formats import Formats, exact, exactly, round_half_up
from orchestration.reporting.pages import written

Word = tuple[str, str, str, str, str, str]


class Texts:
    """What has been written once: the same few thousand values come back in every question."""

    def __init__(self, f: Formats) -> None:
        """The language."""
        self.f = f
        self._known: dict[tuple[Any, str], tuple[str, str]] = {}
        self._absences: dict[tuple[str, str], Word] = {}

    def of(self, value: Any, kind: str) -> tuple[str, str]:
        """A value as the database holds it, and as the page writes one of its kind."""
        found = self._known.get((value, kind))
        if found is None:
            found = self._known[value, kind] = exact(value), written(self.f, value, kind)
        return found

    def said(self, value: Any, kind: str, factor: int = 1) -> Decimal:
        """The number that the text of a value says.

        Args:
            value: as the database holds it.
            kind: what it is written as.
            factor: from the value to the unit of its text.
        """
        _, _, after = self.of(value, kind)[1].partition(self.f.texts["nombres"]["decimale"])
        return round_half_up(exactly(value) * factor, len(re.split(r"\D", after)[0]))

    def absence(self, cell: Cell) -> Word:
        """Why a figure is not shown, in the words of the page."""
        found = self._absences.get((cell.missing, cell.motif))
        if found is None:
            label, reason = self.f.status(cell.missing), self.f.why(cell.missing, cell.motif)
            found = (cell.missing, label.symbol, label.word, label.family, reason, "")
            self._absences[cell.missing, cell.motif] = found
        return found


class Ledger:
    """The numbers and words of one file, in the order in which they were first said."""

    def __init__(self, texts: Texts) -> None:
        """Empty; `texts` is shared by all files."""
        self._texts, self._f = texts, texts.f
        self._numbers: dict[tuple[str, str], int] = {}
        self._words: dict[Word, int] = {}

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """The pairs, by rank."""
        return list(self._numbers)

    @property
    def words(self) -> list[Word]:
        """The labels, by rank: code, sign, word, family, reason, reserve."""
        return list(self._words)

    def number(self, cell: Cell, kind: str) -> int:
        """The rank of a figure; 0 where it is not shown, whatever stands under its mask."""
        if not cell.shown:
            return 0
        return self._numbers.setdefault(self._texts.of(cell.valeur, kind), len(self._numbers) + 1)

    def absence(self, cell: Cell) -> int:
        """The rank of why a figure is not shown, in the words of the page; 0 where it is."""
        return 0 if cell.shown else self._rank(self._texts.absence(cell))

    def verdict(self, cell: Cell, judged: bool, reserve: str = "", sense: str = "") -> int:
        """The rank of a verdict; 0 without one.

        Args:
            cell: the verdict, with its own reason.
            judged: a rise is good news, so that it has a colour.
            reserve: what is said beside it.
            sense: what is said of it in place of its reason.
        """
        if cell.valeur is None:
            return 0
        label = self._f.verdict(cell.valeur, judged)
        reason = sense or (self._f.typography(cell.motif) if cell.motif else label.reason)
        return self._rank((str(cell.valeur), label.symbol, label.word, label.family, reason, reserve))

    def _rank(self, word: Word) -> int:
        return self._words.setdefault(word, len(self._words) + 1)
