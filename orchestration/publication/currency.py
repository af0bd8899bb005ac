"""Whether the inputs as they stand make an edition that readers do not have yet, and the editions nobody wants back.

Rolling back sets an edition aside with what it was made from: the same figures are not published again until somebody
says so, whatever else is delivered and refused meanwhile.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from orchestration.errors import PublicationRefused
from orchestration.extracts.inventory import Inventory
from orchestration.files import write_json
from orchestration.programme import Programme
from orchestration.publication.editions import FIGURES, Editions
from orchestration.publication.inputs import fingerprint

# tag of a run that publishes even what a rollback set aside
ANYWAY = "observatoire/publier"
NOTHING_NEW = "Rien de nouveau depuis l'édition courante."
# in the published folder: the editions that were set aside
ASIDE = "ecartees.json"
# what it says of each edition
_ENTRY = ("edition", "ecartee_le", "motif")


def nothing_to_publish(programme: Programme, inventory: Inventory, *, anyway: bool = False) -> str | None:
    """Returns why the inputs make no new edition, as a sentence; None when they make one.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        anyway: whether what a rollback set aside is to be published all the same.
    """
    made_of, published = fingerprint(programme, inventory), programme.settings.published
    if is_published(Editions(published), made_of):
        return NOTHING_NEW
    return None if anyway else set_aside(published, made_of)


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
    return name is not None and is_whole(editions, name) and bool(editions.manifest(name)["empreinte"] == made_of)


def is_whole(editions: Editions, name: str) -> bool:
    """Returns whether the published file of an edition is the one that was published."""
    try:
        editions.check(name)
    except PublicationRefused:
        return False
    return True


def roll_back(editions: Editions, edition: str | None, reason: str) -> tuple[str, str | None]:
    """Puts an edition back in the place of the current one, which is set aside.

    Args:
        editions: the published folder.
        edition: the edition to come back to; None for the last one before the current that has other figures.
        reason: why the current one is left; may be blank.

    Returns:
        the edition now current, and the one that was.

    Raises:
        PublicationRefused: there is no such edition, or it is damaged.
    """
    names, current = editions.names(), editions.current()
    if edition is None:
        # what was set aside is come back to only where it is named
        aside = unwanted(editions.root)
        before = [n for n in names[: names.index(current)] if n not in aside] if current in names else []
        if not before:
            raise PublicationRefused("Aucune édition antérieure n'est gardée.")
        other = [n for n in before if editions.figures(n) != editions.figures(str(current))]
        edition = (other or before)[-1]
    editions.check(edition)
    # What is wanted again is set aside no more: before the current one is, which may have the same figures.
    kept = _without(_read(editions.root), editions.manifest(edition)["empreinte"])
    if current is not None and current != edition and is_whole(editions, current):
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        made_of = editions.manifest(current)["empreinte"]
        kept[made_of] = {"edition": current, "ecartee_le": now, "motif": reason.strip()}
    # written first: an interruption between the two leaves readers where they were, and the next run publishes nothing
    write_json(kept, editions.root / ASIDE)
    editions.switch(edition)
    return edition, current


def set_aside(published: Path, made_of: str) -> str | None:
    """Returns why the figures that these inputs make were set aside, as a sentence; None when they were not.

    Args:
        published: the published folder.
        made_of: fingerprint of the inputs.
    """
    entries = _read(published)
    same = (entry for key, entry in entries.items() if key[:FIGURES] == made_of[:FIGURES])
    entry = entries.get(made_of) or next(same, None)
    if entry is None:
        return None
    why = f" ({entry['motif']})" if entry["motif"] else ""
    return (
        f"L'édition {entry['edition']}, qui a les mêmes chiffres, a été écartée le {entry['ecartee_le'][:10]}{why} :"
        " rien n'est publié avant que quelque chose ne change ; « observatoire run --publier » passe outre."
    )


def unwanted(published: Path) -> set[str]:
    """Returns the editions that a rollback set aside.

    Args:
        published: the published folder.
    """
    return {entry["edition"] for entry in _read(published).values()}


def take_back(published: Path, made_of: str) -> None:
    """Forgets that the figures these inputs make were set aside: they may be published."""
    kept = _read(published)
    if (left := _without(kept, made_of)) != kept:
        write_json(left, published / ASIDE)


def _without(kept: dict[str, Any], made_of: str) -> dict[str, Any]:
    return {key: entry for key, entry in kept.items() if key[:FIGURES] != made_of[:FIGURES]}


def _read(published: Path) -> dict[str, Any]:
    path = published / ASIDE
    if not path.is_file():
        return {}
    try:
        body: Any = json.loads(path.read_text(encoding="utf-8"))
        return {key: {name: str(entry[name]) for name in _ENTRY} for key, entry in body.items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        raise PublicationRefused(
            f"{path} est abîmé : les éditions écartées ne sont plus connues ; le reprendre d'une sauvegarde, ou"
            " l'effacer pour publier à nouveau."
        ) from None
