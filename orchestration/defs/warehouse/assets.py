"""The dbt project as one asset per model, run in one op: staging, counts, consolidation, marts into the candidate."""

import contextlib
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from orchestration.children import bound
from orchestration.defs.resources import ProgrammeRun, ProjectDbt
from orchestration.defs.retries import tried_again
from orchestration.errors import PublicationRefused
from orchestration.settings import Settings

_GROUPS = {
    "reference": "reference", "staging": "preparation", "intermediate": "consolidation",
    "dimensions": "dimensions", "faits": "faits", "observatoire": "observatoire",
}  # fmt: skip
PUBLISHED_GROUPS = ("dimensions", "faits", "observatoire")
# The checks and reports that follow dbt need these, and they take seconds to import.
_NEEDED_LATER = ("great_expectations", "altair", "vl_convert")


class Translator(DagsterDbtTranslator):
    """Names assets as their tables, groups them by layer, and hangs the lake's tables under `lots`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Returns the asset key: the table's name; every source table of the lake is part of `lots`."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey("lots")
        return dg.AssetKey(dbt_resource_props["name"])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """Returns the asset; a reference table is loaded once the reference files are found in order."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.merge_attributes(deps=["donnees_de_reference"]) if unique_id.startswith("seed.") else spec

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Returns the layer, from the innermost folder that names one."""
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        for folder in reversed(dbt_resource_props["fqn"][1:-1]):
            if folder in _GROUPS:
                return _GROUPS[folder]
        return "consolidation"


def dbt_definitions(settings: Settings, manifest: Path) -> tuple[dg.AssetsDefinition, ProjectDbt]:
    """Returns the dbt assets and the resource that runs them.

    Args:
        settings: programme and project folders.
        manifest: dbt's manifest.json for them.
    """
    project = DbtProject(
        project_dir=settings.dbt_project, target_path=settings.dbt_target, profiles_dir=settings.dbt_project
    )
    body = json.loads(manifest.read_text(encoding="utf-8"))

    @dbt_assets(
        manifest=body,
        project=project,
        name="entrepot",
        # one source asset stands for all the control tables of the lake
        dagster_dbt_translator=Translator(
            settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
        ),
    )
    def entrepot(context: dg.AssetExecutionContext, dbt: ProjectDbt, programme: ProgrammeRun) -> Iterator[Any]:
        """Builds the warehouse and, in a fresh attached file, the publication candidate."""
        from orchestration.operation.failures import consolidation_log
        from orchestration.operation.progress import Copied
        from orchestration.operation.warehouse import discard_unreadable, make_ready

        settings = programme.settings
        make_ready(settings, context.log.warning)
        # dbt's unit tests prove the SQL, not the data of this run: `make test` runs them.
        build = dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context)
        try:
            # dbt is another process and starts slowly: the imports cost no time meanwhile.
            for module in _NEEDED_LATER:
                importlib.import_module(module)
            with (
                tried_again(),
                consolidation_log(settings).open("w", encoding="utf-8") as log,
                contextlib.redirect_stdout(Copied(log, sys.stdout)),
            ):
                yield from build.stream()
        except DagsterDbtCliRuntimeError:
            if build.process.returncode < 0:
                raise PublicationRefused(
                    f"dbt a été arrêté de l'extérieur (signal {-build.process.returncode}), faute de mémoire peut-être"
                    " ; relancer."
                ) from None
            if discard_unreadable(settings.warehouse):
                raise PublicationRefused(
                    f"L'entrepôt {settings.warehouse} était abîmé : il est effacé ; relancer, il sera refait du lac."
                ) from None
            raise
        finally:
            # If the run was interrupted, dbt would keep running and keep the warehouse locked for the next run.
            build.process.kill()
            build.process.wait()

    executable, *flags = bound([settings.dbt_executable])
    resource = ProjectDbt(
        project_dir=str(settings.dbt_project),
        profiles_dir=str(settings.dbt_project),
        dbt_executable=executable,
        global_config_flags=flags,
        dbt_version=body["metadata"]["dbt_version"],
    )
    return entrepot, resource
