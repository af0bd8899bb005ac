"""Finds out how a file is written: type, encoding, separator, header row, sheets, rows that are no interviews."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import read_tables
from orchestration.extracts.readers.tables import cell

SHEET = "__feuille"
_HEAD = 40

Form = dict[str, tuple[Any, str]]


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
    """

    form: Form
    frame: pl.DataFrame
    sheets: list[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Sequence[str] = ()


def sniff(path: Path) -> Sniffed:
    """Reads an unknown file.

    Raises:
        DeliveryError: it is not a table in a form that a contract can declare.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise _unreadable(path, f"illisible ({error.strerror}).") from None
    if magic == b"PK\x03\x04":
        return _workbook(path)
    if magic == b"PAR1":
        return _read(path, {"type": ("parquet", "signature PAR1")}, [])
    if magic in (b"$FL2", b"$FL3"):
        return _sav(path)
    return _csv(path)


def _unreadable(path: Path, said: str) -> DeliveryError:
    return DeliveryError("fichier_illisible", f"{path.name} : {said}")


@contextmanager
def _opened_as(path: Path, form: str) -> Iterator[None]:
    """Makes a refusal of whatever a library raises on a broken file."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise _unreadable(path, f"illisible comme {form} ({reason}).") from None


def _read(path: Path, form: Form, notes: Sequence[str], **labels: Any) -> Sniffed:
    tables = read_tables(path, Format.model_validate({key: value for key, (value, _) in form.items()}))
    frame = pl.concat([t.frame.with_columns(pl.lit(t.sheet, pl.String).alias(SHEET)) for t in tables], how="diagonal")
    if frame.is_empty():
        raise _unreadable(path, "aucune ligne sous l'en-tête ; redemander le fichier.")
    return Sniffed(form, frame, [t.sheet for t in tables if t.sheet], notes=notes, **labels)


def _sav(path: Path) -> Sniffed:
    import pyreadstat

    with _opened_as(path, "sav"):
        _, meta = pyreadstat.read_sav(str(path), metadataonly=True, output_format="polars")

    return _read(
        path,
        {"type": ("sav", "signature SPSS")},
        [],
        labels={c: label for c, label in meta.column_names_to_labels.items() if label},
        value_labels={
            c: {cell(v) or "": str(label) for v, label in labels.items()}
            for c, labels in meta.variable_value_labels.items()
        },
    )


def _workbook(path: Path) -> Sniffed:
    from python_calamine import CalamineWorkbook

    with _opened_as(path, "xlsx"):
        book = CalamineWorkbook.from_path(str(path))
        grids = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}
    texts = {n: [[str(c).strip() for c in row] for row in grid] for n, grid in grids.items()}
    heads = {n: _header(rows) for n, rows in texts.items() if len(rows) > 1}
    if not heads:
        raise _unreadable(path, "aucune feuille ne porte de tableau.")
    main = max(heads, key=lambda n: len(texts[n]) * sum(map(bool, texts[n][heads[n]])))
    title = texts[main][heads[main]]
    alike = [n for n in heads if heads[n] == heads[main] and texts[n][heads[n]][: len(title)] == title]
    form: Form = {"type": ("xlsx", "classeur"), "lignes_avant_entete": _below(heads[main])}
    if len(alike) > 1 and len(alike) == len(grids):
        form["feuilles"] = ["*"], f"{len(alike)} feuilles de même en-tête"
    elif alike != book.sheet_names[:1]:
        form["feuilles"] = alike, "feuilles de même en-tête que la plus grande"
    notes = [c for n in alike for row in texts[n][: heads[n]] for c in row if c]
    _feet([row for n in alike for row in texts[n][heads[n] + 1 :]], title, form, notes)
    return _read(path, form, notes)


def _csv(path: Path) -> Sniffed:
    data = path.read_bytes()
    encoding, reason = _encoding(data)
    text = data.decode(encoding)
    separator, rows = _separator(text, path)
    above = _header(rows)
    form: Form = {
        "type": ("csv", "texte"),
        "encodage": (encoding, reason),
        "separateur": (separator, "même nombre de cellules d'une ligne à l'autre"),
    }
    if above:
        form["lignes_avant_entete"] = _below(above)
    notes = [c for row in rows[:above] for c in row if c.strip()]
    _feet(rows[above + 1 :], rows[above], form, notes)
    return _read(path, form, notes)


def _below(above: int) -> tuple[int, str]:
    return above, f"en-tête reconnu à la ligne {above + 1}"


def _encoding(data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", "marque d'ordre des octets UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "marque d'ordre des octets UTF-16"
    try:
        data.decode("utf-8")
        return "utf-8", "tous les octets sont de l'UTF-8"
    except UnicodeDecodeError:
        pass

    def french(encoding: str) -> int:
        text = data.decode(encoding, errors="replace")
        return sum(text.count(c) for c in "éèêàçôîûùâÉÈÀœ’°«»") - 5 * sum(text.count(c) for c in "\ufffdŽÃ‚ƒˆ")

    best = max(("cp1252", "mac-roman"), key=french)
    return best, "pas de l'UTF-8 ; les lettres accentuées se lisent ainsi"


def _separator(text: str, path: Path) -> tuple[str, list[list[str]]]:
    best: tuple[float, str, list[list[str]]] = (-1.0, ";", [])
    for candidate in (";", ",", "\t", "|"):
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=candidate))
        except csv.Error:
            continue
        widths = Counter(len(r) for r in rows[: 20 * _HEAD])
        width, often = max(widths.items(), key=lambda item: item[1], default=(0, 0))
        score = often / max(1, sum(widths.values())) * min(width, 12)
        if width > 1 and score > best[0]:
            best = (score, candidate, rows)
    if not best[2]:
        raise _unreadable(path, "aucun séparateur n'y fait de colonnes ; redemander le fichier.")
    return best[1], best[2]


def _header(rows: Sequence[Sequence[str]]) -> int:
    """Returns the row with most different texts among the first; a number is no title."""

    def titles(row: Sequence[str]) -> int:
        return len({c for c in row if c and not re.fullmatch(r"[-\d.,/: ]+", c)})

    return max(range(min(_HEAD, len(rows))), key=lambda i: (titles(rows[i]), -i))


def _feet(rows: Sequence[Sequence[str]], title: Sequence[str], form: Form, notes: list[str]) -> None:
    """Finds the totals and notes below the data: rows almost empty, whose first cell is words."""
    width = max(1, sum(map(bool, title)))
    feet = [r for r in rows if any(r) and sum(map(bool, r)) <= max(2, 0.05 * width) and r[0] and not r[0][0].isdigit()]
    if feet and width > 4:
        notes += [c for r in feet for c in r if c]
        first = sorted({re.split(r"[\s:]", r[0])[0] for r in feet})
        pattern = f"^({'|'.join(map(re.escape, first))})"
        reason = f"{len(feet)} lignes presque vides, sous le tableau"
        form["lignes_ignorees"] = {"colonne": title[0], "motif": pattern}, reason
