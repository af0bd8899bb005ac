"""The account that a command runs under, the one that a file belongs to, and what lets nobody write."""

from __future__ import annotations

import fcntl
import os
import pwd
import sys
from pathlib import Path

# Linux's FS_IOC_GETFLAGS, and of what it answers "immutable" and "append only" (chattr)
_GET_FLAGS, _PROTECTED = 0x80086601, 0x10 | 0x20


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


def is_protected(path: Path) -> bool:
    """Returns whether an attribute (`chattr`) keeps a file or folder from being moved or deleted, whoever asks."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        flags = fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8))
    except OSError:
        return False  # a disk that knows no attributes
    finally:
        os.close(descriptor)
    return bool(int.from_bytes(flags[:4], sys.byteorder) & _PROTECTED)


def may_write(folder: Path) -> bool:
    """Returns whether this process may make files in a folder."""
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)  # an account that was deleted, or that another machine knows
