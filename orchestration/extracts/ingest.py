"""One delivery, from landing folder to lake: read, map, judge, keep the accepted rows and the reasons of the rest."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.assemble import delivered_tables
from orchestration.extracts.contract import Contract
from orchestration.extracts.counts_lines import CountsReader
from orchestration.extracts.counts_validation import judge_counts, left_out, left_out_tables, unread
from orchestration.extracts.deliveries import Delivery
from orchestration.extracts.file_labels import check_labels
from orchestration.extracts.headings import ABSENT, HeadingsRefused, check_header, check_headings, joined
from orchestration.extracts.lake import Lake
from orchestration.extracts.lots import Keeping, keep_lot
from orchestration.extracts.mapping import map_rows
from orchestration.extracts.organismes import by_organisme, organisme_beside, organismes_in, unknown_organisme
from orchestration.extracts.personal_data import masked
from orchestration.extracts.pseudonyms import read_key
from orchestration.extracts.quarantine import JudgedTable, keep_rejects, note_rows, personal_rows, quality_rows
from orchestration.extracts.readers import LINE, RawTable, place, read_tables
from orchestration.extracts.readers.received import identify
from orchestration.extracts.records import REFUSED, Lot, QualityRow, Record, reason_of, status_of
from orchestration.extracts.scores import ScoresReader, judge_scores
from orchestration.extracts.validation import all_rejected, irregular, judge
from orchestration.files import write_json
from orchestration.interrupts import held_back
from orchestration.programme import Programme
from orchestration.programme.texts import capped
from orchestration.programme.vocabulary import words_of

# what to do when reading a delivery failed
REMEDY = "relancer ; si l'échec revient, retirer la livraison (« observatoire withdraw ») et signaler ce message"
_WORDS = 300


@dataclass(frozen=True)
class Taken:
    """What became of one delivery.

    Attributes:
        record: what is remembered of it.
        judged: its lines, table by table and organisme by organisme, with those that are rejected and why.
        headings: why it is refused, where its headings are why; None otherwise.
    """

    record: Record
    judged: list[JudgedTable]
    headings: HeadingsRefused | None = None


def ingest(delivery: Delivery, programme: Programme) -> Record:
    """Takes one delivery into the lake and writes its record.

    Returns:
        the record; a file refused as a whole has status `rejete` and its reason, and raises nothing.
    """
    lake = Lake(programme.root)
    # The key is made here where there is none yet: the fingerprint in the record says which key it is.
    taken = take(delivery, programme, Keeping(lake, read_key()))
    keep_rejects(lake.quarantine(delivery.id), taken.judged, delivery.contract)
    write_json(taken.record.as_json(), lake.record(delivery.id))
    return taken.record


def take(delivery: Delivery, programme: Programme, keeping: Keeping) -> Taken:
    """Reads and judges one delivery; writes nothing but its accepted rows, where it is told to.

    Args:
        delivery: the delivery.
        programme: its questionnaire and thresholds.
        keeping: where accepted rows are kept, and the key of their pseudonyms.

    Returns:
        what became of it; a file refused as a whole has status `rejete` and its reason, and raises nothing.
    """
    contract = delivery.contract
    base: dict[str, Any] = {
        "livraison": delivery.id,
        "fichier": delivery.place,
        "sha256": delivery.sha256,
        "taille": sum(map(_size, delivery.paths)),
        "vague": delivery.wave,
        "institut": contract.institute if contract else None,
        "contrat": contract.name if contract else None,
        "version_contrat": contract.body.version if contract else None,
        "empreinte_extraction": delivery.fingerprint(programme),
        "recue_le": delivery.received.isoformat(timespec="microseconds"),
    }
    judged: list[JudgedTable] = []
    headings = None
    try:
        if delivery.refusal:
            raise DeliveryError(*delivery.refusal)
        assert contract is not None
        judged, lots, quality = _judged(delivery, contract, programme, keeping)
        record = Record(**base, statut=status_of(lots), motif=reason_of(lots), lots=lots, qualite=quality)
    except DeliveryError as error:
        # The message may come from a reader library and quote the line that it could not read.
        reason = masked(str(error))
        named = contract.organisme_of(delivery.name, programme) if contract else None
        lots = [Lot(named, 0, 0, 0, REFUSED, reason)] if named else []
        row = QualityRow(named, error.rule, "bloquante", 1, reason)
        record = Record(**base, statut=REFUSED, motif=reason, lots=lots, qualite=[row])
        headings = error if isinstance(error, HeadingsRefused) else None
    return Taken(record.without_personal(), judged, headings)


def _judged(
    delivery: Delivery, contract: Contract, programme: Programme, keeping: Keeping
) -> tuple[list[JudgedTable], list[Lot], list[QualityRow]]:
    """Judges the rows of a file and keeps those it accepts; returns rejects, lots and what is to be told.

    Raises:
        DeliveryError: the file is refused as a whole.
    """
    tables = _tables(delivery, contract, programme)
    listed = left_out_tables(delivery.path, contract)
    if any(identify(path) != (sha256, None) for path, sha256 in delivery.contents):
        raise DeliveryError(
            "fichier_instable",
            f"{delivery.name} : le fichier a changé pendant sa lecture ; attendre la fin du dépôt, puis relancer.",
        )
    judged: list[JudgedTable] = []
    lots: list[Lot] = []
    remarks: list[QualityRow] = []
    names = contract.organisme_names(programme)

    def refuse(table: RawTable, organisme: str | None, rows: pl.DataFrame, column: str, reason: str) -> None:
        rule = "non_inclus" if organisme else "organisme_inconnu"
        whole, broken = irregular(rows, table)
        outcome = all_rejected(whole, column, rule, organisme_beside(table, delivery.name, contract))
        judged.append((table, organisme, outcome.adding(broken)))
        read = rows.height
        lots.append(Lot(organisme, read, 0, read, REFUSED, reason, nature=contract.body.nature))

    with held_back():
        for table, counts in _headed(tables, delivery, contract, programme):
            column = counts.organisme if counts else contract.body.organisme.colonne or ""
            for organisme, rows in by_organisme(table, column, delivery.name, contract, programme).items():
                if organisme is None:
                    refuse(
                        table,
                        None,
                        rows,
                        column,
                        unknown_organisme(table, rows, column, delivery.name, contract, names),
                    )
                    continue
                whole, broken = irregular(rows, table)
                if isinstance(counts, ScoresReader):
                    outcome = judge_scores(counts, whole, organisme)
                elif counts:
                    outcome = judge_counts(counts, whole, organisme)
                else:
                    mapped = map_rows(whole, contract, programme, organisme)
                    outcome = judge(mapped, whole, programme, delivery.wave, organisme)
                outcome = outcome.adding(broken)
                judged.append((table, organisme, outcome))
                lot, told = keep_lot(outcome, rows.height, delivery, programme, organisme, keeping, table.sheet)
                lots.append(lot)
                remarks += [*outcome.remarks, *told, *_not_delivered(contract, organisme, rows.height, programme)]
            remarks += unread(counts) if counts else []
        for table in listed:
            for organisme, row, column, reason in left_out(table, contract, names, delivery.name):
                refuse(table, organisme, row, column, reason)
    _refuse_split(lots, delivery)
    # A workbook of counts has sheets and columns about other subjects: `unread` lists them, and nothing else does.
    others = tables if contract.of_interviews else []
    return judged, lots, [*note_rows(others), *quality_rows(judged), *remarks, *personal_rows(others, contract)]


def _tables(delivery: Delivery, contract: Contract, programme: Programme) -> list[RawTable]:
    """Reads the file; where a column is missing by which lines are left out, tells the others that are missing too."""
    check = partial(check_header, contract, where=delivery.name)
    try:
        return delivered_tables(delivery.paths, contract, check)
    except DeliveryError as error:
        if error.rule != ABSENT or isinstance(error, HeadingsRefused) or contract.is_assembled:
            raise
        plain = contract.form.model_copy(update={"lignes_ignorees": (), "lignes_gardees": None})
        _headed(read_tables(delivery.path, plain, check, rows=1), delivery, contract, programme)
        raise


def _headed(
    tables: list[RawTable], delivery: Delivery, contract: Contract, programme: Programme
) -> list[tuple[RawTable, CountsReader | ScoresReader | None]]:
    """Holds the headings of every table to the contract; returns the tables, each with what reads its counts or scores.

    Raises:
        HeadingsRefused: what is wrong with the headings of all of them.
        DeliveryError: what a table says of itself contradicts the contract.
    """
    headed: list[tuple[RawTable, CountsReader | ScoresReader | None]] = []
    refused: list[HeadingsRefused] = []
    for table in tables:
        try:
            if not contract.of_interviews:
                reader = ScoresReader if contract.of_scores else CountsReader
                headed.append((table, reader(table, contract, programme, delivery.name)))
                continue
            every = [name for name in table.frame.columns if name != LINE]
            answered = _answered(table, every, delivery, contract, programme)
            where = place(delivery.name, table.sheet)
            check_headings(contract, every, answered, where)
            check_labels(table, contract, answered, programme, where)
            headed.append((table, None))
        except HeadingsRefused as error:
            refused.append(error)
    if refused:
        raise joined(refused)
    return headed


def _answered(
    table: RawTable, every: list[str], delivery: Delivery, contract: Contract, programme: Programme
) -> dict[str, list[str]]:
    """Returns which headings of a table are there for each organisme in it; under "" where nothing says the organisme.

    A column made of answers that another organisme alone gave is not there for this one.
    """
    column = contract.body.organisme.colonne or ""
    if column and column not in every:
        return {"": every}
    if not table.optional:
        found = organismes_in(table, column, delivery.name, contract, programme)
        return dict.fromkeys(sorted(found), every) or {"": every}
    parts = by_organisme(table, column, delivery.name, contract, programme)
    return {
        organisme: [c for c in every if c not in table.optional or rows[c].null_count() < rows.height]
        for organisme, rows in parts.items()
        if organisme
    } or {"": every}


def _not_delivered(contract: Contract, organisme: str, read: int, programme: Programme) -> list[QualityRow]:
    """Returns what cannot be controlled because the interviews have no identifier, or no date."""
    rules = {"entretien": "sans_identifiant", "date_entretien": "sans_date"}
    said = words_of(programme.config).texts["constats"]
    missing = [rules[name] for name in contract.not_delivered]
    return [QualityRow(organisme, rule, "avertissement", read, said[rule]) for rule in missing]


def _refuse_split(lots: list[Lot], delivery: Delivery) -> None:
    """Refuses a file in which an organisme stands in two tables: the second would take the place of the first."""
    codes = [lot.organisme_code for lot in lots if lot.organisme_code]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise DeliveryError(
            "organisme_en_double",
            f"{delivery.name} : {capped(twice)} figure dans plusieurs feuilles ; les faire réunir en une.",
        )


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def attempt(delivery: Delivery, programme: Programme) -> Record | str:
    """Reads a delivery; returns its record, or why it could not be read.

    Raises:
        OSError: the machine is at fault (a full disk, a folder gone), not the file.
        MemoryError: likewise.
    """
    note = _note(Lake(programme.root), delivery.id)
    try:
        record = ingest(delivery, programme)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a defect of a reader must not stop the other deliveries
        reason = reason_of_failure(error)
        with suppress(OSError):
            write_json({"empreinte": delivery.fingerprint(programme), "raison": reason}, note)
        return reason
    note.unlink(missing_ok=True)
    with suppress(OSError):  # the folder stays if it holds the note of another delivery, and may never have been made
        note.parent.rmdir()
    return record


def reason_of_failure(error: Exception) -> str:
    """Returns what a defect of a reader says of itself, nothing personal in it."""
    said = masked(" ".join(str(error).split()))[:_WORDS]
    return f"{type(error).__name__} : {said}" if said else type(error).__name__


def failed(delivery: Delivery, programme: Programme) -> str | None:
    """Returns why a delivery could not be read as things stand, or None where that was not tried, or is settled."""
    try:
        note = json.loads(_note(Lake(programme.root), delivery.id).read_text(encoding="utf-8"))
        return str(note["raison"]) if delivery.is_current(note["empreinte"], programme) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(lake: Lake, delivery: str) -> Path:
    # It is kept beside the registry until the delivery is read. It may be lost: the next reading fails the same way.
    return lake.failures / f"{delivery}.json"
