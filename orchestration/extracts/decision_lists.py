"""Reads the lists of decisions that lie in `landing/`: people edit them by hand, so each line is held to its form.

A line that could not be read was passed over, and what it withdrew counted again: nothing goes on with such a list.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import DeliveryError
from orchestration.files import write_text
from orchestration.programme import Programme
from orchestration.programme.check import Problem

WITHDRAWALS, EXCLUSIONS = "retraits.csv", "exclusions.csv"
# written by orchestration.publication.losses
LOSSES = "pertes_acceptees.csv"
LISTS = (WITHDRAWALS, EXCLUSIONS, LOSSES)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    WITHDRAWALS: ("sha256", "fichier", "retiree_le", "motif"),
    EXCLUSIONS: ("vague", "organisme_code", "question_code", "exclue_le", "motif"),
    LOSSES: ("acceptee_le", "edition", "vague", "organisme_code", "entretiens_avant", "entretiens_apres", "motif"),
}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Line:
    """A decision: the line of the file that it begins on, and its values, by column."""

    number: int
    values: Mapping[str, str]


def moment_of(text: str) -> dt.datetime:
    """Returns the time of a decision, in UTC; one without its distance from UTC is of UTC.

    Raises:
        ValueError: it is no time.
        OverflowError: no calendar has it.
    """
    moment = dt.datetime.fromisoformat(text)
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def decided(path: Path) -> list[Mapping[str, str]]:
    """Returns the decisions of a list, each by column; none when there is no such file.

    Raises:
        DeliveryError: the file is not the CSV that the command line writes, or a line of it decides nothing.
    """
    lines, faults = _read(path)
    refuse(faults)
    return [line.values for line in lines]


def decision_faults(programme: Programme) -> list[Problem]:
    """Returns what is wrong with the lists of decisions: lines that cannot be read, exclusions of unknown codes."""
    found: list[Problem] = []
    for name in LISTS:
        lines, faults = _read(programme.root / "landing" / name)
        found += faults
        if name == EXCLUSIONS:
            found += (fault for line in lines for fault in _unknown(programme, line))
    return found


def decision_advice(programme: Programme) -> Iterator[str]:
    """Yields the exclusions that change nothing, as the wave did not ask the question, in sentences."""
    for line in _read(programme.root / "landing" / EXCLUSIONS)[0]:
        wave, question = line.values["vague"], line.values["question_code"]
        if not any(_unknown(programme, line)) and (said := not_asked(programme, wave, question)):
            yield str(Problem(f"landing/{EXCLUSIONS}", line.number, "question_code", f"{said} ; ôter la ligne."))


def refuse(faults: list[Problem]) -> None:
    """Raises a DeliveryError that says what is wrong with lists of decisions, where anything is."""
    if said := told(faults):
        raise DeliveryError("decision_illisible", said)


def told(faults: list[Problem]) -> str:
    """Returns the first of several faults, and how many others there are; nothing where there is none."""
    more = f" Et d'autres ({len(faults) - 1}) : « observatoire check » les dit tous." if len(faults) > 1 else ""
    return f"{faults[0]}{more}" if faults else ""


def write_decisions(rows: list[Mapping[str, str]], path: Path) -> None:
    """Writes a list of decisions anew, whole or not at all."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS[path.name], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(target.getvalue(), path)


def codes_of(programme: Programme) -> Mapping[str, tuple[str, set[str]]]:
    """Returns, by column of an exclusion, the reference file that has its codes, and the codes."""
    return {
        "vague": ("vagues.csv", set(programme.waves)),
        "organisme_code": ("organismes.csv", {str(row["organisme_code"]) for row in programme.rows("organismes")}),
        "question_code": ("questions.csv", set(programme.questions)),
    }


def not_asked(programme: Programme, wave: str, question: str) -> str:
    """Returns that a wave did not ask a question; nothing where it did."""
    if wave in programme.questions[question].waves:
        return ""
    return f"« {question} » n'est pas posée en {wave} (questions_vagues.csv) : l'exclure ne change rien"


