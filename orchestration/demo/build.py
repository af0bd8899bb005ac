"""The whole demo: deliveries of every institute in every wave, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from orchestration.demo.answers import answer_wave
from orchestration.demo.contracts import Contract, load_contracts
from orchestration.demo.defects import plant
from orchestration.demo.encode import SourceTable, encode
from orchestration.demo.programme import DemoProgramme, load_demo
from orchestration.demo.respondents import draw_respondents
from orchestration.demo.truth import write_truth
from orchestration.demo.writers import WRITERS
from orchestration.errors import ProgrammeError
from orchestration.files import replacing


@dataclass(frozen=True)
class DemoFile:
    """One delivery written: path relative to the programme, and records in it (valid and planted)."""

    path: str
    vague: str
    institut: str
    rows: int
    defects: int


@dataclass(frozen=True)
class DemoSummary:
    """What was written: files, valid interviews per wave, planted defects per rule, the truth's folder."""

    files: tuple[DemoFile, ...]
    interviews: dict[str, int]
    defects: dict[str, int]
    truth: Path


def write_demo(
    programme_root: Path,
    *,
    seed: int = 20221017,
    truth: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> DemoSummary:
    """Write demonstration deliveries into `landing/<vague>/`, and the truth (default `demo/verite/`).

    The same programme and seed give the same bytes. Existing files of the same names are replaced,
    whole, at once; nothing else in the landing folder is touched.
    """
    programme = load_demo(programme_root, seed)
    contracts = {(c.vague, c.institut): c for c in load_contracts(programme)}
    files: list[DemoFile] = []
    waves: list[pl.DataFrame] = []
    defects: list[pl.DataFrame] = []
    for vague in programme.waves:
        participants = programme.participants(vague)
        if not participants:
            continue
        wave = answer_wave(
            programme,
            pl.concat(draw_respondents(programme, vague, o, rank) for rank, (o, _) in enumerate(participants)),
        )
        waves.append(wave)
        for institut in sorted({i for _, i in participants}):
            if (vague, institut) not in contracts:
                raise ProgrammeError(f"contracts/ : aucun contrat pour {institut} en {vague}.")
            organismes = [o for o, i in participants if i == institut]
            for file, planted in _deliver(programme, vague, contracts[vague, institut], organismes, wave):
                files.append(file)
                defects.append(planted)
                if progress:
                    progress(f"{file.path} : {file.rows} lignes")
    folder = truth or programme_root / "demo" / "verite"
    interviews, planted = write_truth(folder, programme, waves, pl.concat(defects))
    return DemoSummary(
        files=tuple(files),
        interviews=dict(interviews.group_by("vague").agg(pl.sum("nb_entretiens")).sort("vague").iter_rows()),
        defects=dict(planted.group_by("regle").len().sort("regle").iter_rows()),
        truth=folder,
    )


def _deliver(
    programme: DemoProgramme, vague: str, contract: Contract, organismes: list[str], wave: pl.DataFrame
) -> list[tuple[DemoFile, pl.DataFrame]]:
    """Write the files of one institute in one wave; one per organisme when their name says which."""
    entry = programme.scenario["livraisons"].get(contract.name)
    if entry is None:
        raise ProgrammeError(f"scenario.yaml : livraisons ne dit rien de {contract.name}.")
    defects = [
        d
        for d in programme.scenario.get("defauts", [])
        if d["contrat"] == contract.name and str(d.get("vague", vague)) == vague
    ]
    groups = [[o] for o in organismes] if "{organisme}" in entry["fichier"] else [organismes]
    written: list[tuple[DemoFile, pl.DataFrame]] = []
    for group in groups:
        name = entry["fichier"].format(organisme=group[0].lower(), periode=programme.period(vague))
        if not contract.accepts(name):
            raise ProgrammeError(f"scenario.yaml : le contrat {contract.name} n'accepte pas le nom « {name} ».")
        tables: list[SourceTable] = []
        planted: list[pl.DataFrame] = []
        for organisme in group:
            frame = wave.filter(organisme_code=organisme)
            table = encode(programme, contract, entry, frame)
            cells, truth = plant(programme, table, frame, [d for d in defects if d["organisme"] == organisme])
            tables.append(replace(table, cells=cells))
            planted.append(truth.with_columns(organisme_code=pl.lit(organisme), feuille=pl.lit(table.sheet or "")))
        sheets = _sheets(tables)
        # A sensor may be looking: a delivery appears whole, and is a hidden file until then, which is no delivery.
        with replacing(programme.root / "landing" / vague / name) as partial:
            WRITERS[contract.kind](partial, programme, [replace(t, cells=t.cells.drop("ordre")) for t in sheets], entry)
        relative = f"landing/{vague}/{name}"
        found = _located(sheets, pl.concat(planted)).with_columns(fichier=pl.lit(relative), vague=pl.lit(vague))
        rows = sum(t.cells.height for t in sheets)
        written.append((DemoFile(relative, vague, contract.institut, rows, found.height), found))
    return written


def _sheets(tables: list[SourceTable]) -> list[SourceTable]:
    """Tables that share a sheet become one, in order of interview."""
    merged: dict[str | None, list[SourceTable]] = {}
    for table in tables:
        merged.setdefault(table.sheet, []).append(table)
    return [replace(group[0], cells=pl.concat(t.cells for t in group).sort("ordre")) for group in merged.values()]


def _located(sheets: list[SourceTable], planted: pl.DataFrame) -> pl.DataFrame:
    """Give each defect the row a person sees: the header counts, the first row is 1."""
    rows = pl.concat(
        t.cells.select(
            "ordre",
            feuille=pl.lit(t.sheet or ""),
            ligne=pl.int_range(pl.len()).cast(pl.Int64) + t.contract.header_rows + 1,
        )
        for t in sheets
    )
    return planted.join(rows, on=["ordre", "feuille"], how="left", validate="1:1")
