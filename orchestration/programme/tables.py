"""The data dictionary of the reference tables, and what a file may leave out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.programme.declarations import read_yaml


@cache
def dictionary() -> dict[str, Any]:
    """Returns the data dictionary of the reference tables, table by table: `grain`, `cle`, and `colonnes`."""
    tables: dict[str, Any] = read_yaml((Path(__file__).parent / "tables.yaml").read_bytes())
    for rules in tables.values():
        rules["cle"] = [name for name, rule in rules["colonnes"].items() if rule.get("cle")]
        for name in rules["cle"]:
            rules["colonnes"][name]["obligatoire"] = True
    return tables


def without_file(table: str) -> pl.DataFrame | None:
    """Returns the table of a programme that leaves its file out, without a line; None where it may not."""
    rules = dictionary()[table]
    return pl.DataFrame(schema=dict.fromkeys(rules["colonnes"], pl.String)) if rules.get("facultatif") else None


def completed(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Returns the table with the columns that its file may leave out, blank; as it stands where another one is missing.

    A file that was saved with other separators is read as one column, and that is what is to be said of it.
    """
    rules = dictionary()[table]["colonnes"]
    left = [name for name in rules if name not in frame.columns]
    if not left or not all(rules[name].get("facultatif") for name in left):
        return frame
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in left)
