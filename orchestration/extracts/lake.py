"""Where things lie in the lake and the quarantine, and how they get there: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Lake:
    """The produced folders of a programme; all of it can be deleted and rebuilt from `landing/`."""

    root: Path

    @property
    def landing(self) -> Path:
        """Deliveries as received, never modified."""
        return self.root / "landing"

    @property
    def registry(self) -> Path:
        """One JSON record per delivery."""
        return self.root / "lake" / "registre"

    @property
    def failures(self) -> Path:
        """One JSON file per delivery whose last reading failed."""
        return self.root / "lake" / "echecs"

    def record(self, delivery: str) -> Path:
        """Returns where a delivery's record is kept."""
        return self.registry / f"{delivery}.json"

    def version(self, delivery: str, wave: str, organisme: str) -> Path:
        """Returns where the accepted rows of one delivery for one organisme are kept."""
        return self.root / "lake" / "versions" / delivery / f"vague={wave}" / f"organisme={organisme}.parquet"

    def elected(self, wave: str, organisme: str, nature: str = "entretiens") -> Path:
        """Returns where the version in force for an organisme and wave stands: answers, or counts."""
        folder = self.root / "lake" / ("comptages" if nature == "comptages" else "reponses")
        return folder / f"vague={wave}" / f"organisme={organisme}.parquet"

    def table(self, name: str) -> Path:
        """Returns where a control table read by dbt is kept."""
        return self.root / "lake" / f"{name}.parquet"

    def quarantine(self, delivery: str) -> Path:
        """Returns the folder of a delivery's rejects."""
        return self.root / "quarantine" / delivery


def delivery_id(wave: str, filename: str, sha256: str) -> str:
    """Returns the identifier of a delivery: wave, file name made safe, first digits of its SHA-256."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]
    return f"{wave}.{slug}.{sha256[:10]}"


# a file changed twice within a tick of the kernel's clock may look the same
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
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes a frame as Parquet, whole or not at all."""
    with replacing(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True)


def write_text(text: str, path: Path) -> None:
    """Writes a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(body: Any, path: Path) -> None:
    """Writes a JSON file with sorted keys, whole or not at all."""
    write_text(json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n", path)


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Writes a CSV that a spreadsheet opens in French (`;`, UTF-8 with BOM), formulas disarmed."""
    texts = [c for c, kind in frame.schema.items() if kind == pl.String]
    disarmed = frame.with_columns(
        pl.when(pl.col(c).str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col(c)).otherwise(pl.col(c)).alias(c)
        for c in texts
    )
    with replacing(path) as temporary:
        disarmed.write_csv(temporary, separator=";", include_bom=True)


def replace_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Fills a fresh folder and puts it in the place of an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        fill(fresh)
        shutil.rmtree(path, ignore_errors=True)
        fresh.chmod(0o755)
        fresh.replace(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
