"""`constat`: says on the `edition` asset that what readers see is still what the inputs make.

Nothing new makes no new edition, and an edition of March is fresh in June if every night looked and found nothing. So
freshness is not the age of the edition: it is when somebody last saw that it is the right one.
"""

import dagster as dg

from orchestration.defs.resources import ProgrammeFolder

_EDITION = dg.AssetKey("edition")
# Dagster's tag of a materialization with the version of its data
_DATA_VERSION = "dagster/data_version"


@dg.op(description="Constate que l'édition courante est celle que font les livraisons et le code d'aujourd'hui.")
def constater(context: dg.OpExecutionContext, folder: ProgrammeFolder) -> None:
    """Logs the edition as up to date where the inputs make no other one; otherwise warns, and lets it grow stale."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.currency import nothing_to_publish
    from orchestration.publication.editions import Editions

    opened = folder.load()
    inventory = take_inventory(opened)
    unchanged = nothing_to_publish(opened, inventory)
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
