"""Whether what the last run came to still matters: once all is read and the edition is made from it, it does not."""

from __future__ import annotations

from dataclasses import replace

from orchestration.extracts.inventory import Inventory
from orchestration.operation.locks import holder
from orchestration.operation.outcomes import SETTLED, LastRun, RunState, last_run
from orchestration.programme import Programme
from orchestration.publication.currency import nothing_to_publish
from orchestration.reporting.printed import is_printed
from orchestration.settings import Settings


def latest(settings: Settings) -> LastRun | None:
    """Returns the last run; one that is under way while nobody holds the lock was killed: interrupted."""
    last = last_run(settings)
    killed = last is not None and last.etat == RunState.RUNNING and holder(settings) is None
    return replace(last, etat=RunState.INTERRUPTED) if last and killed else last


def unsettled(last: LastRun | None, programme: Programme, inventory: Inventory) -> bool:
    """Returns whether a run is under way, or failed and what was at fault is still there."""
    if last is None or last.etat in SETTLED:
        return False
    if last.etat == RunState.RUNNING or inventory.stale:
        # a failed run that left deliveries unread may have failed on them
        return True
    return not (nothing_to_publish(programme, inventory) and is_printed(programme.settings))
