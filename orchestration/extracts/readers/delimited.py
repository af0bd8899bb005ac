"""Delimited text in the dialect that a contract declares; nothing is guessed.

The text is decoded as it is read, and counted before it is parsed: what is refused never costs its size in memory.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import limits
from orchestration.extracts.readers.archives import opened
from orchestration.extracts.readers.decoding import UNIT, decoded
from orchestration.extracts.readers.lookup import header_position
from orchestration.extracts.readers.tables import (
    EMPTY,
    LINE,
    RawTable,
    check_size,
    check_titles,
    letters,
    numbered,
    titles,
    unreadable,
)

_BLOCK = 8 * limits.MIB
_BATCH_CELLS = 1_000_000
_MISPLACED = "guillemet mal placé ou jamais fermé"
# A file of which so many lines, and most of them, have not the header's cells is in another dialect than declared.
_RAGGED = 1_000


def read(path: Path, form: Format, name: str, check: Callable[[Sequence[str]], None] | None = None) -> list[RawTable]:
    """Reads a delimited text.

    Args:
        path: the delivered file.
        form: its dialect.
        name: how messages name it.
        check: is given the headings before the rows are read, and raises where they are not worth reading.

    Raises:
        DeliveryError: it is not in the declared encoding, holds a null character or an endless line, has a quote in
            its header that is never closed, no header or two columns of one title, is beyond measure, or most of its
            lines are not in its dialect; or what `check` raises.
    """
    with opened(path, "csv", name) as file:
        text = decoded(file, form.text_encoding, form.separateur, name)
    above = header_position(([line] for line in _lines(text, 0)), form, name)
    header, start, line = _header(text, form, above, name)
    names = numbered(titles(header, form), form)
    check_titles(names, name, above + 1)
    if not any(names):
        raise DeliveryError(EMPTY, f"{name} : pas d'en-tête à la ligne {above + form.lignes_entete}.")
    if check is not None:
        check([title for title in names if title])
    columns = [title or f"colonne {letters(i)}" for i, title in enumerate(names)]
    frame, ragged = _body(text, start, line, columns, form, name)
    untitled = [c for c, title in zip(columns, names, strict=True) if not title]
    return [RawTable(None, frame.drop(_blank(frame, untitled)), ragged=ragged)]


def _delimiter(form: Format) -> str:
    return form.separateur if len(form.separateur) == 1 else UNIT


def _blank(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    return [c for c in columns if frame[c].str.strip_chars().replace("", None).null_count() == frame.height]


def _header(text: bytes, form: Format, above: int, name: str) -> tuple[list[list[str | None]], int, int]:
    """Returns the header's rows, where the records begin, and on which line."""
    start = 0
    for done in range(above):
        start = text.find(b"\n", start) + 1
        if not start:
            raise DeliveryError(EMPTY, f"{name} : {done + 1} lignes, l'en-tête est attendu à la ligne {above + 1}.")
    rows: list[list[str | None]]
    end, line = start, above + 1
    reader = _reader(_lines(text, start), form)
    try:
        rows = [[c.replace(UNIT, form.separateur) for c in row] for row in itertools.islice(reader, form.lignes_entete)]
    except csv.Error:
        raise _unclosed(name, line) from None
    if len(rows) < form.lignes_entete:
        raise DeliveryError(EMPTY, f"{name} : pas d'en-tête à la ligne {above + form.lignes_entete}.")
    for _ in range(reader.line_num):
        end = text.find(b"\n", end) + 1 or len(text)
    check_size(1, max(map(len, rows)), name)
    return rows, end, line + reader.line_num


def _lines(text: bytes, start: int) -> Iterator[str]:
    while start < len(text):
        end = text.find(b"\n", start) + 1 or len(text)
        yield text[start:end].decode()
        start = end


def _reader(lines: Iterator[str], form: Format) -> Any:
    options: dict[str, Any] = {"delimiter": _delimiter(form), "escapechar": form.echappement, "strict": True}
    if form.guillemet:
        return csv.reader(lines, quotechar=form.guillemet, **options)
    return csv.reader(lines, quoting=csv.QUOTE_NONE, quotechar=None, **options)


def _unclosed(name: str, line: int) -> DeliveryError:
    return unreadable(f"{name}, ligne {line} : {_MISPLACED}", "corriger « guillemet » ou la ligne")


