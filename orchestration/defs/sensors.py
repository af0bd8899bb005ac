"""Watches the landing folder: one partition and one run per new delivery."""

import time

import dagster as dg

from orchestration.defs.jobs import extraction
from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeResource

# a file still being copied changes; one that has not for this long is whole
SETTLED_SECONDS = 10


@dg.sensor(job=extraction, minimum_interval_seconds=60, description="Une livraison déposée dans landing/ est lue.")
def nouvelles_livraisons(context: dg.SensorEvaluationContext, programme: ProgrammeResource) -> dg.SensorResult:
    """Requests a run for each settled delivery that was not read under its present contract and questionnaire."""
    from orchestration.extracts.ingest import modified
    from orchestration.extracts.inventory import take_inventory

    now = time.time()
    opened = programme.load()
    waiting = [d for d in take_inventory(opened).stale if now - modified(d.path).timestamp() > SETTLED_SECONDS]
    known = set(context.instance.get_dynamic_partitions("livraisons"))
    new = [d.id for d in waiting if d.id not in known]
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=d.fingerprint(opened), partition_key=d.id) for d in waiting],
        dynamic_partitions_requests=[LIVRAISONS.build_add_request(new)] if new else [],
    )
