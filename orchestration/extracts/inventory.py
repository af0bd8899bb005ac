"""What stands in the landing folder, what was made of it, what is left to read, and which versions are in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from orchestration.extracts.contract import load_contracts
from orchestration.extracts.election import Candidate, Election, elect
from orchestration.extracts.exclusions import Excluded, excluded
from orchestration.extracts.ingest import Delivery, deliveries
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Record, read_record
from orchestration.extracts.verdicts import context_key, lot_key, read_verdicts
from orchestration.extracts.withdrawals import withdrawn
from orchestration.programme import Programme


@dataclass(frozen=True)
class Inventory:
    """The landing folder against the registry.

    Attributes:
        deliveries: the files present.
        records: records of the files present that are up to date.
        stale: files never read, or read under other bytes, contract, questionnaire or code.
        repeated: files whose bytes stand in the wave's folder already, under another name; they change nothing.
        withdrawn: reasons of withdrawal, by SHA-256.
        decided: reasons of the exclusions that a person decided, by wave, organisme and question.
        election: the versions in force among `records`.
    """

    deliveries: list[Delivery]
    records: list[Record]
    stale: list[Delivery]
    repeated: list[Delivery]
    withdrawn: Mapping[str, str]
    decided: Excluded
    election: Election

    @property
    def unjudged(self) -> list[Candidate]:
        """Accepted lots that the plausibility suites have not seen as they stand."""
        return [c for c in self.election.candidates.values() if c.verdict is None]

    @cached_property
    def excluded(self) -> dict[tuple[str, str, str], str]:
        """Why a question does not count, by wave, organisme and question: a verdict on its lot, or a decision."""
        found = {}
        for (wave, organisme), (record, _) in self.election.elected.items():
            verdict = self.election.candidates[record.livraison, organisme].verdict
            for question, reason in (verdict.excluded if verdict else {}).items():
                found[wave, organisme, question] = reason
        return found | {k: reason for k, reason in self.decided.items() if k[:2] in self.election.elected}


def take_inventory(programme: Programme) -> Inventory:
    """Compares the landing folder with the registry; reads no delivery beyond its SHA-256."""
    lake = Lake(programme.root)
    present = deliveries(programme, load_contracts(programme))
    records, stale, repeated = [], [], []
    seen: set[tuple[str, str]] = set()
    for delivery in sorted(present, key=lambda d: (d.path.stat().st_mtime, d.id)):
        if (delivery.wave, delivery.sha256) in seen:
            repeated.append(delivery)
            continue
        seen.add((delivery.wave, delivery.sha256))
        record = read_record(lake.record(delivery.id))
        if record is None or record.empreinte_extraction != delivery.fingerprint(programme) or _lost(record, lake):
            stale.append(delivery)
        else:
            records.append(record)
    taken_back = withdrawn(lake)
    loss = float(programme.thresholds["relivraison_perte_maximum"])
    context, verdicts = context_key(programme), read_verdicts(lake)
    election = elect(
        records,
        waves=programme.waves,
        withdrawn=taken_back,
        loss=loss,
        judge=lambda lot, previous: verdicts.get(lot_key(context, lot, previous)),
    )
    ordered = sorted(records, key=lambda r: r.livraison)
    left = sorted(stale, key=lambda d: d.id)
    return Inventory(present, ordered, left, repeated, taken_back, excluded(lake), election)


def _lost(record: Record, lake: Lake) -> bool:
    return any(lot.fichier is not None and not (lake.root / lot.fichier).is_file() for lot in record.lots)
