"""Real disks, small enough to fill and to make read-only: tmpfs mounted over folders of a programme."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BALLAST = "ballast"


def need_mounts() -> None:
    """Skips the test where nothing may be mounted: it takes root, and the right to use it."""
    if not shutil.which("mount"):
        pytest.skip("mount is not on this machine")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted on this machine: {done.stderr.strip()}")
        subprocess.run(["umount", folder], check=True)


@contextmanager
def disk(folder: Path, mebibytes: int = 160) -> Iterator[None]:
    """Puts a folder on a disk of its own while the block lasts; what is in it then is lost."""
    aside = Path(shutil.copytree(folder, folder.with_name(f"{folder.name}.avant"), symlinks=True))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "none", folder], check=True)
    try:
        shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(aside)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(folder: Path, left: int) -> Iterator[None]:
    """Fills the disk that a folder is on, but for so many bytes."""
    ballast = folder / _BALLAST
    status = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_frsize - left)
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Makes the disk that a folder is on read-only."""
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
