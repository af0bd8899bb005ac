"""Reads one delivered file, whatever its form, into tables of text: what is written in the cells, and on which line.

One module per form: `delimited`, `workbook`, `typed` (SPSS, Stata, SAS and Parquet); `archives` unwraps gzip and zip,
`tables` holds what all forms share, `limits` how much a file may be. Text is read here, counted before it is parsed;
the other forms by libraries whose appetite a file decides, hence in a process of its own (`isolated`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import delimited, isolated
from orchestration.extracts.readers.archives import on_disk
from orchestration.extracts.readers.lookup import parse_dates, plain_number
from orchestration.extracts.readers.received import shown_name
from orchestration.extracts.readers.tables import LINE, RawTable, check_not_empty, place, records, unreadable

__all__ = [
    "LINE",
    "RawTable",
    "other_sheets",
    "parse_dates",
    "place",
    "plain_number",
    "read_tables",
    "sheet_rows",
    "unreadable",
]


def read_tables(
    path: Path, form: Format, check: Callable[[Sequence[str]], None] | None = None, rows: int | None = None
) -> list[RawTable]:
    """Reads a delivered file in a given form.

    Args:
        path: the file.
        form: the `format` of a contract.
        check: is given the headings of a delimited text before its rows are read, and raises where they are not worth
            reading.
        rows: how many rows of a workbook, an SPSS or a Parquet file to read; by default all.

    Raises:
        DeliveryError: the file cannot be read in that form (`fichier_illisible`), holds no record (`fichier_vide`)
            or is beyond measure (`fichier_demesure`); or what `check` raises.
    """
    name = shown_name(path)
    try:
        if form.type == "csv":
            tables = [records(table, form, name) for table in delimited.read(path, form, name, check)]
        else:
            with on_disk(path, form.type, name) as plain:
                tables = isolated.read(plain, form, name, rows)
    except DeliveryError:
        raise
    except Exception as error:  # a reader library may raise anything on a broken file; the reason is what matters
        reason = " ".join(str(error).split())[:200]
        raise unreadable(f"{name} : illisible comme {form.type} ({reason})") from None
    check_not_empty(tables, name)
    return tables


def other_sheets(path: Path, form: Format, read: Sequence[str], rows: int) -> dict[str, list[list[str]]]:
    """Returns the visible sheets of a workbook that are not read, by name: every cell of their first rows as text.

    None is worth a refusal: what cannot be looked at is as if it were not there.

    Args:
        path: the delivered file.
        form: the `format` of its contract.
        read: the sheets that are read.
        rows: how many rows of each.
    """
    name = shown_name(path)
    try:
        with on_disk(path, form.type, name) as plain:
            found = isolated.grids(plain, form, name, rows, read)
    except DeliveryError:
        return {}
    return sheet_rows(found)


def sheet_rows(grids: Sequence[RawTable]) -> dict[str, list[list[str]]]:
    """Returns sheets that were read as they stand, by name: every cell as text without blanks around."""
    return {str(g.sheet): [[(cell or "").strip() for cell in row] for row in g.frame.iter_rows()] for g in grids}
