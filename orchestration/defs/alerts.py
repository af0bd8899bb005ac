"""The alert hook: a run of the daemon that failed is told to whoever the environment names."""

import datetime as dt
import time

import dagster as dg

from orchestration.defs.jobs import consolidation, extraction, impression, reprise
from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import in_production

# Dagster's tag on a failed run that it will start again by itself
_WILL_RETRY = "dagster/will_retry"


@dg.run_failure_sensor(
    monitored_jobs=[extraction, consolidation, reprise, impression],
    default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
    description="Une exécution qui n'aboutit pas est dite par webhook ou par courriel, si l'environnement le veut.",
)
def alerte(context: dg.RunFailureSensorContext, folder: ProgrammeFolder) -> dg.SkipReason | None:
    """Sends the alert about a failed run; what became of it is in the sensor's log, and in `observatoire status`."""
    from orchestration.operation.alerts import alert
    from orchestration.operation.failures import interrupted, reason_of
    from orchestration.operation.outcomes import LastRun, RunState, last_run, note_alert

    run, settings = context.dagster_run, folder.settings
    events = [e.dagster_event for e in context.instance.all_logs(run.run_id) if e.dagster_event]
    if run.tags.get(_WILL_RETRY) == "true":
        return dg.SkipReason("Dagster relance cette exécution.")
    if any(map(interrupted, events)):
        return dg.SkipReason("Exécution interrompue par quelqu'un.")
    last = last_run(settings)
    known = last is not None and last.execution == run.run_id and last.etat == RunState.REFUSED
    if not known or last is None:
        stats = context.instance.get_run_stats(run.run_id)
        begun = dt.datetime.fromtimestamp(stats.start_time or time.time(), dt.UTC).isoformat()
        sentence = reason_of(events, settings) or "le processus de l'exécution s'est arrêté sans rien dire."
        last = LastRun(RunState.REFUSED, begun, run.run_id, phrase=sentence)
    said = alert(last, settings)
    if said is None:
        return dg.SkipReason("Personne à prévenir : aucune variable OBSERVATOIRE_ALERTE_… n'est définie.")
    context.log.info(said)
    if known:
        note_alert(settings, said)
    return None
