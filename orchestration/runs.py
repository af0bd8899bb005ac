"""A run from the terminal, as `make run` does it: decides which job is due and submits it to Dagster in this process.

The jobs are those that schedules, sensors and pages submit; they take the lock and note the outcome themselves. This
module returns outcomes and reasons, and prints nothing.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orchestration.errors import NothingAccepted, PublicationRefused
from orchestration.extracts.inventory import Inventory, concerned, take_inventory
from orchestration.files import write_text
from orchestration.folder import misplaced
from orchestration.installation import journals
from orchestration.machine import lack_of_room, machine_refusal
from orchestration.operation.attentions import tell
from orchestration.operation.failures import DBT_STEP, interrupted, reason_of
from orchestration.operation.held import hold_whole
from orchestration.operation.locks import holder, lock
from orchestration.operation.outcomes import last_run, note_settled, noted, noted_where_the_machine_refuses
from orchestration.operation.progress import PREPARING, DbtSteps, Progress, RunProgress
from orchestration.operation.refusals import nothing_accepted
from orchestration.operation.variables import refuse_bad_variables
from orchestration.programme import Programme
from orchestration.programme.check import held_to_rules
from orchestration.publication.currency import ANYWAY, NOTHING_NEW, nothing_to_publish
from orchestration.publication.editions import Editions
from orchestration.reporting.printed import is_printed
from orchestration.settings import Settings, in_production, parse_meanwhile

if TYPE_CHECKING:
    import dagster as dg

_READING_STEP = "lots"


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        edition: the edition readers now see.
        new: whether this run published it.
        read: deliveries read in this run.
        inventory: deliveries, records and versions in force after the run.
        unchanged: why it published nothing, as a sentence; None where it published.
    """

    edition: str
    new: bool
    read: int
    inventory: Inventory
    unchanged: str | None


def run_all(
    programme: Programme,
    progress: Progress,
    agreed: str | None = None,
    *,
    anyway: bool = False,
    again: tuple[str | None, str | None] | None = None,
) -> Outcome:
    """Runs the programme to a published edition and its reports.

    Args:
        programme: the programme to run.
        progress: called with the stage, what is done and what there is to do.
        agreed: why interviews of the current edition may be lost; None when nobody agreed to lose any.
        anyway: whether to publish what a rollback set aside.
        again: wave and organisme whose deliveries are read again although they are current, None for all of them;
            None when nothing is.

    Raises:
        PublicationRefused: the run ended without publishing; readers see what they saw before.
        ProgrammeError: the reference data cannot be used, or there is nothing to read again.
    """
    settings = programme.settings
    # What another run is doing is its own to note; where none has begun yet, nothing is begun that cannot go on.
    alone, begun = holder(settings) is None, settings.warehouse.parent.is_dir()
    with noted(settings) if alone and begun else contextlib.nullcontext():
        refuse_bad_variables()
    with noted(settings) if alone else contextlib.nullcontext():
        if wrong := misplaced(settings.root):
            raise PublicationRefused(wrong[0])
        settings.prepare()
    # The lock is held while the run is decided on, and released: the job that is submitted takes it itself.
    with lock(settings):
        asked = _asked(programme, again)
        with noted(settings):
            hold_whole(settings, agreed)
            inventory = _inventory(programme)
            unchanged = nothing_to_publish(programme, inventory, anyway=anyway)
            to_read = {*asked, *(d.id for d in inventory.stale)}
            if not to_read and (nothing := nothing_accepted(programme, inventory)) is not None:
                raise NothingAccepted(f"Rien n'a été publié. {nothing}")
        before = str(Editions(settings.published).current())
        if not to_read and unchanged is not None and is_printed(settings):
            note_settled(settings)
            # no job is submitted, so nobody else would tell what could not be told before
            tell(programme, inventory)
            return Outcome(before, False, 0, inventory, unchanged)
    with noted(settings):
        _hold_base(settings)
        terminal = _Terminal.open(settings, progress)
    with terminal.instance, noted_where_the_machine_refuses(settings):
        if to_read or unchanged is None:
            reading: dict[str, Any] = {"recentes": True, "pertes": agreed}
            if again:
                reading |= {"relire": True, "vague": again[0], "organisme": again[1]}
            terminal.submit("reprise" if again else "consolidation", len(to_read), reading, anyway=anyway)
        # A run that was killed after its edition was published has left it unprinted.
        if not is_printed(settings):
            terminal.submit("impression")
    inventory = take_inventory(programme)
    edition = str(Editions(settings.published).current())
    if edition != before:
        return Outcome(edition, True, len(to_read), inventory, None)
    unchanged = nothing_to_publish(programme, inventory, anyway=anyway) or NOTHING_NEW
    return Outcome(edition, False, len(to_read), inventory, unchanged)


def _asked(programme: Programme, again: tuple[str | None, str | None] | None) -> list[str]:
    """Returns the deliveries to read again; that there are none is an error of usage, and not the run's outcome."""
    return [d.id for d in concerned(programme, _inventory(programme), *again)] if again else []


