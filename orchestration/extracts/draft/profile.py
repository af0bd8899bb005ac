"""What the cells of a column look like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from orchestration.extracts.draft.lexicon import lexicon, says
from orchestration.extracts.draft.sniff import SHEET, Sniffed
from orchestration.extracts.draft.titles import Part, bare, parts_of, readings_of
from orchestration.extracts.personal_data import kind_of_header
from orchestration.extracts.readers import LINE
from orchestration.programme.texts import normalise

_PERSONAL = {
    "adresse électronique": r"^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$",
    "téléphone": r"^(?:\+33|0033|0)[\s.]?[1-9](?:[\s.-]?\d{2}){4}$",
    "IBAN": r"^[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}",
    "numéro de sécurité sociale": r"^[12]\s?\d{2}\s?(?:0[1-9]|1[0-2])\s?\d[\dAB](?:\s?\d{3}){2}(?:\s?\d{2})?$",
    "adresse postale": r"(?i)^\d{1,4}\s?(?:bis|ter)?,?\s(?:rue|avenue|av\.?|bd|boulevard|place|allée|chemin|impasse)\s",
}
ANNOUNCED = "en-tête qui annonce une donnée personnelle"
_DATES = (
    *("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d"),
    *("%m/%d/%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%Y%m%d"),
    *("%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%m-%d-%y", "%m.%d.%y"),
)
# years of two digits are read as those of the first century, by a form that wants four
_FIRST, _LAST = dt.date(1000, 1, 1), dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Column:
    """One source column.

    Attributes:
        name: its header, as the reader gives it.
        label: variable label, or the header where there is none.
        value_labels: label by value.
        counts: rows by value, blanks left out.
        rows: rows of the file.
        personal: kind of personal data it holds, or empty.
        part: what it is of a question whose other columns stand beside it; None where it stands alone.
        levels: what each row of the header says of it, where there are several.
        blanks: rows by value that says nothing without being empty.
    """

    name: str
    label: str
    value_labels: Mapping[str, str]
    counts: Mapping[str, int]
    rows: int
    personal: str
    part: Part | None = None
    levels: tuple[str, ...] = ()
    blanks: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def header(self) -> str:
        """Its header as it is shown: without marks of HTML."""
        return bare(self.name)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The ways to read its title as the text of a question."""
        own = readings_of(self.part.own) if self.part else ()
        return tuple(dict.fromkeys((*readings_of(self.label, self.levels), *own)))

    @cached_property
    def filled(self) -> int:
        """Rows with a value."""
        return sum(self.counts.values())

    @cached_property
    def numbers(self) -> Mapping[float, int]:
        """Rows by number, for the values that are numbers."""
        found: dict[float, int] = {}
        for value, count in self.counts.items():
            if re.fullmatch(r"-?\d+(?:[.,]\d+)?", value):
                number = float(value.replace(",", "."))
                found[number] = found.get(number, 0) + count
        return found

    @cached_property
    def numeric(self) -> bool:
        """Whether nearly all values are numbers."""
        return bool(self.filled) and sum(self.numbers.values()) >= 0.98 * self.filled

    @cached_property
    def dates(self) -> Mapping[str, list[dt.date]]:
        """The dates of the rows with a value, by form, for the forms that nearly all of the values have."""
        texts = pl.Series([*self.counts], dtype=pl.String).str.slice(0, 10).str.strip_chars()
        rows = pl.Series([*self.counts.values()], dtype=pl.Int64)
        found = {}
        for form in _DATES if self.filled else ():
            read = texts.str.to_date(form, strict=False)
            dated = read.is_between(_FIRST, _LAST).fill_null(False)
            if rows.filter(dated).sum() > 0.95 * self.filled:
                pairs = zip(read.filter(dated), rows.filter(dated), strict=True)
                found[form] = [date for date, times in pairs for _ in range(times)]
        return found


def profile(sniffed: Sniffed, read: Callable[[str], str] = str) -> list[Column]:
    """Returns the columns of a file, in order.

    Args:
        sniffed: the file, read.
        read: what a title is read as.
    """
    blanks = set(lexicon()["blancs"])
    found = []
    names = [c for c in sniffed.frame.columns if c not in (LINE, SHEET)]
    labels = [read(sniffed.labels.get(name) or name) for name in names]
    rows = [tuple(map(read, sniffed.parts.get(name, ()))) for name in names]
    levels = dict(zip(labels, rows, strict=True))
    parts = parts_of(labels, levels)
    # variables that say nothing by their label may still be numbered together: « q8___1 », « q8___2 »
    parts = [part or other for part, other in zip(parts, parts_of([*map(bare, names)], {}), strict=True)]
    for name, label, part, own in zip(names, labels, parts, rows, strict=True):
        # in the order of the values: Polars counts them in another order each time, and the draft would follow it
        counted = sniffed.frame[name].drop_nulls().value_counts(name="__lignes").sort(name)
        counts = {v: n for v, n in counted.iter_rows() if normalise(v) not in blanks}
        nothing = {v: n for v, n in counted.iter_rows() if normalise(v) in blanks}
        written = {v: shown for v in counts if (shown := bare(v)) != v}
        told = {**written, **sniffed.value_labels.get(name, {})}
        said = (name, label, told, counts, sniffed.frame.height)
        found.append(Column(*said, _personal(bare(name), label, counts), part, own, nothing))
    return found


def date_form(column: Column) -> tuple[str | None, list[dt.date]] | None:
    """Returns the form of a column of dates (None is ISO) and its dates; None when it holds none."""
    numbers = column.numbers
    if numbers and sum(n for v, n in numbers.items() if 36000 < v < 60000) > 0.98 * column.filled:
        return "excel", [
            dt.date(1899, 12, 30) + dt.timedelta(days=int(v)) for v, n in numbers.items() for _ in range(n)
        ]
    read = column.dates
    if not read:
        return None
    # of two forms that both fit, the better one is the file's: « 10/25/2022 » has no 25th month
    form = max(read, key=lambda form: len(read[form]))
    return (None if form == _DATES[0] else form), read[form]


def other_date_form(column: Column) -> str | None:
    """Returns the form that fits dates as well as `date_form`'s, day and month turned round; None where none does."""
    found = date_form(column)
    if found is None or found[0] in (None, "excel"):
        return None
    turned = str(found[0]).translate(str.maketrans("dm", "md"))
    return turned if len(column.dates.get(turned, ())) == len(found[1]) else None


def _personal(name: str, label: str, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    for kind, pattern in _PERSONAL.items():
        if total and sum(n for v, n in counts.items() if re.search(pattern, v)) > 0.1 * total:
            return kind
    said = says((name, label), lexicon()["personnel"]) or kind_of_header(name) or kind_of_header(label)
    # a question about e-mail is answered with a handful of codes; a list of addresses is not
    return ANNOUNCED if said and len(counts) > min(12, 0.3 * total) else ""
