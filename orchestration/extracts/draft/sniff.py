"""Finds out how a file is written: type, encoding, separator, header row, sheets, rows that are no interviews."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.draft.codebook import find_codebook
from orchestration.extracts.draft.encodings import find_encoding
from orchestration.extracts.draft.header import HEAD, Header, find_header
from orchestration.extracts.draft.titles import bare
from orchestration.extracts.draft.tools import Tool
from orchestration.extracts.form import Format
from orchestration.extracts.readers import isolated, read_tables, sheet_rows
from orchestration.extracts.readers.archives import (
    check_workbook,
    protected,
    signature,
    temporary,
    unwrapped,
    workbook_kind,
)
from orchestration.extracts.readers.limits import MIB
from orchestration.extracts.readers.received import shown_name
from orchestration.extracts.readers.tables import TWICE, UNREADABLE, titles, unreadable
from orchestration.machine import machine_sentence

SHEET = "__feuille"
_TWICE = (
    "les faire renommer, ou les numéroter dans une copie du fichier (« … (2) ») et en tirer le brouillon :"
    " le contrat dira « titres_doubles: true » sous format"
)
# rows looked at, in each table: more would tell nothing that these do not
SAMPLE = 5_000
_SAMPLE_BYTES = 16 * MIB
_FORMS = {
    "parquet": ("parquet", "signature PAR1"),
    "sav": ("sav", "signature SPSS"),
    "por": ("por", "signature SPSS portable"),
    "dta": ("dta", "signature Stata"),
    "sas7bdat": ("sas7bdat", "signature SAS"),
    "zsav": ("zsav", "signature SPSS"),
}

# marks of the order of bytes, and blanks: a file of these alone says nothing
_NOTHING = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"

Form = dict[str, tuple[Any, str]]
# finds the titles of a table that is not one of interviews; None where the rows are none
Titles = Callable[[Sequence[Sequence[str]]], Header | None]


@dataclass(frozen=True)
class Sniffed:
    """A file, read.

    Attributes:
        form: the `format` of its contract: each key with its value and the reason.
        frame: all its tables as text, with `__ligne` and `__feuille`.
        sheets: names of the sheets read.
        labels: variable label by column.
        value_labels: label by value, by column.
        notes: texts above the header and below the data.
        whole: whether these are all its rows; otherwise the first ones only.
        encoded: how sure the encoding of a text is, 0 to 100.
        tool: the survey tool whose export it is, where its columns tell.
        parts: by column, the titles that each row of the header gives it, where the header has several.
        explained_by: names of the sheets that labels were taken from.
        left_out: names of the sheets that were not read.
    """

    form: Form
    frame: pl.DataFrame
    sheets: list[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    whole: bool = True
    encoded: int = 92
    tool: Tool | None = None
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    explained_by: Sequence[str] = ()
    left_out: Sequence[str] = ()


def sniff(path: Path, other: Titles | None = None, rows: int | None = None) -> Sniffed:
    """Reads the first rows of an unknown file, with the readers of a run.

    Args:
        path: the file.
        other: asked first where the titles stand.
        rows: rows looked at, in each table; those of a sample where it is not said.

    Raises:
        DeliveryError: it is not a table in a form that a contract can declare.
    """
    name = shown_name(path)
    try:
        with unwrapped(path, True, name) as plain:
            return _sniffed(plain, path, other or (lambda rows: None), rows or SAMPLE)
    except OSError as error:
        raise DeliveryError(UNREADABLE, f"{name} : {machine_sentence(error, path)}") from None


def _sniffed(plain: Path, path: Path, other: Titles, most: int) -> Sniffed:
    found, name = signature(plain), shown_name(path)
    if found.endswith("chiffré"):
        raise protected(name)
    if found in ("zip", "ole"):
        return _workbook(plain, path, other, most)
    if found in _FORMS:
        form, reason = _FORMS[found]
        return _read(plain, path, {"type": (form, reason)}, [], most)
    if found:
        told = "livrer un CSV, un classeur, un fichier SPSS, Stata, SAS ou Parquet"
        raise unreadable(f"{name} : c'est un fichier {found}, qu'aucun contrat ne peut lire", told)
    return _csv(plain, path, other, most)


def _read(
    plain: Path, path: Path, form: Form, notes: Sequence[str], most: int, header: Header | None = None
) -> Sniffed:
    declared = Format.model_validate({key: value for key, (value, _) in form.items()})
    try:
        tables = read_tables(plain, declared, rows=most)
    except DeliveryError as error:
        # the file read may be a sample, or what an archive holds
        said = str(error).replace(shown_name(plain), shown_name(path))
        # there is no contract yet in which titles that stand twice could be declared
        raise DeliveryError(error.rule, said.replace(TWICE, _TWICE)) from None
    frame = pl.concat([t.frame.with_columns(pl.lit(t.sheet, pl.String).alias(SHEET)) for t in tables], how="diagonal")
    return Sniffed(
        form,
        frame,
        [t.sheet for t in tables if t.sheet],
        labels=_shown(frame.columns, {c: label for t in tables for c, label in t.labels.items()}, header),
        value_labels={
            c: {value: bare(label) for value, label in listed.items()}
            for t in tables
            for c, listed in t.value_labels.items()
        },
        notes=notes,
        whole=all(t.frame.height < most - HEAD for t in tables),
        tool=header.tool if header else None,
        parts={c: tuple(map(bare, parts)) for c, parts in header.parts.items()} if header else {},
    )


def _shown(columns: Sequence[str], labels: Mapping[str, str], header: Header | None) -> dict[str, str]:
    """Returns the label of each column that has one, as it is shown: a title of HTML is the label of its own column."""
    written = {c: c for c in columns if bare(c) != c} | {**labels, **(header.labels if header else {})}
    return {c: bare(label) for c, label in written.items()}


def _workbook(plain: Path, path: Path, other: Titles, most: int) -> Sniffed:
    name = shown_name(path)
    check_workbook(plain, name)
    kind = {"xlsb": "xlsx"}.get(workbook_kind(plain), workbook_kind(plain))
    grids = isolated.grids(plain, Format.model_validate({"type": kind}), name, most)
    texts = sheet_rows(grids)
    found = {n: other(rows) or find_header(rows) for n, rows in texts.items() if len(rows) > 1}
    heads = {n: header.above for n, header in found.items()}
    if not heads:
        raise unreadable(f"{name} : aucune feuille ne porte de tableau")
    main = max(heads, key=lambda n: len(texts[n]) * sum(map(bool, texts[n][heads[n]])))
    title = texts[main][heads[main]]
    alike = [n for n in heads if heads[n] == heads[main] and texts[n][heads[n]][: len(title)] == title]
    header = found[main]
    form: Form = {"type": (kind, "classeur"), **header.form()}
    if len(alike) > 1 and len(alike) == len(grids):
        form["feuilles"] = ["*"], f"{len(alike)} feuilles de même en-tête"
    elif alike != list(texts)[:1]:
        form["feuilles"] = alike, "feuilles de même en-tête que la plus grande"
    notes = [c for n in alike for row in texts[n][: heads[n]] for c in row if c]
    named = _first_titles(texts[main], header)
    _feet([row for n in alike for row in texts[n][header.end :]], named, form, notes)
    read = _read(plain, path, form, notes, most, header)
    others = {n: rows for n, rows in texts.items() if n not in alike}
    columns = {c: set(read.frame[c].drop_nulls()) for c in read.frame.columns if not c.startswith("__")}
    book = find_codebook(others, columns) if others else None
    left_out = [n for n in others if any(map(any, texts[n])) and not (book and n in book.sheets)]
    if book is None:
        return replace(read, left_out=left_out)
    return replace(
        read,
        labels={**{c: bare(label) for c, label in book.labels.items()}, **read.labels},
        value_labels={**book.value_labels, **read.value_labels},
        explained_by=book.sheets,
        left_out=left_out,
    )


def _csv(plain: Path, path: Path, other: Titles, most: int) -> Sniffed:
    with plain.open("rb") as file:
        data, whole = file.read(_SAMPLE_BYTES), not file.read(1)
    if not data.strip(_NOTHING):
        told = "redemander l'extrait à son expéditeur"
        raise unreadable(f"{shown_name(path)} : le fichier est vide", told)
    found = find_encoding(data if whole else data[: data.rfind(b"\n") + 1])
    encoding = found.name
    try:
        data = found.repaired(data)
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeDecodeError as error:
        said = f"{shown_name(path)} : l'octet {error.start} n'est ni de l'UTF-8, ni du cp1252"
        raise unreadable(said, "redemander le fichier en UTF-8") from None
    separator = _separator(text, path)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator)
    rows = list(itertools.islice(reader, most))
    rest = lines.read()
    header = other(rows) or find_header(rows)
    above = header.above
    form: Form = {
        "type": ("csv", "texte"),
        "encodage": (encoding, found.reason),
        "separateur": (separator, "même nombre de cellules d'une ligne à l'autre"),
        **header.form(),
    }
    notes = [c for row in rows[:above] for c in row if c.strip()]
    complete = whole and not rest
    if complete:
        _feet(rows[header.end :], _first_titles(rows, header), form, notes)
    if complete and not found.mixed:
        return replace(_read(plain, path, form, notes, most, header), encoded=found.confidence)
    with tempfile.TemporaryDirectory(prefix=temporary()) as folder:
        sample = Path(folder) / "extrait"
        # the last record of what was read of a longer file may be cut
        kept = text[: len(text) - len(rest)] if rest else text if whole else text[: text.rfind("\n") + 1]
        sample.write_bytes(kept.encode(encoding))
        read = _read(sample, path, form, notes, most, header)
        return replace(read, whole=complete and read.whole, encoded=found.confidence)


def _separator(text: str, path: Path) -> str:
    best = (-1.0, "")
    for candidate in (";", ",", "\t", "|"):
        try:
            rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=candidate), 20 * HEAD))
        except csv.Error:
            continue
        widths = Counter(map(len, rows))
        width, often = max(widths.items(), key=lambda item: item[1], default=(0, 0))
        score = often / max(1, sum(widths.values())) * min(width, 12)
        if width > 1 and score > best[0]:
            best = (score, candidate)
    if not best[1]:
        raise unreadable(f"{shown_name(path)} : aucun séparateur n'y fait de colonnes")
    return best[1]


def _first_titles(rows: Sequence[Sequence[str]], header: Header) -> Sequence[str]:
    """Returns the titles as the reader names the columns, where they take several rows; otherwise as they stand."""
    taken = rows[header.above : header.above + header.rows]
    return taken[0] if header.rows == 1 or header.tool else titles(taken, Format(type="csv"))


def _feet(rows: Sequence[Sequence[str]], title: Sequence[str], form: Form, notes: list[str]) -> None:
    """Finds the totals and notes below the data: rows almost empty, whose first cell is words."""
    width = max(1, sum(map(bool, title)))
    feet = [r for r in rows if any(r) and sum(map(bool, r)) <= max(2, 0.05 * width) and r[0] and not r[0][0].isdigit()]
    if feet and width > 4:
        notes += [c for r in feet for c in r if c]
        first = sorted({re.split(r"[\s:]", r[0])[0] for r in feet})
        pattern = f"^({'|'.join(map(re.escape, first))})"
        reason = f"{len(feet)} lignes presque vides, sous le tableau"
        rule = {"colonne": title[0], "motif": pattern}
        form["lignes_ignorees"] = ([form["lignes_ignorees"][0], rule] if "lignes_ignorees" in form else rule), reason
