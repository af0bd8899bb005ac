"""Where things lie in the lake and the quarantine, and the tables written there."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.files import replacing

# characters of a file name in the identifier of its delivery
_SLUG = 60


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
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(slug) > _SLUG:
        # Two long names may differ at the end only, over the same bytes.
        slug = f"{slug[: _SLUG - 9]}-{hashlib.sha256(slug.encode()).hexdigest()[:8]}"
    return f"{wave}.{slug}.{sha256[:10]}"


def is_of_a_delivery(name: str) -> bool:
    """Returns whether a file or a folder has the name of a delivery, as `delivery_id` makes it."""
    return re.fullmatch(r".+\.[a-z0-9-]*\.[0-9a-f]{10}(\.json)?", name) is not None


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes a frame as Parquet, whole or not at all."""
    with replacing(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True)


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Writes a CSV that a spreadsheet opens in French (`;`, UTF-8 with BOM), formulas disarmed."""
    texts = [c for c, kind in frame.schema.items() if kind == pl.String]
    disarmed = frame.with_columns(
        pl.when(pl.col(c).str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col(c)).otherwise(pl.col(c)).alias(c)
        for c in texts
    )
    with replacing(path) as temporary:
        disarmed.write_csv(temporary, separator=";", include_bom=True)
