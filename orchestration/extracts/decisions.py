"""What people decided about deliveries, in small CSV files beside them: a rebuild from `landing/` decides the same.

A line is added, none is changed: deleting it by hand takes the decision back.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.files import write_text


def decided(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """Returns the decisions of a file, every column as text; none when there is no such file.

    Raises:
        DeliveryError: the file is not the CSV that the command line writes.
    """
    if not path.is_file():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        return pl.read_csv(path, infer_schema=False).select(columns)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise DeliveryError(
            "decision_illisible",
            f"{path} : illisible ; y remettre l'en-tête « {','.join(columns)} », en UTF-8, séparé par des virgules.",
        ) from None


def decide(path: Path, row: dict[str, str], reason: str, subject: str) -> None:
    """Adds a decision, dated today.

    Args:
        path: the file of such decisions; made when absent.
        row: its columns; the date goes in the one left blank, the reason in `motif`.
        reason: why, in a sentence.
        subject: what is decided upon, for the sentence of a refusal.

    Raises:
        DeliveryError: no reason is given.
    """
    if not reason.strip():
        raise DeliveryError("decision", f"{subject} : une telle décision se motive ; ajouter --motif.")
    today = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    filled = {name: value or today for name, value in row.items()} | {"motif": reason.strip()}
    rows = decided(path, tuple(filled))
    write_text(pl.concat([rows, pl.DataFrame([filled]).select(rows.columns)]).write_csv(), path)
