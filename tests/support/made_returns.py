"""A workbook with the regulator's headings, made for the tests: landlords and figures are invented (demonstration data).

The programme is programmes/tsm with these landlords in place of the real ones, so that no test needs the regulator's file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.support.second_wave import BEFORE, PERCEPTION

LANDLORDS = [f"F{i:03d}" for i in range(1, 31)]
# the one that the regulator does not include, with its reason
LEFT_OUT = LANDLORDS[-1]
LEVELS = ("very satisfied", "fairly satisfied", "neither satisfied nor dissatisfied", "fairly dissatisfied", "very dissatisfied")  # fmt: skip
ASKED = [f"TP{i:02d}" for i in range(1, 13)]
# those that may be answered by "not applicable / don't know"
OPEN = {"TP05", "TP06", "TP07", "TP08", "TP11", "TP12"}
# what is asked before a measure: the measures that depend on it, its answers, the end of its percentage
ROUTES = {
    ("TP02", "TP03"): ("their landlord has carried out a repair (TP02)", "their landlord has not carried out a repair (TP02)", "TP02 responses"),
    ("TP09",): ("they have made a complaint to their landlord", "they have not made a complaint to their landlord", "TP09 responses"),
    ("TP10",): ("they do live in a building with communal areas", "they do not live in a building with communal areas", "TP10 responses"),
}  # fmt: skip
FIRST = ["Landlord name", "Landlord code", "Relevant tenant population size (LCRA)", "Total sample size achieved"]
TABLE_AT = 2  # lines above the headings
Rows = list[list[Any]]


def headings() -> list[str]:
    """Returns the headings of a return, in order."""
    found = list(FIRST)
    for route in ROUTES.values():
        found += [f"Number of respondents who report that {answer}" for answer in route[:2]]
        found.append(f"Proportion of tenants who state it ({route[2]})")
    for code in ASKED:
        found += [f"Number of respondents who report that they are {level} ({code})" for level in LEVELS]
        found += [f"Number of respondents who report 'not applicable/ don't know' ({code})"] if code in OPEN else []
        found.append(f"Proportion of respondents who report that they are satisfied ({code})")
    return found


def first_return(path: Path, landlords: Sequence[str] = LANDLORDS, seed: int = 3) -> None:
    """Writes the first wave's workbook: a line per landlord, the percentages following the counts."""
    random = np.random.default_rng(seed)
    rows: Rows = [["Perception measures"], ["Invented figures"], headings()]
    rows += [_landlord(random, code) for code in landlords if code != LEFT_OUT]
    rows.append(["1. A footnote stands below the table."])
    write_book(path, {f"TSM24_{PERCEPTION}": rows, "TSM24_Perception_Not_Inc": _left_out()})


def _left_out() -> Rows:
    return [
        ["TSM24_Perception_Not_Inc"],
        ["Back"],
        ["Landlord name", "Landlord code", "Notes from RSH following review"],
        [f"{LEFT_OUT} (fictional)", LEFT_OUT, "Did not submit a return."],
    ]


def _landlord(random: np.random.Generator, code: str) -> list[Any]:
    sample, tenants = int(random.integers(500, 900)), int(random.integers(4_000, 20_000))
    concerned = dict.fromkeys(ASKED, sample)
    row: list[Any] = [f"{code} (fictional)", code, tenants, sample]
    for measures in ROUTES:
        yes = int(random.binomial(sample, 0.6))
        row += [yes, sample - yes, 100 * yes / sample]
        concerned |= dict.fromkeys(measures, yes)
    for measure in ASKED:
        unsure = int(random.binomial(concerned[measure], 0.05)) if measure in OPEN else 0
        counts = [int(n) for n in random.multinomial(concerned[measure] - unsure, (0.35, 0.3, 0.15, 0.12, 0.08))]
        row += counts + ([unsure] if measure in OPEN else [])
        row.append(100 * (counts[0] + counts[1]) / sum(counts))
    return row


def write_book(path: Path, pages: dict[str, Rows]) -> None:
    """Writes a workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in pages.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)


def rearranged(path: Path, change: Callable[[Rows], Rows]) -> None:
    """Writes a workbook again, its table of counts changed: headings first, then a line per landlord."""
    book = CalamineWorkbook.from_path(str(path))
    pages = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    for name, rows in pages.items():
        if name.endswith(PERCEPTION):
            pages[name] = rows[:TABLE_AT] + change(rows[TABLE_AT:])
    write_book(path, pages)


def made_programme(root: Path, tsm: Path, landlords: Sequence[str] = LANDLORDS) -> Path:
    """Copies the regulator's programme, with invented landlords in place of the real ones and the first wave delivered."""
    root.mkdir(parents=True)
    for path in (tsm / "programme.yaml", *(tsm / "reference").glob("*.csv"), *(tsm / "contracts").glob("*.yaml")):
        target = root / path.relative_to(tsm)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    lines = {
        "organismes": [f"{code},Landlord {code} (fictional),PRP,,,2000-01-01,,non" for code in landlords],
        "participations": [f"{BEFORE},{code},attendu,RSH,," for code in landlords],
    }
    for table, said in lines.items():
        path = root / "reference" / f"{table}.csv"
        header = path.read_text(encoding="utf-8").splitlines()[0]
        path.write_text("\n".join([header, *said]) + "\n", encoding="utf-8")
    first_return(root / "landing" / BEFORE / f"tsm-{BEFORE}.xlsx", landlords)
    return root
