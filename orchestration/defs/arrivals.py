"""What comes from the depots of the programme: once an hour, half an hour before the night too.

The file that arrives is a delivery like any other: the sensor sees it, and the night reads it.
"""

import dagster as dg

from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import in_production


@dg.op(description="Relève les dépôts de programme.yaml : ce qui y est nouveau arrive dans landing/.")
def relever(context: dg.OpExecutionContext, folder: ProgrammeFolder) -> None:
    """Fetches what is new; fails where a depot could not be read, once the others are.

    Raises:
        Failure: a depot could not be read to its end; it was told by alert already, once.
    """
    from orchestration.operation.arrivals import collect, troubles

    collected = collect(folder.load())
    for passage in collected.passages:
        context.log.info(
            f"{passage.depot} : arrivées {len(passage.arrived)}, en cours d'envoi {len(passage.moving)},"
            f" reçues avant {passage.known}. {' '.join(passage.arrived)}"
        )
        for name, reason in troubles(passage).items():
            context.log.warning(f"{name} : {reason}")
    if collected.alert:
        context.log.info(collected.alert)
    if collected.failed:
        failed = [passage for passage in collected.passages if passage.failures]
        said = " ".join(f"{passage.depot} : {' '.join(passage.failures)}" for passage in failed)
        raise dg.Failure(f"Dépôts non relevés. {said}", allow_retries=False)


@dg.job(
    description="Relève les dépôts : les livraisons nouvelles arrivent dans landing/, d'où elles sont lues.",
    # In production one run is under way at a time: a server that hangs at half past two must not cost the night.
    tags={"dagster/max_runtime": str(25 * 60)},
)
def releve() -> None:
    """Only adds to `landing/`, so it takes no lock of the programme: a run need not wait for a slow server."""
    relever()


@dg.schedule(
    job=releve,
    cron_schedule="30 * * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
    description="Chaque heure, à la demie, relève les dépôts de programme.yaml ; à 2 h 30, avant la nuit.",
)
def demie(folder: ProgrammeFolder) -> dg.RunRequest | dg.SkipReason:
    """Asks for a passage where the programme has depots."""
    if not folder.load().config.depots:
        return dg.SkipReason("Aucun dépôt dans programme.yaml.")
    return dg.RunRequest()
