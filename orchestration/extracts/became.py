"""What became of each delivery, read or not: the state that is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.extracts.gates import standing
from orchestration.extracts.ingest import failed
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.records import REFUSED
from orchestration.programme import Programme

# the states of a delivery that no run has read: its bytes are known already, it waits, its reading failed
REPEATED, WAITING, FAILED = "deja_recue", "a_lire", "non_lue"
# that of one that is read, and that the next run holds to its plan and to other deliveries
JUDGING = "a_juger"


@dataclass(frozen=True)
class DeliveryState:
    """One file of the landing folder and what became of it; the numbers are None until it is read.

    Attributes:
        fichier: `<wave>/<file>`.
        vague: its wave.
        contrat: the contract that reads it, if there is one.
        statut: of its record, or one of those above.
        motif: why it is not plainly accepted.
        lues: records read.
        acceptees: records accepted.
        rejetees: records rejected.
        lots: organismes in it.
        en_vigueur: those whose answers count.
    """

    fichier: str
    vague: str
    contrat: str | None
    statut: str
    motif: str = ""
    lues: int | None = None
    acceptees: int | None = None
    rejetees: int | None = None
    lots: int | None = None
    en_vigueur: int | None = None


def deliveries_of(inventory: Inventory, programme: Programme) -> Iterator[DeliveryState]:
    """Yields each file of the landing folder with what became of it: read, received twice, waiting."""
    for record in inventory.records:
        kept = sum(inventory.election.retains(record, lot) for lot in record.lots)
        # what its gates said of it no longer holds, and nobody knows yet what they will say
        judged = record.livraison not in inventory.to_judge
        yield DeliveryState(
            record.fichier,
            record.vague,
            record.contrat,
            *(standing(record, inventory) if judged else (JUDGING, "")),
            record.lignes_lues,
            record.lignes_acceptees,
            record.lignes_rejetees,
            len(record.lots),
            kept,
        )
    for delivery in inventory.repeated:
        yield DeliveryState(delivery.place, delivery.wave, None, REPEATED)
    for delivery in inventory.stale:
        contract = delivery.contract.name if delivery.contract else None
        if told := delivery.told_unread(programme):
            yield DeliveryState(delivery.place, delivery.wave, contract, REFUSED, told)
            continue
        reason = failed(delivery, programme)
        yield DeliveryState(delivery.place, delivery.wave, contract, FAILED if reason else WAITING, reason or "")
