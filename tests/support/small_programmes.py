"""Programmes drawn at random, several in one: each wave is another, so that one run publishes them all.

A wave has four to eight organismes, the last one thirteen, so that its region is published in full. From eight to two hundred and
fifty tenants of each were interviewed, in one stratum or two. Some organismes answer as most do; of others nearly everybody, or
everybody, is of the same mind.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from tests.support.mini import ANY_SCALE, HEADER, TABLES, mini_contract, mini_programme, row, write_contract, write_csv

YEARS = {"W1": 2013, "W2": 2016, "W3": 2019, "W4": 2022}
PERIMETERS = ({"organismes": "famille"}, {"organismes": "departement"}, {"axe": "type_construction"})
# the programmes of even seeds part organismes by these quality schemes too, last of all
SCHEMES = ("label", "charte")
# How often each of four answers is given, the best first.
MINDS = ((0.3, 0.4, 0.2, 0.1), (0.9, 0.07, 0.02, 0.01), (0.98, 0.02, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))
# Every answer is let through, whatever it says. The thresholds are those of the shipped programme.
LENIENT = {"plan_plancher": 0, "plan_minimum": 0.1, "part_identique_plafond": 1, "strates_vides_plafond": 1, "decalage_median_plafond": 1, "question_sans_avis_plafond": 1, **ANY_SCALE}  # fmt: skip
THRESHOLDS = {"base_minimale": 30, "base_fragile": 50, "organismes_minimum": 3, "dominance_maximum": 0.85}


def random_programmes(root: Path, seed: int, **secret: object) -> Path:
    """Writes the programmes of a seed as the waves of one, and their deliveries.

    Args:
        root: where to write it.
        seed: what it is drawn from.
        secret: what the `secret` section of programme.yaml says besides.
    """
    random = np.random.default_rng(seed)
    codes = [f"O{i}" for i in range(1, 14)]
    few = {wave: sorted(random.choice(codes[:8], random.integers(4, 9), replace=False)) for wave in YEARS}
    present = few | {max(YEARS): codes}
    sizes = {(wave, code): _size(random) for wave, members in present.items() for code in members}
    mixed = {key: bool(random.random() < 0.7) for key in sizes}
    mini_programme(root, tables=_tables(random, codes, sizes, mixed), plausibility=LENIENT, **THRESHOLDS)
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    chosen = random.permutation(len(PERIMETERS))[: random.integers(1, len(PERIMETERS) + 1)]
    config |= {
        "vague_courante": max(YEARS),
        "perimetres": [PERIMETERS[i] for i in chosen] + [{"demarches": [*SCHEMES]}] * ((seed + 1) % 2),
        "secret": secret,
    }
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    for wave in YEARS:
        write_contract(root, mini_contract(wave, organisme={"nom_fichier": r"^(O\d+)\.csv$"}, ignorees=["ORG"]))
    for wave, code in sizes:
        deliver(root, wave, code, sizes[wave, code], random, mixed=mixed[wave, code])
    return root


def deliver(root: Path, wave: str, code: str, size: int, random: np.random.Generator, *, mixed: bool) -> None:
    """Writes an organisme's delivery, in the place of the one before."""
    rates = MINDS[random.choice(len(MINDS), p=[0.5, 0.25, 0.15, 0.1])]
    rows = [_interview(random, code, str(i), YEARS[wave], rates, mixed=mixed) for i in range(size)]
    write_csv(root / f"landing/{wave}/{code}.csv", rows, header=[h for h in HEADER if h != "Q5"])


def redeliver(root: Path, wave: str, number: int, seed: int) -> list[str]:
    """Has the organismes of a wave that interviewed most deliver other answers; returns who they are."""
    random = np.random.default_rng(seed)
    lines = {path: path.read_text("utf-8").splitlines()[1:] for path in (root / f"landing/{wave}").glob("*.csv")}
    largest = sorted(lines, key=lambda path: (-len(lines[path]), path.name))[:number]
    for path in largest:
        mixed = any(line.split(";")[3] == "I" for line in lines[path])
        deliver(root, wave, path.stem, len(lines[path]), random, mixed=mixed)
    return sorted(path.stem for path in largest)


def _size(random: np.random.Generator) -> int:
    return int(np.exp(random.uniform(np.log(8), np.log(250))))


def _tables(random: np.random.Generator, codes: list[str], sizes: dict, mixed: dict) -> dict[str, list[str]]:
    dwellings = {key: int(size * random.integers(2, 12)) + 2 for key, size in sizes.items()}
    return {
        "familles": [f"F{i},{i},Famille {i}" for i in (1, 2, 3)],
        "adherents": ["1,Un,F1,essai"],
        "organismes": [
            f"{code},Organisme {code},F{random.integers(1, 4)},,{random.choice(['18', '37'])},2000-01-01,,non"
            for code in codes
        ],
        "organismes_alias": [],
        "demarches_qualite": [
            f"{code},{SCHEMES[place % 2]},Une démarche,{2009 + 2 * place}-06-01,{'2020-06-01' if place % 5 == 4 else ''}"
            for place, code in enumerate(codes[::2])
        ],
        "vagues": [
            f"{wave},{wave},{i},{year}-10-01,{year}-12-31,telephone,I,,,,definitive,"
            for i, (wave, year) in enumerate(YEARS.items(), start=1)
        ],
        "questions_vagues": [
            f"{question},{wave},{'premiere' if wave == min(YEARS) else 'identique'},"
            for wave in YEARS
            for question in ("G1", "C1", "D1", "D2")
        ],
        "questions": [line for line in TABLES["questions"][1] if not line.startswith("M1")],
        "references_nationales": ["R,Référence,France,note_10,G1,W4,2022,7.0,,,tous,SAT,,libre,oui,,oui,"],
        "participations": [f"{wave},{code},attendu,I,telephone," for wave, code in sizes],
        "plan_sondage": [
            f"{wave},{code},{name},{int(number * share) + 1},{int(sizes[wave, code] * share) + 1}"
            for (wave, code), number in dwellings.items()
            for name, share in ((("COL", 0.7), ("IND", 0.3)) if mixed[wave, code] else (("COL", 1.0),))
        ],
    }


def _interview(
    random: np.random.Generator, code: str, identifier: str, year: int, rates: tuple[float, ...], *, mixed: bool
) -> dict[str, str]:
    construction = str(random.choice(["C", "I"], p=[0.7, 0.3])) if mixed else "C"
    answers = [str(random.choice(["1", "2", "3", "4"], p=rates)) for _ in range(3)]
    demand = "1" if random.random() < 0.6 else "2"
    return row(
        identifier,
        ORG=code,
        DATE=f"15/10/{year}",
        TC=construction,
        AGE=str(random.integers(20, 90)),
        Q1=answers[0],
        Q2=answers[1] if construction == "C" else "",
        Q3=demand,
        Q4=answers[2] if demand == "1" else "",
    )
