"""Why deliveries that were read already are to be read again: the next run reads under what holds now."""

from __future__ import annotations

from collections import Counter

from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import read_record
from orchestration.programme import Programme

# another key of pseudonyms; other code, contract, questionnaire or reference data
KEY, RULES = "cle", "regles"


def why_again(programme: Programme, inventory: Inventory) -> dict[str, int]:
    """Returns how many deliveries are to be read again for each reason; nothing of those that no run has read."""
    lake, found = Lake(programme.root), Counter[str]()
    for delivery in inventory.stale:
        record = read_record(lake.record(delivery.id))
        if record is not None:
            before, now = (
                said.rpartition(".")[2] for said in (record.empreinte_extraction, delivery.fingerprint(programme))
            )
            found[KEY if before and now and before != now else RULES] += 1
    return dict(found)
