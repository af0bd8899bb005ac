"""What the landing folder and the files that decide about it look like: names and times; no file is opened.

The sensor looks every minute, so a look must not cost more as deliveries add up over the years.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.extracts.deliveries import code_fingerprint
from orchestration.extracts.lake import Lake
from orchestration.extracts.pseudonyms import key_fingerprint
from orchestration.publication.editions import DATABASE


@dataclass(frozen=True)
class Look:
    """What was seen.

    Attributes:
        signature: SHA-256 over the name, size, inode and times of every file that decides what there is to do.
        newest: when a file of `landing/` last changed, in seconds since the epoch; 0 where there is none. The kernel
            sets that time (ctime), whatever a copy says of the file's own.
    """

    signature: str
    newest: float


def look(root: Path) -> Look:
    """Returns what a programme looks like; a file that changes while it is looked at will look different next time.

    Damage that changes no time of the file, or a file gone from the lake's versions, is not seen here: the nightly
    schedule reads every byte.
    """
    digest, newest = hashlib.sha256(f"{code_fingerprint()}|{key_fingerprint()}".encode()), 0.0
    lake, landing = Lake(root), os.fspath(Lake(root).landing)
    programme = [root / name for name in ("contracts", "reference", "editorial")]
    folders = [lake.landing, lake.registry, lake.failures, *programme]
    seen = [one for folder in folders for one in _within(os.fspath(folder))]
    published = root / "published"
    single = [root / "programme.yaml", root / "lake" / "versions", published / "courante", published / "ecartees.json"]
    single += [published / "courante" / DATABASE, published / "courante" / "manifeste.json"]
    seen += [(os.fspath(path), path.lstat()) for path in single if os.path.lexists(path)]
    for name, status in seen:
        times = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)
        digest.update(f"{name}|{times}\n".encode(errors="surrogateescape"))
        if name.startswith(landing):
            newest = max(newest, status.st_ctime)
    return Look(digest.hexdigest(), newest)


def _within(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yields what lies under a folder, links not followed, in the order of the names."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        try:
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from _within(entry.path)
        except OSError:
            continue
