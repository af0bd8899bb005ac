"""What a reader takes away: the edition's own DuckDB and Parquet files, a CSV per table, a workbook of the region.

Everything stands in `donnees/` beside the page. A text that a spreadsheet would take for a formula is disarmed; a
masked cell is empty in a CSV beside its status and its reason, and says so itself in the workbook.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.files import give_second_name, write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.publication import csvw
from orchestration.publication.datapackage import NAME, in_csv, written
from orchestration.publication.standards import NAMES
from orchestration.publication.whole import DATA
from orchestration.reporting.cells import Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import statuses
from orchestration.reporting.study import last_edition
from orchestration.sql import literal

FOLDER = "donnees"
REGION = "perimetre_type = 'region'"
# Tables of the workbook, and which of their rows: what the page prints, not the quarter of a million others.
SHEETS = {
    "obs_indicateur": "true",
    "fct_satisfaction": f"{REGION} and (axe = 'ensemble' or vague = $vague)",
    "fct_distribution": f"{REGION} and axe = 'ensemble' and vague = $vague",
    "fct_evolution": f"{REGION} and axe = 'ensemble' and vague = $vague",
    "fct_motif": f"{REGION} and axe = 'ensemble'",
    "fct_priorite": REGION,
    "fct_quartile": f"{REGION} and vague = $vague",
    "fct_ecart_reference": REGION,
    "fct_score": REGION,
    "obs_couverture": "true",
    "dim_question": "true",
}
FORMULA = ("=", "+", "-", "@")
NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Download:
    """A file to take away: `kind` names its text in the catalogue."""

    kind: str
    path: str
    size: int


def write_downloads(database: Path, f: Formats, programme: ProgrammeConfig, vague: str, out: Path) -> list[Download]:
    """Fills `out/donnees` from an edition's file and the Parquet files beside it; returns what there is to take.

    Args:
        database: the edition's DuckDB file.
        f: the language of what is said of masked cells.
        programme: what it protects, and whether its figures are a demonstration.
        vague: the wave that the workbook details.
        out: folder of the page.
    """
    folder = out / FOLDER
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    parquet = database.parent / DATA
    with Edition(database) as edition:
        name = last_edition(edition)["edition"] or "sans-numero"
        found = [
            ("xlsx", _workbook(edition, f, programme, vague, folder / f"observatoire-{name}.xlsx")),
            ("csv", _csv(edition, parquet, folder / f"observatoire-{name}-csv.zip")),
            ("duckdb", give_second_name(database, folder / f"observatoire-{name}.duckdb")),
        ]
    if parquet.is_dir():
        files = sorted(path for path in parquet.iterdir() if path.suffix == ".parquet" or path.name in NAMES)
        found.append(("parquet", _parquet(files, folder / f"observatoire-{name}-parquet.zip")))
    return [Download(kind, f"{FOLDER}/{path.name}", path.stat().st_size) for kind, path in found]


def _parquet(files: list[Path], target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # Parquet is compressed already
        for file in files:
            _add(archive, file, file.name)
    return target


def _csv(edition: Edition, described: Path, target: Path) -> Path:
    """Writes the tables, and what describes them as CSV where the edition has it: an older edition may have none."""
    sizes = {}
    with (
        tempfile.TemporaryDirectory() as work,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as archive,
    ):
        for table in sorted(edition.tables):
            path = Path(work) / f"{table}.csv"
            columns = edition.connection.execute(f'describe "{table}"').fetchall()
            chosen = ", ".join(_disarmed(name) if kind == "VARCHAR" else f'"{name}"' for name, kind, *_ in columns)
            edition.connection.execute(f'copy (select {chosen} from "{table}") to {literal(path)} (header)')
            _add(archive, path, path.name)
            sizes[table] = path.stat().st_size
        if (whole := described / NAME).is_file():
            package = Path(work) / NAME
            write_text(written(in_csv(json.loads(whole.read_text(encoding="utf-8")), sizes)), package)
            _add(archive, package, NAME)
        if (columns_said := described / csvw.NAME).is_file():
            _add(archive, columns_said, csvw.NAME)
    return target


def _disarmed(column: str) -> str:
    """A text column whose values no spreadsheet takes for a formula."""
    quoted = f'"{column}"'
    return f"case when regexp_matches({quoted}, '^\\s*[=+@-]') then '''' || {quoted} else {quoted} end as {quoted}"


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """A member with no date of its own: the same edition gives the same bytes."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type, member.external_attr = archive.compression, 0o644 << 16
    archive.writestr(member, path.read_bytes())


def _workbook(edition: Edition, f: Formats, programme: ProgrammeConfig, vague: str, target: Path) -> Path:
    # xlsxwriter ships no types.
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"created": datetime(1980, 1, 1), "title": f.plain("classeur_titre")})
        head = book.add_format({"bold": True, "bottom": 1})
        mask = book.add_format({"italic": True, "font_color": "#6b6b6b"})
        masked = {code: f"[{code}] {label.word}" for code, label in statuses(f, programme).items()}
        told = [(masked[code], label.reason) for code, label in statuses(f, programme).items()]
        explain(book, head, f, programme, [*told, (f.plain("case_vide"), f.plain("case_vide_region"))])
        for table, rows in SHEETS.items():
            if table in edition.tables:
                _sheet(book.add_worksheet(table), _rows(edition, table, rows, vague), masked, head, mask)
    return target


def explain(book: Any, head: Any, f: Formats, programme: ProgrammeConfig, told: Iterable[tuple[str, str]]) -> None:
    """Adds the sheet that says what stands for a figure that is not published, and that invented ones are.

    Args:
        book: the workbook that is being written.
        head: the format of its titles.
        f: the language.
        programme: whether its figures are a demonstration.
        told: what stands in a cell without a figure, as it stands there, and what it means.
    """
    sheet = book.add_worksheet(f.plain("classeur_lisez_moi"))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    sheet.write_row(0, 0, [f.plain("statut"), f.plain("classeur_sens")], head)
    rows = [*told]
    if programme.demonstration:
        rows.append((f.plain("demonstration"), programme.rapport.avertissement or f.plain("demonstration_aide")))
    for line, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            sheet.write_string(line, column, text)


def _rows(edition: Edition, table: str, rows: str, vague: str) -> duckdb.DuckDBPyConnection:
    columns = {name for name, *_ in edition.connection.execute(f'describe "{table}"').fetchall()}
    if "axe" not in columns:
        rows = rows.replace("axe = 'ensemble'", "true")
    values = {"vague": vague} if "$vague" in rows else None
    return edition.connection.execute(f'select * from "{table}" where {rows} order by all', values)


def _sheet(sheet: Any, cursor: duckdb.DuckDBPyConnection, masked: Mapping[str, str], head: Any, mask: Any) -> None:
    described = cursor.description or []
    names = [column[0] for column in described]
    measures = {rank for rank, column in enumerate(described) if str(column[1]).startswith(NUMERIC)}
    statut = names.index("statut") if "statut" in names else None
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, head)
    for line, row in enumerate(cursor.fetchall(), start=1):
        # a status of another kind, of a coverage or a formulation, masks nothing
        said = masked.get(row[statut]) if statut is not None else None
        for column, value in enumerate(row):
            if value is None:
                if said and column in measures:
                    sheet.write_string(line, column, said, mask)
            elif isinstance(value, bool | int | float):
                sheet.write(line, column, value)
            else:
                sheet.write_string(line, column, disarmed(str(value))[:32_000])


def disarmed(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip().startswith(FORMULA) else text
