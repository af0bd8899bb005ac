"""`constat`: says on the `edition` asset that what readers see is still what the inputs make.

Nothing new makes no new edition, and an edition of March is fresh in June if every night looked and found nothing. So
freshness is not the age of the edition: it is when somebody last saw that it is the right one.
"""

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_TAG

from orchestration.defs.resources import ProgrammeResource

_EDITION = dg.AssetKey("edition")


@dg.op(description="Constate que l'édition courante est celle que font les livraisons et le code d'aujourd'hui.")
def constater(context: dg.OpExecutionContext, programme: ProgrammeResource) -> None:
    """Tells the edition anew where the inputs make no other; where they do, says why it is left to grow stale."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.currency import nothing_to_publish
    from orchestration.publication.editions import Editions

    opened = programme.load()
    inventory = take_inventory(opened)
    unchanged = nothing_to_publish(opened, inventory, programme.settings)
    name = Editions(programme.settings.published).current()
    if unchanged is None or inventory.stale or name is None:
        context.log.warning(f"L'édition courante ({name or 'aucune'}) n'est plus celle que feraient les livraisons.")
        return
    context.log.info(f"{name} : {unchanged}")
    context.log_event(
        dg.AssetMaterialization(
            _EDITION, metadata={"edition": name, "constat": unchanged}, tags={DATA_VERSION_TAG: name}
        )
    )


@dg.job(description="Constate, sans rien refaire, que l'édition courante est la bonne : sa fraîcheur en dépend.")
def constat() -> None:
    """One look, no lock: it changes nothing."""
    constater()
