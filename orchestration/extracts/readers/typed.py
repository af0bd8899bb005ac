"""Forms whose columns have types, made the text that a person would read: SPSS, Stata, SAS and Parquet.

Of statistical packages, the codes themselves, user-missing ones included; labels are the contract's business.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import LINE, RawTable, cell, check_size, unreadable

LIST_SEPARATOR = "|"


def read_spss(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads an SPSS file; `encodage` replaces the one its header declares.

    Raises:
        DeliveryError: texts are not in the encoding declared, or the table is beyond measure.
    """
    return _labelled("read_sav", path, form, name, rows, apply_value_formats=False, user_missing=True)


def read_portable(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads a portable SPSS file, whose texts are in ASCII.

    Raises:
        DeliveryError: the table is beyond measure.
    """
    return _labelled("read_por", path, form, name, rows, apply_value_formats=False)


def read_stata(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads a Stata file; `encodage` replaces its own, and the missing values `.a` to `.z` are the codes a to z.

    Raises:
        DeliveryError: texts are not in the encoding declared, or the table is beyond measure.
    """
    return _labelled("read_dta", path, form, name, rows, apply_value_formats=False, user_missing=True)


def read_sas(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads a SAS file; `encodage` replaces its own, and the missing values `.A` to `.Z` are the codes A to Z.

    Raises:
        DeliveryError: texts are not in the encoding declared, or the table is beyond measure.
    """
    return _labelled("read_sas7bdat", path, form, name, rows, user_missing=True)


def _labelled(reader: str, path: Path, form: Format, name: str, rows: int | None, **options: Any) -> list[RawTable]:
    """Reads a file of a statistical package: codes, with the labels that it may have."""
    import pyreadstat

    read, encoding = getattr(pyreadstat, reader), form.encodage
    common: dict[str, Any] = {"output_format": "polars"}
    if reader != "read_por":
        common["encoding"] = encoding
    try:
        _, meta = read(str(path), metadataonly=True, **common)
        check_size(max(meta.number_rows or 0, 0), meta.number_columns or 0, name)
        # without user_missing, don't know and refusal come back as plain blanks
        frame, meta = read(str(path), row_limit=rows or 0, **options, **common)
        # the header of a portable file does not say how many rows there are
        check_size(frame.height, frame.width, name)
    except DeliveryError:
        raise
    except Exception as error:
        if "encoding" not in str(error) and not isinstance(error, UnicodeError):
            raise
        said = f"du {encoding}" if encoding else "dans l'encodage que le fichier annonce"
        raise unreadable(
            f"{name} : des textes ne sont pas {said}", "donner « encodage » (cp1252, utf-8…) dans le contrat"
        ) from None
    # a column that has both numbers and codes of missing values comes as objects
    mixed = [c for c, kind in frame.schema.items() if kind == pl.Object]
    frame = frame.with_columns(pl.Series(c, [cell(v) for v in frame[c]], dtype=pl.String) for c in mixed)
    labels = {column: label for column, label in meta.column_names_to_labels.items() if label}
    values = {
        column: {cell(value) or "": str(label) for value, label in listed.items()}
        for column, listed in meta.variable_value_labels.items()
    }
    return [replace(_table(frame, name), labels=labels, value_labels=values)]


def read_parquet(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads a Parquet file.

    Raises:
        DeliveryError: a column is no text, number or date, or the table is beyond measure.
    """
    lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    check_size(int(lazy.select(pl.len()).collect().item()), len(lazy.collect_schema()), name)
    return [_table((lazy if rows is None else lazy.head(rows)).collect(), name)]


def _table(frame: pl.DataFrame, name: str) -> RawTable:
    """Returns typed columns as the text a person would read: ISO dates, plain numbers, joined lists.

    Raises:
        DeliveryError: a column of records or bytes, which is no answer.
    """
    expressions = []
    for title, kind in frame.schema.items():
        column = pl.col(title)
        if isinstance(kind, pl.Struct | pl.Binary | pl.Object | pl.Array):
            raise unreadable(f"{name}, colonne {title} : type {kind.base_type()} illisible", "la livrer en texte")
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
        expressions.append(column.alias(title))
    return RawTable(None, frame.select(expressions).with_row_index(LINE, offset=1))
