"""Deliveries taken back: the file stays in the landing folder, a line beside it says it no longer counts, and why."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.errors import DeliveryError
from orchestration.extracts.decisions import decide, decided
from orchestration.extracts.lake import Lake

WITHDRAWALS = "retraits.csv"
_COLUMNS = ("sha256", "fichier", "retiree_le", "motif")


def withdrawn(lake: Lake) -> Mapping[str, str]:
    """Returns the reason of each withdrawal, by SHA-256 of the withdrawn bytes."""
    return dict(decided(lake.landing / WITHDRAWALS, _COLUMNS).select("sha256", "motif").rows())


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
    if sha256 in withdrawn(lake):
        raise DeliveryError("retrait", f"{filename} : cette livraison est déjà retirée.")
    row = {"sha256": sha256, "fichier": filename, "retiree_le": "", "motif": ""}
    decide(lake.landing / WITHDRAWALS, row, reason, filename)
