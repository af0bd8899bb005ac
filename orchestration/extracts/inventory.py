"""What stands in the landing folder, what was made of it, what is left to read, and which versions are in force."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decision_lists import LISTS, decision_faults, refuse
from orchestration.extracts.decisions import Excluded, Withdrawn, excluded, withdrawn
from orchestration.extracts.deliveries import Delivery, deliveries, is_wave
from orchestration.extracts.election import Candidate, Election, elect
from orchestration.extracts.lake import Lake
from orchestration.extracts.readers.received import shown_name
from orchestration.extracts.receptions import REGISTER
from orchestration.extracts.records import REFUSED, Lot, Record, read_record
from orchestration.extracts.suite_results import SuiteResult, context_key, lot_key, read_suite_results
from orchestration.files import file_sha256
from orchestration.ignored import is_ignored
from orchestration.programme import Programme
from orchestration.programme.dispositifs import dispositif_of, successions, thresholds_of
from orchestration.programme.vocabulary import words_of
from orchestration.words import Words

# what arrived from depots, and from where: `depots/journal.py` writes it
ARRIVALS = "depots.csv"
# a longer list is not read; the codes that look like the one asked for are
_LISTED = 40


@dataclass(frozen=True)
class Inventory:
    """The landing folder against the registry.

    Attributes:
        deliveries: the files present.
        records: records of the files present that are up to date.
        stale: files never read, or read under other bytes, contract, questionnaire or code.
        repeated: files whose bytes stand in the wave's folder already, under another name that gives them to no other
            organisme; they change nothing.
        stray: names of the files that lie in `landing/` itself, in no wave's folder; they are read by nobody.
        withdrawn: reasons of withdrawal, by delivery.
        decided: reasons of the exclusions that a person decided, by wave, organisme and question.
        election: the versions in force among `records`.
        words: the programme's, in which the gates speak.
        composed: by wave and question, the indices that are made of it.
    """

    deliveries: list[Delivery]
    records: list[Record]
    stale: list[Delivery]
    repeated: list[Delivery]
    stray: list[str]
    withdrawn: Mapping[str, str]
    decided: Excluded
    election: Election
    words: Words
    composed: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @property
    def unjudged(self) -> list[Candidate]:
        """Accepted lots that the plausibility suites have not seen as they stand."""
        return [c for c in self.election.candidates.values() if c.suites is None]

    @cached_property
    def to_judge(self) -> frozenset[str]:
        """The deliveries of which a lot is yet to be judged: it never was, or it was by what no longer holds."""
        return frozenset(c.record.livraison for c in self.unjudged)

    @cached_property
    def excluded(self) -> dict[tuple[str, str, str], str]:
        """Why a question does not count, by wave, organisme and question: the suites, or a decision.

        What is wrong with a question is wrong with the indices made of it.
        """
        found = {}
        for (wave, organisme), version in self.election.elected.items():
            said = self.election.suites(*version)
            for question, reason in (said.excluded if said else {}).items():
                found[wave, organisme, question] = reason
        found |= {k: reason for k, reason in self.decided.items() if k[:2] in self.election.elected}
        for (wave, organisme, question), reason in sorted(found.items()):
            for index in self.composed.get((wave, question), ()):
                found.setdefault((wave, organisme, index), reason)
        return found

    def superseded(self, record: Record) -> int:
        """Returns how many accepted rows of a delivery are not in force: replaced, held back or withdrawn."""
        return sum(
            lot.lignes_acceptees
            for lot in record.lots
            if not self.refused(record, lot) and not self.election.retains(record, lot)
        )

    def refused(self, record: Record, lot: Lot) -> bool:
        """Returns whether a lot is refused: for its lines, by the suites, or as the twin of another organisme's."""
        said = self.election.suites(record, lot)
        twin = (record.livraison, lot.organisme_code) in self.election.twins
        return lot.statut == REFUSED or twin or bool(said and said.refusal)


def take_inventory(programme: Programme, *, looking: bool = False, registering: bool = True) -> Inventory:
    """Compares the landing folder with the registry; reads no delivery beyond its SHA-256.

    Args:
        programme: the programme.
        looking: whether nothing is made of it, so that a `landing/` that cannot be written costs nothing.
        registering: whether receptions are remembered at all; without that, nothing is written anywhere.

    Raises:
        ProgrammeError: there is a file never seen before, and its reception cannot be remembered.
        DeliveryError: a line of the lists of decisions cannot be read, or names what the programme does not know.
    """
    lake = Lake(programme.root)
    # told here, before anything is read: some of these lists are of use only once all is read and consolidated
    refuse(decision_faults(programme))
    present = deliveries(programme, load_contracts(programme), looking=looking, registering=registering)
    records, stale, repeated = [], [], []
    seen: set[tuple[str, str, str | None]] = set()
    for delivery in sorted(present, key=lambda d: (d.received, d.id)):
        named = delivery.contract.organisme_of(delivery.name, programme) if delivery.contract else None
        if (delivery.wave, delivery.sha256, named) in seen:
            repeated.append(delivery)
            continue
        seen.add((delivery.wave, delivery.sha256, named))
        record = read_record(lake.record(delivery.id))
        if record is None or not delivery.is_current(record.empreinte_extraction, programme) or _lost(record, lake):
            stale.append(delivery)
        else:
            # The register of receptions may have been lost and made again since the record was written.
            records.append(replace(record, recue_le=delivery.received.isoformat(timespec="microseconds")))
    bearers = Counter((wave, sha256) for wave, sha256, _ in seen)
    words = words_of(programme.config)
    taken_back, election = _elected(programme, records, bearers, read_suite_results(lake, words))
    ordered = sorted(records, key=lambda r: r.livraison)
    left = sorted(stale, key=lambda d: d.id)
    return Inventory(
        present, ordered, left, repeated, stray_names(lake), taken_back, excluded(lake), election, words,
        programme.composed,
    )  # fmt: skip


