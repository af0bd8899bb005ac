"""Names and places of what is printed, whether it is all there, and whether it is what was printed.

Each folder of a print has a seal, the SHA-256 of each file in it: a run that finds none prints anew, a probe that finds
another file than the one that was printed says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from orchestration.files import file_sha256, write_json
from orchestration.files import point as lead
from orchestration.ignored import is_ignored
from orchestration.publication.editions import Editions
from orchestration.publication.lost import LEAFLETS
from orchestration.settings import Settings

LETTER = "lettre.pdf"
CURRENT = "courant"
PAGE, PDF, WORKBOOK, LIST = "index.html", "livret.pdf", "livret.xlsx", "livrets.json"
# hidden: a reader of the folder has nothing to do with it
SEAL = ".empreintes.json"


def leaflets_folder(editions: Editions) -> Path:
    """The folder of the leaflets, one folder per edition."""
    return editions.root / LEAFLETS


def current_links(settings: Settings) -> list[Path]:
    """The links that lead readers to what is printed of the current edition; they may not be there yet."""
    return [folder / CURRENT for folder in (settings.reports, leaflets_folder(Editions(settings.published)))]


def printed(settings: Settings) -> set[str]:
    """Returns the editions to whose prints readers are led: one, but after an interruption."""
    return {link.readlink().name for link in current_links(settings) if link.is_symlink()}


def is_whole(editions: Editions, edition: str, reports: Path) -> bool:
    """Whether the page, the letter and every leaflet of an edition are there, and the seals that were put on them.

    Args:
        editions: the published folder.
        edition: number of the edition.
        reports: folder of the reports.
    """
    report, leaflets = reports / edition, leaflets_folder(editions) / edition
    try:
        # written last, when each of them was
        names = json.loads((leaflets / LIST).read_text(encoding="utf-8"))
        sealed = {PAGE, LETTER} <= _sealed(report).keys() and LIST in _sealed(leaflets)
    except (OSError, ValueError):
        return False
    if not isinstance(names, list):
        return False
    expected = [report / PAGE, report / LETTER, *(leaflets / name / part for name in names for part in (PAGE, PDF))]
    return sealed and all(path.is_file() for path in expected)


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
    lead(folder / CURRENT, Path(edition))


def seal(folder: Path, part: str = "") -> None:
    """Writes down the SHA-256 of what was just printed; what the seal says of the rest of the folder stays.

    Args:
        folder: where an edition's report, or its leaflets, were printed.
        part: the only file that was printed; without it all was, but for the letter, which has a step of its own.
    """
    try:
        before = _sealed(folder)
    except ValueError:
        before = {}  # damaged: what is not printed now is without a seal until it is
    paths = [folder / part] if part else [path for path in _files(folder) if path != folder / LETTER]
    fresh = {path.relative_to(folder).as_posix(): file_sha256(path) for path in paths}
    kept = before if part else {name: said for name, said in before.items() if name == LETTER}
    write_json({**kept, **fresh}, folder / SEAL)


def altered(settings: Settings) -> dict[Path, list[str]]:
    """Returns what is not as it was printed: under each seal, the files that are other or gone.

    Prints of every edition that is kept are held: a rollback leads readers to them. A seal that cannot be read is named
    under itself. A folder without one holds to nothing: a run prints it anew.
    """
    found: dict[Path, list[str]] = {}
    for folder in _prints(settings):
        try:
            sealed = _sealed(folder)
        except ValueError:
            found[folder / SEAL] = [SEAL]
            continue
        if other := sorted(name for name, said in sealed.items() if not _is(folder / name, said)):
            found[folder / SEAL] = other
    return found


def added(settings: Settings) -> list[Path]:
    """Returns the files among those of a print that it did not print; what desktop systems leave is not told."""
    found = []
    for folder in _prints(settings):
        try:
            sealed = _sealed(folder).keys()
        except ValueError:
            continue  # told as altered
        # while one of these is missing, the print is under way, or will be made again
        if {PAGE, LETTER} <= sealed or LIST in sealed:
            paths = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file())
            found += [path for path in paths if not _is_expected(path.relative_to(folder), sealed)]
    return found


def _prints(settings: Settings) -> list[Path]:
    """Returns the folders that readers are led to, and those that a rollback would lead them to."""
    current = [link.parent / link.readlink() for link in current_links(settings) if link.is_symlink()]
    editions = Editions(settings.published)
    places = (settings.reports, leaflets_folder(editions))
    kept = (place / name for place in places for name in editions.names())
    return list(dict.fromkeys([*current, *(folder for folder in kept if folder.is_dir())]))


def _is_expected(place: Path, sealed: Collection[str]) -> bool:
    return place.as_posix() in sealed or any(map(is_ignored, place.parts))


def _is(path: Path, said: str) -> bool:
    return path.is_file() and not path.is_symlink() and file_sha256(path) == said


def _sealed(folder: Path) -> dict[str, str]:
    """Returns what a folder's seal says; raises ValueError where it does not read as one."""
    try:
        body: Any = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(folder / SEAL) from error
    if not isinstance(body, dict) or not all(isinstance(said, str) for said in body.values()):
        raise ValueError(folder / SEAL)
    return body


def _files(folder: Path) -> list[Path]:
    """Returns the files of a print; what is hidden, its seal among them, was never printed."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
