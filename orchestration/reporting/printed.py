"""Names and places of what is printed, and whether it is all there: what a run asks before it prints anything."""

from __future__ import annotations

import json
import os
from pathlib import Path

from orchestration.publication.editions import Editions
from orchestration.settings import Settings

LETTER = "lettre.pdf"
LEAFLETS = "livrets"
CURRENT = "courant"
PAGE, PDF, WORKBOOK, LIST = "index.html", "livret.pdf", "livret.xlsx", "livrets.json"


def leaflets_folder(editions: Editions) -> Path:
    """The folder of the leaflets, one folder per edition."""
    return editions.root / LEAFLETS


def current_links(settings: Settings) -> list[Path]:
    """The links that lead readers to what is printed of the current edition; they may not be there yet."""
    return [folder / CURRENT for folder in (settings.reports, leaflets_folder(Editions(settings.published)))]


def is_whole(editions: Editions, edition: str, reports: Path) -> bool:
    """Whether the page, the letter and every leaflet of an edition are there.

    Args:
        editions: the published folder.
        edition: number of the edition.
        reports: folder of the reports.
    """
    report, leaflets = reports / edition, leaflets_folder(editions) / edition
    try:
        # written last, when each of them was
        names = json.loads((leaflets / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    expected = [report / PAGE, report / LETTER, *(leaflets / name / part for name in names for part in (PAGE, PDF))]
    return all(path.is_file() for path in expected)


def is_printed(settings: Settings) -> bool:
    """Whether all that is printed of the current edition is there and linked: a run may have been killed in between."""
    editions, reports = Editions(settings.published), settings.reports
    edition = str(editions.current())
    shown = all(link.is_symlink() and link.readlink() == Path(edition) for link in current_links(settings))
    return shown and is_whole(editions, edition, reports)


def show(editions: Editions, edition: str, reports: Path) -> bool:
    """Makes what is printed of an edition what readers find first; where some is missing, changes nothing.

    Returns:
        whether it was all there.
    """
    if not is_whole(editions, edition, reports):
        return False
    for folder in (reports, leaflets_folder(editions)):
        point(folder, edition)
    return True


def point(folder: Path, edition: str) -> None:
    """Makes an edition's subfolder the current one, in one step."""
    link, fresh = folder / CURRENT, folder / f".courant.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(edition)
    fresh.replace(link)
