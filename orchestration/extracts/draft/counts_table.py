"""A table of counts as the draft looks at it: its lines, what each column of counts says, and the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.extracts.draft.counts_titles import Said
from orchestration.extracts.readers import plain_number

Number = float | None


@dataclass(frozen=True)
class LongTable:
    """Where a frequency table says question, answer and numbers.

    Attributes:
        question: column of the question.
        answer: column of the answer.
        numbers: columns of the numbers, the count first.
        shares: columns of percentages beside them.
        repeated: those of them that the counts give.
        zeros: whether a count of zero is written somewhere.
        gaps: lines and questions of which an answer has no line, as (row, question).
    """

    question: str
    answer: str
    numbers: tuple[str, ...]
    shares: tuple[str, ...]
    repeated: tuple[str, ...] = ()
    zeros: bool = False
    gaps: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class CountsTable:
    """A table of counts, one row per line of counts.

    Attributes:
        frame: its cells as text; a frequency table is spread, one column per question and answer.
        said: every way to read the title of each column of counts.
        others: its other columns.
        long: where a frequency table says so; None of a plain one.
        unread: of a frequency table, what stands for an answer and is none of the questionnaire's, by question.
    """

    frame: pl.DataFrame
    said: Mapping[str, set[Said]]
    others: Sequence[str]
    long: LongTable | None = None
    unread: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def rows(self, keep: Sequence[bool]) -> CountsTable:
        """Returns the table with some of its rows."""
        return CountsTable(self.frame.filter(pl.Series(keep)), self.said, self.others, self.long, self.unread)

    def texts(self, column: str) -> list[str | None]:
        """Returns the cells of a column."""
        return self.frame[column].to_list()

    def numbers(self, column: str) -> list[Number]:
        """Returns the numbers of a column; a blank, or a text, is none."""
        return self._parsed(column)[0]

    def odd(self, column: str) -> dict[str, int]:
        """Returns the texts that stand in a column where a number would, with their cells."""
        return self._parsed(column)[1]

    def _parsed(self, column: str) -> tuple[list[Number], dict[str, int]]:
        written = self.frame.select(plain_number(pl.col(column)).alias("nombre"))["nombre"].to_list()
        numbers: list[Number] = []
        odd: dict[str, int] = {}
        for text, number in zip(self.texts(column), written, strict=True):
            try:
                numbers.append(None if text is None else float(number.removesuffix("%")))
            except ValueError:
                numbers.append(None)
                odd[str(text)] = odd.get(str(text), 0) + 1
        return numbers, odd


def added(columns: Sequence[Sequence[Number]]) -> list[Number]:
    """Returns the sums of several columns, row by row; none where one of them is blank."""
    return [None if None in row else sum(filter(None, row)) for row in zip(*columns, strict=True)]


def same(one: Sequence[Number], other: Sequence[Number], within: float = 1e-6) -> bool:
    """Returns whether two columns of numbers agree on every row that has both, and there is such a row."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return bool(both) and all(abs(a - b) <= within for a, b in both)


def at_most(one: Sequence[Number], other: Sequence[Number], times: float = 1.0) -> bool:
    """Returns whether a column of numbers nowhere exceeds another, so many times."""
    return all(a <= b * times + 1e-6 for a, b in zip(one, other, strict=True) if a is not None and b is not None)
