"""Tells somebody, once, of what asks for a person though a night may have published: reserves, latecomers, the disk.

What was told is kept beside what was told of refusals.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path

from orchestration.extracts.gates import fate
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import REFUSED, RESERVED
from orchestration.extracts.retention import expired
from orchestration.operation.alerts import listed_message
from orchestration.operation.once import read_told, tell_once
from orchestration.operation.refusals import tell_refusals, told
from orchestration.operation.room import room
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.settings import Settings


def untold(settings: Settings) -> list[str]:
    """Returns what became of the last alerts that could not be sent, in French sentences; none where all were."""
    return [failure for failure in (told(settings).failure, read_told(_file(settings)).failure) if failure]


def attentions(programme: Programme, inventory: Inventory, today: dt.date) -> dict[str, str]:
    """Returns what asks for a person, by name, each with its reason; no figure in it that changes from day to day.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        today: an organisme is late from the day after the fieldwork of the current wave has ended.
    """
    words, wave = words_of(programme.config), programme.waves[programme.config.vague_courante]
    found: dict[str, str] = {}
    received: set[str | None] = set()
    for record in inventory.records:
        for lot in record.lots if record.livraison not in inventory.withdrawn else ():
            status, reason = fate(record, lot, inventory)
            if record.vague == wave.code and status != REFUSED:
                received.add(lot.organisme_code)
            if status == RESERVED and inventory.election.retains(record, lot):
                found[f"{record.fichier}, {lot.organisme_code}"] = words.say("attention_reserve", raison=reason)
    if today > wave.end:
        for row in programme.rows("participations"):
            code = row["organisme_code"]
            if row["vague"] == wave.code and row["statut"] == "attendu" and code not in received:
                found[f"{wave.code}, {code}"] = words.say("attention_retard", fin=wave.end.strftime("%d/%m/%Y"))
    left = room(programme.settings)
    if left.tight:
        found[left.dossier] = words.say("attention_disque_temporaire" if left.temporary else "attention_disque")
    if any(True for _ in expired(Lake(programme.root), inventory, programme.thresholds.quarantaine_jours)):
        found[str(Lake(programme.root).root)] = words.say("attention_retention")
    return found


def tell(programme: Programme, inventory: Inventory, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Sends the alerts about what nobody was told of yet: deliveries that are refused, and what asks for a person.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        environment: who is to be told.

    Returns:
        what became of each alert, in French sentences; none where there is nothing new, or nobody to be told.
    """
    settings, now = programme.settings, attentions(programme, inventory, dt.date.today())
    said = (
        tell_refusals(programme, inventory, environment),
        tell_once(
            _file(settings), now, lambda fresh: listed_message("attention", fresh, settings, environment), environment
        ),
    )
    return [sentence for sentence in said if sentence]


def _file(settings: Settings) -> Path:
    return settings.warehouse.parent / "attentions_annoncees.json"
