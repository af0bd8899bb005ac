"""Files: their digest, and how they get to their place whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# A file that changes twice within one tick of the kernel's clock may look unchanged.
_SETTLED_NS = 2_000_000_000
_digests: dict[str, tuple[tuple[int, ...], str]] = {}


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal.

    A process reads a file once, as long as its inode, size and times stay what they were: whoever writes to a file
    changes its ctime, whatever else they put back.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        seen = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known, digest = _digests.get(os.fspath(path), (None, ""))
        if known == seen:
            return digest
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time_ns() - status.st_ctime_ns > _SETTLED_NS:
        _digests[os.fspath(path)] = seen, digest
    return digest


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it takes its place, durably, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    # made here and now, so that its mode is the umask's, and not the private one of a temporary file
    temporary.touch(exist_ok=False)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def protect(path: Path) -> None:
    """Takes from everybody the right to write to a file; who may read it stays as the umask of the process made it."""
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def _beside(path: Path) -> Path:
    """Returns a hidden name in the folder of a path, which nothing else has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def settle(folder: Path) -> None:
    """Writes to the disk which names are in a folder: a file that was given its name outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(text: str, path: Path) -> None:
    """Writes a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(body: Any, path: Path) -> None:
    """Writes a JSON file with sorted keys, whole or not at all."""
    write_text(json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n", path)


def give_second_name(file: Path, name: Path) -> Path:
    """Gives an immutable file a second name: its bytes need not stand twice on the disk. Returns that name."""
    name.unlink(missing_ok=True)
    try:
        os.link(file.resolve(), name)
    except OSError:  # another file system, one without hard links, or one that has given all it may
        shutil.copyfile(file, name)
    return name


def point(link: Path, target: Path) -> None:
    """Makes a link say something else, in one step."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def try_writing(folder: Path) -> None:
    """Raises the OSError that writing to a folder meets: no right, no room, a file there; makes a missing one."""
    folder.mkdir(parents=True, exist_ok=True)
    tried = _beside(folder / "essai")
    try:
        with tried.open("xb") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    finally:
        tried.unlink(missing_ok=True)


def replace_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Fills a fresh folder and puts it in the place of an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _beside(path)
    fresh.mkdir()
    try:
        fill(fresh)
        shutil.rmtree(path, ignore_errors=True)
        fresh.replace(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def special_files(root: Path, within: Iterable[str] = (".",)) -> Iterator[Path]:
    """Yields the pipes, sockets and devices in a programme folder, and the links to one: reading one may never end.

    What lies in a wave's folder of `landing/` is left out: there only ordinary files are ever opened.

    Args:
        root: the programme folder.
        within: the folders of it that are looked at; by default all of it.
    """
    waiting = [root / name for name in within]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue  # gone since, or closed to this account: who opens it tells
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=folder == root):
                if folder != root / "landing":
                    waiting.append(path)
            elif not entry.is_file(follow_symlinks=False) and _is_special(path):
                yield path


def _is_special(path: Path) -> bool:
    try:
        kind = path.stat().st_mode
    except OSError:
        return False  # a link that leads nowhere, which who follows it tells
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))
