"""Commands as an ordinary account runs them, where the tests run as root, whom no permission stops."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Linux's capabilities that let root pass over permissions: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
_OVER_PERMISSIONS = 1 << 1 | 1 << 2
_VERSION = 0x20080522
# an account that owns nothing here
ANOTHER = 12345


@contextmanager
def ordinary() -> Iterator[None]:
    """Holds this thread to permissions while the block lasts, as any account but root is."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, had = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, had) == 0
    held = (ctypes.c_uint32 * 6)(*had)
    held[0] &= ~_OVER_PERMISSIONS
    assert libc.capset(header, held) == 0
    try:
        yield
    finally:
        assert libc.capset(header, had) == 0


def held_to_permissions() -> list[str]:
    """What a command is prefixed with to be held to permissions."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not on this machine")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def given_away(root: Path) -> None:
    """Gives a folder and all in it to an account that is not the one that runs; needs root."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files to another account")
    for path in (root, *root.rglob("*")):
        os.chown(path, ANOTHER, ANOTHER, follow_symlinks=False)
