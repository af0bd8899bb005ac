"""Prints the letter into its place, beside the page of the same edition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import Printed, moment, press
from orchestration.reporting.printed import LETTER


def print_letter(database: Path, programme: Mapping[str, Any], folder: Path, root: Path | None = None) -> Printed:
    """Prints the letter of an edition.

    Args:
        database: the edition's DuckDB file.
        programme: programme.yaml as a mapping.
        folder: the edition's report.
        root: the programme's folder, for its logo.

    Returns:
        the PDF.
    """
    content = letter(database, programme, root)
    return press("lettre", content, folder / LETTER, moment(content))
