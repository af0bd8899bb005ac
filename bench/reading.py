"""What reading a file costs beside the bare library that reads it: a million rows of CSV, 200,000 of XLSX and of SPSS.

Bare, the library only gives its table; here the file is looked at for what could be an attack, read in a process of its
own where its form asks for it, its errors and merged cells put back, its cells cleaned and handed over as text.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.measure import ROOT, timed
from bench.page import decimal, seconds, table, thousands
from orchestration.extracts.form import Format
from orchestration.extracts.readers import isolated, read_tables
from orchestration.extracts.readers.tables import letters

COLUMNS = 80
SIZES = {"csv": 1_000_000, "xlsx": 200_000, "sav": 200_000}
_LABELS = ("Très satisfait", "Plutôt satisfait", "Peu satisfait", "Pas du tout satisfait", "Ne sait pas")
_SHARES = (0.3, 0.4, 0.15, 0.1, 0.05)
_STRINGS = "".join(f"<si><t>{label}</t></si>" for label in _LABELS)
_PARTS = {
    "xl/sharedStrings.xml": f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{_STRINGS}</sst>',
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',  # noqa: E501
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',  # noqa: E501
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',  # noqa: E501
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',  # noqa: E501
}


def reading(told: Callable[[str], None]) -> list[str]:
    """Measures both ways of reading each form; returns the table, one row per form."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, size in SIZES.items():
            told(f"{kind} : {thousands(size)} lignes de {COLUMNS} colonnes.")
            path = Path(folder) / f"extrait.{kind}"
            # a process of its own each: one begins with the peak of the process that started it
            _process("write", kind, path)
            bare, ours = (_process(way, kind, path) for way in ("bare", "ours"))
            if bare["rows"] != ours["rows"]:
                sys.exit(f"bench: {kind}: {ours['rows']} rows read, the library gives {bare['rows']}")
            rows.append(
                [
                    f"{kind}, {thousands(size)} lignes",
                    *(seconds(taken[what]) for what in ("seconds", "cpu") for taken in (bare, ours)),
                    decimal(ours["seconds"] / bare["seconds"], 2),
                    decimal(ours["cpu"] / bare["cpu"], 2),
                    *(decimal(taken["peak"]) for taken in (bare, ours)),
                ]
            )
    header = ["fichier", "bibliothèque, s", "lecture, s", "bibliothèque, s de calcul", "lecture, s de calcul"]
    return [table([*header, "rapport", "rapport des calculs", "pic de la bibliothèque, Mio", "pic, Mio"], rows)]


def _process(way: str, kind: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.reading", way, kind, str(path)]
    taken = timed(command, {**os.environ, "PYTHONPATH": str(ROOT)})
    found: dict[str, float] = json.loads(taken.output.splitlines()[-1])
    return found


def _columns(size: int, labelled: Callable[[int], bool]) -> dict[str, Any]:
    draw = np.random.default_rng(1)
    found: dict[str, Any] = {
        "entretien": [f"E{i:07d}" for i in range(size)],
        "date": [f"2022-05-{1 + i % 28:02d}" for i in range(size)],
    }
    for i in range(COLUMNS - 2):
        codes = draw.choice(len(_LABELS), size, p=_SHARES)
        found[f"Q{i:02d}"] = np.array(_LABELS, dtype=object)[codes] if labelled(i) else codes + 1.0
    return found


def _write(kind: str, path: Path) -> int:
    """Writes the file of a form; returns how many rows it has."""
    size = SIZES[kind]
    if kind == "csv":
        pl.DataFrame(_columns(size, lambda i: False)).with_columns(pl.selectors.float().cast(pl.Int64)).write_csv(
            path, separator=";"
        )
    elif kind == "sav":
        import pandas as pd
        import pyreadstat

        labels = {float(code): label for code, label in enumerate(_LABELS, start=1)}
        frame = pd.DataFrame(_columns(size, lambda i: False))
        named = dict.fromkeys([c for c in frame if str(c).startswith("Q")], labels)
        pyreadstat.write_sav(frame, str(path), variable_value_labels=named)
    else:
        _write_workbook(path, _columns(size, lambda i: bool(i % 2)))
    return size


def _write_workbook(path: Path, columns: dict[str, Any]) -> None:
    """Writes the XML itself: libraries that write workbooks take minutes for as many cells."""
    names = [letters(i) for i in range(len(columns))]

    shared = {label: f' t="s"><v>{i}</v></c>' for i, label in enumerate(_LABELS)}

    def cell(value: object) -> str:
        if isinstance(value, str):
            return shared.get(value) or f' t="inlineStr"><is><t>{value}</t></is></c>'
        return f"><v>{value}</v></c>"

    def row(number: int, values: Sequence[object]) -> str:
        cells = (f'<c r="{name}{number}"{cell(value)}' for name, value in zip(names, values, strict=True))
        return f'<row r="{number}">{"".join(cells)}</row>'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, text in _PARTS.items():
            archive.writestr(part, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            sheet.write(row(1, list(columns)).encode())
            for number, values in enumerate(zip(*columns.values(), strict=True), start=2):
                sheet.write(row(number, values).encode())
            sheet.write(b"</sheetData></worksheet>")


def _bare(kind: str, path: Path) -> int:
    if kind == "csv":
        return pl.read_csv(path, separator=";", infer_schema=False).height
    if kind == "sav":
        import pyreadstat

        frame, _ = pyreadstat.read_sav(str(path), output_format="polars", user_missing=True)
        return int(frame.height)
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()) - 1


def _ours(kind: str, path: Path) -> int:
    form = Format.model_validate({"type": kind, "separateur": ";"} if kind == "csv" else {"type": kind})
    return read_tables(path, form)[0].frame.height


def _one(way: str, kind: str, path: Path) -> None:
    """Writes or reads once, and prints how many rows, and what it took, the reading process included."""
    began, before = time.perf_counter(), _cpu()
    rows = {"write": _write, "bare": _bare, "ours": _ours}[way](kind, path)
    clock = time.perf_counter() - began
    isolated.end()
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(json.dumps({"rows": rows, "seconds": clock, "cpu": _cpu() - before, "peak": peak}))


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    _one(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
