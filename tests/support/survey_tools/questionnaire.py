"""The shipped questionnaire, read from the reference files: what every tool's user had in hand when typing it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[3] / "data" / "reference"
EVERY_SCALE = "TOUTES"
WAVE = "2022"


@dataclass(frozen=True)
class Option:
    """An answer that a question offers.

    Attributes:
        code: its modalité code.
        label: its label in the questionnaire.
        satisfied: whether it is a favourable answer.
        exclusive: whether it goes with no other one.
    """

    code: str
    label: str
    satisfied: bool
    exclusive: bool


@dataclass(frozen=True)
class Question:
    """A question with the options of its scale; `condition` is the reference file's filter, empty if put to all."""

    code: str
    order: int
    theme: str
    short: str
    wording: str
    scale: str
    nature: str
    condition: str
    multiple: bool
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Segment:
    """A segment of an axis; `low` and `high` bound it where a number is classified (years, or months of tenancy)."""

    code: str
    label: str
    low: int | None
    high: int | None


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def questions() -> tuple[Question, ...]:
    """Returns the questions of the wave, in the questionnaire's order."""
    options: dict[str, list[Option]] = {}
    for row in sorted(_rows("modalites"), key=lambda row: (row["echelle"], int(row["ordre"]))):
        option = Option(row["modalite_code"], row["libelle"], row["est_satisfait"] == "oui", row["exclusive"] == "oui")
        options.setdefault(row["echelle"], []).append(option)
    several = {row["echelle"] for row in _rows("echelles") if row["type"] == "multiple"}
    asked = {row["question_code"] for row in _rows("questions_vagues") if row["vague"] == WAVE}
    read = (
        Question(
            code=row["question_code"],
            order=int(row["ordre"]),
            theme=row["theme_code"],
            short=row["libelle"],
            wording=row["formulation"],
            scale=row["echelle"],
            nature=row["nature"],
            condition=row["filtre"],
            multiple=row["echelle"] in several,
            options=tuple(options[row["echelle"]]),
        )
        for row in _rows("questions")
        if row["question_code"] in asked
    )
    return tuple(sorted(read, key=lambda question: question.order))


@cache
def statuses() -> dict[str, str]:
    """Returns the labels of the answers that any question may receive (does not know, refuses …), by modalité code."""
    return {row["modalite_code"]: row["libelle"] for row in _rows("modalites") if row["echelle"] == EVERY_SCALE}


def offered_beside(question: Question, offered: Sequence[str]) -> list[str]:
    """Returns the statuses that a question offers beside its scale, of those that the form uses.

    Opinions may offer any of them, a 0-10 scale has its numbers only, other questions know « does not know ».
    """
    if question.nature == "satisfaction":
        return list(offered)
    return [code for code in offered if code == "NSP" and question.nature != "recommandation"]


@cache
def segments() -> dict[str, tuple[Segment, ...]]:
    """Returns the segments of each axis that interviews are classified by."""
    read: dict[str, list[Segment]] = {}
    for row in _rows("segments"):
        low, high = (int(row[bound]) if row[bound] else None for bound in ("borne_min", "borne_max"))
        read.setdefault(row["axe"], []).append(Segment(row["segment"], row["libelle"], low, high))
    return {axis: tuple(found) for axis, found in read.items() if len(found) > 1}


@cache
def themes() -> dict[str, str]:
    """Returns the names of the themes, by code."""
    return {row["theme_code"]: row["libelle"] for row in _rows("themes")}


@cache
def organismes() -> dict[str, tuple[str, str]]:
    """Returns the everyday name and the département of each organisme surveyed in the wave, by code."""
    names = {row["organisme_code"]: row["alias"] for row in _rows("organismes_alias")}
    planned = {row["organisme_code"] for row in _rows("plan_sondage") if row["vague"] == WAVE}
    return {
        row["organisme_code"]: (names[row["organisme_code"]], row["departement"])
        for row in _rows("organismes")
        if row["organisme_code"] in planned and not row["valide_a"]
    }
