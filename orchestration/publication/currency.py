"""Whether the inputs as they stand make an edition that readers do not have yet.

What a rollback set aside is not published again until somebody says so, whatever else is delivered and refused.
"""

from __future__ import annotations

from orchestration.errors import PublicationRefused
from orchestration.extracts.inventory import Inventory
from orchestration.programme import Programme
from orchestration.publication.aside import set_aside
from orchestration.publication.editions import Editions
from orchestration.publication.inputs import fingerprint

# tag of a run that publishes even what a rollback set aside
ANYWAY = "observatoire/publier"
NOTHING_NEW = "Rien de nouveau depuis l'édition courante."


def nothing_to_publish(programme: Programme, inventory: Inventory, *, anyway: bool = False) -> str | None:
    """Returns why the inputs make no new edition, as a sentence; None when they make one.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        anyway: whether what a rollback set aside is to be published all the same.
    """
    made_of, published = fingerprint(programme, inventory), programme.settings.published
    # read first: a list that is damaged stops every run, not only the one that would publish
    aside = set_aside(published, made_of)
    if is_published(Editions(published), made_of):
        return NOTHING_NEW
    return None if anyway else aside


def awaits_first(programme: Programme, inventory: Inventory) -> str | None:
    """Returns that no delivery has come since the programme was installed, as a sentence; None once anything has.

    Nobody is told every night of a service that waits. Once an edition stands, an empty folder is a loss, which a run
    says.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
    """
    if inventory.deliveries or inventory.stray or Editions(programme.settings.published).current() is not None:
        return None
    return "Aucune livraison n'est encore arrivée dans landing/."


def is_published(editions: Editions, made_of: str) -> bool:
    """Returns whether readers have what these inputs make.

    Args:
        editions: the published folder.
        made_of: fingerprint of the inputs.
    """
    name = editions.current()
    # damaged since, it is made again, under the next number
    return name is not None and _stands(editions, name) and bool(editions.manifest(name)["empreinte"] == made_of)


def is_whole(editions: Editions, name: str) -> bool:
    """Returns whether an edition is the one that was published, and nothing else: one that a rollback takes."""
    try:
        editions.check_all(name)
    except PublicationRefused:
        return False
    return True


def _stands(editions: Editions, name: str) -> bool:
    """Returns whether all that was published in an edition is there; a file that somebody added takes nothing away."""
    try:
        editions.check_files(name)
    except PublicationRefused:
        return False
    return True
