"""Where printed reports stand: one folder per edition, and a link to the newest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.publication.editions import CHECKS
from orchestration.reporting.site import build_report


def print_report(
    database: Path, programme: Mapping[str, Any], reports: Path, edition: str, root: Path | None = None
) -> Path:
    """Prints an edition's report, its plausibility checks beside it, and makes it the current one.

    Args:
        database: the edition's DuckDB file.
        programme: programme.yaml as a mapping.
        reports: folder of the reports.
        edition: number of the edition.
        root: the programme's folder, for its logo.

    Returns:
        the page.
    """
    folder, documented = reports / edition, database.parent / CHECKS
    checks = None
    if (documented / "candidat.json").is_file():
        checks = json.loads((documented / "candidat.json").read_text(encoding="utf-8"))
        shutil.copytree(documented, folder / CHECKS, dirs_exist_ok=True)
    build_report(database, dict(programme), folder, checks, root)
    show(reports, edition)
    return folder / "index.html"


def show(reports: Path, edition: str) -> bool:
    """Makes an edition's report the current one; returns False, and changes nothing, where it is not printed."""
    if not (reports / edition / "index.html").is_file():
        return False
    link, fresh = reports / "courant", reports / f".courant.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(edition)
    fresh.replace(link)
    return True
