"""How a reference file writes a value of each type of the dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.errors import ProgrammeError
from orchestration.programme.texts import day, finite, whole

# physical line of a CSV's first row: the header stands above it
FIRST_LINE = 2
# the largest whole number that a column has: sums of many more stay within what the warehouse counts with
LARGEST = 10**12
# by type: what is expected, and what reads it
TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "texte": ("un texte", str),
    "code": ("un code", str),
    "entier": ("un nombre entier", whole),
    "decimal": ("un nombre, point décimal", finite),
    "date": ("une date AAAA-MM-JJ", day),
    "oui_non": ("oui ou non", lambda v: {"oui": True, "non": False}[v]),
}


def value_of(text: str | None, rule: Mapping[str, Any], place: str) -> Any:
    """Returns what a cell of a reference file says, in the type of its column; None for a blank.

    Args:
        text: the cell.
        rule: what the dictionary says of its column.
        place: the file, the line and the column, in French.

    Raises:
        ProgrammeError: it is not of that type, or blank where the column must have a value.
    """
    if text is not None:
        expected, read = TYPES[rule["type"]]
        try:
            return read(text)
        except (ValueError, KeyError):
            raise ProgrammeError(f"{place} : « {text} » : {expected} est attendu.") from None
    if rule.get("obligatoire"):
        raise ProgrammeError(f"{place} : valeur absente ; la compléter.")
    return None
