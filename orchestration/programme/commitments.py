"""The commitments that a programme declares: what each says, the questions that it names, what is wrong with them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.programme.programme import Programme
from orchestration.programme.values import FIRST_LINE

# stands between the codes of one value
SEPARATOR = "|"
_TABLE = "engagements"
_FILE = f"{_TABLE}.csv"
# the file at fault, its line, its column, a French sentence
CommitmentFault = tuple[str, int | None, str, str]


@dataclass(frozen=True)
class Commitment:
    """One line of engagements.csv, its values typed; without an organisme it is everybody's, for the region."""

    code: str
    organisme: str | None
    theme: str
    questions: tuple[str, ...]
    text: str
    start: dt.date
    end: dt.date | None
    state: str
    proof: str | None


def commitments(programme: Programme) -> list[Commitment]:
    """Returns the commitments of a programme whose reference files are sound one by one, in the order of the file."""
    return [
        Commitment(
            code=str(row["engagement_code"]),
            organisme=row["organisme_code"],
            theme=str(row["theme_code"]),
            questions=tuple(code.strip() for code in (row["questions"] or "").split(SEPARATOR) if code.strip()),
            text=str(row["texte"]),
            start=dt.date.fromisoformat(str(row["debut"])),
            end=dt.date.fromisoformat(row["fin"]) if row["fin"] else None,
            state=str(row["etat"]),
            proof=row["preuve"],
        )
        for row in programme.rows(_TABLE)
    ]


def commitment_faults(programme: Programme) -> Iterator[CommitmentFault]:
    """Yields what is wrong with the commitments of a programme whose reference files are sound one by one."""
    for line, one in enumerate(commitments(programme), start=FIRST_LINE):
        for code, times in Counter(one.questions).items():
            if code not in programme.questions:
                said = (
                    f"« {code} » n'existe pas dans questions.csv ; l'y ajouter, ou séparer les codes par {SEPARATOR}."
                )
                yield _FILE, line, "questions", said
            elif times > 1:
                yield _FILE, line, "questions", f"« {code} » y figure {times} fois ; ne l'y laisser qu'une."
