"""Where printed reports stand: one folder per edition, and a link to the newest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.reporting.site import build_report


def print_report(database: Path, programme: Mapping[str, Any], reports: Path, edition: str) -> Path:
    """Prints an edition's report and makes it the current one.

    Args:
        database: the edition's DuckDB file.
        programme: programme.yaml as a mapping.
        reports: folder of the reports.
        edition: number of the edition.

    Returns:
        the page.
    """
    folder = reports / edition
    build_report(database, dict(programme), folder)
    link, fresh = reports / "courant", reports / f".courant.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(edition)
    fresh.replace(link)
    return folder / "index.html"
