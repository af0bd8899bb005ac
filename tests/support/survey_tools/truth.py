"""What is true of an extract: what each of its columns is, and what each of its values means."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

Cell = str | int | float | dt.datetime | None


def shown(cell: Cell) -> str:
    """Returns a cell as text: a whole number without decimals, nothing as an empty text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


@dataclass(frozen=True)
class Column:
    """What a column of a file is.

    Attributes:
        headings: its title, one for each header row, as in the file.
        kind: question, axe, entretien, date, organisme, strate, poids or ignoree.
        code: the question's or the axis's code.
        option: modalité code, of a column that holds one option of a multiple-choice question.
        rank: from 1, of a column that holds the first, second … mention of one.
        separator: what parts the answers of a cell that holds several.
        chosen: raw values of an option's column by which the option was chosen.
        left: those by which it was not.
        unasked: those by which the question was not put.
        bands: whether the cell is a number that the bounds of `segments.csv` classify.
        date_format: of a date written as text, `strptime`'s, up to the hour that follows a space or a T; empty where the
            file holds a true date.
        also: another kind that a reader could as well take it for: the start of an interview is also its date.
        personal: whether it is personal data.
    """

    headings: tuple[str, ...]
    kind: str
    code: str = ""
    option: str = ""
    rank: int = 0
    separator: str = ""
    chosen: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    bands: bool = False
    date_format: str = ""
    also: str = ""
    personal: bool = False

    @property
    def heading(self) -> str:
        """The title in the first header row."""
        return self.headings[0]


@dataclass(frozen=True)
class Layout:
    """Where the table stands in its file.

    Attributes:
        before: rows above the first header row.
        headers: header rows, those that hold a table's titles.
        after: rows below the last record: totals, notes.
        encoding: of a text file.
        delimiter: of a text file.
        sheet: of a workbook.
    """

    before: int = 0
    headers: int = 1
    after: int = 0
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class ToolExtract:
    """An extract as a tool wrote it, and its truth.

    Attributes:
        path: the file.
        tool: the tool's name.
        variant: which of its exports.
        columns: what each column is, by position from 0.
        values: by question code, axis, `organisme` or `strate`: the code that each raw value stands for, as text.
        layout: where the table stands in the file.
        organisme: its code, when the whole file is of one and no column says so.
        answers: per record, in the file's order, modalité codes by question code.
        segments: per record, segment code by axis; the axes that the file has.
    """

    path: Path
    tool: str
    variant: str
    columns: dict[int, Column]
    values: dict[str, dict[str, str]]
    layout: Layout
    organisme: str
    answers: list[dict[str, tuple[str, ...]]]
    segments: list[dict[str, str]]
