"""The miniature programme with an index: the mean of three questions, of which two are not put to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.mini import TABLES

INDEX: dict[str, Any] = {"questions": ["G1", "C1", "D2"], "minimum": 2, "bareme": "B", "version": "1"}
NOTES = {"1": 10.0, "2": 6.6666666666666667, "3": 3.3333333333333333, "4": 0.0}
LINES = {
    "echelles": ["IDX,unique,Indice,note sur 10"],
    "questions": ["IX,T1,6,Indice,Moyenne de ses réponses.,proposition,IDX,indice,,non,essai"],
    "questions_vagues": ["IX,V1,premiere,", "IX,V2,identique,"],
}


def index_tables(**more: list[str]) -> dict[str, list[str]]:
    """Returns the reference tables with the index; keyword arguments add lines to a table."""
    return {name: [*TABLES[name][1], *LINES.get(name, []), *more.get(name, [])] for name in {*LINES, *more}}


def mean_of(answers: Iterable[str], minimum: int) -> float | None:
    """Returns the mean of the notes of a respondent's answers as delivered; None where too few are expressed."""
    notes = [NOTES[answer] for answer in answers if answer in NOTES]
    return sum(notes) / len(notes) if len(notes) >= minimum else None


def delivered(row: Mapping[str, str]) -> tuple[str, str, str]:
    """Returns what a respondent answered to the components of the index, as delivered."""
    return row["Q1"], row["Q2"], row["Q4"]
