"""Tries a delivery: reads, judges and compares it with the functions of a run, accepted rows in a temporary folder."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from orchestration.errors import ProgrammeError
from orchestration.extracts.companions import companions
from orchestration.extracts.deliveries import Delivery, put_together
from orchestration.extracts.election import Candidate
from orchestration.extracts.gates import Finding, fate, findings, standing
from orchestration.extracts.headings import Missing
from orchestration.extracts.ingest import REMEDY, Taken, reason_of_failure, take
from orchestration.extracts.inventory import Inventory, take_inventory, with_delivery
from orchestration.extracts.lake import Lake, delivery_id
from orchestration.extracts.lots import Keeping
from orchestration.extracts.pseudonyms import key_fingerprint, read_key
from orchestration.extracts.quarantine import shown_rejects
from orchestration.extracts.readers.limits import variables_fault
from orchestration.extracts.readers.received import identify, shown_name
from orchestration.extracts.records import REFUSED, Lot, Record
from orchestration.extracts.suite_results import SuiteResult
from orchestration.plausibility.deliveries import results_of
from orchestration.programme import Programme
from orchestration.trial.chosen import Chosen, choose


@dataclass(frozen=True)
class Part:
    """One organisme's part of a delivery that was tried.

    Attributes:
        lot: the part; its organisme is None where nobody knows whose rows they are.
        status: what a run would make of it, once every gate has spoken.
        reason: why it is not plainly accepted; empty where it is.
        left_out: whether the sender itself left the organisme out.
        compared: whether there is an earlier wave that its answers are compared with.
    """

    lot: Lot
    status: str
    reason: str
    left_out: bool
    compared: bool


@dataclass(frozen=True)
class Trial:
    """What a run would say of a delivery.

    Attributes:
        file: its name.
        chosen: the contract that it is tried with.
        record: what a run would remember of it.
        status: what becomes of it once every gate has spoken.
        reason: why it is not plainly accepted; empty where it is.
        parts: what becomes of each organisme.
        findings: every rule that it was held to, kept or broken, in the order of the gates.
        rejects: its rejected lines as they may be shown, one row per line, column and rule.
        unknown: the values that no code map recognises: colonne, valeur, nb_lignes.
        missing: headings of the contract that it lacks.
        unknown_headings: its headings that the contract does not know.
        same_as: the delivery that has the same bytes, under another name; empty where there is none.
    """

    file: str
    chosen: Chosen
    record: Record
    status: str
    reason: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    rejects: pl.DataFrame
    unknown: pl.DataFrame
    missing: tuple[Missing, ...]
    unknown_headings: tuple[str, ...]
    same_as: str

    @property
    def accepted(self) -> bool:
        """Whether a run would refuse nothing of it, but what its sender left out."""
        return self.status != REFUSED and not any(p.status == REFUSED and not p.left_out for p in self.parts)


def try_delivery(programme: Programme, path: Path, asked: str | None = None) -> Trial:
    """Tries a delivery, or a draft against its file.

    It is compared with what runs have read: the waves before, the other organismes, the version in force. Nothing is
    written in the programme's folder, and no key of pseudonyms is made.

    Args:
        programme: the programme.
        path: the file, wherever it is.
        asked: name or path of the contract; None for the one that the file's name answers to.

    Raises:
        ContractError: there is no such contract.
        ProgrammeError: a variable that should raise a limit of reading has no value that can be read.
    """
    if fault := variables_fault():
        raise ProgrammeError(fault)
    chosen = choose(programme, path, asked)
    delivery = _delivery(chosen, path)
    key = read_key() if key_fingerprint() else secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="observatoire-essai-") as folder:
        taken = _taken(delivery, programme, Keeping(Lake(Path(folder)), key))
        # The lake of a run names files by their place in it; a trial's lie elsewhere.
        record = replace(taken.record, lots=[_at(lot, folder) for lot in taken.record.lots])
        inventory = _compared(programme, record)
    return _told(delivery, chosen, taken, record, inventory)


def _delivery(chosen: Chosen, path: Path) -> Delivery:
    """Returns the delivery that a file begins: with it, those of the same folder that its contract joins to it."""
    names = companions(chosen.contract, path.name) if chosen.contract else ()
    beside = [one for name in names if (one := path.with_name(name)).is_file() or one.is_symlink()]
    found = []
    for one in (path, *beside):
        sha256, irregular = identify(one)
        refusal = ("depot_irregulier", irregular) if irregular else chosen.refusal
        identity, now = delivery_id(chosen.wave, shown_name(one), sha256), dt.datetime.now(dt.UTC)
        found.append(Delivery(identity, chosen.wave, one.absolute(), sha256, chosen.contract, now, refusal))
    whole = put_together(found)
    return next((one for one in whole if one.path == path.absolute()), found[0])


def _at(lot: Lot, folder: str) -> Lot:
    return replace(lot, fichier=str(Path(folder) / lot.fichier)) if lot.fichier else lot


def _taken(delivery: Delivery, programme: Programme, keeping: Keeping) -> Taken:
    """Reads and judges a delivery; a defect of a reader is a refusal, as nothing could be accepted."""
    try:
        return take(delivery, programme, keeping)
    except (OSError, MemoryError):
        raise
    except Exception as error:
        said = f"{delivery.name} n'a pas pu être lu ({reason_of_failure(error)}) ; {REMEDY}."
        return take(replace(delivery, refusal=("fichier_illisible", said)), programme, keeping)


def _compared(programme: Programme, record: Record) -> Inventory:
    """Returns the programme's inventory with the delivery in it, its lots judged by the suites."""
    before = take_inventory(programme, looking=True, registering=False)
    inventory = with_delivery(programme, before, record, {})
    organismes = {lot.organisme_code for lot in record.lots}

    def concerned(candidate: Candidate) -> bool:
        return candidate.record.vague == record.vague and candidate.lot.organisme_code in organismes

    results: dict[str, SuiteResult] = {}
    while waiting := [c for c in inventory.unjudged if concerned(c)]:
        results |= results_of(programme, waiting)
        inventory = with_delivery(programme, before, record, results)
    return inventory


