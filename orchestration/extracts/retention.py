"""What the produced folders need not keep: quarantine past its time, and what was made of files no longer delivered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake, is_of_a_delivery
from orchestration.files import remove

_DAY = 86_400


@dataclass(frozen=True)
class Expired:
    """One file or folder that may go, and why."""

    path: Path
    reason: str


def expired(lake: Lake, inventory: Inventory, days: int, now: float | None = None) -> Iterator[Expired]:
    """Yields what a purge deletes; all of it can be rebuilt from `landing/`, except what left it.

    Args:
        lake: the programme's folders.
        inventory: the deliveries present.
        days: how long rejects are kept for repair.
        now: seconds since the epoch, by default the clock's.
    """
    present = {d.id for d in inventory.deliveries}
    # one that this account cannot read may be what seems to be nobody's any more
    told = not any(d.closed for d in inventory.deliveries)
    produced = [lake.root / "quarantine", lake.root / "lake" / "versions", lake.registry, lake.failures]
    for folder in produced:
        for path in sorted(folder.glob("*")):
            # what somebody else put there is nobody's delivery, and nothing makes it again
            if told and is_of_a_delivery(path.name) and path.name.removesuffix(".json") not in present:
                yield Expired(path, "la livraison n'est plus dans landing/")
    limit = (now or time.time()) - days * _DAY
    for path in sorted((lake.root / "quarantine").glob("*")):
        if path.name in present and path.stat().st_mtime < limit:
            yield Expired(path, f"rejets de plus de {days} jours")


def purge(found: list[Expired]) -> dict[Path, OSError]:
    """Deletes what `expired` found; the caller must hold the programme's lock since before it was found.

    Returns:
        what stays, wholly or in part, and why the machine did not delete it.
    """
    left = {}
    for entry in found:
        try:
            remove(entry.path)
        except OSError as error:
            left[entry.path] = error
    return left
