"""The account that a command runs under, the one that a file belongs to, and whether a disk may be written to."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def running() -> str:
    """Returns the name of the account that this process runs under."""
    return _name(os.geteuid())


def owner(path: Path) -> str | None:
    """Returns the name of the account that a path belongs to, or the nearest folder above it that can be looked at."""
    for place in (path, *path.parents):
        try:
            return _name(place.lstat().st_uid)
        except OSError:
            continue
    return None


def is_read_only(path: Path) -> bool:
    """Returns whether a path is on a file system that is mounted read-only, which no right can change."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def may_write(folder: Path) -> bool:
    """Returns whether this process may make files in a folder."""
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)  # an account that was deleted, or that another machine knows
