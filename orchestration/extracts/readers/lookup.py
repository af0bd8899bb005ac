"""What a contract finds, or misses, in what was read: the header row, columns, dates, numbers.

A regulator's workbook moves from one edition to the next: it adds title lines, glues footnote numbers to its headings,
misspells one of them. What a contract says is looked for by content, and what it finds must be one thing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format, Heading
from orchestration.extracts.readers.tables import unreadable
from orchestration.programme.texts import capped, clean, normalise

# what a serial number counts the days from: Excel, and the workbooks that began on an old Mac
_EPOCHS = {"excel": dt.date(1899, 12, 30), "excel1904": dt.date(1904, 1, 1)}
_FIRST_YEAR = 1000  # an earlier one is a year of two digits, read by a form that wants four
# « 14:30 », « 14h30 », « T14:30:00.000Z » behind a date
_TIME = r"(?i)[T ]\d{1,2}\s?[:h]\s?\d{0,2}.*$"
# « size2,3 », « achieved2 % », « URL1 »: digits glued to a letter that is lower case, or to the last word
_FOOTNOTE = re.compile(r"(?<=[a-zà-ÿ])\d+(?:,\d+)*(?=\s|$)|(?<=[^\s\d(])\d+(?:,\d+)*$")


def header_position(lines: Iterable[Sequence[str | None]], form: Format, where: str) -> int:
    """Returns how many rows stand above the header row.

    Args:
        lines: the rows, as text.
        form: the `format` of a contract: `entete.cherche` (a pattern one cell of the header answers to), or
            `lignes_avant_entete` (a number).
        where: file and sheet, to say in an error.

    Raises:
        DeliveryError: no row answers to the pattern (rule `fichier_illisible`).
    """
    if form.entete is None:
        return form.lignes_avant_entete
    pattern = re.compile(form.entete.cherche, re.IGNORECASE)
    for position, cells in enumerate(lines):
        if any(cell and pattern.search(clean(cell)) for cell in cells):
            return position
    raise unreadable(
        f"{where} : aucune ligne d'en-tête ne répond à « {pattern.pattern} »", "corriger « entete » dans le contrat"
    )


def find_column(columns: Sequence[str], spec: Heading, where: str) -> str:
    """Returns the one column that a contract means.

    Args:
        columns: headings of the file, cleaned.
        spec: a heading, compared without case, odd spaces or footnote numbers, or `{cherche: pattern}`.
        where: file and sheet, to say in an error.

    Raises:
        DeliveryError: no column answers (`colonnes_absentes`), or several do (`colonnes_ambigues`).
    """
    if isinstance(spec, str):
        wanted, said = normalise(spec), spec
        found = [c for c in columns if normalise(c) == wanted]
        found = found or [c for c in columns if normalise(_FOOTNOTE.sub("", clean(c))) == wanted]
    else:
        pattern, said = re.compile(spec.cherche, re.IGNORECASE), spec.cherche
        found = [c for c in columns if pattern.search(clean(c))]
    if not found:
        raise DeliveryError(
            "colonnes_absentes", f"{where} : aucune colonne ne répond à « {said} » ; corriger le contrat."
        )
    if len(found) > 1:
        raise DeliveryError(
            "colonnes_ambigues",
            f"{where} : plusieurs colonnes répondent à « {said} » ({capped(found, joint=' | ')}) ;"
            " préciser le contrat.",
        )
    return found[0]


def without_time(texts: pl.Expr) -> pl.Expr:
    """Returns dates as they are written, without the time of the day that may stand behind them."""
    return texts.str.replace(_TIME, "")


def parse_dates(texts: pl.Expr, form: str | None) -> pl.Expr:
    """Returns dates from text: a strptime format, or `excel` serial numbers; ISO is always understood.

    A workbook's dates may be half typed, half text: the typed ones come as ISO whatever the format declared. A time
    of the day behind a date is left out. A year of fewer than four digits under a form that wants four is no date.
    """
    days = without_time(texts)
    iso = days.str.to_date("%Y-%m-%d", strict=False)
    if form in _EPOCHS:
        number = plain_number(texts).cast(pl.Float64, strict=False).floor().cast(pl.Int64, strict=False)
        possible = pl.when(number.is_between(1, 2_958_465)).then(number)  # 9999-12-31
        return pl.coalesce(pl.lit(_EPOCHS[form]) + pl.duration(days=possible), iso)
    if form is None or form == "%Y-%m-%d":
        return iso
    read = pl.coalesce(texts.str.to_date(form, strict=False), days.str.to_date(form, strict=False), iso)
    # « 25/10/22 » under %Y would be the year 22 of our era
    return pl.when(read.dt.year() >= _FIRST_YEAR).then(read)


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
