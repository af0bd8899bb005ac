"""The same drawn interviews written in each form that a contract can say, with plain writers that know no reader.

Each form takes the cells of the small programme's interviews, writes the files of one delivery, and says what its contract
says beside that of the plain table. What comes of it must be what comes of the plain table.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import xlsxwriter

from tests.support.any_delivery import HEADER
from tests.support.mini import mini_contract
from tests.support.sas import write_sas

Row = Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """A form of delivery.

    Attributes:
        name: what the form is called in a test's name.
        write: writes the files of one delivery into a folder.
        contract: the contract of these files.
        other: columns of the lake that cannot be those of the plain table.
        unsaid: rules that the form has no datum for.
        ascii: whether the form holds no accent.
    """

    name: str
    write: Callable[[Path, Sequence[Row]], None]
    contract: Mapping[str, Any]
    other: frozenset[str] = frozenset()
    unsaid: frozenset[str] = field(default=frozenset())
    ascii: bool = False

    def __repr__(self) -> str:
        return self.name


def contract(**changes: Any) -> dict[str, Any]:
    """Returns the contract of the plain table with some keys replaced, or taken out where they are None."""
    body = mini_contract(ponderation={"colonne": "POIDS"}, ignorees=["NOTE"], **changes)
    return {key: value for key, value in body.items() if value is not None}


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], **dialect: Any) -> None:
    """Writes a delimited text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n", **dialect)
        writer.writerow(header)
        writer.writerows(rows)


def cells(rows: Sequence[Row], columns: Sequence[str]) -> list[list[str]]:
    """Returns some cells of each row."""
    return [[row.get(column, "") for column in columns] for row in rows]


def _plain(folder: Path, rows: Sequence[Row]) -> None:
    write_table(folder / "a.csv", HEADER, cells(rows, HEADER))


def _in_two_columns(folder: Path, rows: Sequence[Row]) -> None:
    header = ["ORG", "FOYER", "RANG", *HEADER[2:]]
    lines = [
        [row["ORG"], row["ID"][:1], row["ID"][1:], *rest]
        for row, rest in zip(rows, cells(rows, HEADER[2:]), strict=True)
    ]
    write_table(folder / "a.csv", header, lines)


def _without(*left_out: str) -> Callable[[Path, Sequence[Row]], None]:
    kept = [column for column in HEADER if column not in left_out]

    def write(folder: Path, rows: Sequence[Row]) -> None:
        write_table(folder / "a.csv", kept, cells(rows, kept))

    return write


def _long(repeated: Sequence[str], asked: Sequence[str], name: str = "a.csv") -> Callable[[Path, Sequence[Row]], None]:
    """Returns a writer of one line per interview, question and answer; some columns are repeated on each line."""

    def write(folder: Path, rows: Sequence[Row]) -> None:
        lines = []
        for question in asked:
            for row in rows:
                answers = row.get(question, "").split("|") if question == "Q5" else [row.get(question, "")]
                lines += [[row.get(c, "") for c in repeated] + [question, answer] for answer in answers if answer]
        # An interview without any answer still has its line.
        lines += [[row.get(c, "") for c in repeated] + ["", ""] for row in rows]
        write_table(folder / name, [*repeated, "QUEST", "REP"], lines)

    return write


