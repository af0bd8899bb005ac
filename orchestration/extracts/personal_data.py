"""Personal data that a delivery should not carry: recognised by header and by content, kept out of everything produced.

What it looks like is data (personal_data.yaml). Nothing here keeps, prints or returns a personal value.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import polars as pl
import yaml

MASK = "(donnée personnelle masquée)"
# a code or a label may look like a telephone number once; a column of them does not
_SHARE = 0.2
_SAMPLE = 500
# characters: a longer value is shown only where many said it
_CODE = 6
# rows: what so many have in one column is a label, and not somebody's words
_MANY = 5


@cache
def _patterns() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name("personal_data.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)  # type: ignore[no-any-return]


def kind_of_header(name: str) -> str | None:
    """Returns the kind of personal data a column's name announces, or None."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    bare = re.sub(r"[^a-z0-9]", "", plain)
    return next((kind for kind, pattern in _patterns()["entetes"].items() if re.search(pattern, bare)), None)


def kind_of_cells(cells: pl.Series) -> str | None:
    """Returns the kind of personal data a text column holds, judged on its first non-blank cells, or None."""
    sample = cells.drop_nulls().head(_SAMPLE)
    if sample.is_empty():
        return None
    for kind, pattern in _patterns()["cellules"].items():
        least = float(_patterns()["parts"].get(kind, _SHARE))
        if float(sample.str.contains(pattern).mean() or 0) >= least:  # type: ignore[arg-type]
            return kind
    return None


def personal_columns(frame: pl.DataFrame, columns: list[str]) -> dict[str, str]:
    """Returns the columns that hold personal data, with its kind.

    Args:
        frame: text columns as delivered.
        columns: those to look at.
    """
    found = {name: kind_of_header(name) or kind_of_cells(frame[name]) for name in columns}
    return {name: kind for name, kind in found.items() if kind is not None}


def is_code(value: str, rows: int) -> bool:
    """Returns whether a delivered value may be shown: it looks like a code, or too many rows have it to be somebody's.

    A rare text may be anyone's words, or a name that a shift brought into another column.

    Args:
        value: the value.
        rows: how many rows have it.
    """
    short = len(value) <= _CODE and not re.search(r"[^\W\d]{4}", value)
    return short or (rows >= _MANY and masked(value) == value)


def mask(texts: pl.Expr) -> pl.Expr:
    """Returns a text expression in which every value that looks personal is replaced by a mask."""
    anything = "|".join(f"(?:{pattern})" for pattern in _patterns()["cellules"].values())
    return pl.when(texts.str.contains(anything)).then(pl.lit(MASK)).otherwise(texts)


def masked(text: str) -> str:
    """Returns a message with every personal value it may quote replaced by a mask."""
    for pattern in _patterns()["cellules"].values():
        text = re.sub(pattern, _mask_of, text)
    return text


def _mask_of(found: re.Match[str]) -> str:
    # a pattern takes the sign before and after a value, to be sure that it is whole
    lead, tail = re.match(r"\W*", found[0]), re.search(r"\W*$", found[0])
    return f"{lead[0] if lead else ''}{MASK}{tail[0] if tail else ''}"