def _body(
    text: bytes, start: int, line: int, columns: list[str], form: Format, name: str
) -> tuple[pl.DataFrame, dict[int, str]]:
    # before parsing: a short line under a wide header is worth a full row of memory
    check_size(text.count(b"\n", start) + 1, len(columns), name)
    marks = [mark.encode() for mark in (form.guillemet, form.echappement) if mark is not None]
    quoted = any(text.find(mark, start) >= 0 for mark in marks)
    if start >= len(text):
        return pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)}), {}
    # the library takes the number of columns from the first line, which may not be empty then
    if len(columns) > 1 and not quoted and text[start] != 10 and _regular(text, start, len(columns), form):
        frame = pl.read_csv(
            text,
            has_header=False,
            skip_lines=line - 1,
            schema=dict.fromkeys(columns, pl.String),
            separator=_delimiter(form),
            quote_char=None,
        )
        return frame.with_row_index(LINE, offset=line).with_columns(pl.col(LINE).cast(pl.Int64)), {}
    return _row_by_row(text, start, line, columns, form, name)


def _regular(text: bytes, start: int, width: int, form: Format) -> bool:
    """Returns whether every line has the header's cells, or is empty."""
    mark = ord(_delimiter(form)) if _delimiter(form).isascii() else -1
    if mark < 0:
        return False
    while start < len(text):
        end = text.rfind(b"\n", start, start + _BLOCK) + 1 or text.find(b"\n", start) + 1 or len(text)
        block = np.frombuffer(text, dtype=np.uint8, count=end - start, offset=start)
        ends = np.flatnonzero(block == 10)
        if text[end - 1] != 10:
            ends = np.append(ends, len(block))
        before = np.searchsorted(np.flatnonzero(block == mark), ends)
        counts = np.diff(before, prepend=0)
        empty = np.diff(ends, prepend=-1) == 1
        if not bool(np.all((counts == width - 1) | empty)):
            return False
        start = end
    return True


class _Lines:
    """The physical lines of a text from a place on, as they are asked for.

    Attributes:
        at: where the next line begins, in bytes.
        given: how many lines were asked for.
    """

    def __init__(self, text: bytes, start: int) -> None:
        self.text, self.at, self.given = text, start, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text):
            raise StopIteration
        start, self.at = self.at, self.text.find(b"\n", self.at) + 1 or len(self.text)
        self.given += 1
        return self.text[start : self.at].decode()


def _records(text: bytes, start: int, line: int, width: int, form: Format) -> Iterator[tuple[int, list[str], str]]:
    """Yields each record: the line it begins on, its cells, and what is wrong with it, or nothing.

    A quote that is misplaced, or never closed, may swallow the lines that follow. Its record is then its own line
    alone, and what follows is read anew: one faulty line costs itself, and no other one is lost uncounted. What tells
    such a record from one that has a cell of several lines is a line in it that is a whole record by itself.
    """
    source = _Lines(text, start)
    reader = _reader(source, form)
    while True:
        begins, at, given = line + source.given, source.at, source.given
        try:
            row = next(reader, None)
        except csv.Error:
            row = []
            faulty = True
        else:
            if row is None:
                return
            taken = text[at : source.at].decode().splitlines()[1:] if source.given > given + 1 else []
            faulty = len(row) not in (0, width) and any(_cells(each, form) == width for each in taken)
        if faulty:
            alone = _Lines(text, at)
            yield begins, next(alone).rstrip("\r\n").split(_delimiter(form)), _MISPLACED
            source.at, source.given = alone.at, given + 1
            reader = _reader(source, form)
        elif row:
            yield begins, row, "" if len(row) == width else f"{len(row)} cellules au lieu de {width}"


def _cells(line: str, form: Format) -> int:
    """Returns how many cells a line has by itself; 0 where it cannot be read."""
    try:
        return len(next(_reader(iter([line]), form), []))
    except csv.Error:
        return 0


def _row_by_row(
    text: bytes, start: int, line: int, columns: list[str], form: Format, name: str
) -> tuple[pl.DataFrame, dict[int, str]]:
    """Reads with the standard library, which knows the physical line where a record begins."""
    width = len(columns)
    frames: list[pl.DataFrame] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    ragged: dict[int, str] = {}
    full = max(1, _BATCH_CELLS // width)

    def flush() -> None:
        values = list(zip(*rows, strict=True)) or [()] * width
        frame = pl.DataFrame(
            {LINE: lines, **dict(zip(columns, values, strict=True))},
            schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)},
        )
        if _delimiter(form) != form.separateur:
            frame = frame.with_columns(pl.col(columns).str.replace_all(UNIT, form.separateur, literal=True))
        frames.append(frame)

    for read, (begins, row, fault) in enumerate(_records(text, start, line, width, form), start=1):
        if fault:
            ragged[begins] = fault
            if len(ragged) > max(_RAGGED, read / 2):
                at = next(iter(ragged))
                raise unreadable(
                    f"{name}, ligne {at} : {ragged[at]}, et plus de {_RAGGED} lignes de même",
                    "corriger « separateur » ou « guillemet » dans le contrat, ou redemander le fichier",
                )
        lines.append(begins)
        rows.append([*row[:width], *[""] * (width - len(row))])
        if len(rows) >= full:
            flush()
            lines, rows = [], []
    flush()
    return pl.concat(frames), ragged
