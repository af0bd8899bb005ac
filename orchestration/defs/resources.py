"""Resources: the programme being run, and dbt as this project calls it."""

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


class ProgrammeResource(dg.ConfigurableResource[Any]):
    """The programme folder a run works on."""

    root: str

    @property
    def settings(self) -> Settings:
        """Paths of the programme."""
        return Settings(Path(self.root))

    def load(self) -> Programme:
        """Returns the programme as its files stand now."""
        from orchestration.programme import load_programme

        return load_programme(Path(self.root))


class ProgrammeLock(dg.ConfigurableResource[Any]):
    """Held from the first step of a run to its last; a run that finds it held waits for the other to end.

    What a run that publishes or prints came to is noted before the lock is let go, whoever started it.
    """

    root: str

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[ProgrammeLock]:
        """Takes the lock for the run's resources' life."""
        from orchestration.operation.locks import lock

        assert context.log is not None
        settings = Settings(Path(self.root))
        with lock(settings, context.log.info), _noted(context, settings):
            yield self


@contextlib.contextmanager
def _noted(context: dg.InitResourceContext, settings: Settings) -> Iterator[None]:
    """Notes how a run begins and ends; one that only reads deliveries has nothing to publish."""
    from orchestration.operation.outcomes import INTERRUPTED, PUBLISHED, REFUSED, begin, end

    run = context.run
    if run is None or not _publishes(run):
        yield
        return
    from orchestration.operation.failures import interrupted, refusal
    from orchestration.publication.editions import Editions

    before = Editions(settings.published).current()
    begin(settings, run.run_id)
    try:
        yield
    finally:
        assert context.instance is not None
        events = [e.dagster_event for e in context.instance.all_logs(run.run_id) if e.dagster_event]
        failed = [e for e in events if e.is_step_failure]
        if any(map(interrupted, failed)):
            end(settings, run.run_id, INTERRUPTED)
        elif failed:
            end(settings, run.run_id, REFUSED, refusal(events, settings, before))
        elif any(e.is_step_success and e.step_key in _LAST_STEPS for e in events):
            end(settings, run.run_id, PUBLISHED)
        for leftover in settings.dbt_target.glob("entrepot-*"):
            shutil.rmtree(leftover, ignore_errors=True)


# a run that does one of these is about what readers see
_LAST_STEPS = ("edition", "rapport_regional", "lettre_regionale", "livrets_organismes")


def _publishes(run: dg.DagsterRun) -> bool:
    if run.step_keys_to_execute:
        return any(step in run.step_keys_to_execute for step in _LAST_STEPS)
    if run.asset_selection:
        return any(dg.AssetKey(step) in run.asset_selection for step in _LAST_STEPS)
    return run.job_name != EXTRACTION


class ProjectDbt(DbtCliResource):
    """dbt, run in its own environment.

    The parent asks `dbt --version` and imports dbt to open an adapter before each run, 4 s of a 15 s night, for
    metadata that this project does not fetch.
    """

    dbt_version: str

    @property
    def _cli_version(self) -> version.Version:
        return version.parse(self.dbt_version)

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> BaseAdapter:
        return None
