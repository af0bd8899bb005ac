"""What the sheets of a workbook that hold no interviews say of those that do: titles of columns, labels of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from orchestration.extracts.contract import Contract
from orchestration.extracts.draft.codebook import find_codebook
from orchestration.extracts.draft.titles import bare
from orchestration.extracts.readers import LINE, RawTable, other_sheets

# rows looked at: of a codebook, more than any has; of a table, enough to tell its codes from their labels
_ROWS = 5_000


def with_codebook(tables: Sequence[RawTable], path: Path, contract: Contract) -> list[RawTable]:
    """Returns the tables of a workbook with what its other sheets say of their columns and values.

    Args:
        tables: the tables read from it.
        path: the delivered file; nothing is looked for in a form that has no sheets.
        contract: how it is written; what it reads or joins is no codebook.
    """
    joined = [rule.feuille for rule in contract.joins if rule.feuille is not None]
    read = [table.sheet for table in tables if table.sheet is not None]
    found = other_sheets(path, contract.form, read, _ROWS) if read else {}
    sheets = {name: rows for name, rows in found.items() if not any(fnmatchcase(name, each) for each in joined)}
    return [_explained(table, sheets) for table in tables] if sheets else list(tables)


def _explained(table: RawTable, sheets: dict[str, list[list[str]]]) -> RawTable:
    head = table.frame.head(_ROWS)
    book = find_codebook(sheets, {column: {*head[column].drop_nulls()} for column in head.columns if column != LINE})
    if book is None:
        return table
    labels = {column: bare(label) for column, label in book.labels.items()}
    return replace(table, labels=labels, value_labels=book.value_labels, explained_by=book.sheets)
