"""Watches the landing folder: one partition and one run per new delivery, then one consolidation of what was read."""

import time

import dagster as dg

from orchestration.defs.jobs import CONSOLIDATION, EXTRACTION, consolidation, extraction
from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeResource
from orchestration.settings import in_production

# a file still being copied changes; one that has not for this long is whole
SETTLED_SECONDS = 10


@dg.sensor(
    jobs=[extraction, consolidation],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
    description="Une livraison déposée dans landing/ est lue ; quand toutes le sont, l'édition est refaite.",
)
def nouvelles_livraisons(context: dg.SensorEvaluationContext, programme: ProgrammeResource) -> dg.SensorResult:
    """Requests a run per settled delivery not read as things stand; with none left, a consolidation if there is news.

    A run key is what the run works from: what failed is not tried again by the sensor until something changes.
    """
    from orchestration.extracts.ingest import modified
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.currency import nothing_to_publish
    from orchestration.publication.inputs import fingerprint

    now = time.time()
    opened = programme.load()
    inventory = take_inventory(opened)
    if inventory.stale:
        # a clock put back since leaves files from its future: they are no more being written than old ones
        waiting = [d for d in inventory.stale if abs(now - modified(d.path).timestamp()) > SETTLED_SECONDS]
        known = set(context.instance.get_dynamic_partitions("livraisons"))
        new = [d.id for d in waiting if d.id not in known]
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(run_key=d.fingerprint(opened), partition_key=d.id, job_name=EXTRACTION) for d in waiting
            ],
            dynamic_partitions_requests=[LIVRAISONS.build_add_request(new)] if new else [],
        )
    unchanged = nothing_to_publish(opened, inventory, programme.settings)
    if unchanged is not None:
        return dg.SensorResult(skip_reason=unchanged)
    key = fingerprint(opened, inventory, programme.settings)
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key, job_name=CONSOLIDATION)])
