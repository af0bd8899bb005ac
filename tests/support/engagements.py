"""Commitments for a programme of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_HEADER = "engagement_code,organisme_code,theme_code,questions,texte,debut,fin,etat,preuve"


def declare_engagements(root: Path, lines: Iterable[str]) -> None:
    """Writes the commitments of a programme."""
    (root / "reference/engagements.csv").write_text("\n".join((_HEADER, *lines, "")), encoding="utf-8")
