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

from tests.support.any_delivery import HEADER
from tests.support.mini import mini_contract

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
    """

    name: str
    write: Callable[[Path, Sequence[Row]], None]
    contract: Mapping[str, Any]
    other: frozenset[str] = frozenset()
    unsaid: frozenset[str] = field(default=frozenset())

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


def _long(repeated: Sequence[str]) -> Callable[[Path, Sequence[Row]], None]:
    """Returns a writer of one line per interview, question and answer; some columns are repeated on each line."""
    asked = [column for column in HEADER if column not in repeated]

    def write(folder: Path, rows: Sequence[Row]) -> None:
        lines = []
        for question in asked:
            for row in rows:
                answers = row.get(question, "").split("|") if question == "Q5" else [row.get(question, "")]
                lines += [[row.get(c, "") for c in repeated] + [question, answer] for answer in answers if answer]
        # An interview without any answer still has its line.
        lines += [[row.get(c, "") for c in repeated] + ["", ""] for row in rows]
        write_table(folder / "a.csv", [*repeated, "QUEST", "REP"], lines)

    return write


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
        _long([c for c in HEADER if not c.startswith("Q")]),
        contract(forme_longue=LONG_FORM),
        unsaid=_ONE_BY_ONE,
    ),
    Form("tout en réponses", _long(["ID"]), contract(forme_longue=LONG_FORM), unsaid=_ONE_BY_ONE),
]
FORMS = [*IDENTIFIERS, *LONG]
