"""What a backup holds of a programme folder: all that cannot be made again, and nothing that a run makes.

What is left out is listed here; whatever else a programme folder comes to hold is saved.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from orchestration.errors import PublicationRefused
from orchestration.extracts.receptions import receptions
from orchestration.files import file_sha256
from orchestration.folder import DECLARED
from orchestration.ignored import is_ignored
from orchestration.publication.editions import Editions
from orchestration.settings import PROGRAMME_FILE, UNDERWAY, Settings

# The lake and the rejects are read again from `landing/`. What the lake remembers of each edition is not: without it,
# the next edition could not be held to the ones before.
_MADE_AGAIN = ("lake", "quarantine", "warehouse")
_KEPT = ("lake/apports/*.json", "warehouse/*.json")
# A link that `prepare` makes, a file that each run of the terminal writes, and what SQLite keeps beside a file.
_OF_A_MACHINE = ("dagster.yaml", "terminal.yaml")
_OF_SQLITE = ("-wal", "-shm", "-journal")
# A file of `landing/` that no run has read yet and that changed since then is still arriving. After a wait of that long
# it has to count as old enough, whatever the clock rounds.
_STILL_SECONDS = 10
_MARGIN_SECONDS = 0.2


@dataclass(frozen=True)
class Held:
    """One folder, file or link to save.

    Attributes:
        path: where it is.
        name: its place in the programme folder, parts apart by `/`.
        status: what `lstat` says of it; of a link that is saved as what it leads to, what that is.
    """

    path: Path
    name: str
    status: os.stat_result


def wait_until_still(root: Path) -> set[str]:
    """Waits, ten seconds at most, until the deliveries that lie there now count as whole.

    What changes during that time is being sent: `held` leaves it out.

    Returns:
        the deliveries that are being sent, as `<vague>/<fichier>`.
    """
    known = _known_whole(root)
    if moving := list(map(_changed, _arriving(root, known))):
        time.sleep(min(_STILL_SECONDS, max(0, max(moving) + _STILL_SECONDS - time.time())) + _MARGIN_SECONDS)
    return {one.name.removeprefix("landing/") for one in _arriving(root, known)} if moving else set()


def _arriving(root: Path, known: Collection[str]) -> Iterator[Held]:
    landing = root / "landing"
    folders = (path for path in (sorted(landing.iterdir()) if landing.is_dir() else ()) if path.is_dir())
    found = (one for path in folders for one in _within(Held(path, f"landing/{path.name}", path.lstat())))
    return (one for one in found if _is_delivery(one) and _is_arriving(one, known))


def held(root: Path, arriving: list[str], special: list[str] | None = None) -> Iterator[Held]:
    """Yields what a programme folder holds to save, each folder before what is in it.

    A link in the folder itself that leads to a folder (`landing/` on another disk) is saved as that folder. So is a
    link of what is declared that leads to a file outside: a run reads that file.

    Args:
        root: the programme folder.
        arriving: takes the files of `landing/` that are left out because they are still being written.
        special: takes the pipes, sockets and devices, which are left out.
    """
    known = _known_whole(root)
    for path in sorted(root.iterdir()):
        if path.name in (UNDERWAY, *_MADE_AGAIN):
            continue
        status = path.stat() if path.is_dir() else path.lstat()
        for one in _within(Held(path, path.name, status)):
            if _is_special(one):
                (special if special is not None else []).append(one.name)
                continue
            if _is_left_out(one):
                continue
            if _is_delivery(one) and _is_arriving(one, known):
                arriving.append(one.name.removeprefix("landing/"))
                continue
            yield Held(one.path, one.name, one.path.stat()) if _stands_for_a_file(one, root) else one
    seen: set[str] = set()
    for path in sorted(file for pattern in _KEPT for file in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        for folder in [*reversed(PurePosixPath(name).parents)][1:]:
            if str(folder) not in seen:
                seen.add(str(folder))
                yield Held(root / folder, str(folder), (root / folder).lstat())
        yield Held(path, name, path.lstat())


def size_of(root: Path) -> int:
    """Returns the bytes of what there is to save; a file with two names is written once."""
    files = (one.status for one in held(root, []) if stat.S_ISREG(one.status.st_mode))
    return sum({(status.st_dev, status.st_ino): status.st_size for status in files}.values())


def _within(one: Held) -> Iterator[Held]:
    yield one
    if stat.S_ISDIR(one.status.st_mode):
        for path in sorted(one.path.iterdir()):
            # Dagster and senders may delete a file while its folder is listed
            with suppress(FileNotFoundError):
                yield from _within(Held(path, f"{one.name}/{path.name}", path.lstat()))


def lost_outside(root: Path) -> Iterator[str]:
    """Yields the links of what is declared that no backup of a programme folder could hold, one sentence each."""
    tops = [path for name in DECLARED if (path := root / name).is_dir()]
    for one in (found for path in tops for found in _within(Held(path, path.name, path.stat()))):
        if (said := lost_with(one, root)) is not None:
            yield said


def lost_with(one: Held, root: Path) -> str | None:
    """Returns why a backup would lose what a link of what is declared leads to; None where it would not.

    Outside the programme folder, it holds a file, and no folder.
    """
    if not _leads_outside(one, root) or one.path.is_file():
        return None
    return (
        f"{one.path} mène à {os.readlink(one.path)}, hors du programme : la sauvegarde ne l'aurait pas ; mettre à sa"  # noqa: PTH115
        " place ce qu'il désigne, ou l'ôter, puis relancer."
    )


def _stands_for_a_file(one: Held, root: Path) -> bool:
    return _leads_outside(one, root) and one.path.is_file()


def _leads_outside(one: Held, root: Path) -> bool:
    declared = one.name == PROGRAMME_FILE or PurePosixPath(one.name).parts[0] in DECLARED
    if not declared or not stat.S_ISLNK(one.status.st_mode):
        return False
    # a Path raises where links lead to one another in a circle
    return not Path(os.path.realpath(one.path)).is_relative_to(root.resolve())


def _is_special(one: Held) -> bool:
    kind = one.status.st_mode
    return not (stat.S_ISDIR(kind) or stat.S_ISREG(kind) or stat.S_ISLNK(kind))


def _is_left_out(one: Held) -> bool:
    kind = one.status.st_mode
    parts, name = PurePosixPath(one.name).parts, one.path.name
    if UNDERWAY in parts[1:2]:
        return True
    top = parts[0]
    if top == "landing":
        return stat.S_ISREG(kind) and is_ignored(name)
    return top == ".dagster" and (name in _OF_A_MACHINE or name.endswith(_OF_SQLITE))


def _is_delivery(one: Held) -> bool:
    return stat.S_ISREG(one.status.st_mode) and one.name.startswith("landing/") and one.name.count("/") >= 2


def _is_arriving(one: Held, known: Collection[str]) -> bool:
    if abs(time.time() - _changed(one)) >= _STILL_SECONDS:
        return False
    try:
        return file_sha256(one.path) not in known
    except FileNotFoundError:
        return True  # a sender has just renamed it
    except PermissionError:
        return False  # whoever has to read it says that it cannot be


def _changed(one: Held) -> float:
    return max(one.status.st_mtime, one.status.st_ctime)


def _known_whole(root: Path) -> set[str]:
    """Returns the SHA-256 of every file that a run has read: such a file was whole.

    The register says which. Where it is lost, the manifests of the editions still do.
    """
    editions, found = Editions(Settings(root).published), {sha256 for _, sha256 in receptions(root / "landing", [])}
    for name in editions.names():
        with suppress(PublicationRefused, TypeError, ValueError):
            found |= set(dict(editions.manifest(name).get("entrees", {})).values())
    return found
