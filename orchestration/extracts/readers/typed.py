"""Forms whose columns have types: SPSS (.sav and .zsav) and Parquet, made the text that a person would read.

Of SPSS, the codes themselves, user-missing ones included; labels are the contract's business.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
    import pyreadstat

    encoding = form.encodage
    try:
        _, meta = pyreadstat.read_sav(str(path), metadataonly=True, encoding=encoding, output_format="polars")
        check_size(max(meta.number_rows or 0, 0), meta.number_columns or 0, name)
        # without user_missing, don't know and refusal come back as plain blanks
        frame, _ = pyreadstat.read_sav(
            str(path),
            user_missing=True,
            apply_value_formats=False,
            encoding=encoding,
            output_format="polars",
            row_limit=rows or 0,
        )
    except DeliveryError:
        raise
    except Exception as error:
        if "encoding" not in str(error) and not isinstance(error, UnicodeError):
            raise
        said = f"du {encoding}" if encoding else "dans l'encodage que le fichier annonce"
        raise unreadable(
            f"{name} : des textes ne sont pas {said}", "donner « encodage » (cp1252, utf-8…) dans le contrat"
        ) from None
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
