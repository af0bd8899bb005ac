"""A whole run, as `make run` does it: read what is new, consolidate, publish, print; through Dagster jobs.

Returns outcomes and reasons; prints nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import ProgrammeError, PublicationRefused
from orchestration.extracts.attempts import failed
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.rereading import concerned
from orchestration.operation.failures import DBT_STEP, consolidation_log, interrupted, reason_of, refusal
from orchestration.operation.locks import lock
from orchestration.operation.machine import lack_of_room, machine_refusal
from orchestration.operation.outcomes import last_run, noted, nothing_left
from orchestration.operation.progress import CONSOLIDATING, PREPARING, READING, DbtSteps, Progress, RunSteps, watching
from orchestration.programme import Programme
from orchestration.programme.check import check_programme
from orchestration.publication.currency import ANYWAY, NOTHING_NEW, is_whole, nothing_to_publish
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.losses import accept, elected, losses, standings
from orchestration.settings import Settings, in_production, parse_meanwhile

if TYPE_CHECKING:
    import dagster as dg

LATER = ("great_expectations", "altair", "vl_convert")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        edition: the edition readers now see.
        new: whether this run published it.
        read: deliveries read in this run.
        inventory: deliveries, records and versions in force after the run.
        unchanged: why it published nothing, as a sentence; None where it did.
    """

    edition: str
    new: bool
    read: int
    inventory: Inventory
    unchanged: str | None


def run_all(
    programme: Programme,
    settings: Settings,
    progress: Progress,
    agreed: str | None = None,
    *,
    anyway: bool = False,
    again: tuple[str | None, str | None] | None = None,
) -> Outcome:
    """Runs the programme to a published edition and its reports.

    Args:
        programme: the programme to run.
        settings: its folders.
        progress: called with the stage, what is done and what there is to do.
        agreed: why interviews of the current edition may be lost; None when nobody agreed to lose any.
        anyway: whether to publish what a rollback set aside.
        again: wave and organisme whose deliveries are read again although they are current, None for all of them;
            None when nothing is.

    Raises:
        PublicationRefused: the run ended without publishing; readers see what they saw before.
    """
    settings.prepare()
    with lock(settings):
        # that there is nothing to read again is who asks's own error, and no refusal of a run
        asked = [d.id for d in concerned(programme, _inventory(programme), *again)] if again else []
        with noted(settings):
            return _run(programme, settings, progress, agreed, asked, anyway=anyway)


def _run(
    programme: Programme,
    settings: Settings,
    progress: Progress,
    agreed: str | None,
    asked: list[str],
    *,
    anyway: bool,
) -> Outcome:
    inventory, before = _inventory(programme), Editions(settings.published).current()
    stale = sorted({*asked, *(d.id for d in inventory.stale)})
    if not stale and is_printed(settings):
        unchanged = nothing_to_publish(programme, inventory, settings, anyway=anyway)
        if unchanged is not None:
            nothing_left(settings)
            return Outcome(str(Editions(settings.published).current()), False, 0, inventory, unchanged)
    progress(PREPARING, 0, 1)
    os.environ.update(settings.environment())
    parse_meanwhile(settings)
    from orchestration.defs.assembly import build_defs

    definitions = build_defs(settings)
    progress(PREPARING, 1, 1)
    with _instance(settings) as instance:
        if stale:
            _extract(definitions, instance, stale, programme, progress)
        inventory = take_inventory(programme)
        unchanged = nothing_to_publish(programme, inventory, settings, anyway=anyway)
        if unchanged is None and agreed is not None:
            _agree(programme, settings, agreed)
        if unchanged is None:
            tags = {ANYWAY: "oui"} if anyway else {}
            _execute("consolidation", definitions, instance, settings, progress, tags)
            inventory = take_inventory(programme)
        elif not is_printed(settings):
            _execute("impression", definitions, instance, settings, progress)
        else:
            nothing_left(settings)
    edition = str(Editions(settings.published).current())
    if unchanged is None and edition == before:
        unchanged = NOTHING_NEW
    return Outcome(edition, unchanged is None, len(stale), inventory, unchanged)


