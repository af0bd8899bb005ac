"""The night: consolidation at three, Paris time, when something changed. The morning: is the edition the right one?

Nothing new makes no new edition, and an edition of March is fresh in June if every night looked and found nothing. So
freshness is not the age of the edition: it is when somebody last saw that it is the right one.
"""

import dagster as dg

from orchestration.defs.jobs import CONSOLIDATION, PRINTING, consolidation
from orchestration.defs.reports.assets import lettre_regionale, livrets_organismes, rapport_regional
from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import in_production

_EDITION = dg.AssetKey("edition")
# Dagster's tag of a materialization with the version of its data
_DATA_VERSION = "dagster/data_version"
_REPORTS = [report.key for report in (rapport_regional, lettre_regionale, livrets_organismes)]


@dg.schedule(
    job=consolidation,
    cron_schedule="0 3 * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
    description="Chaque nuit, consolide ce qui est arrivé et publie si les contrôles passent.",
)
def nuit(folder: ProgrammeFolder) -> list[dg.RunRequest] | dg.SkipReason:
    """Asks for a run unless all is read, and the published edition was made from the inputs as they stand.

    A run that was killed after it had published left its edition unprinted: a consolidation would find nothing new and
    end before the reports, so they are asked for alone.
    """
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.currency import awaits_first, nothing_to_publish
    from orchestration.reporting.printed import is_printed

    opened = folder.load()
    inventory = take_inventory(opened, looking=True)
    if (waits := awaits_first(opened, inventory)) is not None:
        return dg.SkipReason(waits)
    unchanged = nothing_to_publish(opened, inventory)
    # Dagster wants a key of each run that a schedule asks for at one time; at another time the same key is a new run.
    asked = [dg.RunRequest(run_key=CONSOLIDATION)] if unchanged is None or inventory.stale else []
    if unchanged is not None and not is_printed(folder.settings):
        asked.append(dg.RunRequest(run_key=PRINTING, asset_selection=_REPORTS))
    return asked or dg.SkipReason(unchanged)


@dg.op(description="Constate que l'édition courante est celle que font les livraisons et le code d'aujourd'hui.")
def constater(context: dg.OpExecutionContext, folder: ProgrammeFolder) -> None:
    """Logs the edition as up to date where the inputs make no other one; otherwise warns, and lets it grow stale.

    A night that held is told to the monitor that the environment names, and what asks for a person is told once: this
    job runs whether or not there was news.
    """
    from orchestration.extracts.inventory import take_inventory
    from orchestration.operation.attentions import tell
    from orchestration.operation.beat import beat, night_held
    from orchestration.publication.currency import nothing_to_publish
    from orchestration.publication.editions import Editions

    opened = folder.load()
    inventory = take_inventory(opened, looking=True)
    unchanged = nothing_to_publish(opened, inventory)
    for sentence in tell(opened, inventory):
        context.log.info(sentence)
    if night_held(opened, inventory, unchanged) and (said := beat(folder.settings)) is not None:
        context.log.info(said)
    name = Editions(folder.settings.published).current()
    if unchanged is None or inventory.stale or name is None:
        context.log.warning(f"L'édition courante ({name or 'aucune'}) n'est plus celle que feraient les livraisons.")
        return
    context.log.info(f"{name} : {unchanged}")
    context.log_event(
        dg.AssetMaterialization(_EDITION, metadata={"edition": name, "constat": unchanged}, tags={_DATA_VERSION: name})
    )


@dg.job(description="Constate, sans rien refaire, que l'édition courante est la bonne : sa fraîcheur en dépend.")
def constat() -> None:
    """Looks once; it changes nothing, so it takes no lock."""
    constater()


matin = dg.ScheduleDefinition(
    name="matin",
    job=constat,
    cron_schedule="0 5 * * *",
    execution_timezone="Europe/Paris",
    default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
    description="Chaque matin, constate que l'édition est celle que font les livraisons : sa fraîcheur en dépend.",
)
