"""What a restoration works in: a hidden folder of the programme, and one on each other disk that the programme uses.

A folder of the programme that is a link to another disk, or a disk's mount point, stays: only what is in it moves.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestration.settings import PROGRAMME_FILE, UNDERWAY

# in such a folder: what is to come in, what was set aside, how far it is
COMING, ASIDE, STATE = "contenu", "avant", "etat.json"
# the steps: all is unpacked; all that was there is set aside
READY, CLEARED = "prete", "videe"


def stays(path: Path) -> bool:
    """Returns whether a folder of the programme is a link to a folder, or a mount point: it cannot be moved aside."""
    return path.is_dir() and (path.is_symlink() or path.is_mount() or str(path.absolute()) in _mounts())


def _mounts() -> set[str]:
    """Returns the mount points of this machine, where Linux tells: Python knows none that is of the same disk."""
    with suppress(OSError):
        told = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        return {re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), line.split(" ")[4]) for line in told}
    return set()


def spread(root: Path) -> None:
    """Lays out what was unpacked for the folders that stay: each on its own disk, where it can be moved into place.

    In the folder of the restoration a link stands for it, as one stands for what will be set aside there.

    Raises:
        OSError: a disk does not take it.
    """
    folder = root / UNDERWAY
    (folder / ASIDE).mkdir(exist_ok=True)
    for path in sorted(root.iterdir()):
        if not stays(path):
            continue
        work, unpacked = path.resolve() / UNDERWAY, folder / COMING / path.name
        shutil.rmtree(work, ignore_errors=True)
        (work / ASIDE).mkdir(parents=True)
        work.chmod(0o700)
        if unpacked.is_dir() and not unpacked.is_symlink():
            shutil.move(unpacked, work / COMING)
        else:
            (work / COMING).mkdir()
        if not os.path.lexists(unpacked):
            unpacked.symlink_to(work / COMING)
        (folder / ASIDE / path.name).symlink_to(work / ASIDE)


def state(root: Path) -> str | None:
    """Returns how far a restoration is; None where there is none, or it is not unpacked yet."""
    try:
        return str(json.loads((root / UNDERWAY / STATE).read_text(encoding="utf-8"))["etape"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_over(root: Path) -> bool:
    """Returns whether what a restoration left may be deleted: the programme is whole without it.

    `programme.yaml` goes first and comes last. One that somebody put there by hand meanwhile ends no restoration.
    """
    if not (root / PROGRAMME_FILE).is_file():
        return False
    folder = root / UNDERWAY
    moved, to_come = (os.path.lexists(folder / part / PROGRAMME_FILE) for part in (ASIDE, COMING))
    return not to_come or (state(root) != CLEARED and not moved)


def left(root: Path) -> list[Path]:
    """Returns the folders of a restoration that are there."""
    return [folder for folder in _folders(root) if os.path.lexists(folder)]


def discard(root: Path) -> list[Path]:
    """Deletes the folders of a restoration; returns those that could not be deleted whole."""
    for folder in left(root):
        shutil.rmtree(folder, ignore_errors=True)
    return left(root)


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from (path.resolve() / UNDERWAY for path in sorted(root.iterdir()) if stays(path))
    # last: it says what the others are for
    yield root / UNDERWAY
