"""What is watched: the landing folder, for runs to ask for, and the runs, for failures to tell.

Of all the deliveries that came together one consolidation is asked for. A run of the daemon that failed is told to
whoever the environment names.
"""

import datetime as dt
import hashlib
import time
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.extracts.reading import AWAITED_SECONDS, SETTLED_SECONDS, settled, unreadable
from orchestration.defs.jobs import (
    CONSOLIDATION,
    consolidation,
    extraction,
    impression,
    reprise,
)
from orchestration.defs.resources import ProgrammeFolder
from orchestration.settings import in_production

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.extracts.deliveries import Delivery
    from orchestration.programme import Programme

# Dagster's tag on a failed run that it will start again by itself
_WILL_RETRY = "dagster/will_retry"
# the consolidations that have not looked at the folder yet
_QUEUED = dg.RunsFilter(
    job_name=CONSOLIDATION,
    statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING],
)


@dg.sensor(
    job=consolidation,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
    description="Les livraisons déposées dans landing/ sont lues, et l'édition refaite : une exécution pour toutes.",
)
def nouvelles_livraisons(context: dg.SensorEvaluationContext, folder: ProgrammeFolder) -> dg.SensorResult:
    """Requests one consolidation of all that is there, once nothing arrives any more or the first has waited long.

    Nothing is requested while a consolidation waits in the queue: it reads what is there when its turn comes. A run key
    names the run's inputs and what the run would replace. So a run that failed is not requested again until something
    changes, and inputs put back as they once were are requested again. The cursor is the look of the folder when
    nothing was left to wait for: while it looks the same, no file is opened.
    """
    from orchestration.errors import ObservatoireError
    from orchestration.operation.watching import look

    now, seen = time.time(), look(folder.settings.root)
    if context.cursor == seen.signature:
        return dg.SensorResult(skip_reason="Rien n'a bougé depuis le dernier regard.")
    try:
        result, all_settled = _asked(context, folder.load(), now)
    except (ObservatoireError, ValueError, KeyError) as error:
        # The consolidation will fail with this error, on the page where people look, and send the alert.
        result, all_settled = dg.SensorResult(run_requests=_consolidated(f"{type(error).__name__} {error}")), True
    # A file that changed just now may change again within the same tick of the clock and look the same.
    if all_settled and now - seen.newest > SETTLED_SECONDS:
        return result._replace(cursor=seen.signature)
    return result


def _asked(context: dg.SensorEvaluationContext, programme: "Programme", now: float) -> tuple[dg.SensorResult, bool]:
    """Returns what is asked for, and whether nothing is left to wait for."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.lake import Lake
    from orchestration.publication.currency import awaits_first, nothing_to_publish
    from orchestration.publication.editions import Editions
    from orchestration.publication.inputs import fingerprint

    inventory = take_inventory(programme)
    if (waits := awaits_first(programme, inventory)) is not None:
        return dg.SensorResult(skip_reason=waits), True
    waiting = [d for d in inventory.stale if settled(d, now)]
    coming = [d for d in inventory.stale if not settled(d, now)]
    if waiting and any(not d.awaits for d in coming) and not any(_long_there(d, now) for d in waiting):
        return dg.SensorResult(skip_reason=f"{len(coming)} livraisons arrivent encore."), False
    lake, editions = Lake(programme.root), Editions(programme.settings.published)
    news = [f"{d.fingerprint(programme)} {_written(lake.record(d.id))}" for d in waiting]
    unchanged = None
    # Deliveries that cannot be read, or lack a file that may still come, must not keep the others waiting.
    incomplete = [d for d in coming if d.awaits]
    hopeless = len(unreadable(inventory, programme, context.instance)) + len(incomplete) == len(inventory.stale)
    if hopeless:
        unchanged = nothing_to_publish(programme, inventory)
        if unchanged is None:
            news.append(f"{fingerprint(programme, inventory)} {editions.current()}")
    if news and context.instance.get_run_ids(_QUEUED, limit=1):
        # What waits in the queue looks at the folder when its turn comes.
        return dg.SensorResult(skip_reason="Une consolidation attend déjà son tour, et lira ce qui est là."), False
    if news:
        return dg.SensorResult(run_requests=_consolidated(" ".join(sorted(news)))), hopeless and not incomplete
    return dg.SensorResult(skip_reason=unchanged), hopeless and not incomplete


def _long_there(delivery: "Delivery", now: float) -> bool:
    from orchestration.extracts.deliveries import modified

    return all(abs(now - modified(path).timestamp()) > AWAITED_SECONDS for path in delivery.paths)


def _written(path: "Path") -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


def _consolidated(inputs: str) -> list[dg.RunRequest]:
    return [dg.RunRequest(run_key=hashlib.sha256(inputs.encode()).hexdigest(), job_name=CONSOLIDATION)]


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