@contextlib.contextmanager
def _instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Opens Dagster's storage; raises PublicationRefused where it is damaged.

    Output is not captured step by step, as it is for the UI: `tail` processes would die of Ctrl-C with a traceback.
    """
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    from orchestration.operation.journal import kept_event_log

    # interrupted while it closes a connection, the pool would log a traceback and go on
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    home = settings.environment()["DAGSTER_HOME"]
    silent = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    overrides: dict[str, object] = {"compute_logs": silent}
    if not in_production():
        overrides["event_log_storage"] = kept_event_log(Path(home))
    try:
        instance = DagsterInstance.from_ref(InstanceRef.from_dir(home, overrides=overrides))
        instance.get_dynamic_partitions("livraisons")
    except Exception as error:  # storage, its migrations and SQLite each have their own
        if (told := machine_refusal(error) or lack_of_room(Path(home))) is not None:
            raise PublicationRefused(told) from None
        reason = " ".join(str(error).split())[:120]
        remedy = "vérifier sa base" if in_production() else "effacer ce dossier"
        raise PublicationRefused(f"{home} : journal de Dagster illisible ({reason}) ; {remedy}.") from None
    with instance:
        yield instance


def _inventory(programme: Programme) -> Inventory:
    try:
        return take_inventory(programme)
    except (ValueError, KeyError):
        # a value that a reference file should not hold: say which, where the check knows
        problems = check_programme(programme)
        if not problems:
            raise
        said = "\n".join(map(str, problems[:20]))
        raise ProgrammeError(f"Données de référence refusées :\n{said}") from None


def _agree(programme: Programme, settings: Settings, reason: str) -> None:
    """Writes down that what the current edition has and the next will not is lost knowingly."""
    from orchestration.plausibility.deliveries import judge_lots

    inventory = judge_lots(programme)
    editions = Editions(settings.published)
    name = editions.current()
    if name is not None and is_whole(editions, name):
        before = standings(editions.folder(name) / DATABASE)
        least = programme.thresholds.perte_edition_maximum
        accept(Lake(programme.root).landing, name, losses(before, elected(inventory.election), least), reason)


def is_printed(settings: Settings) -> bool:
    """Returns whether all that is printed of the current edition is there, and is what readers find first."""
    from orchestration.reporting import printed

    editions = Editions(settings.published)
    return printed.is_shown(editions, str(editions.current()), settings.reports)


def _extract(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    wanted: list[str],
    programme: Programme,
    progress: Progress,
) -> None:
    known, settings = list(instance.get_dynamic_partitions("livraisons")), Settings(programme.root)
    instance.add_dynamic_partitions("livraisons", [i for i in wanted if i not in known])
    job = definitions.resolve_job_def("extraction")
    registry, total = Lake(settings.root).registry, len(wanted)
    with watching(registry, lambda done: progress(READING, min(done, total), total)):
        for first, last in ranges(instance.get_dynamic_partitions("livraisons"), set(wanted)):
            tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
            result = job.execute_in_process(instance=instance, tags=tags, run_config=_QUIET, raise_on_error=False)
            _go_on(result)
            # what cannot be read for a defect costs only itself; the summary names it
            if not result.success and not all(failed(d, programme) for d in take_inventory(programme).stale):
                raise PublicationRefused(reason_of(result.all_events, settings))
    progress(READING, total, total)


def ranges(ordered: Iterable[str], wanted: set[str]) -> list[tuple[str, str]]:
    """Returns the wanted keys as the fewest ranges of consecutive keys: one Dagster run each.

    Args:
        ordered: all partition keys, in the instance's order.
        wanted: the keys to cover, and only they.
    """
    found: list[tuple[str, str]] = []
    open_range = False
    for key in ordered:
        if key not in wanted:
            open_range = False
        elif open_range:
            found[-1] = (found[-1][0], key)
        else:
            found.append((key, key))
            open_range = True
    return found


def _execute(
    job: str,
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    settings: Settings,
    progress: Progress,
    tags: Mapping[str, str] | None = None,
) -> None:
    log, before, run = consolidation_log(settings), Editions(settings.published).current(), str(uuid.uuid4())
    resolved = definitions.resolve_job_def(job)
    steps = [node.name for node in resolved.nodes]
    if DBT_STEP in steps:
        progress(CONSOLIDATING, 0, 1)
    instance.add_event_listener(run, RunSteps(steps, DBT_STEP, progress))
    with (
        log.open("w", encoding="utf-8") as file,
        contextlib.redirect_stdout(DbtSteps(file, progress, _import_ahead)),
    ):
        result = resolved.execute_in_process(
            instance=instance, run_id=run, run_config=_QUIET, tags=dict(tags or {}), raise_on_error=False
        )
    _go_on(result)
    if not result.success:
        last = last_run(settings)
        said = last.phrase if last and last.execution == result.run_id else ""
        raise PublicationRefused(said or refusal(result.all_events, settings, before))


def _go_on(result: dg.ExecuteInProcessResult) -> None:
    """Raises KeyboardInterrupt anew where Dagster has made a failure of it."""
    if not result.success and any(interrupted(event) for event in result.all_events):
        raise KeyboardInterrupt


def _import_ahead() -> None:
    """Imports what suites and report will want, while dbt, another process, starts: in a thread, imports may cross."""
    for module in LATER:
        importlib.import_module(module)
