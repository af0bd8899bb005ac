"""Writes `data/entretiens.csv`, `troisieme.csv` and `importance.csv`, the oracle's invented answers: `python -m tests.oracle.generate`."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"
SEED = 20221001
COLUMNS = ["vague", "organisme", "entretien", "strate", "unite", "poids", "construction", "age"]
QUESTIONS = ["G1", "N1", "K1", "D1", "D2", "C1", "M1"]
# the organismes of the institutes that deliver weights, and how these are scaled: around 1 the first time, summing to about
# 1 the second
WEIGHTED = ("O5", "O10")
WEIGHT_SCALE = {"V1": 1.0, "V2": 1 / 37, "V3": 1.0}
# everyone else is entirely satisfied: a variance that is almost nothing, between almost equal terms
DISSENTERS = {("V1", "O1", "S1"), ("V2", "O2", "S1"), ("V2", "O5", "S2")}

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """Returns the rows of one of the oracle's files."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def strata(wave: str) -> list[Row]:
    """Returns the strata of a wave; the third one, which only trends are read from, has the second one's."""
    return [{**row, "vague": wave} for row in read("strates") if row["vague"] == ("V2" if wave == "V3" else wave)]


def interviews() -> Iterator[Row]:
    """Yields the interviews of the two waves, stratum by stratum."""
    return _interviews(read("strates"), SEED)


def third_wave() -> Iterator[Row]:
    """Yields those of the third wave."""
    return _interviews(strata("V3"), SEED + 1)


def _interviews(plan: list[Row], seed: int) -> Iterator[Row]:
    rng = random.Random(seed)
    for stratum in plan:
        organisme, wave = stratum["organisme"], stratum["vague"]
        # what makes strata and organismes differ, and the second wave better in some of them
        level = (
            0.35
            + 0.04 * int(organisme[1:])
            + 0.05 * int(stratum["strate"][1:])
            + 0.06 * (wave == "V2")
            - 0.08 * (wave == "V3")
        )
        for rank in range(1, int(stratum["entretiens"]) + 1):
            weight = rng.uniform(0.3, 3.0) * WEIGHT_SCALE[wave] if organisme in WEIGHTED else 1.0
            # units of unequal sizes, the last ones of one interview
            unit = (
                int(int(stratum["unites"]) * (rank / (int(stratum["entretiens"]) + 1)) ** 0.7)
                if stratum["unites"]
                else ""
            )
            dissent = rank == 1 and (wave, organisme, stratum["strate"]) in DISSENTERS
            yield {
                "vague": wave,
                "organisme": organisme,
                "entretien": f"{stratum['strate']}-{rank}",
                "strate": stratum["strate"],
                "unite": f"{stratum['strate']}-B{unit}" if unit != "" else "",
                "poids": f"{weight:.6f}",
                **_answers(rng, level + (0.15 if unit != "" and unit % 2 else 0), dissent),
            }


def _answers(rng: random.Random, level: float, dissent: bool) -> Row:
    """Returns the axes and answers of one interview; a blank is no answer, or a question that was not put."""
    construction = _one(rng, {"COL": 0.6, "IND": 0.32, "": 0.08})
    asked = _one(rng, {"OUI": 0.55, "NON": 0.38, "NSP": 0.07})
    return {
        "construction": construction,
        "age": _one(rng, {"JEUNE": 0.4, "AGE": 0.5, "": 0.1}),
        "G1": _satisfaction(rng, level),
        "N1": _one(rng, {"NSP": 0.06, f"N{min(10, round(rng.betavariate(1 + 4 * level, 2) * 10.9))}": 0.94}),
        "K1": "PPS" if dissent else "TS",
        "D1": asked,
        "D2": _satisfaction(rng, level - 0.2) if asked == "OUI" else "",
        "C1": _satisfaction(rng, level - 0.1) if construction == "COL" else "",
        "M1": _several(rng),
    }


def _satisfaction(rng: random.Random, level: float) -> str:
    level = min(max(level, 0.05), 0.95)
    rest = 0.9 * (1 - level)
    return _one(
        rng, {"TS": 0.45 * level, "PS": 0.45 * level, "PPS": 0.6 * rest, "PDT": 0.4 * rest, "NSP": 0.06, "": 0.04}
    )


def _several(rng: random.Random) -> str:
    chosen = [code for code, share in (("A", 0.5), ("B", 0.3), ("C", 0.12)) if rng.random() < share]
    return "|".join(chosen) or _one(rng, {"AUCUN": 0.7, "NSP": 0.3})


def _one(rng: random.Random, shares: dict[str, float]) -> str:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def ratings() -> Iterator[Row]:
    """Yields complete interviews of unequal weight: an outcome, and four drivers that go together and weigh ever less."""
    rng = random.Random(SEED)
    for _ in range(80):
        mood = rng.gauss(0, 1)
        drivers = [round(min(max(6 + 1.2 * mood + rng.gauss(0, 1.8), 0), 10)) for _ in range(4)]
        overall = sum(slope * note for slope, note in zip((0.5, 0.3, 0.15, 0.0), drivers, strict=True)) + rng.gauss(
            0, 1.2
        )
        yield {
            "poids": f"{rng.uniform(0.3, 3.0):.6f}",
            **{f"D{i}": str(note) for i, note in enumerate(drivers, start=1)},
            "G": str(round(min(max(overall, 0), 10))),
        }


def write(path: Path, rows: Iterator[Row], columns: list[str]) -> None:
    """Writes rows as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_all(folder: Path) -> None:
    """Writes the three files."""
    write(folder / "entretiens.csv", interviews(), [*COLUMNS, *QUESTIONS])
    write(folder / "troisieme.csv", third_wave(), [*COLUMNS, *QUESTIONS])
    write(folder / "importance.csv", ratings(), ["poids", "D1", "D2", "D3", "D4", "G"])


if __name__ == "__main__":
    write_all(DATA)
