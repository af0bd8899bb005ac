"""Prints the letter into its place, beside the page of the same edition."""

from __future__ import annotations

from pathlib import Path

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import Printed, moment, press
from orchestration.reporting.printed import LETTER, seal


def print_letter(database: Path, programme: ProgrammeConfig, folder: Path, root: Path | None = None) -> Printed:
    """Prints the letter of an edition.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        folder: the edition's report.
        root: the programme's folder, for its logo.

    Returns:
        the PDF.
    """
    content = letter(database, programme, root)
    printed = press("lettre", content, folder / LETTER, moment(content))
    seal(folder, LETTER)
    return printed