def _unknown(programme: Programme, line: Line) -> Iterator[Problem]:
    for column, (file, codes) in codes_of(programme).items():
        if (code := line.values[column]) not in codes:
            said = f"« {code} » n'est pas dans {file} ; y prendre le code, ou ôter la ligne."
            yield Problem(f"landing/{EXCLUSIONS}", line.number, column, said)


def _read(path: Path) -> tuple[list[Line], list[Problem]]:
    """Returns the sound lines of a list, and what is wrong with the others; nothing of a file that is not there."""
    if not path.is_file():
        return [], []
    name, columns = f"landing/{path.name}", COLUMNS[path.name]
    lines: list[Line] = []
    faults: list[Problem] = []
    unread = f"illisible ; y remettre l'en-tête « {','.join(columns)} », en UTF-8, séparé par des virgules."
    try:
        rows = _rows(path)
        header = [title.strip() for title in next(rows, (1, []))[1]]
        if not set(columns) <= set(header):
            return [], [Problem(name, None, None, unread)]
        for number, cells in rows:
            # a spreadsheet leaves lines of nothing but commas
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                said = f"{len(cells)} valeurs, et {len(header)} sont attendues ({','.join(header)}) ; la compléter."
                faults.append(Problem(name, number, None, said))
                continue
            line = Line(number, _values(columns, dict(zip(header, cells, strict=True))))
            wrong = [Problem(name, number, *fault) for fault in _faults(path.name, line.values)]
            faults += wrong
            lines += [] if wrong else [line]
    except (UnicodeDecodeError, csv.Error):
        return [], [Problem(name, None, None, unread)]
    return lines, faults


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields each row of a CSV with the line of the file that it begins on; a spreadsheet's mark of UTF-8 is none."""
    reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _values(columns: tuple[str, ...], row: Mapping[str, str]) -> dict[str, str]:
    """Returns the values as they are compared: blanks about them are no part of them, of a file's name they may be."""
    found = {column: row[column] if column == "fichier" else row[column].strip() for column in columns}
    return found | ({"sha256": found["sha256"].lower()} if "sha256" in found else {})


def _faults(name: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yields the columns of a line that cannot be, each with a sentence."""
    # an accepted loss without wave is one of decisions, and names no organisme either
    of_decisions = name == LOSSES and not values["vague"] and not values["organisme_code"]
    for column, value in values.items():
        if column.startswith("entretiens_"):
            if value and not (value.isascii() and value.isdigit()):
                yield column, f"« {value} » n'est pas un nombre entier ; l'écrire sans blanc ni virgule."
        elif not value.strip():
            if not (of_decisions and column in ("vague", "organisme_code")):
                yield column, f"vide ; y écrire {_EXPECTED[column]}, ou ôter la ligne, qui ne vaudrait plus."
        elif column == "sha256" and not _SHA256.fullmatch(value):
            yield column, f"« {value} » n'est pas une empreinte SHA-256 ; y écrire {_EXPECTED[column]}."
        elif column.endswith("_le") and not _is_moment(value):
            yield column, f"« {value} » n'est pas une date ; y écrire {_EXPECTED[column]}."


def _is_moment(text: str) -> bool:
    try:
        moment_of(text)
    except (ValueError, OverflowError):
        return False
    return True


_DATE = "le jour, AAAA-MM-JJ, ou l'instant, AAAA-MM-JJTHH:MM:SS+00:00"
# what a column asks for
_EXPECTED = {
    "sha256": "les 64 chiffres hexadécimaux que « sha256sum » donne de la livraison",
    "fichier": "la livraison, VAGUE/FICHIER",
    "vague": "le code de la vague",
    "organisme_code": "le code de l'organisme",
    "question_code": "le code de la question",
    "edition": "l'édition contre laquelle la perte est acceptée",
    "retiree_le": _DATE,
    "exclue_le": _DATE,
    "acceptee_le": _DATE,
    "motif": "pourquoi, en une phrase",
}
