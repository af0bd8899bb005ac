"""Which waves have published scores and no answers at all: their coverage is then that of scores."""

from __future__ import annotations

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.inventory import Inventory
from orchestration.programme import Programme


def waves_of_scores(inventory: Inventory, programme: Programme) -> frozenset[str]:
    """Returns the waves that nothing but scores is delivered or awaited for.

    A contract of interviews or of counts, even a faulty one, says that answers are awaited. So does a file that no
    contract of scores reads: whatever it holds, the wave is not published as if there were no answers.
    """
    contracts = load_contracts(programme)
    if any(not broken.waves for broken in contracts.broken):
        return frozenset()
    of_scores = {contract.name for contract in contracts.sound if contract.of_scores}
    awaited = {contract.wave for contract in contracts.sound if not contract.of_scores}
    awaited |= {wave for broken in contracts.broken for wave in broken.waves}
    awaited |= {record.vague for record in inventory.records if record.contrat not in of_scores}
    return frozenset({wave for wave, _ in inventory.election.scores} - awaited)
