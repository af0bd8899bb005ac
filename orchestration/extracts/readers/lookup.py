"""What a contract finds, or misses, in what was read: columns, dates, the organisme in a file's name."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

# what a serial number counts the days from: Excel, and the workbooks that began on an old Mac
_EPOCHS = {"excel": dt.date(1899, 12, 30), "excel1904": dt.date(1904, 1, 1)}
# « 14:30 », « 14h30 », « T14:30:00.000Z » behind a date
_TIME = r"(?i)[T ]\d{1,2}\s?[:h]\s?\d{0,2}.*$"


def parse_dates(texts: pl.Expr, form: str | None) -> pl.Expr:
    """Returns dates from text: a strptime format, or `excel` serial numbers; ISO is always understood.

    A workbook's dates may be half typed, half text: the typed ones come as ISO whatever the format declared. A time
    of the day behind a date is left out.
    """
    days = texts.str.replace(_TIME, "")
    iso = days.str.to_date("%Y-%m-%d", strict=False)
    if form in _EPOCHS:
        number = plain_number(texts).cast(pl.Float64, strict=False).floor().cast(pl.Int64, strict=False)
        possible = pl.when(number.is_between(1, 2_958_465)).then(number)  # 9999-12-31
        return pl.coalesce(pl.lit(_EPOCHS[form]) + pl.duration(days=possible), iso)
    if form is None or form == "%Y-%m-%d":
        return iso
    return pl.coalesce(texts.str.to_date(form, strict=False), days.str.to_date(form, strict=False), iso)


def plain_number(texts: pl.Expr, decimal: str | None = None) -> pl.Expr:
    """Returns numbers as a computer writes them, still text: no grouping of thousands, a decimal point.

    Args:
        texts: numbers as a person or a tool wrote them: 1 234,5 or 1.234,5 or 1,234.5 or 1'234.5.
        decimal: the decimal separator that the contract declares. It decides of what can be read both ways (1.234);
            without it, one separator alone is the decimal one.
    """
    bare = texts.str.replace_all(r"[\s']", "")
    both = {".": r"^[+-]?\d{1,3}(?:\.\d{3})+,\d+$", ",": r"^[+-]?\d{1,3}(?:,\d{3})+\.\d+$"}
    found = bare
    for grouping, pattern in both.items():
        sign = f"\\{grouping}"
        least = "+" if decimal not in (None, grouping) else "{2,}"
        grouped = bare.str.contains(pattern) | bare.str.contains(rf"^[+-]?\d{{1,3}}(?:{sign}\d{{3}}){least}$")
        found = pl.when(grouped).then(bare.str.replace_all(grouping, "", literal=True)).otherwise(found)
    return found.str.replace(",", ".", literal=True)


def organisme_in_name(filename: str, pattern: str) -> str | None:
    """Returns the part of a file name that names the organisme, by the contract's pattern."""
    match = re.search(pattern, filename)
    return match.group(1) if match else None