def _inventory(programme: Programme) -> Inventory:
    with held_to_rules(programme):
        return take_inventory(programme)


@dataclass(frozen=True)
class _Terminal:
    """Dagster in this process: its definitions, its instance, and who is told how far a run has come."""

    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    progress: Progress

    @classmethod
    def open(cls, settings: Settings, progress: Progress) -> _Terminal:
        """Loads the code location and opens Dagster's storage.

        Raises:
            ObservatoireError: dbt cannot read its project, or the storage is damaged.
        """
        progress(PREPARING, 0, 1)
        os.environ.update(settings.environment())
        parse_meanwhile(settings)
        from orchestration.defs.assembly import build_defs

        opened = cls(settings, build_defs(settings), _instance(settings), progress)
        progress(PREPARING, 1, 1)
        return opened

    def submit(
        self, job: str, to_read: int = 0, reading: Mapping[str, Any] | None = None, *, anyway: bool = False
    ) -> None:
        """Runs a job to its end.

        Args:
            job: its name.
            to_read: deliveries it has to read.
            reading: the configuration of the step that reads them; None in a job without that step.
            anyway: whether to publish what a rollback set aside.

        Raises:
            PublicationRefused: the job failed; it has noted why.
            KeyboardInterrupt: it was interrupted.
        """
        from orchestration.defs.resources import AT_ONCE

        resolved, run = self.definitions.resolve_job_def(job), str(uuid.uuid4())
        steps = [node.name for node in resolved.nodes]
        self.instance.add_event_listener(run, RunProgress(steps, _READING_STEP, DBT_STEP, to_read, self.progress))
        config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        if reading is not None:
            config["ops"] = {_READING_STEP: {"config": dict(reading)}}
        with contextlib.redirect_stdout(DbtSteps(self.progress)):
            try:
                result = resolved.execute_in_process(
                    instance=self.instance,
                    run_id=run,
                    run_config=config,
                    tags={AT_ONCE: "oui"} | ({ANYWAY: "oui"} if anyway else {}),
                    raise_on_error=False,
                )
            except Exception:
                # Dagster raises what kept it from writing to its journals, whatever the job itself came to
                with noted(self.settings):
                    _hold_base(self.settings)
                raise
        if result.success:
            return
        if any(map(interrupted, result.all_events)):
            # Dagster has turned Ctrl-C into the failure of a step.
            raise KeyboardInterrupt
        last = last_run(self.settings)
        noted_here = last.phrase if last is not None and last.execution == run else ""
        raise PublicationRefused(noted_here or reason_of(result.all_events, self.settings))


def _hold_base(settings: Settings) -> None:
    """Raises a PublicationRefused where Dagster's journals are in a PostgreSQL that a run could not write to."""
    if in_production() and (faults := journals.faults(settings)):
        raise PublicationRefused(faults[0])


def _instance(settings: Settings) -> dg.DagsterInstance:
    """Returns Dagster's instance for a run of the terminal; raises PublicationRefused where its storage is damaged.

    The instance is the one that `dagster.yaml` describes, but for two things. It does not capture the output of steps,
    since the `tail` processes that do so would end Ctrl-C with a traceback. Where SQLite keeps the event log, its
    connections stay open (ADR 36).
    """
    from dagster import DagsterInstance

    from orchestration.operation.journal import kept_event_log

    # When Ctrl-C comes while a connection is being closed, the pool logs a traceback and goes on.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    # Dagster tells the root logger of each of its tries to reach PostgreSQL; what it comes to is said in one sentence.
    logging.getLogger().addFilter(lambda record: not str(record.msg).startswith("Retrying failed database"))
    home = Path(settings.environment()["DAGSTER_HOME"])
    try:
        shipped = home / "dagster.yaml"
        configuration = (yaml.safe_load(shipped.read_text(encoding="utf-8")) if shipped.is_file() else None) or {}
        configuration["compute_logs"] = {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": "NoOpComputeLogManager",
        }
        if not in_production():
            configuration["event_log_storage"] = kept_event_log(home)
        write_text(yaml.safe_dump(configuration), home / _TERMINAL)
        instance = DagsterInstance.from_config(str(home), _TERMINAL)
        instance.get_dynamic_partitions("livraisons")
    except Exception as error:  # storage, its migrations and SQLite raise errors of their own
        if (told := machine_refusal(error, settings.written) or lack_of_room(home)) is not None:
            raise PublicationRefused(told) from None
        reason = " ".join(str(error).split())[:120]
        remedy = "vérifier sa base" if in_production() else "effacer ce dossier"
        raise PublicationRefused(f"{home} : journal de Dagster illisible ({reason}) ; {remedy}.") from None
    return instance


# `dagster.yaml` as a run of the terminal reads it
_TERMINAL = "terminal.yaml"
