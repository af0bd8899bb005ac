"""The sheets of a workbook that explain the variables of another: their labels, and those of their values.

Statistical files carry such labels in themselves. In a workbook they stand on sheets of their own, laid out in as many
ways as there are institutes: one row per variable, or one per value. Nothing depends on the titles of these sheets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from orchestration.programme.texts import normalise

# of the columns of the table, how many a sheet has to name for it to be their codebook
_NAMED = 0.5
_AT_LEAST = 5
# of the variables that have a text in a column, how many must have one of their own for it to be their label
_OWN = 0.8
# « 1 = Oui ; 2 = Non » in one cell
_LISTED = re.compile(r"(?:^|[;,|/\n])\s*(-?\w{1,4})\s*(?:=|:|\)|\s-)\s*(?=\S)")

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Codebook:
    """What a codebook says.

    Attributes:
        sheets: the names of the sheets that it was read from.
        labels: variable label by column.
        value_labels: label by value, by column.
    """

    sheets: tuple[str, ...]
    labels: Mapping[str, str]
    value_labels: Mapping[str, Mapping[str, str]]


def find_codebook(sheets: Mapping[str, Rows], values: Mapping[str, AbstractSet[str]]) -> Codebook | None:
    """Returns the codebook of a table; None where no sheet is one.

    Args:
        sheets: the other sheets of its workbook, every cell as stripped text.
        values: the values of each column of the table.
    """
    found = [book for name, rows in sheets.items() if (book := _read(name, rows, values)) is not None]
    if not found:
        return None
    # variables may have a sheet, and their values another
    named = max(found, key=lambda book: len(book.labels))
    coded = max(found, key=lambda book: len(book.value_labels))
    used = {name: None for book in (named, coded) if book.labels or book.value_labels for name in book.sheets}
    return Codebook(tuple(used), named.labels, coded.value_labels)


def _read(sheet: str, rows: Rows, values: Mapping[str, AbstractSet[str]]) -> Codebook | None:
    width = max(map(len, rows), default=0)
    square = [[*row, *[""] * (width - len(row))] for row in rows]
    names = {normalise(column): column for column in values}
    named = [len({names[key] for row in square if (key := normalise(row[at])) in names}) for at in range(width)]
    if not named or max(named) < max(_AT_LEAST, _NAMED * len(values)):
        return None
    at = named.index(max(named))
    blocks = _blocks(square, at, names)
    coded = _values(blocks, at, values)
    label = _label_column(blocks, {at, *coded.columns})
    labels = {column: block[0][label] for column, block in blocks.items() if label is not None and block[0][label]}
    return Codebook((sheet,), labels, coded.labels) if labels or coded.labels else None


def _blocks(rows: Rows, at: int, names: Mapping[str, str]) -> dict[str, list[Sequence[str]]]:
    """Returns the rows of each column of the table: those that name it, and those below that name nothing."""
    blocks: dict[str, list[Sequence[str]]] = {}
    current: str | None = None
    for row in rows:
        if row[at]:
            current = names.get(normalise(row[at]))
        elif not any(row):
            current = None
        if current is not None:
            blocks.setdefault(current, []).append(row)
    return blocks


@dataclass(frozen=True)
class _Coded:
    columns: tuple[int, ...]
    labels: dict[str, dict[str, str]]


def _values(blocks: Mapping[str, Sequence[Sequence[str]]], at: int, values: Mapping[str, AbstractSet[str]]) -> _Coded:
    """Returns the labels of values: those of two columns, code and label, or those that one cell lists."""
    width = len(next(iter(blocks.values()))[0])
    others = [i for i in range(width) if i != at]
    best = _Coded((), {})
    for code in others:
        for said in (i for i in others if i != code):
            pairs = {column: _pairs(block, code, said) for column, block in blocks.items()}
            best = max(best, _believed((code, said), pairs, values), key=lambda coded: len(coded.labels))
    for code in others:
        listed = {
            column: _listed(" ; ".join(filter(None, (row[code] for row in rows)))) for column, rows in blocks.items()
        }
        best = max(best, _believed((code,), listed, values), key=lambda coded: len(coded.labels))
    return best


def _pairs(block: Sequence[Sequence[str]], code: int, said: int) -> dict[str, str]:
    pairs = [(row[code], row[said]) for row in block if row[code] and row[said]]
    return dict(pairs) if len(pairs) > 1 and len(dict(pairs)) == len(pairs) else {}


def _listed(cell: str) -> dict[str, str]:
    marks = list(_LISTED.finditer(cell))
    ends = [*(mark.start() for mark in marks[1:]), len(cell)][: len(marks)]
    pairs = [(mark[1], cell[mark.end() : end].strip(" ;,|\n")) for mark, end in zip(marks, ends, strict=True)]
    return dict(pairs) if len(pairs) > 1 and len(dict(pairs)) == len(pairs) and all(said for _, said in pairs) else {}


def _believed(
    columns: tuple[int, ...], pairs: Mapping[str, Mapping[str, str]], values: Mapping[str, AbstractSet[str]]
) -> _Coded:
    """Returns the pairs whose codes are values of the table, more than their labels are; some labels are words."""
    kept = {column: dict(listed) for column, listed in pairs.items() if _says(listed, values[column])}
    worded = any(any(map(str.isalpha, said)) for listed in kept.values() for said in listed.values())
    return _Coded(columns, kept) if worded else _Coded((), {})


def _says(listed: Mapping[str, str], values: AbstractSet[str]) -> bool:
    said = {*listed.values()}
    if not listed or len(said) < len(listed):
        return False
    # the codes of a scale of marks are their own labels
    alike = said == listed.keys() and all(code == label for code, label in listed.items())
    return len(values & listed.keys()) > (0 if alike else len(values & said))


def _label_column(blocks: Mapping[str, Sequence[Sequence[str]]], taken: set[int]) -> int | None:
    """Returns the column whose first cell of each variable is its own text, the longest where there are several."""
    width = len(next(iter(blocks.values()))[0])
    found: list[tuple[float, int]] = []
    for i in (i for i in range(width) if i not in taken):
        texts = [block[0][i] for block in blocks.values() if block[0][i]]
        words = [text for text in texts if any(map(str.isalpha, text))]
        if len(words) * 2 >= len(blocks) and len(Counter(words)) >= _OWN * len(words):
            found.append((sum(map(len, words)) / len(words), -i))
    return -max(found)[1] if found else None
