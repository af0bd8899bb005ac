"""Files: their digest, and how they get to their place whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# A file that changes twice within one tick of the kernel's clock may look unchanged.
_SETTLED_NS = 2_000_000_000
_TEMPORARY = re.compile(r"\.[0-9a-f]{8}$")
# so long after its last byte, nobody goes on with a temporary file
_YOUNG_SECONDS = 60
# how libraries written in Rust tell the number of an error of the machine
_OF_RUST = re.compile(r"\(os error (\d+)\)")
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
    """Yields a temporary path beside `path`; on success it takes its place, durably, in one step.

    The file keeps the owner, group and mode of the one it replaces, as far as this account may give them. A new one has
    the umask's mode, and belongs to whom its folder belongs to where root writes it.

    Raises:
        OSError: it cannot be written; the error names `path`.
    """
    with preparing(path) as temporary:
        try:
            yield temporary
            make_ready(temporary, path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def preparing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which is made and stays: who writes it makes it ready, or deletes it."""
    make_folder(path.parent)
    temporary = _beside(path)
    with naming(path):
        # made here and now, so that its mode is the umask's, and not the private one of a temporary file
        temporary.touch(exist_ok=False)
        yield temporary


def make_ready(temporary: Path, path: Path) -> None:
    """Gives a temporary file all that the one at a path has but its name, and writes it to the disk."""
    # no link is followed: root gives nothing away that somebody put there meanwhile
    descriptor = os.open(temporary, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        _give(descriptor, path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def abandoned(folder: Path, pattern: str) -> Iterator[Path]:
    """Yields the temporary files that a killed process left beside the files of a folder, none of them young.

    Args:
        folder: where they are; it may be missing.
        pattern: of the names of the files that they were to replace.
    """
    for path in folder.glob(f".{pattern}.????????"):
        with suppress(OSError):
            if _TEMPORARY.search(path.name) and time.time() - path.lstat().st_ctime > _YOUNG_SECONDS:
                yield path


def _give(descriptor: int, path: Path) -> None:
    """Gives an open file the owner, group and mode of the one that stands at a path, or the owner of its folder."""
    try:
        before = path.stat()
    except OSError:
        before = None
    own = before or path.parent.stat()
    # root alone may give a file away; who may not keeps it, and the group where it is one of its own
    with suppress(OSError):
        if os.geteuid() == 0:
            os.fchown(descriptor, own.st_uid, own.st_gid)
        elif before is not None and before.st_gid != os.fstat(descriptor).st_gid:
            os.fchown(descriptor, -1, before.st_gid)
    if before is not None and stat.S_ISREG(before.st_mode):
        with suppress(OSError):
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode) & 0o777)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it that are missing; where root makes them, they are their parent's owner's."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for one in reversed(missing):
            above = one.parent.stat()
            with suppress(OSError):
                os.chown(one, above.st_uid, above.st_gid, follow_symlinks=False)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Gives an error of the machine that names no file the name of the one that was written: a full disk names none.

    Raises:
        OSError: what was raised, with `path` in it. So is an error of a library that only has the machine's number.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = os.fspath(path)
        raise
    except Exception as error:
        number = _OF_RUST.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), os.fspath(path)) from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds a lock file while the block runs, waiting for whoever else holds it; the kernel frees it with the process.

    Raises:
        OSError: it cannot be made or opened.
    """
    new = not path.exists()
    with path.open("a") as file:
        if new:
            _give(file.fileno(), path.with_name(f"{path.name}.neuf"))
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove(path: Path) -> None:
    """Deletes a file or a folder with all that is in it; of a folder, as much as may be deleted.

    Raises:
        OSError: something of it stays, and why.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
    write_text(_as_json(body), path)


def write_json_over(body: Any, path: Path) -> None:
    """Writes a JSON file over the bytes of the one that stands there, for a full disk, which takes no new file.

    A process that is killed meanwhile leaves a damaged file: nothing but what is read as absent then is written so.

    Raises:
        OSError: no file stands there, or the blocks of its bytes do not hold the new ones.
    """
    data = _as_json(body).encode()
    with path.open("r+b") as file:
        if len(data) > os.fstat(file.fileno()).st_blocks * 512:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _as_json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


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
            if _is_folder(entry, follow=folder == root):
                if folder != root / "landing":
                    waiting.append(path)
            elif not entry.is_file(follow_symlinks=False) and _is_special(path):
                yield path


def _is_folder(entry: os.DirEntry[str], *, follow: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False  # a link in a circle, which who follows it tells


def removed(path: Path) -> bool:
    """Deletes a file, or a folder with all that can be deleted in it; returns whether nothing is left."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
    return not os.path.lexists(path)


def _is_special(path: Path) -> bool:
    try:
        kind = path.stat().st_mode
    except OSError:
        return False  # a link that leads nowhere, which who follows it tells
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))