def with_delivery(
    programme: Programme, inventory: Inventory, record: Record, results: Mapping[str, SuiteResult]
) -> Inventory:
    """Returns an inventory as it would be with one more delivery, in the place of the one of the same identifier.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        record: what became of the other delivery.
        results: what the suites say of its lots, by key, beside what is kept in the lake.
    """
    records = [*(r for r in inventory.records if r.livraison != record.livraison), record]
    bearers = Counter((r.vague, r.sha256) for r in records)
    kept = {**read_suite_results(Lake(programme.root), inventory.words), **results}
    taken_back, election = _elected(programme, records, bearers, kept)
    return replace(inventory, records=records, withdrawn=taken_back, election=election)


def _elected(
    programme: Programme,
    records: list[Record],
    bearers: Mapping[tuple[str, str], int],
    results: Mapping[str, SuiteResult],
) -> tuple[dict[str, str], Election]:
    """Returns the deliveries that are withdrawn, with the reasons, and the versions in force among the others."""
    taken_back = _withdrawn(records, bearers, withdrawn(Lake(programme.root)))
    context = context_key(programme)
    election = elect(
        records,
        waves=programme.waves,
        dispositifs=dispositif_of(programme),
        renewed=_renewed(programme),
        withdrawn=taken_back,
        losses={wave: thresholds_of(programme, wave).relivraison_perte_maximum for wave in programme.waves},
        judge=lambda lot, previous, peers: results.get(lot_key(context, lot, previous, peers.key)),
    )
    return taken_back, election


def _renewed(programme: Programme) -> set[str]:
    """Returns the waves in which a question of one answer is asked that was not in the dispositif's wave before."""
    asked = [q.waves for q in programme.delivered_questions.values() if not q.multiple]
    follow = successions(programme)
    return {wave for before, wave in follow if any(wave in a and before not in a for a in asked)}


def _withdrawn(records: list[Record], bearers: Mapping[tuple[str, str], int], decided: Withdrawn) -> dict[str, str]:
    """Returns why deliveries are withdrawn: their bytes are, under any name unless several organismes have the same.

    Args:
        records: the deliveries.
        bearers: by wave and SHA-256, for how many organismes the bytes are delivered.
        decided: what people withdrew.
    """
    found = {}
    for record in records:
        reasons = decided.get(record.sha256, {})
        own = reasons.get(record.fichier)
        if own is None and bearers[record.vague, record.sha256] == 1:
            own = next(iter(reasons.values()), None)
        if own is not None:
            found[record.livraison] = own
    return found


def stray_names(lake: Lake) -> list[str]:
    """Returns the names of the files that lie in `landing/` itself, in no wave's folder."""
    own = {REGISTER, *LISTS, ARRIVALS}
    found = (p for p in lake.landing.glob("*") if not is_wave(p) and not is_ignored(p.name))
    return sorted(shown_name(p) for p in found if p.name not in own)


def _lost(record: Record, lake: Lake) -> bool:
    """Returns whether a file made of the delivery is gone or damaged: it is then made again from `landing/`."""
    return any(lot.fichier is not None and _digest(lake.root / lot.fichier) != lot.empreinte for lot in record.lots)


def _digest(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except OSError:
        return None


def concerned(programme: Programme, inventory: Inventory, wave: str | None, organisme: str | None) -> list[Delivery]:
    """Returns the deliveries that hold answers of a wave and an organisme, current or not.

    A file with several organismes is read as a whole; one whose organisme nobody recognised may be of any.

    Args:
        programme: the programme.
        inventory: what stands in the landing folder.
        wave: code of a wave; None for all.
        organisme: code of an organisme; None for all.

    Raises:
        ProgrammeError: there is no such wave or organisme, or nothing was delivered of it.
    """
    _known("Vague inconnue", wave, programme.waves)
    _known("Organisme inconnu", organisme, sorted({str(r["organisme_code"]) for r in programme.rows("organismes")}))
    lots = {r.livraison: {lot.organisme_code for lot in r.lots} for r in inventory.records}
    repeated = {d.path for d in inventory.repeated}
    found = [
        d
        for d in inventory.deliveries
        if d.path not in repeated
        and wave in (None, d.wave)
        and (organisme is None or not (codes := lots.get(d.id, set()) - {None}) or organisme in codes)
    ]
    if not found:
        what = " ".join([*([f"de {organisme}"] if organisme else []), *([f"en {wave}"] if wave else [])])
        raise ProgrammeError(f"Rien à relire : landing/ n'a aucune livraison {what}".rstrip() + ".")
    return found


def _known(fault: str, asked: str | None, codes: Collection[str]) -> None:
    if asked is None or asked in codes:
        return
    listed = list(codes) if len(codes) <= _LISTED else difflib.get_close_matches(asked, codes, 10, 0.3)
    more = f" (parmi {len(codes)})" if len(listed) < len(codes) else ""
    raise ProgrammeError(f"{fault} : « {asked} » ; le programme connaît {', '.join(listed)}{more}.")
