"""Resources: the programme's folder, the programme held for a run, and dbt as this project calls it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging import version

from orchestration.defs.jobs import EXTRACTION
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster_dbt.compat import BaseAdapter

    from orchestration.programme import Programme

# tag of a run that is refused, instead of waiting, while another run works on the programme
AT_ONCE = "observatoire/sans_attendre"


class ProgrammeFolder(dg.ConfigurableResource[Any]):
    """The folder of a programme, for who looks at it and writes nothing: sensors, schedules, the morning's look."""

    root: str

    @property
    def settings(self) -> Settings:
        """Paths of the programme."""
        return Settings(Path(self.root))

    def load(self) -> Programme:
        """Returns the programme as its files stand now."""
        from orchestration.programme import load_programme

        return load_programme(Path(self.root))


class ProgrammeRun(ProgrammeFolder):
    """The programme, held by one run from its first step to its last; assets and their checks reach it only this way.

    The lock is taken here and only here, whoever starts the run. What the run comes to is noted before the lock is
    released.
    """

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[ProgrammeRun]:
        """Holds the programme as long as the resources of the run live.

        Raises:
            PublicationRefused: another run holds the programme, and this run is tagged not to wait for its end; or
                `published/` was copied by a tool that follows links.
            ProgrammeError: pseudonyms cannot be made with the key there is.
        """
        from orchestration.extracts.pseudonyms import refuse_bad_key
        from orchestration.operation.failures import ending
        from orchestration.operation.held import hold_whole
        from orchestration.operation.locks import lock
        from orchestration.operation.outcomes import noted
        from orchestration.publication.editions import Editions

        run, instance, log = context.run, context.instance, context.log
        assert run is not None and instance is not None and log is not None
        settings = self.settings
        stored = instance.get_run_by_id(run.run_id)
        if stored is not None and stored.is_finished:
            # `dagster job execute` makes the resources once more to read the results of a run that has ended.
            yield self
            return
        with lock(settings, None if AT_ONCE in run.tags else log.info):
            if not _publishes(run):
                refuse_bad_key()
                yield self
                return
            before = Editions(settings.published).current()

            def found() -> Any:
                events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
                return ending(events, settings, before)

            try:
                with noted(settings, run.run_id, found):
                    refuse_bad_key()
                    hold_whole(settings, _agreed(run))
                    yield self
            finally:
                for leftover in settings.dbt_target.glob("entrepot-*"):
                    shutil.rmtree(leftover, ignore_errors=True)


def _publishes(run: dg.DagsterRun) -> bool:
    """Returns whether a run changes what readers see; what only reads deliveries has no outcome to note."""
    from orchestration.operation.failures import PUBLISHING_STEPS

    if run.step_keys_to_execute:
        return any(step in run.step_keys_to_execute for step in PUBLISHING_STEPS)
    if run.asset_selection:
        return any(dg.AssetKey(step) in run.asset_selection for step in PUBLISHING_STEPS)
    # Checks alone publish nothing; without any selection a run is its whole job.
    return not run.asset_check_selection and run.job_name != EXTRACTION


def _agreed(run: dg.DagsterRun) -> str | None:
    """Returns why losses are accepted, as the configuration of the run says it to the step that reads deliveries."""
    steps: Any = run.run_config.get("ops", {})
    return steps.get("lots", {}).get("config", {}).get("pertes") or None


class ProjectDbt(DbtCliResource):
    """dbt, run in its own environment.

    `DbtCliResource` asks `dbt --version` and imports dbt to open an adapter before each run: 4 s of a 15 s run, for
    metadata that this project does not fetch. The two members that do so have no public setting (ADR 36).
    """

    dbt_version: str

    @property
    def _cli_version(self) -> version.Version:
        return version.parse(self.dbt_version)

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> BaseAdapter:
        return None
