"""Ingests what a test wrote into a programme's landing folder, and reads what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Record
from tests.support.mini import mini_contract, mini_programme, write_contract


def ingest_all(root: Path, body: dict[str, Any] | None = None, **thresholds: Any) -> list[Record]:
    programme = mini_programme(root, **thresholds)
    write_contract(root, body or mini_contract())
    return [ingest(d, programme) for d in deliveries(programme, load_contracts(programme))]


def answers(root: Path, record: Record, lot: int = 0) -> pl.DataFrame:
    return pl.read_parquet(root / str(record.lots[lot].fichier))


def rejects(root: Path, record: Record) -> list[tuple[int, str, str, str]]:
    path = Lake(root).quarantine(record.livraison) / "rejets.csv"
    frame = pl.read_csv(path, separator=";", infer_schema=False)
    # a cell that a spreadsheet would take for a formula is kept behind an apostrophe
    return [
        (int(r["ligne"]), r["colonne"], (r["valeur"] or "").removeprefix("'"), r["regle"]) for r in frame.to_dicts()
    ]
