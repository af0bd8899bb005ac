"""Bytes on disk, one function per format; the same table and the same entry give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import xlsxwriter

from orchestration.demo.encode import DAY, DECIMAL, TEXT, WHOLE, SourceTable
from orchestration.demo.programme import DemoProgramme
from orchestration.errors import ProgrammeError
from orchestration.programme.programme import COMMON_SCALE

Writer = Callable[[Path, DemoProgramme, list[SourceTable], dict[str, Any]], None]

# Where the header of a .sav file keeps the moment it was written: "dd mmm yy" then "hh:mm:ss".
SAV_MOMENT = slice(92, 109)
SAV_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SAV_FORMATS = {WHOLE: "F8.0", DECIMAL: "F10.4"}


def write_csv(path: Path, programme: DemoProgramme, tables: list[SourceTable], entry: dict[str, Any]) -> None:
    """One table, in the dialect its contract declares, under the entry's title lines."""
    table = tables[0]
    dialect = table.contract.format
    cells = table.cells.with_columns(
        pl.col(name).str.replace(".", dialect.get("decimale", "."), literal=True)
        for name, kind in table.kinds.items()
        if kind == DECIMAL
    )
    end = entry.get("fin_de_ligne", "\n")
    buffer = io.BytesIO()
    cells.write_csv(
        buffer,
        separator=dialect.get("separateur", ","),
        quote_char=dialect.get("guillemet", '"'),
        quote_style="necessary",
        line_terminator=end,
    )
    title = "".join(line + end for line in _title(programme, table, entry))
    path.write_bytes((title + buffer.getvalue().decode("utf-8")).encode(dialect.get("encodage", "utf-8")))


def write_xlsx(path: Path, programme: DemoProgramme, tables: list[SourceTable], entry: dict[str, Any]) -> None:
    """One sheet per table: title rows, header, records, then the entry's footer rows."""
    workbook = xlsxwriter.Workbook(str(path))
    workbook.set_properties({"created": datetime.combine(_created(programme, tables[0], entry), datetime.min.time())})
    day_format = workbook.add_format({"num_format": "dd/mm/yyyy"})
    bold = workbook.add_format({"bold": True})
    as_text = entry.get("nombres") == "texte"
    for table in tables:
        sheet = workbook.add_worksheet(table.sheet)
        header = int(table.contract.format.get("lignes_avant_entete", 0))
        for i, line in enumerate(_title(programme, table, entry)):
            sheet.write_string(i, 0, line, bold)
        for j, name in enumerate(table.cells.columns):
            kind = TEXT if as_text else table.kinds[name]
            sheet.write_string(header, j, name, bold)
            for i, value in enumerate(table.cells[name], start=header + 1):
                if value is None:
                    continue
                if kind in (WHOLE, DECIMAL):
                    number = _number(value)
                    sheet.write_string(i, j, value) if number is None else sheet.write_number(i, j, number)
                elif kind == DAY:
                    day = _day(value)
                    sheet.write_string(i, j, value) if day is None else sheet.write_datetime(i, j, day, day_format)
                else:
                    sheet.write_string(i, j, value)
        below = header + 1 + table.cells.height
        for i, line in enumerate(entry.get("pied", [])):
            for j, text in enumerate(line):
                sheet.write_string(below + i, j, str(text).format(lignes=table.cells.height))
    workbook.close()


def write_sav(path: Path, programme: DemoProgramme, tables: list[SourceTable], entry: dict[str, Any]) -> None:
    """One SPSS file: typed variables, labels of variables and values, statuses as user-missing codes."""
    table = tables[0]
    labels, values, missing = _sav_metadata(programme, table)
    pyreadstat.write_sav(
        _typed(table, whole=pl.Float64),
        path,
        file_label=entry.get("titre", [""])[0],
        column_labels=labels,
        variable_value_labels=values,
        missing_ranges=missing,
        variable_format={n: SAV_FORMATS[k] for n, k in table.kinds.items() if k in SAV_FORMATS},
    )
    content = bytearray(path.read_bytes())
    day = _created(programme, table, entry)
    moment = f"{day.day:02d} {SAV_MONTHS[day.month - 1]} {day.year % 100:02d}00:00:00"
    content[SAV_MOMENT] = moment.encode("ascii")
    path.write_bytes(bytes(content))


