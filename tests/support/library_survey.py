"""An extract that has nothing to do with the shipped programme: readers of one library, in English, on a scale from 1 to 6.

Invented data. One question, Q5, has its codes the other way round: its 1 is the best. Nothing of the project's code is read here.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

HEADER = [
    "Response ID", "Interview date", "Email", "Age", "Branch", "Q1 Overall, how do you rate the library?", "Q2 Opening hours",
    "Q3 Staff", "Q4 Choice of books", "Q5 Quiet places to read", "Q6 Came with children", "Q7 Activities for children", "Comments",
]  # fmt: skip
DONT_KNOW = "9"
REMARKS = ("", "", "Very kind people at the desk today", "It could open on Sunday mornings as well")


def write_survey(path: Path, year: int = 2024, interviews: int = 240, seed: int = 1) -> Path:
    """Writes the extract of one year."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_interview(chance, year, rank) for rank in range(interviews))
    return path


def _interview(chance: random.Random, year: int, rank: int) -> list[str]:
    opinion = chance.gauss(4.2, 1.0)
    children = chance.random() < 0.4

    def score() -> str:
        if chance.random() < 0.03:
            return DONT_KNOW
        return str(min(6, max(1, round(opinion + chance.gauss(0, 0.8)))))

    quiet = score()
    return [
        f"R{year}-{rank:04d}",
        (dt.date(year, 3, 4) + dt.timedelta(days=chance.randrange(40))).isoformat(),
        f"reader{rank}@example.org",
        str(chance.randrange(16, 90)),
        chance.choice(["Central", "Riverside", "Hilltop"]),
        *(score() for _ in range(4)),
        quiet if quiet == DONT_KNOW else str(7 - int(quiet)),
        "Yes" if children else "No",
        score() if children else "",
        f"{remark} ({rank})" if (remark := chance.choice(REMARKS)) else "",
    ]


def scores(path: Path, question: str) -> list[int]:
    """Returns the numbers given in answer to a question, as they stand in the extract."""
    with path.open(encoding="utf-8", newline="") as file:
        answers = [row[next(h for h in HEADER if h.startswith(f"{question} "))] for row in csv.DictReader(file)]
    return [int(answer) for answer in answers if answer not in ("", DONT_KNOW)]
