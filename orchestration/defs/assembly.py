"""Puts the code location together for one programme."""

import os

import dagster as dg

from orchestration.defs.arrivals import demie, releve
from orchestration.defs.descriptions import described, landing
from orchestration.defs.extracts.assets import donnees_de_reference, lots, reponses
from orchestration.defs.jobs import consolidation, extraction, impression, reprise
from orchestration.defs.publication.assets import edition_asset, gate_checks, plausibilite
from orchestration.defs.reports.assets import lettre_regionale, livrets_organismes, rapport_regional
from orchestration.defs.resources import ProgrammeFolder, ProgrammeRun
from orchestration.defs.schedules import constat, matin, nuit
from orchestration.defs.sensors import alerte, nouvelles_livraisons
from orchestration.defs.warehouse.assets import PUBLISHED_GROUPS, dbt_definitions
from orchestration.settings import Settings, ensure_manifest


def build_defs(settings: Settings) -> dg.Definitions:
    """Returns the definitions for one programme.

    Args:
        settings: the programme's folders; dbt reads the same ones from the environment.
    """
    os.environ.update(settings.environment())
    entrepot, dbt = dbt_definitions(settings, ensure_manifest(settings))
    marts = [spec.key for spec in entrepot.specs if spec.group_name in PUBLISHED_GROUPS]
    assets: list[dg.AssetSpec | dg.AssetsDefinition] = [
        landing,
        reponses,
        donnees_de_reference,
        lots,
        entrepot,
        edition_asset(marts),
        rapport_regional,
        lettre_regionale,
        livrets_organismes,
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(described(settings), assets),
        asset_checks=[*gate_checks(), plausibilite],
        jobs=[releve, extraction, consolidation, reprise, impression, constat],
        schedules=[demie, nuit, matin],
        sensors=[nouvelles_livraisons, alerte],
        resources={
            "programme": ProgrammeRun(root=str(settings.root)),
            "folder": ProgrammeFolder(root=str(settings.root)),
            "dbt": dbt,
        },
        executor=dg.in_process_executor,
    )
