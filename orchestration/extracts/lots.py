"""One organisme's part of a delivery: what its lines earn it, and its accepted rows in the lake."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from orchestration.extracts.calibration import CannotCalibrate, calibrate
from orchestration.extracts.deliveries import Delivery
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.offered import not_offered
from orchestration.extracts.pseudonyms import PLACED, pseudonymise
from orchestration.extracts.quarantine import told_rejects, told_worst
from orchestration.extracts.readers import LINE
from orchestration.extracts.records import ACCEPTED, REFUSED, RESERVED, Lot, QualityRow
from orchestration.extracts.validation import Judged
from orchestration.files import file_sha256
from orchestration.programme import Programme
from orchestration.programme.config import Thresholds
from orchestration.programme.dispositifs import thresholds_of

# different interviews from which two organismes cannot have the same ones by chance
_NO_CHANCE = 30


def standing_of(outcome: Judged, read: int, thresholds: Thresholds, sheet: str | None = None) -> tuple[str, str]:
    """Returns the status that the lines of an organisme earn it, and why it is not plainly accepted.

    Args:
        outcome: what became of its lines.
        read: how many there are.
        thresholds: those of its wave.
        sheet: the sheet they stand in; None for a file without sheets.
    """
    if outcome.refusal:
        return REFUSED, outcome.refusal + told_worst(outcome, sheet)
    share = outcome.rejected / read if read else 1.0
    limit, reserve = thresholds.rejets_maximum, thresholds.rejets_reserve
    if share > limit or outcome.rejected == read:
        return REFUSED, told_rejects(outcome.rejected, read, limit, "refus") + told_worst(outcome, sheet)
    return (RESERVED, told_rejects(outcome.rejected, read, reserve, "réserve")) if share > reserve else (ACCEPTED, "")


@dataclass(frozen=True)
class Keeping:
    """Where accepted rows are kept, and the key of their pseudonyms."""

    lake: Lake
    key: bytes


def keep_lot(
    outcome: Judged,
    read: int,
    delivery: Delivery,
    programme: Programme,
    organisme: str,
    keeping: Keeping,
    sheet: str | None,
) -> tuple[Lot, list[QualityRow]]:
    """Keeps the accepted rows of one organisme, where enough of them are accepted.

    Args:
        outcome: what became of its rows.
        read: how many there are.
        delivery: the delivery; a contract reads it.
        programme: its thresholds and margins.
        organisme: the organisme.
        keeping: where the rows are kept.
        sheet: the sheet they stand in; None for a file without sheets.

    Returns:
        its lot, and what its weights have to tell.
    """
    contract, rows = delivery.contract, outcome.accepted
    assert contract is not None
    told: list[QualityRow] = []
    content = None
    status, reason = standing_of(outcome, read, thresholds_of(programme, delivery.wave), sheet)
    weighting = "livree" if contract.has_weights else "plan"
    accepted = read - outcome.rejected
    sampled = None if contract.of_scores else contract.sample_rules
    terrain = sampled.terrain if sampled else None
    lot = Lot(
        organisme,
        read,
        accepted,
        outcome.rejected,
        status,
        reason,
        ponderation=weighting,
        effet_plan=sampled.effet_plan if sampled else 1.0,
        terrain=terrain.model_dump(exclude_none=True) if terrain else None,
        nature=contract.body.nature,
        non_livres=contract.not_delivered,
        non_proposees=not_offered(contract, organisme, programme),
    )
    if status == REFUSED:
        return lot, []
    if contract.of_interviews:
        content = _content(rows, programme)
        try:
            calibrated = calibrate(rows, programme, delivery.wave, organisme, delivered=contract.has_weights)
        except CannotCalibrate as error:
            told = [QualityRow(organisme, "calage_impossible", "avertissement", accepted, str(error))]
        else:
            rows, weighting = (rows, weighting) if calibrated is None else (calibrated, "calee")
        # Rows are sorted by pseudonym, so that their order says nothing of their place in the delivered file.
        named = partial(pseudonymise, wave=delivery.wave, organisme=organisme, key=keeping.key)
        placed = "entretien" in contract.not_delivered
        interviews = named(rows["entretien"], of="place") if placed else named(rows["entretien"])
        if placed:
            interviews = (PLACED + interviews).alias("entretien")
        rows = rows.with_columns(interviews, named(rows["unite_primaire"], of="unite")).sort("entretien")
    path = keeping.lake.version(delivery.id, delivery.wave, organisme)
    keys = (pl.lit(delivery.wave).alias("vague"), pl.lit(organisme).alias("organisme_code"))
    write_parquet(rows.select(*keys, pl.exclude(LINE)), path)
    kept = replace(
        lot,
        fichier=str(path.relative_to(keeping.lake.root)),
        empreinte=file_sha256(path),
        ponderation=weighting,
        entretiens_comptes=outcome.interviews,
        populations=outcome.populations,
        contenu=content,
    )
    return kept, told


def _content(rows: pl.DataFrame, programme: Programme) -> str | None:
    """Returns what the same interviews have in common wherever they are delivered: see `Lot.contenu`."""
    lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
    told = rows.select("date_entretien", *programme.questions).with_columns(
        pl.col(name).list.join(",") for name in lists
    )
    if told.unique().height < _NO_CHANCE:
        return None
    return hashlib.sha256(told.sort(pl.all()).write_csv().encode()).hexdigest()
