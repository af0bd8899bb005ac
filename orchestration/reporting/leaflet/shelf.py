"""Where the leaflets stand: `published/livrets/<edition>/<organisme>/`, one folder to hand to one organisme.

A folder holds the page, the PDF, and a link to the organisme's DuckDB file. It is neither in the edition's folder, which is
never written to again, nor below the regional report, which is public.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from orchestration.publication.editions import Editions
from orchestration.reporting.cells import Edition
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.press import press

PAGE, PDF = "index.html", "livret.pdf"
# The press works outside Python's lock: while one leaflet is set, the next is read.
AT_ONCE = 2


def shelf(editions: Editions) -> Path:
    """The folder of the leaflets, one folder per edition."""
    return editions.root / "livrets"


def print_leaflets(editions: Editions, edition: str, programme: Mapping[str, Any]) -> list[Path]:
    """Prints a leaflet for each organisme of the current wave, and makes them the current ones.

    Those of editions that are no longer kept are removed: they hold the same figures.

    Args:
        editions: the published folder.
        edition: number of the edition.
        programme: programme.yaml as a mapping.

    Returns:
        the folders of the leaflets.
    """
    folder = shelf(editions) / edition
    files = concerned(editions.folder(edition) / "organismes", str(programme["vague_courante"]))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        printed = list(pool.map(lambda file: _print(file, folder / file.stem, programme), files))
    for gone in shelf(editions).iterdir():
        if gone.is_dir() and not gone.is_symlink() and gone.name not in editions.names():
            shutil.rmtree(gone)
    show(editions, edition)
    return printed


def concerned(organismes: Path, wave: str) -> list[Path]:
    """Files of the organismes that the current wave counts, whether their answers are in it or not."""
    found = []
    for file in sorted(organismes.glob("*.duckdb")):
        with Edition(file) as edition:
            if edition.rows("obs_couverture", vague=wave):
                found.append(file)
    return found


def missing(editions: Editions, edition: str, wave: str) -> bool:
    """Whether a leaflet of an edition is not there, whole."""
    folder = shelf(editions) / edition
    return not all(
        (folder / file.stem / name).is_file()
        for file in concerned(editions.folder(edition) / "organismes", wave)
        for name in (PAGE, PDF)
    )


def show(editions: Editions, edition: str) -> None:
    """Makes the leaflets of an edition the current ones, in one step."""
    link, fresh = shelf(editions) / "courant", shelf(editions) / f".courant.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(edition)
    fresh.replace(link)


def _print(file: Path, folder: Path, programme: Mapping[str, Any]) -> Path:
    content = leaflet(file, file.stem, programme)
    folder.mkdir(parents=True, exist_ok=True)
    build_page(content, folder / PAGE)
    press("livret", content, folder / PDF)
    beside = folder / file.name
    if not beside.is_symlink():
        beside.symlink_to(Path(os.path.relpath(file, folder)))
    return folder
