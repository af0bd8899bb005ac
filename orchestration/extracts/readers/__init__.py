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

__all__ = ["LINE", "RawTable", "parse_dates", "place", "plain_number", "read_tables", "unreadable"]


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
