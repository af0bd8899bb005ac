"""Programmes drawn at random whose organismes are very small: nearly every table has something to hide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from tests.support.mini import ANY_SCALE, HEADER, mini_contract, mini_programme, row, write_contract, write_csv

YEARS = {"V1": 2019, "V2": 2022}
STREET = "impasse des Mésanges"


def random_programme(root: Path, seed: int, **secret: object) -> Path:
    """Writes a programme of eight organismes in three familles and three départements, and its two waves of deliveries.

    Args:
        root: where to write it.
        seed: what it is drawn from.
        secret: the `secret` section of programme.yaml.
    """
    random = np.random.default_rng(seed)
    codes = [f"O{i}" for i in range(1, 9)]
    absent = dict(zip(YEARS, (set(random.choice(codes, size, replace=False)) for size in (2, 1)), strict=True))
    present = {wave: [code for code in codes if code not in absent[wave]] for wave in YEARS}
    sizes = {code: int(random.integers(6, 60)) for code in codes}
    strata = [(wave, code, name) for wave in YEARS for code in codes for name in ("COL", "IND")]
    tables = {
        "familles": [f"F{i},{i},Famille {i}" for i in (1, 2, 3)],
        "adherents": ["1,Un,F1,essai"],
        "organismes": [
            f"{code},Organisme {code},F{random.integers(1, 4)},,{random.choice(['18', '37', '45'])},2000-01-01,,non"
            for code in codes
        ],
        "organismes_alias": [],
        "demarches_qualite": [],
        "participations": [f"{wave},{code},attendu,I,telephone," for wave in YEARS for code in present[wave]],
        "plan_sondage": [f"{wave},{code},{name},{5 * sizes[code]},5" for wave, code, name in strata],
    }
    thresholds = {"base_minimale": 5, "base_fragile": 8, "organismes_minimum": 3, "dominance_maximum": 0.85}
    # a handful of answers each: deliveries are let through, whatever they say
    lenient = {
        "plan_minimum": 0.1,
        "plan_plafond": 10,
        "part_identique_plafond": 1,
        "strates_vides_plafond": 1,
        "decalage_median_plafond": 1,
        **ANY_SCALE,
    }
    mini_programme(root, tables=tables, plausibility=lenient, **thresholds)
    config = yaml.safe_load((root / "programme.yaml").read_text(encoding="utf-8"))
    path = root / "programme.yaml"
    path.write_text(yaml.safe_dump({**config, "secret": {"base_unanime": 12, **secret}}, allow_unicode=True), "utf-8")
    for wave, year in YEARS.items():
        by_name = {"nom_fichier": r"^(O\d)\.csv$"}
        write_contract(root, mini_contract(wave, organisme=by_name, ignorees=["ORG"]))
        for code in present[wave]:
            write_csv(
                root / f"landing/{wave}/{code}.csv",
                [_interview(random, code, str(i), year) for i in range(sizes[code])],
                header=[name for name in HEADER if wave == "V2" or name != "Q5"],
            )
    return root


def by_building(root: Path, wave: str) -> None:
    """Adds to a wave of `random_programme` the building of each interview, some of several and some of one."""
    for path in (root / "landing" / wave).glob("*.csv"):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        told = [f"{line};{STREET} {path.stem} {int(i**0.7)}" for i, line in enumerate(lines)]
        path.write_text("\n".join([f"{head};BAT", *told]) + "\n", encoding="utf-8")
    by_name = {"nom_fichier": r"^(O\d)\.csv$"}
    body = mini_contract(wave, organisme=by_name, ignorees=["ORG"], unite_primaire={"colonne": "BAT"})
    write_contract(root, body)


def _interview(random: np.random.Generator, code: str, identifier: str, year: int) -> dict[str, str]:
    construction, demand = random.choice(["C", "I"], p=[0.7, 0.3]), random.choice(["1", "2"])
    follow_up = random.choice(["1", "2", "3", "4"]) if demand == "1" else ""
    return row(
        identifier,
        ORG=code,
        DATE=f"15/10/{year}",
        TC=construction,
        AGE="" if random.random() < 0.05 else str(random.integers(20, 90)),
        Q1=random.choice(["1", "2", "3", "4"], p=[0.3, 0.4, 0.2, 0.1]),
        Q2=random.choice(["1", "2", "3", "4"]) if construction == "C" else "",
        Q3=demand,
        Q4=follow_up,
        Q5=random.choice(["a", "ab", "0"]) if follow_up in ("3", "4") else "",
    )
