"""Resources: the programme being run, and dbt as this project calls it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging import version

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
    """Held from the first step of a run to its last; a run that finds it held waits for the other to end."""

    root: str

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[ProgrammeLock]:
        """Takes the lock for the run's resources' life."""
        from orchestration.locks import lock

        assert context.log is not None
        with lock(Settings(Path(self.root)), context.log.info):
            yield self


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
