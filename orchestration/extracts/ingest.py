"""One delivery, from landing folder to lake: read, map, judge, keep the accepted rows and the reasons of the rest."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.assemble import delivered_tables
from orchestration.extracts.calibration import CannotCalibrate, calibrate
from orchestration.extracts.contract import Contract
from orchestration.extracts.counts_lines import CountsReader
from orchestration.extracts.counts_validation import judge_counts, left_out, left_out_tables, unread
from orchestration.extracts.deliveries import Delivery
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.mapping import map_rows
from orchestration.extracts.parts import by_organisme, check_columns, organisme_column
from orchestration.extracts.personal_data import masked
from orchestration.extracts.pseudonyms import PLACED, pseudonymise, read_key
from orchestration.extracts.quarantine import (
    JudgedTable,
    keep_rejects,
    note_rows,
    personal_rows,
    quality_rows,
    told_rejects,
)
from orchestration.extracts.readers import LINE, RawTable
from orchestration.extracts.readers.received import identify
from orchestration.extracts.records import (
    ACCEPTED,
    REFUSED,
    RESERVED,
    Lot,
    QualityRow,
    Record,
    reason_of,
    status_of,
    unknown_organisme,
)
from orchestration.extracts.validation import Judged, all_rejected, irregular, judge
from orchestration.files import file_sha256, write_json
from orchestration.interrupts import held_back
from orchestration.programme import Programme

# what to do when reading a delivery failed
REMEDY = "relancer ; si l'échec revient, retirer la livraison (« observatoire withdraw ») et signaler ce message"
_WORDS = 300
# different interviews from which two organismes cannot have the same ones by chance
_NO_CHANCE = 30


def ingest(delivery: Delivery, programme: Programme) -> Record:
    """Takes one delivery into the lake and writes its record.

    Returns:
        the record; a file refused as a whole has status `rejete` and its reason, and raises nothing.
    """
    lake = Lake(programme.root)
    contract = delivery.contract
    read_key()  # makes the key of pseudonyms where there is none yet: the fingerprint below says which key it is
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
    try:
        if delivery.refusal:
            raise DeliveryError(*delivery.refusal)
        assert contract is not None
        judged, lots, quality = _taken(delivery, contract, programme)
        record = Record(**base, statut=status_of(lots), motif=reason_of(lots), lots=lots, qualite=quality)
    except DeliveryError as error:
        # The message may come from a reader library and quote the line that it could not read.
        reason = masked(str(error))
        named = contract.organisme_of(delivery.name, programme) if contract else None
        lots = [Lot(named, 0, 0, 0, REFUSED, reason)] if named else []
        row = QualityRow(named, error.rule, "bloquante", 1, reason)
        record = Record(**base, statut=REFUSED, motif=reason, lots=lots, qualite=[row])
    record = record.without_personal()
    keep_rejects(lake.quarantine(delivery.id), judged, contract)
    write_json(record.as_json(), lake.record(delivery.id))
    return record


def _taken(
    delivery: Delivery, contract: Contract, programme: Programme
) -> tuple[list[JudgedTable], list[Lot], list[QualityRow]]:
    """Judges the rows of a file, writes those it accepts into the lake; returns rejects, lots and what is to be told.

    Raises:
        DeliveryError: the file is refused as a whole.
    """
    tables = delivered_tables(delivery.paths, contract)
    listed = left_out_tables(delivery.path, contract)
    if any(identify(path) != (sha256, None) for path, sha256 in delivery.contents):
        raise DeliveryError(
            "fichier_instable",
            f"{delivery.name} : le fichier a changé pendant sa lecture ; attendre la fin du dépôt, puis relancer.",
        )
    judged: list[JudgedTable] = []
    lots: list[Lot] = []
    remarks: list[QualityRow] = []

    def refuse(table: RawTable, organisme: str | None, rows: pl.DataFrame, column: str, reason: str) -> None:
        rule = "non_inclus" if organisme else "organisme_inconnu"
        whole, broken = irregular(rows, table)
        outcome = all_rejected(whole, column, rule)
        judged.append((table, organisme, outcome.adding(broken)))
        read = rows.height
        lots.append(Lot(organisme, read, 0, read, REFUSED, reason, nature=contract.body.nature))

    with held_back():
        for table in tables:
            counts = CountsReader(table, contract, programme, delivery.name) if contract.of_counts else None
            column = counts.organisme if counts else organisme_column(table, delivery, contract)
            parts = by_organisme(table, column, delivery, contract, programme)
            if counts is None:
                check_columns(table, delivery, contract, parts)
            for organisme, rows in parts.items():
                if organisme is None:
                    refuse(table, None, rows, column, unknown_organisme(rows.height))
                    continue
                whole, broken = irregular(rows, table)
                if counts:
                    outcome = judge_counts(counts, whole, organisme)
                else:
                    mapped = map_rows(whole, contract, programme, organisme)
                    outcome = judge(mapped, whole, programme, delivery.wave, organisme)
                outcome = outcome.adding(broken)
                judged.append((table, organisme, outcome))
                lot, told = _lot(outcome, rows.height, delivery, contract, programme, organisme)
                lots.append(lot)
                remarks += [*outcome.remarks, *told, *_not_delivered(contract, organisme, rows.height)]
            remarks += unread(counts) if counts else []
        for table in listed:
            names = contract.organisme_names(programme)
            for organisme, row, column, reason in left_out(table, contract, names, delivery.name):
                refuse(table, organisme, row, column, reason)
    _refuse_split(lots, delivery)
    # A workbook of counts has sheets and columns about other subjects: `unread` lists them, and nothing else does.
    others = [] if contract.of_counts else tables
    return judged, lots, [*note_rows(others), *quality_rows(judged), *remarks, *personal_rows(others, contract)]


def _standing(outcome: Judged, read: int, programme: Programme) -> tuple[str, str]:
    """Returns the status that the lines of an organisme earn it, and why it is not plainly accepted."""
    if outcome.refusal:
        return REFUSED, outcome.refusal
    share = outcome.rejected / read if read else 1.0
    limit, reserve = programme.thresholds.rejets_maximum, programme.thresholds.rejets_reserve
    if share > limit or outcome.rejected == read:
        return REFUSED, told_rejects(outcome.rejected, read, limit, "refus")
    return (RESERVED, told_rejects(outcome.rejected, read, reserve, "réserve")) if share > reserve else (ACCEPTED, "")


def _lot(
    outcome: Judged, read: int, delivery: Delivery, contract: Contract, programme: Programme, organisme: str
) -> tuple[Lot, list[QualityRow]]:
    """Writes the accepted rows of one organisme into the lake; returns its lot, and what its weights have to tell."""
    lake, rows = Lake(programme.root), outcome.accepted
    told: list[QualityRow] = []
    content = None
    status, reason = _standing(outcome, read, programme)
    weighting = "livree" if contract.has_weights else "plan"
    accepted = read - outcome.rejected
    lot = Lot(
        organisme,
        read,
        accepted,
        outcome.rejected,
        status,
        reason,
        ponderation=weighting,
        effet_plan=contract.body.effet_plan,
        terrain=contract.body.terrain.model_dump(exclude_none=True) if contract.body.terrain else None,
        nature=contract.body.nature,
        non_livres=contract.not_delivered,
    )
    if status == REFUSED:
        return lot, []
    if not contract.of_counts:
        content = _content(rows, programme)
        try:
            calibrated = calibrate(rows, programme, delivery.wave, organisme, delivered=contract.has_weights)
        except CannotCalibrate as error:
            told = [QualityRow(organisme, "calage_impossible", "avertissement", accepted, str(error))]
        else:
            rows, weighting = (rows, weighting) if calibrated is None else (calibrated, "calee")
        # Rows are sorted by pseudonym, so that their order says nothing of their place in the delivered file.
        named = partial(pseudonymise, wave=delivery.wave, organisme=organisme, key=read_key())
        placed = "entretien" in contract.not_delivered
        interviews = named(rows["entretien"], of="place") if placed else named(rows["entretien"])
        if placed:
            interviews = (PLACED + interviews).alias("entretien")
        rows = rows.with_columns(interviews, named(rows["unite_primaire"], of="unite")).sort("entretien")
    path = lake.version(delivery.id, delivery.wave, organisme)
    keys = (pl.lit(delivery.wave).alias("vague"), pl.lit(organisme).alias("organisme_code"))
    write_parquet(rows.select(*keys, pl.exclude(LINE)), path)
    kept = replace(
        lot,
        fichier=str(path.relative_to(lake.root)),
        empreinte=file_sha256(path),
        ponderation=weighting,
        entretiens_comptes=outcome.interviews,
        populations=outcome.populations,
        contenu=content,
    )
    return kept, told


def _not_delivered(contract: Contract, organisme: str, read: int) -> list[QualityRow]:
    """Returns what cannot be controlled because the interviews have no identifier, or no date."""
    said = {
        "entretien": ("sans_identifiant", "la place de la ligne en tient lieu ; aucun doublon ne se voit"),
        "date_entretien": ("sans_date", "que l'entretien soit dans les dates de terrain n'est pas contrôlé"),
    }
    return [
        QualityRow(organisme, rule, "avertissement", read, text)
        for rule, text in (said[name] for name in contract.not_delivered)
    ]


def _content(rows: pl.DataFrame, programme: Programme) -> str | None:
    """Returns what the same interviews have in common wherever they are delivered: see `Lot.contenu`."""
    lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
    told = rows.select("date_entretien", *programme.questions).with_columns(
        pl.col(name).list.join(",") for name in lists
    )
    if told.unique().height < _NO_CHANCE:
        return None
    return hashlib.sha256(told.sort(pl.all()).write_csv().encode()).hexdigest()


def _refuse_split(lots: list[Lot], delivery: Delivery) -> None:
    """Refuses a file in which an organisme stands in two tables: the second would take the place of the first."""
    codes = [lot.organisme_code for lot in lots if lot.organisme_code]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise DeliveryError(
            "organisme_en_double",
            f"{delivery.name} : {', '.join(twice)} figure dans plusieurs feuilles ; les faire réunir en une.",
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
        said = masked(" ".join(str(error).split()))[:_WORDS]
        reason = f"{type(error).__name__} : {said}" if said else type(error).__name__
        with suppress(OSError):
            write_json({"empreinte": delivery.fingerprint(programme), "raison": reason}, note)
        return reason
    note.unlink(missing_ok=True)
    with suppress(OSError):  # the folder stays if it holds the note of another delivery, and may never have been made
        note.parent.rmdir()
    return record


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