def _told(delivery: Delivery, chosen: Chosen, taken: Taken, record: Record, inventory: Inventory) -> Trial:
    # What people decided about the bytes, a withdrawal, is no quality of the file: the trial says what the gates say.
    inventory = replace(inventory, withdrawn={k: v for k, v in inventory.withdrawn.items() if k != record.livraison})
    told = tuple(f for f in findings(inventory) if f.record.livraison == record.livraison)
    status, reason = standing(record, inventory)
    rejects, unknown = shown_rejects(taken.judged, delivery.contract)
    headings = taken.headings
    same = next((r.fichier for r in inventory.records if _same_bytes(r, record)), "")
    return Trial(
        file=delivery.name,
        chosen=chosen,
        record=record,
        status=status,
        reason=reason,
        parts=tuple(_part(record, lot, told, inventory) for lot in record.lots),
        findings=told,
        rejects=rejects,
        unknown=unknown,
        missing=headings.missing if headings else (),
        unknown_headings=headings.unknown if headings else (),
        same_as=same,
    )


def _same_bytes(known: Record, record: Record) -> bool:
    return (known.vague, known.sha256) == (record.vague, record.sha256) and known.livraison != record.livraison


def _part(record: Record, lot: Lot, told: tuple[Finding, ...], inventory: Inventory) -> Part:
    code = lot.organisme_code
    status, reason = fate(record, lot, inventory)
    left_out = any(f.organisme == code and f.rule.code == "non_inclus" for f in told if not f.held)
    candidate = inventory.election.candidates.get((record.livraison, code or ""))
    return Part(lot, status, reason or "", left_out, candidate is not None and candidate.previous is not None)
