"""The regulator's programme one year later: a second wave's workbook, made from the first one's by a seeded generator.

The workbook has the regulator's sheets, headings and footnotes. Each landlord's counts move by a drift of the measure and by chance of
its own; published percentages follow the counts. Some landlords are gone: the country then moves where those that stay do not. The programme is what its README says to do next year, and nothing else.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Container
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from python_calamine import CalamineWorkbook

from orchestration.authoring.next_wave import open_wave
from orchestration.programme import load_programme

WAVE, BEFORE = "2024-25", "2023-24"
PERCEPTION = "LCRA_Perception"
# how the share of positive answers moves in the whole country: clear and slight rises and falls, and nothing at all
DRIFTS = {
    "TP01": 0.006,
    "TP02": 0.012,
    "TP03": 0.03,
    "TP04": 0.0,
    "TP06": -0.022,
    "TP08": -0.045,
    "TP09": 0.015,
    "TP10": -0.02,
    "TP12": 0.004,
    "REPAIR": 0.01,
    "COMPLAINT": -0.03,
}
# how far the landlords stray from it
SPREAD = 0.03
# a landlord whose percentage of this measure is below this one is not there the second year
GONE_BELOW = ("TP04", 55.0)
# a copied contract, read through: nothing is left to decide
CONFIRMED = ((r"(?s)^a_decider:.*?\n\n", ""), (r"^statut: brouillon", "statut: confirme"))
NEGATIVE = re.compile(r"neither satisfied|dissatisfied|has not carried out|have not made|do not live")


def second_year(root: Path, workbook: Path, seed: int = 1) -> None:
    """Adds the wave to a programme that has the first: reference lines, contract and delivery.

    Args:
        root: the programme's folder.
        workbook: the first wave's workbook.
        seed: what the second's figures are drawn from.
    """
    programme = load_programme(root)
    open_wave(programme, WAVE)
    (root / "landing" / BEFORE).mkdir(parents=True, exist_ok=True)
    shutil.copy(workbook, root / "landing" / BEFORE)
    gone = second_workbook(workbook, root / "landing" / WAVE / f"tsm-{WAVE}.xlsx", seed)
    # what a person then decides: the dates, the contract, and who left
    # the second year's figures are invented
    notice = f"The figures of {WAVE} are invented for the tests; those before are the regulator's."
    rewrite(
        root / "programme.yaml",
        (r"^demonstration: false", "demonstration: true"),
        (r"^rapport:\n", f'rapport:\n  avertissement: "{notice}"\n'),
    )
    rewrite(root / "reference/vagues.csv", (rf"^({WAVE}.*),provisoire,.*$", r"\1,definitive,"))
    rewrite(root / "contracts" / f"rsh-{WAVE}.yaml", *CONFIRMED)
    lines = "|".join(map(re.escape, gone))
    rewrite(root / "reference/participations.csv", (rf"^{WAVE},(?:{lines}),.*\n", ""))


def rewrite(path: Path, *replacements: tuple[str, str]) -> None:
    """Edits a file as a person would: each pattern stands in it, and is replaced wherever it does."""
    text = path.read_text(encoding="utf-8")
    for pattern, replacement in replacements:
        text, found = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert found, f"{path.name}: {pattern}"
    path.write_text(text, encoding="utf-8")


def second_workbook(workbook: Path, target: Path, seed: int = 1) -> set[str]:
    """Writes the second wave's workbook; returns the codes of the landlords that are not in it any more."""
    sheets = CalamineWorkbook.from_path(str(workbook))
    pages = {name: sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names}
    gone = {code for name, rows in pages.items() if name.endswith(PERCEPTION) for code in _gone(rows)}
    _moved(pages, gone, target, seed)
    return gone


def _gone(rows: list[list[Any]]) -> list[str]:
    """The codes of the landlords that are not there the second year."""
    top = next(i for i, row in enumerate(rows) if "Landlord code" in row)
    measure, below = GONE_BELOW
    rate = _rate_column([str(cell) for cell in rows[top]], measure)
    return [str(row[1]) for row in rows[top + 1 :] if isinstance(row[rate], float) and row[rate] < below]


def _moved(pages: dict[str, list[list[Any]]], gone: Container[str], target: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    with xlsxwriter.Workbook(str(target)) as book:
        for name, rows in pages.items():
            if name.endswith(PERCEPTION):
                rows = [row for row in _drifted(rows, random) if str(row[1]) not in gone]
            sheet = book.add_worksheet(name.replace("TSM24", "TSM25"))
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value != "":
                        sheet.write(line, column, value)


def _measure(heading: str) -> str:
    """Which measure's answers a column counts; nothing for another column."""
    if not heading.startswith("Number of respondents") or "applicable" in heading:
        return ""
    for words, code in (("carried out", "REPAIR"), ("a complaint to", "COMPLAINT"), ("do live", "COMMUNAL"), ("do not live", "COMMUNAL")):  # fmt: skip
        if words in heading:
            # the repair asked about before TP03 is the one asked about before TP02
            return code if "(TP03)" not in heading else ""
    found = re.search(r"\((TP\d\d)\)$", heading)
    return found[1] if found else ""


def _drifted(rows: list[list[Any]], random: np.random.Generator) -> list[list[Any]]:
    top = next(i for i, row in enumerate(rows) if "Landlord code" in row)
    heads = [str(cell) for cell in rows[top]]
    measures: dict[str, list[int]] = {}
    for column, heading in enumerate(heads):
        if code := _measure(heading):
            measures.setdefault(code, []).append(column)
    rates = {code: _rate_column(heads, code) for code in measures}
    moved = [list(row) for row in rows]
    for row in moved[top + 1 :]:
        if row[1] == "":
            continue
        for code, columns in measures.items():
            counted = [c for c in columns if isinstance(row[c], (int, float))]
            up = [c for c in counted if not NEGATIVE.search(heads[c])]
            down = [c for c in counted if NEGATIVE.search(heads[c])]
            total = sum(row[c] for c in counted)
            if not total:
                continue
            drift = DRIFTS.get(code, 0.0) + random.normal(0, SPREAD)
            for giver, taker in zip(*((down, up) if drift > 0 else (up, down)), strict=False):
                # at most half of those who gave an answer give another: no option is deserted
                given = min(round(abs(drift) * total / min(len(up), len(down))), row[giver] // 2)
                row[giver], row[taker] = row[giver] - given, row[taker] + given
            row[rates[code]] = 100 * sum(row[c] for c in up) / total
    return moved


def _rate_column(heads: list[str], code: str) -> int:
    """The column of the published percentage of a measure."""
    ends = {"REPAIR": "(TP02 responses)", "COMPLAINT": "(TP09 responses)", "COMMUNAL": "(TP10 responses)"}
    end = ends.get(code, f"({code})")
    return next(i for i, head in enumerate(heads) if head.startswith("Proportion of") and head.endswith(end))
