"""What a contract finds, or misses, in what was read: columns, dates, the organisme in a file's name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from orchestration.extracts.readers.tables import LINE

if TYPE_CHECKING:
    from orchestration.extracts.contract import Contract


def parse_dates(texts: pl.Expr, form: str | None) -> pl.Expr:
    """Returns dates from text: a strptime format, or `excel` serial numbers; ISO is always understood.

    A workbook's dates may be half typed, half text: the typed ones come as ISO whatever the format declared.
    """
    iso = texts.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if form == "excel":
        days = texts.cast(pl.Float64, strict=False).floor().cast(pl.Int64, strict=False)
        possible = pl.when(days.is_between(1, 2_958_465)).then(days)  # 9999-12-31
        return pl.coalesce(pl.lit(dt.date(1899, 12, 30)) + pl.duration(days=possible), iso)
    if form is None or form == "%Y-%m-%d":
        return iso
    return pl.coalesce(texts.str.slice(0, 10).str.to_date(form, strict=False), iso)


def organisme_in_name(filename: str, pattern: str) -> str | None:
    """Returns the part of a file name that names the organisme, by the contract's pattern."""
    match = re.search(pattern, filename)
    return match.group(1) if match else None


def missing_and_unknown(columns: Sequence[str], contract: Contract, organisme: str) -> tuple[list[str], list[str]]:
    """Returns the contract's columns a file lacks, and the file's columns the contract does not know."""
    known = contract.known_columns(organisme)
    present = [c for c in columns if c != LINE]
    ignored = contract.ignored_columns(organisme)
    return [c for c in known if c not in present], [c for c in present if c not in known and c not in ignored]
