"""Why deliveries that were read already are to be read or judged again: the next run does so under what holds now."""

from __future__ import annotations

from collections import Counter

from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import read_record
from orchestration.programme import Programme

# another key of pseudonyms; other code, contract, questionnaire or reference data; a lake that lost what was read
KEY, RULES, LAKE = "cle", "regles", "lac"
# the plan, the thresholds or the deliveries that they are compared with
JUDGEMENT = "jugement"


def why_again(programme: Programme, inventory: Inventory) -> dict[str, int]:
    """Returns how many deliveries are to be read or judged again, for each reason; none that no run has read."""
    lake, found = Lake(programme.root), Counter({JUDGEMENT: len(inventory.to_judge)})
    for delivery in inventory.stale:
        record = read_record(lake.record(delivery.id))
        if record is not None:
            found[_reason(record.empreinte_extraction, delivery.fingerprint(programme))] += 1
    return dict(+found)


def _reason(before: str, now: str) -> str:
    if before == now:
        return LAKE
    # the key's part comes last
    keys = before.rpartition(".")[2], now.rpartition(".")[2]
    return KEY if all(keys) and keys[0] != keys[1] else RULES
