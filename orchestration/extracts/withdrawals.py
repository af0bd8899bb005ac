"""Deliveries taken back: the file stays in the landing folder, a line beside it says it no longer counts, and why.

The list stands in `landing/retraits.csv`, so that a rebuild from `landing/` comes to the same lots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.lake import Lake, write_text

WITHDRAWALS = "retraits.csv"
_COLUMNS = ("sha256", "fichier", "retiree_le", "motif")


def withdrawn(lake: Lake) -> Mapping[str, str]:
    """Returns the reason of each withdrawal, by SHA-256 of the withdrawn bytes."""
    path = lake.landing / WITHDRAWALS
    if not path.is_file():
        return {}
    frame = pl.read_csv(path, infer_schema=False)
    return dict(frame.select("sha256", "motif").rows())


def withdraw(lake: Lake, sha256: str, filename: str, reason: str) -> None:
    """Adds a delivery to the withdrawn ones.

    Args:
        lake: the programme's folders.
        sha256: the bytes that no longer count.
        filename: `<wave>/<file>`, for the reader of the list.
        reason: why, in a sentence.

    Raises:
        DeliveryError: it was withdrawn already, or no reason is given.
    """
    if not reason.strip():
        raise DeliveryError("retrait", f"{filename} : un retrait se motive ; ajouter --motif.")
    path = lake.landing / WITHDRAWALS
    rows = (
        pl.read_csv(path, infer_schema=False)
        if path.is_file()
        else pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String))
    )
    if sha256 in set(rows["sha256"]):
        raise DeliveryError("retrait", f"{filename} : cette livraison est déjà retirée.")
    today = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    row = pl.DataFrame([dict(zip(_COLUMNS, (sha256, filename, today, reason.strip()), strict=True))])
    write_text(pl.concat([rows, row]).write_csv(), path)
