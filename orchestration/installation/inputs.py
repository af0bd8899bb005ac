"""Whether what an edition was made from is still there as it was: deliveries by their hash, the lake by its footers."""

from __future__ import annotations

import time

import polars as pl

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries, receptions
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import read_record
from orchestration.files import file_sha256
from orchestration.programme import Programme
from orchestration.publication.editions import Editions
from orchestration.settings import Settings

# The sensor looks each minute, and registers what it sees: after an hour, nobody looks.
_UNSEEN_SECONDS = 3600
_LANDING = "landing/"


def unread_parquet(settings: Settings) -> list[str]:
    """Returns the Parquet files of the lake whose footer cannot be read; the next run reads their delivery again."""
    found = []
    for path in sorted((settings.root / "lake").rglob("*.parquet")):
        try:
            pl.read_parquet_schema(path)
        except FileNotFoundError:
            continue  # a run has just replaced it
        except (OSError, pl.exceptions.PolarsError):
            found.append(path.relative_to(settings.root).as_posix())
    return found


def uninstalled(settings: Settings) -> list[str]:
    """Returns the answers and counts in force that are gone from where dbt reads them.

    Which are in force is told by the table that dbt reads beside them, which is written once they stand there. After a
    restoration neither is there before the next publication.
    """
    lake = Lake(settings.root)
    try:
        told = pl.read_parquet(lake.table("lots"), columns=["fichier"])["fichier"].to_list()
    except (OSError, pl.exceptions.PolarsError):
        return []
    return sorted(name for name in told if not (lake.root / name).is_file())


def out_of_order(programme: Programme) -> list[str]:
    """Returns the deliveries whose time of reception is no longer in the register, or is not that of their reading."""
    lake, found = Lake(programme.root), []
    known = receptions(lake.landing, [])
    for delivery in deliveries(programme, load_contracts(programme), looking=True, registering=False):
        record = read_record(lake.record(delivery.id))
        times = [known.get((delivery.wave, sha256)) for _, sha256 in delivery.contents]
        told = [time.isoformat(timespec="microseconds") for time in times if time is not None]
        if record is not None and (len(told) < len(times) or record.recue_le != max(told)):
            found.append(delivery.place)
    return sorted(found)


def changed_inputs(programme: Programme) -> list[str]:
    """Returns the deliveries that the current edition was made from and that are gone, or other bytes now.

    A delivery that was replaced by another of the same name is among them until a run has read the new one.
    """
    editions, landing = Editions(programme.settings.published), Lake(programme.root).landing
    edition = editions.current()
    if edition is None:
        return []
    entries: dict[str, str] = editions.manifest(edition)["entrees"]
    said = {name.removeprefix(_LANDING): sha256 for name, sha256 in entries.items() if name.startswith(_LANDING)}
    # A name that cannot be shown as it is was written otherwise in the manifest; its hash is found all the same.
    there = {file_sha256(path) for path in landing.glob("*/*") if path.is_file()}
    return sorted(name for name, sha256 in said.items() if "/" in name and sha256 not in there)


def unseen(programme: Programme) -> list[str]:
    """Returns the deliveries that have lain there for long and that neither sensor nor run has registered."""
    landing = Lake(programme.root).landing
    present = deliveries(programme, load_contracts(programme), looking=True, registering=False)
    known = {sha256 for _, sha256 in receptions(landing, [])}
    found = {
        f"{delivery.wave}/{path.name}"
        for delivery in present
        for path, sha256 in delivery.contents
        if sha256 not in known and time.time() - path.lstat().st_ctime > _UNSEEN_SECONDS
    }
    return sorted(found)
