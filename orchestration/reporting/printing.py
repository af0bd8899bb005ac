"""Prints the report of an edition into its place: one folder per edition, and a link to the newest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from orchestration.programme.config import ProgrammeConfig
from orchestration.publication.editions import CHECKS, DATABASE, Editions
from orchestration.reporting.printed import LETTER, point, seal
from orchestration.reporting.site import ReportSummary, build_report


def print_report(
    database: Path,
    programme: ProgrammeConfig,
    reports: Path,
    edition: str,
    root: Path | None = None,
    *,
    shown: bool = True,
) -> ReportSummary:
    """Prints an edition's report, its plausibility checks beside it, and makes it the current one.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        reports: folder of the reports.
        edition: number of the edition.
        root: the programme's folder, for its logo and its stories.
        shown: whether it becomes the current one.

    Returns:
        what was written.
    """
    folder, documented = reports / edition, database.parent / CHECKS
    checks = None
    if (documented / "candidat.json").is_file():
        checks = json.loads((documented / "candidat.json").read_text(encoding="utf-8"))
        shutil.copytree(documented, folder / CHECKS, dirs_exist_ok=True)
    summary = build_report(database, programme, folder, checks, root, LETTER)
    seal(folder)
    if shown:
        point(reports, edition)
    return summary


def print_everything(editions: Editions, edition: str, programme: ProgrammeConfig, reports: Path, root: Path) -> None:
    """Prints all there is of an edition, page, letter and leaflets; readers are led to it by `show`.

    Args:
        editions: the published folder.
        edition: number of the edition.
        programme: what programme.yaml says.
        reports: folder of the reports.
        root: the programme's folder, for its logo and its stories.
    """
    from orchestration.reporting.leaflet.printing import print_leaflets
    from orchestration.reporting.letter.printing import print_letter

    database = editions.folder(edition) / DATABASE
    print_report(database, programme, reports, edition, root, shown=False)
    print_letter(database, programme, reports / edition, root)
    print_leaflets(editions, edition, programme, root, shown=False)
