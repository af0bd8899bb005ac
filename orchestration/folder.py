"""What a programme folder must be before anything of it is read: open, on disks that are there, with files that end."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from orchestration.errors import ProgrammeError, taken_back
from orchestration.files import special_files
from orchestration.machine import machine_sentence

# what is declared in a programme folder, and what a run reads of it
DECLARED = ("reference", "contracts", "editorial")
_READ = (*DECLARED, "landing")
# what runs and decisions keep in one file each
_FILES = ("warehouse/*.json", "warehouse/*.verrou", "warehouse/*.duckdb", "landing/*.csv", "published/*.json")
# what it writes
_WRITTEN = ("lake", "quarantine", "warehouse", "published", "reports", ".dagster")


def refuse_special_inputs(root: Path) -> None:
    """Refuses a programme folder with a pipe, a socket or a device among what a run reads, as the daemon does too.

    Raises:
        ProgrammeError: there is one; the sentence names the first.
    """
    refuse_special_files(root, _READ)


def hold_open(root: Path) -> None:
    """Holds what is declared in a programme folder to being readable: what is closed would look like what is not there.

    Raises:
        PermissionError: a file or a folder cannot be read by this account; it names the first.
        ProgrammeError: a link leads nowhere; it names the first.
    """
    for top in (str(root / name) for name in DECLARED):
        below = (os.path.join(at, name) for at, folders, files in os.walk(top) for name in (*folders, *files))  # noqa: PTH118
        for path in itertools.chain([top], below):
            if _is_closed(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
            refuse_dead_link(path, root)


def refuse_dead_link(path: str | Path, root: Path) -> None:
    """Refuses a link of what is declared in a programme folder that leads nowhere, or in a circle.

    Raises:
        ProgrammeError: it is one.
    """
    if _leads_nowhere(path):
        target, back = Path(path).readlink(), taken_back(os.path.relpath(path, root))
        if _is_circle(path):
            raise ProgrammeError(f"{path} est un lien qui revient à lui-même ({target}) ; l'ôter et {back}.")
        raise ProgrammeError(
            f"{path} est un lien qui ne mène à rien ({target}) ; rendre ce qu'il désigne, ou l'ôter et {back}."
        )


def _is_closed(path: str) -> bool:
    # a Path raises in a folder that is closed
    needed = os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK  # noqa: PTH112
    return os.path.exists(path) and not os.access(path, needed, effective_ids=True)  # noqa: PTH110


def refuse_special_files(root: Path, within: Iterable[str] = (".",)) -> None:
    """Refuses a programme folder with a pipe, a socket or a device in it, or a disk that is not there.

    A command that read one of the first would never end.

    Args:
        root: the programme folder.
        within: the folders of it that are looked at; by default all of it.

    Raises:
        ProgrammeError: there is one; the sentence names the first.
    """
    if links := unmounted(root):
        link = links[0]
        raise ProgrammeError(
            f"{link} mène à {link.readlink()}, qui n'est pas là : monter le disque, puis relancer ; s'il est perdu,"
            " ôter ce lien, puis « observatoire restore »."
        )
    if (found := next(special_files(root, within), None)) is not None:
        raise ProgrammeError(
            f"{found} n'est pas un fichier ordinaire (tube, prise ou périphérique, ou un lien vers l'un d'eux) : sa"
            " lecture n'aurait pas de fin ; l'ôter, chercher qui l'a mis là, puis relancer."
        )


def misplaced(root: Path) -> list[str]:
    """Returns what stands in the place of a folder of the programme, or of a file, and is none, each in a sentence."""
    named = [path for path in (root / name for name in (*_READ, *_WRITTEN)) if path.exists() and not path.is_dir()]
    taken = [_told(errno.ENOTDIR, path) for path in named]
    return [*taken, *engulfed(root)]


def engulfed(root: Path) -> list[str]:
    """Returns which folders stand where runs and decisions keep a file, each in a sentence."""
    there = sorted(path for pattern in _FILES for path in root.glob(pattern))
    taken = (path for path in there if path.is_dir())
    return [_told(errno.EISDIR, path) for path in taken]


def _told(number: int, path: Path) -> str:
    return machine_sentence(OSError(number, os.strerror(number), str(path)), path)


def unmounted(root: Path) -> list[Path]:
    """Returns the folders of a programme that are links to another disk which is not there."""
    return [path for path in (root / name for name in (*_READ, *_WRITTEN)) if _leads_nowhere(path)]


def _leads_nowhere(path: str | Path) -> bool:
    # a Path raises in a folder that is closed
    return os.path.islink(path) and not os.path.exists(path)  # noqa: PTH110, PTH114


def _is_circle(path: str | Path) -> bool:
    try:
        os.stat(path)  # noqa: PTH116 - a Path raises another error in a circle
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def refuse_path(root: Path) -> None:
    """Refuses a folder whose path cannot be written in a query or a pattern of file names.

    Raises:
        ProgrammeError: it has a quote, a brace or a wildcard.
    """
    if set(str(root)) & set("'\"[]{}*?"):
        raise ProgrammeError(f"{root} : apostrophe, guillemet, accolade ou joker dans ce chemin ; renommer le dossier.")
