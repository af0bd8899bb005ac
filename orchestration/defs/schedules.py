"""The night: consolidation at three, Paris time, when something changed. The morning: is the edition the right one?"""

import dagster as dg

from orchestration.defs.jobs import consolidation
from orchestration.defs.publication.freshness import constat
from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import in_production


@dg.schedule(
    job=consolidation,
    cron_schedule="0 3 * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
    description="Chaque nuit, consolide ce qui est arrivé et publie si les contrôles passent.",
)
def nuit(folder: ProgrammeFolder) -> dg.RunRequest | dg.SkipReason:
    """Asks for a run unless all is read, and the published edition was made from the inputs as they stand."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.currency import nothing_to_publish

    opened = folder.load()
    inventory = take_inventory(opened)
    unchanged = nothing_to_publish(opened, inventory, folder.settings)
    return dg.RunRequest() if unchanged is None or inventory.stale else dg.SkipReason(unchanged)


matin = dg.ScheduleDefinition(
    name="matin",
    job=constat,
    cron_schedule="0 5 * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
    description="Chaque matin, constate que l'édition est celle que font les livraisons : sa fraîcheur en dépend.",
)