def write_parquet(path: Path, programme: DemoProgramme, tables: list[SourceTable], entry: dict[str, Any]) -> None:
    """One typed Parquet file."""
    _typed(tables[0], whole=pl.Int64).write_parquet(path, compression="zstd")


WRITERS: dict[str, Writer] = {"csv": write_csv, "xlsx": write_xlsx, "sav": write_sav, "parquet": write_parquet}


def _title(programme: DemoProgramme, table: SourceTable, entry: dict[str, Any]) -> list[str]:
    if table.contract.kind not in ("csv", "xlsx"):
        return []
    wanted = int(table.contract.format.get("lignes_avant_entete", 0))
    lines = [str(line).format(periode=programme.period(table.contract.vague)) for line in entry.get("titre", [])]
    if len(lines) > wanted:
        raise ProgrammeError(f"scenario.yaml : {table.contract.name} n'a que {wanted} lignes avant l'en-tête.")
    return lines + [""] * (wanted - len(lines))


def _created(programme: DemoProgramme, table: SourceTable, entry: dict[str, Any]) -> date:
    """The day the entry says; where it says none, the last day of the wave's fieldwork."""
    created = entry.get("creation", programme.waves[table.contract.vague].end)
    return created if isinstance(created, date) else date.fromisoformat(str(created))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _typed(table: SourceTable, whole: type[pl.DataType]) -> pl.DataFrame:
    """Cells in the type of their kind; a cell that has none of that type is an error of the scenario."""
    types: dict[str, type[pl.DataType]] = {TEXT: pl.String, WHOLE: whole, DECIMAL: pl.Float64}
    return table.cells.select(
        pl.col(name).str.to_date("%Y-%m-%d") if kind == DAY else pl.col(name).cast(types[kind])
        for name, kind in table.kinds.items()
    )


def _sav_metadata(
    programme: DemoProgramme, table: SourceTable
) -> tuple[dict[str, str | None], dict[str, dict[int | float, str]], dict[str, list[Any]]]:
    """Labels of variables, labels of values, and user-missing codes: one variable in two as a range."""
    labels: dict[str, str | None] = dict.fromkeys(table.cells.columns)
    values: dict[str, dict[int | float, str]] = {}
    missing: dict[str, list[Any]] = {}
    modalites = programme.reference("modalites")
    for rank, field in enumerate(table.contract.questions.values()):
        if not field.whole_numbers:
            continue
        question = programme.questions[field.code]
        known = modalites.filter(pl.col("echelle").is_in([question.scale, COMMON_SCALE]))
        names = dict(known.select("modalite_code", "libelle").iter_rows())
        codes = sorted(int(s) for c, s in field.sources.items() if c in programme.statuses)
        contiguous = codes and codes[-1] - codes[0] == len(codes) - 1
        for column in field.columns:
            labels[column] = question.label
            values[column] = {int(s): names[c] for c, s in field.sources.items()}
            missing[column] = [{"lo": codes[0], "hi": codes[-1]}] if rank % 2 and contiguous else codes
    for axe, field in table.contract.axes.items():
        names = {s.code: s.label for s in programme.axes[axe]}
        if field.whole_numbers and not field.bands:
            values[field.columns[0]] = {int(s): names[c] for c, s in field.sources.items()}
    for number, organisme in table.contract.organisme.get("valeurs", {}).items():
        brand = programme.brand(organisme, table.contract.vague)
        values.setdefault(table.contract.organisme["colonne"], {})[int(number)] = brand
    return labels, values, missing
