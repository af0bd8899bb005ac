"""Parquet files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import LINE, RawTable, as_text, check_size


def read(path: Path, form: Format, name: str) -> list[RawTable]:
    """Reads a Parquet file.

    Raises:
        DeliveryError: a column is no text, number or date, or the table is beyond measure.
    """
    lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    check_size(int(lazy.select(pl.len()).collect().item()), len(lazy.collect_schema()), name)
    return [RawTable(None, as_text(lazy.collect(), name).with_row_index(LINE, offset=1))]
