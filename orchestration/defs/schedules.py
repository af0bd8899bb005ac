"""The night: consolidation at three in the morning, Paris time."""

import dagster as dg

from orchestration.defs.jobs import consolidation

nuit = dg.ScheduleDefinition(
    name="nuit",
    job=consolidation,
    cron_schedule="0 3 * * *",
    execution_timezone="Europe/Paris",
    description="Chaque nuit, consolide ce qui est arrivé et publie si les contrôles passent.",
)
