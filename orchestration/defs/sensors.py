"""Watches the landing folder: one partition and one run per new delivery, then one consolidation of what was read."""

import hashlib
import time
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.extracts.reading import SETTLED_SECONDS, settled, unreadable
from orchestration.defs.jobs import CONSOLIDATION, EXTRACTION, consolidation, extraction
from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import Settings, in_production

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.programme import Programme


@dg.sensor(
    jobs=[extraction, consolidation],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
    description="Une livraison déposée dans landing/ est lue ; quand toutes le sont, l'édition est refaite.",
)
def nouvelles_livraisons(context: dg.SensorEvaluationContext, folder: ProgrammeFolder) -> dg.SensorResult:
    """Requests a run per settled delivery not read as things stand; with none left, a consolidation if there is news.

    A run key is what the run works from and what it would replace: what failed is not tried again by the sensor until
    something changes, and what is put back as it was is news all the same. The cursor is what was last looked at and
    left nothing to wait for: looking the same, it is not looked into again.
    """
    from orchestration.errors import ObservatoireError
    from orchestration.operation.watching import look

    now, seen = time.time(), look(folder.settings.root)
    if context.cursor == seen.signature:
        return dg.SensorResult(skip_reason="Rien n'a bougé depuis le dernier regard.")
    try:
        result, all_settled = _asked(context, folder.load(), folder.settings, now)
    except (ObservatoireError, ValueError, KeyError) as error:
        # a run says what is wrong where everybody looks, and who is to be told is told
        key = hashlib.sha256(f"{type(error).__name__} {error}".encode()).hexdigest()
        result, all_settled = dg.SensorResult(run_requests=_consolidated(key)), True
    # a file that changed just now may change again, and look the same
    if all_settled and now - seen.newest > SETTLED_SECONDS:
        return result._replace(cursor=seen.signature)
    return result


def _asked(
    context: dg.SensorEvaluationContext, programme: "Programme", settings: Settings, now: float
) -> tuple[dg.SensorResult, bool]:
    """Returns what is asked for, and whether nothing is left to wait for."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.lake import Lake
    from orchestration.publication.currency import nothing_to_publish
    from orchestration.publication.editions import Editions
    from orchestration.publication.inputs import fingerprint

    inventory = take_inventory(programme)
    waiting = [d for d in inventory.stale if settled(d, now)]
    known = set(context.instance.get_dynamic_partitions("livraisons")) if waiting else set()
    new = [d.id for d in waiting if d.id not in known]
    lake, editions = Lake(programme.root), Editions(settings.published)
    read = [
        dg.RunRequest(
            run_key=f"{d.fingerprint(programme)} {_written(lake.record(d.id))}", partition_key=d.id, job_name=EXTRACTION
        )
        for d in waiting
    ]
    added = [LIVRAISONS.build_add_request(new)] if new else []
    unchanged = None
    # what cannot be read must not keep the others from being consolidated
    hopeless = len(unreadable(inventory, programme, context.instance)) == len(inventory.stale)
    if hopeless:
        unchanged = nothing_to_publish(programme, inventory, settings)
        if unchanged is None:
            read += _consolidated(f"{fingerprint(programme, inventory, settings)} {editions.current()}")
    if not read and unchanged is not None:
        return dg.SensorResult(skip_reason=unchanged), True
    return dg.SensorResult(run_requests=read, dynamic_partitions_requests=added), hopeless


def _written(path: "Path") -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


def _consolidated(key: str) -> list[dg.RunRequest]:
    return [dg.RunRequest(run_key=key, job_name=CONSOLIDATION)]
