"""Tells somebody, once, of each delivery that is refused or cannot be read: the run that met it may have published.

What was told is kept in a small file beside the outcome of the last run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestration.extracts.gates import refused
from orchestration.extracts.ingest import REMEDY, failed
from orchestration.extracts.inventory import Inventory
from orchestration.operation.alerts import listed_message
from orchestration.operation.once import Told, read_told, tell_once
from orchestration.programme import Programme
from orchestration.settings import Settings

# how many deliveries a refusal names
_TOLD = 20


def told(settings: Settings) -> Told:
    """Returns what was told of this programme's deliveries."""
    return read_told(_file(settings))


def _unread(programme: Programme, inventory: Inventory) -> dict[str, str]:
    return {d.place: f"{reason} ; {REMEDY}." for d in inventory.stale if (reason := failed(d, programme))}


def outside(inventory: Inventory) -> dict[str, str]:
    """Returns the files that lie in no wave's folder, by their place, each with the remedy."""
    remedy = "dans aucun dossier de vague, donc jamais lu ; le déposer dans landing/<vague>/."
    return {f"landing/{name}": remedy for name in inventory.stray}


def nothing_accepted(programme: Programme, inventory: Inventory) -> str | None:
    """Returns why there is nothing to build an edition from, file by file; None where a delivery is in force.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand, judged.
    """
    if inventory.election.elected:
        return None
    reasons = refused(inventory)
    found = (record for record in inventory.records if record.fichier in reasons)
    newest = sorted(found, key=lambda record: record.recue_le, reverse=True)
    told = [f"- {record.told(reasons[record.fichier]).rstrip('.')}." for record in newest]
    told += [f"- {name} : {reason}" for name, reason in (_unread(programme, inventory) | outside(inventory)).items()]
    told += [
        f"- {record.fichier} : retirée." for record in inventory.records if record.livraison in inventory.withdrawn
    ]
    if not told:
        waiting = len(inventory.stale)
        return (
            f"Aucune livraison n'est encore lue ({waiting} à lire) ; relancer quand leur dépôt est fini."
            if waiting
            else "Aucune livraison dans landing/ ; les déposer dans landing/<vague>/."
        )
    more = [f"Et d'autres ({len(told) - _TOLD}) : « observatoire status »."] if len(told) > _TOLD else []
    lead = "Aucune livraison n'est acceptée, rien n'est construit ; essayer chacune par « observatoire essai FICHIER »."
    return "\n".join([lead, *told[:_TOLD], *more])


def tell_refusals(
    programme: Programme, inventory: Inventory, environment: Mapping[str, str] = os.environ
) -> str | None:
    """Sends an alert about the deliveries nobody was told of yet, with the reason they are refused for now.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        environment: who is to be told.

    Returns:
        what became of the alert, in a French sentence; None where there is nothing new, or nobody to be told.
    """
    settings = programme.settings
    now = _unread(programme, inventory) | refused(inventory) | outside(inventory)
    return tell_once(
        _file(settings), now, lambda fresh: listed_message("refus", fresh, settings, environment), environment
    )


def _file(settings: Settings) -> Path:
    return settings.warehouse.parent / "refus_annonces.json"
