"""Files and folders that nobody may move or delete, as `chattr +i` makes them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    """Makes a path immutable while the block lasts; skips the test where nobody may.

    The attribute is taken off wherever the path is then: it, or its folder, may have been moved.
    """
    done = subprocess.run(["chattr", "+i", path], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no attributes on this disk, or not for this account: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-R", "-i", path.parents[1]], capture_output=True, check=False)
