"""Reads one delivered file, whatever its form, into tables of text: what is written in the cells, and on which line."""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.contract import Contract
from orchestration.extracts.headers import header_position
from orchestration.programme.texts import clean, clean_column

LINE = "__ligne"
LIST_SEPARATOR = "|"


@dataclass(frozen=True)
class RawTable:
    """One sheet (or file) as text.

    Attributes:
        sheet: name of the sheet, None for a format that has none.
        frame: one row per record; `__ligne` (physical line, or record number where a format has no lines), then
            one text column per source column; blanks are null.
    """

    sheet: str | None
    frame: pl.DataFrame


def read_delivery(path: Path, contract: Contract) -> list[RawTable]:
    """Reads a delivered file as its contract describes it.

    Raises:
        DeliveryError: the file cannot be read in that form (rule `fichier_illisible`).
    """
    return read_tables(path, contract.form)


def read_tables(path: Path, form: Mapping[str, Any]) -> list[RawTable]:
    """Reads a delivered file in a given form.

    Raises:
        DeliveryError: the file cannot be read in that form (rule `fichier_illisible`).
    """
    reader = {"csv": _csv, "xlsx": _workbook, "sav": _sav, "parquet": _parquet}[form["type"]]
    try:
        tables = reader(path, form)
    except DeliveryError:
        raise
    except Exception as error:  # a reader library may raise anything on a broken file; the reason is what matters
        reason = " ".join(str(error).split())[:200]
        raise DeliveryError(
            "fichier_illisible",
            f"{path.name} : illisible comme {form['type']} ({reason}) ; redemander le fichier.",
        ) from None
    return [RawTable(t.sheet, _records(t.frame, form)) for t in tables]


def _csv(path: Path, form: Mapping[str, Any]) -> list[RawTable]:
    encoding = form.get("encodage", "utf-8-sig")
    try:
        text = path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise DeliveryError(
            "fichier_illisible",
            f"{path.name} : l'octet {error.start} n'est pas du {encoding} ; corriger « encodage » dans le contrat.",
        ) from None
    above = header_position(([line] for line in text.splitlines()), form, path.name)
    frame = pl.read_csv(
        text.encode("utf-8"),
        separator=form.get("separateur", ";"),
        quote_char=form.get("guillemet", '"'),
        skip_lines=above,
        infer_schema=False,
    )
    return [RawTable(None, frame.with_row_index(LINE, offset=above + 2))]


def _workbook(path: Path, form: Mapping[str, Any]) -> list[RawTable]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(str(path))
    patterns = form.get("feuilles")
    names = (
        [n for n in workbook.sheet_names if any(fnmatch.fnmatchcase(n, p) for p in patterns)]
        if patterns
        else workbook.sheet_names[:1]
    )
    if not names:
        raise DeliveryError(
            "fichier_illisible",
            f"{path.name} : aucune feuille ne répond à {', '.join(patterns or [])}"
            f" (feuilles : {', '.join(workbook.sheet_names)}).",
        )
    tables = []
    for name in names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        above = header_position(([_cell(v) for v in row] for row in rows), form, f"{path.name}, feuille {name}")
        if len(rows) <= above:
            raise DeliveryError(
                "fichier_illisible", f"{path.name}, feuille {name} : pas d'en-tête à la ligne {above + 1}."
            )
        header = [_cell(value) or "" for value in rows[above]]
        used = [i for i, title in enumerate(header) if title]
        data = {header[i]: [_cell(row[i]) for row in rows[above + 1 :]] for i in used}
        if len(data) < len(used):
            twice = sorted({header[i] for i in used if header.count(header[i]) > 1})
            raise DeliveryError(
                "fichier_illisible", f"{path.name}, feuille {name} : colonnes en double ({', '.join(twice)})."
            )
        frame = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)).with_row_index(LINE, offset=above + 2)
        tables.append(RawTable(name, frame.filter(pl.any_horizontal(pl.exclude(LINE).is_not_null()))))
    return tables


def _sav(path: Path, form: Mapping[str, Any]) -> list[RawTable]:
    import pyreadstat

    # without user_missing, don't know and refusal come back as plain blanks
    frame, _ = pyreadstat.read_sav(str(path), user_missing=True, apply_value_formats=False, output_format="polars")
    return [RawTable(None, _as_text(frame).with_row_index(LINE, offset=1))]


def _parquet(path: Path, form: Mapping[str, Any]) -> list[RawTable]:
    return [RawTable(None, _as_text(pl.read_parquet(path)).with_row_index(LINE, offset=1))]


def _records(frame: pl.DataFrame, form: Mapping[str, Any]) -> pl.DataFrame:
    """Cleans names and cells; leaves out the rows that the contract says are not records."""
    frame = frame.rename({name: clean(name) for name in frame.columns})
    columns = [c for c in frame.columns if c != LINE]
    # most columns are bare codes: only those with a space, a blank or a letter outside ASCII need the whole cleaning
    unclean = frame.select(pl.col(columns).str.contains(r"[^\x21-\x7e]|^$").any()).row(0)
    frame = frame.with_columns(
        pl.col(LINE).cast(pl.Int64), *(clean_column(c) for c, needed in zip(columns, unclean, strict=True) if needed)
    )
    # a whole number is the same code whether a tool wrote 1, 1.0 or 1,00
    frame = frame.with_columns(pl.col(columns).str.replace(r"^(-?\d+)[.,]0+$", "${1}"))
    rule = form.get("lignes_ignorees")
    if rule and clean(rule["colonne"]) in columns:
        frame = frame.filter(~pl.col(clean(rule["colonne"])).fill_null("").str.contains(rule["motif"]))
    return frame


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Returns typed columns as the text a person would read: ISO dates, plain numbers, joined lists."""
    expressions = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR)
        elif isinstance(kind, pl.Datetime):
            column = column.dt.to_string("%Y-%m-%d")
        elif kind.is_float():
            whole = column.is_not_null() & (column == column.floor()) & (column.abs() < 2**53)
            column = (
                pl.when(whole)
                .then(column.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(column.cast(pl.String))
            )
        else:
            column = column.cast(pl.String)
        expressions.append(column.alias(name))
    return frame.select(expressions)


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return str(value)


def parse_dates(texts: pl.Expr, form: str | None) -> pl.Expr:
    """Returns dates from text: a strptime format, `excel` serial numbers, or ISO when no format is declared."""
    if form == "excel":
        days = texts.cast(pl.Float64, strict=False).floor().cast(pl.Int64)
        return pl.lit(dt.date(1899, 12, 30)) + pl.duration(days=days)
    return texts.str.slice(0, 10).str.to_date(form or "%Y-%m-%d", strict=False)


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
