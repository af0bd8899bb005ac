"""Prints the leaflets into their place, `published/livrets/<edition>/<organisme>/`: a folder to hand to one organisme.

A folder holds the page, the PDF, a workbook of its tables, and the organisme's DuckDB file. It is neither in the
edition's folder, which is never written to again, nor below the regional report, which is public.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orchestration.files import give_second_name, removed, write_json
from orchestration.programme.config import ProgrammeConfig
from orchestration.publication.editions import Editions
from orchestration.publication.lost import APPORTS
from orchestration.reporting.cells import Edition
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.leaflet.workbook import write_workbook
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.printed import LIST, PAGE, PDF, WORKBOOK, leaflets_folder, point, seal

# The press works outside Python's lock: while one leaflet is set, the next is read.
AT_ONCE = 2


def print_leaflets(
    editions: Editions, edition: str, programme: ProgrammeConfig, root: Path | None = None, *, shown: bool = True
) -> list[Path]:
    """Prints a leaflet for each organisme of the current wave, and makes them the current ones.

    Those of editions that were deleted are removed: they hold the same figures. The lake remembers an edition that is
    lost, and its leaflets stay until somebody gives it up. A programme may want none (`rapport.livrets`).

    Args:
        editions: the published folder.
        edition: number of the edition.
        programme: what programme.yaml says.
        root: the programme's folder, for the organismes' stories.
        shown: whether they become the current ones.

    Returns:
        the folders of the leaflets.
    """
    folder = leaflets_folder(editions) / edition
    folder.mkdir(parents=True, exist_ok=True)
    wanted = programme.rapport.livrets
    files = concerned(editions.folder(edition) / "organismes", programme.vague_courante) if wanted else []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        printed = list(pool.map(lambda file: _print(file, folder / file.stem, programme, root), files))
    write_json([path.name for path in printed], folder / LIST)
    remembered = (root / APPORTS).glob("*.json") if root is not None else ()
    # a damaged edition is one that readers saw: what is left of it stays until somebody gives it up
    damaged = (path.name for path in editions.incomplete())
    kept = {"courant", *editions.names(), *damaged, *(path.stem for path in remembered)}
    for gone in leaflets_folder(editions).iterdir():
        if gone.name not in kept:
            removed(gone)
    seal(folder)
    if shown:
        point(leaflets_folder(editions), edition)
    return printed


def concerned(organismes: Path, wave: str) -> list[Path]:
    """Files of the organismes that the current wave counts, whether their answers are in it or not."""
    found = []
    for file in sorted(organismes.glob("*.duckdb")):
        with Edition(file) as edition:
            if edition.rows("obs_couverture", vague=wave):
                found.append(file)
    return found


def _print(file: Path, folder: Path, programme: ProgrammeConfig, root: Path | None) -> Path:
    content = leaflet(file, file.stem, programme, root)
    build_page(content, folder / PAGE)
    press("livret", content, folder / PDF, moment(content))
    write_workbook(content, file, programme, folder / WORKBOOK)
    # the organisme's own file beside them: the folder can be handed over, or copied, whole
    give_second_name(file, folder / file.name)
    return folder
