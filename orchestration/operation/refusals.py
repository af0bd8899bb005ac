"""Tells somebody, once, of each delivery that is refused or cannot be read: the run that met it may have published.

What was told is kept in a small file beside the outcome of the last run. Where that file is lost, everything that is
still refused is told once more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.extracts.gates import refused
from orchestration.extracts.ingest import REMEDY, failed
from orchestration.extracts.inventory import Inventory
from orchestration.files import write_json
from orchestration.operation.alerts import refusals_message, send
from orchestration.programme import Programme
from orchestration.settings import Settings

# how many deliveries a refusal names
_TOLD = 20


@dataclass(frozen=True)
class Told:
    """What is known of the alerts about deliveries.

    Attributes:
        reasons: by delivery told of, the reason that was told.
        failure: what became of the last alert, as a sentence, where it could not be sent; empty otherwise.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


def told(settings: Settings) -> Told:
    """Returns what was told of this programme's deliveries; nothing before the first time, or where that is lost."""
    try:
        body = json.loads(_file(settings).read_text(encoding="utf-8"))
        return Told(dict(body["reasons"]), str(body["failure"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Told()


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
    before, now = told(settings), _unread(programme, inventory) | refused(inventory) | outside(inventory)
    fresh = {name: reason for name, reason in now.items() if before.reasons.get(name) != reason}
    sending = send(refusals_message(fresh, settings, environment), environment) if fresh else None
    if fresh and sending is None:
        return None
    # What is no longer refused is forgotten: refused again, it is told again. What could not be sent is tried again.
    sent = sending is None or sending.sent
    reasons = now if sent else {name: reason for name, reason in now.items() if name not in fresh}
    after = Told(reasons, "" if sending is None or sent else sending.sentence)
    if after != before:
        with suppress(OSError):
            write_json({"reasons": dict(after.reasons), "failure": after.failure}, _file(settings))
    return sending.sentence if sending else None


def _file(settings: Settings) -> Path:
    return settings.warehouse.parent / "refus_annonces.json"