def _of(columns: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    """Returns some cells of each interview, in another order than that of the main file."""
    return list(reversed(cells(rows, columns)))


def _in_files(folder: Path, rows: Sequence[Row]) -> None:
    main = ["ORG", "ID", "DATE", "TC", "AGE"]
    write_table(folder / "a_reponses.csv", main, cells(rows, main))
    write_table(
        folder / "a_themes.csv",
        ["ID", "Q1", "Q2", "Q3", "Q4", "Q5", "NOTE"],
        _of(["ID", "Q1", "Q2", "Q3", "Q4", "Q5", "NOTE"], rows),
    )
    # another dialect, another name for the key, and a column that the main file has
    with xlsxwriter.Workbook(str(folder / "a_poids.xlsx")) as book:
        page = book.add_worksheet("Poids")
        for at, line in enumerate([["Numéro", "AGE", "POIDS"], *_of(["ID", "AGE", "POIDS"], rows)]):
            page.write_row(at, 0, line)


def _in_sheets(folder: Path, rows: Sequence[Row]) -> None:
    sheets = {
        "Poids": ["ID", "POIDS"],
        "Réponses": ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5", "NOTE"],
    }
    with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
        for name, columns in sheets.items():
            page = book.add_worksheet(name)
            for at, line in enumerate([columns, *(_of(columns, rows) if name == "Poids" else cells(rows, columns))]):
                for column, text in enumerate(line):
                    page.write_string(at, column, text)


def _respondents_and_answers(folder: Path, rows: Sequence[Row]) -> None:
    main = ["ORG", "ID", "DATE", "TC", "AGE", "POIDS", "NOTE"]
    write_table(folder / "a_repondants.csv", main, cells(rows, main))
    _long(["ID"], ["Q1", "Q2", "Q3", "Q4", "Q5"], "a_reponses.csv")(folder, rows)


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame([{column: row.get(column, "") for column in HEADER} for row in rows])


def _sas(folder: Path, rows: Sequence[Row]) -> None:
    write_sas(folder / "a.sas7bdat", HEADER, cells(rows, HEADER))


def _same_titles(folder: Path, rows: Sequence[Row]) -> None:
    """Each answer stands under the same title as the next one, as a form's export names its comments."""
    header = ["Réponse" if column.startswith("Q") else column for column in HEADER]
    write_table(folder / "a.csv", header, cells(rows, HEADER))


def _escaped(folder: Path, rows: Sequence[Row]) -> None:
    """Signs that would end a cell stand behind a backslash; no cell is quoted."""
    write_table(folder / "a.csv", HEADER, cells(rows, HEADER), quoting=csv.QUOTE_NONE, escapechar="\\", quotechar=None)


LONG_FORM = {"question": "QUEST", "reponse": "REP"}
_DATED = frozenset({"date_illisible", "hors_fenetre"})
PLAIN = Form("tableau", _plain, contract())
IDENTIFIERS = [
    Form("identifiant composé", _in_two_columns, contract(entretien=["FOYER", "RANG"]), frozenset({"entretien"})),
    Form(
        "sans identifiant",
        _without("ID"),
        contract(entretien=None),
        frozenset({"entretien"}),
        frozenset({"doublon", "identifiant_absent"}),
    ),
    Form("date constante", _without("DATE"), contract(date_entretien={"valeur": "2022-10-15"}), unsaid=_DATED),
    Form("sans date", _without("DATE"), contract(date_entretien=None), frozenset({"date_entretien"}), _DATED),
]
# Two interviews of one number are one respondent who contradicts himself, and a line without a number is alone.
_ONE_BY_ONE = frozenset({"doublon", "identifiant_absent"})
LONG = [
    Form(
        "table longue",
        _long([c for c in HEADER if not c.startswith("Q")], [c for c in HEADER if c.startswith("Q")]),
        contract(forme_longue=LONG_FORM),
        unsaid=_ONE_BY_ONE,
    ),
    Form(
        "tout en réponses",
        _long(["ID"], [c for c in HEADER if c != "ID"]),
        contract(forme_longue=LONG_FORM),
        unsaid=_ONE_BY_ONE,
    ),
]
JOINED = [
    Form(
        "fichiers joints",
        _in_files,
        contract(
            fichiers=["*_reponses.csv"],
            jointures=[
                {"fichier": "*_themes.csv"},
                {"fichier": "*_poids.xlsx", "format": {"type": "xlsx"}, "cle": "Numéro"},
            ],
        ),
        unsaid=_ONE_BY_ONE,
    ),
    Form(
        "feuilles jointes",
        _in_sheets,
        contract(format={"type": "xlsx", "feuilles": ["*"]}, jointures=[{"feuille": "Poids"}]),
        unsaid=_ONE_BY_ONE,
    ),
    Form(
        "répondants et réponses",
        _respondents_and_answers,
        contract(fichiers=["*_repondants.csv"], jointures=[{"fichier": "*_reponses.csv", "forme_longue": LONG_FORM}]),
        unsaid=_ONE_BY_ONE,
    ),
]
_SAME = {"G1": "Réponse", **{code: f"Réponse ({at})" for at, code in enumerate(["C1", "D1", "D2", "M1"], start=2)}}
_QUESTIONS = {code: {**rule, "colonne": _SAME[code]} for code, rule in mini_contract()["questions"].items()}
# the small programme's scale in bands that hold its codes: TS is 1, PS 2 and a half, PPS and PDT 3 and 4, and so on
_BANDS = {"1-1": "TS", "2 à 2,9": "PS", "3-3": "PPS", "4": "PDT", "8": "NC", "9": "NSP"}
_CSV = {"type": "csv", "encodage": "utf-8", "separateur": ";"}
TYPES = [
    Form("stata", lambda f, r: pyreadstat.write_dta(_frame(r), str(f / "a.dta")), contract(format={"type": "dta"})),
    Form(
        "spss portable",
        lambda f, r: pyreadstat.write_por(_frame(r), str(f / "a.por")),
        contract(format={"type": "por"}),
        ascii=True,
    ),
    Form("sas", _sas, contract(format={"type": "sas7bdat"})),
    Form("titres doubles", _same_titles, contract(format={**_CSV, "titres_doubles": True}, questions=_QUESTIONS)),
    Form("échappement", _escaped, contract(format={**_CSV, "echappement": "\\", "guillemet": None})),
    Form("tranches", _plain, contract(codages={"sat": _BANDS})),
]
FORMS = [*TYPES, *IDENTIFIERS, *LONG, *JOINED]
