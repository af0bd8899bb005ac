"""A small programme in English that has nothing to do with housing: hospitals, a scale from 1 (worst, first) to 6, three waves.

Overall satisfaction falls, then recovers without regaining its first level; another question rises each time; one hardly moves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from tests.support.mini import ANY_SCALE, TABLES, mini_contract, mini_programme, row, write_contract, write_csv

YEARS = {"2019": 2019, "2021": 2021, "2023": 2023}
HOSPITALS = [f"H{i:02d}" for i in range(1, 14)]
STAYS = {"COL": "Planned stay", "IND": "Emergency stay"}
WORDS = ("Very poor", "Poor", "Rather poor", "Rather good", "Good", "Excellent")
# mean answer of each question at each wave, on the scale from 1 to 6
MEANS = {"Q1": (4.5, 3.8, 4.2), "Q2": (3.5, 3.9, 4.3), "Q4": (4.0, 4.0, 4.03)}
CONCERNED = (0.5, 0.62, 0.55)
ASKED = 90


def barometer(root: Path, seed: int = 5) -> Path:
    """Writes the programme and its deliveries.

    Args:
        root: where to write it.
        seed: what answers are drawn from.
    """
    random = np.random.default_rng(seed)
    plausibility = {"part_identique_plafond": 1, "decalage_median_plafond": 1, **ANY_SCALE}
    mini_programme(root, tables=_tables(), plausibility=plausibility, base_minimale=30, base_fragile=50)
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config |= {
        "langue": "en",
        "nom": "Patients' barometer",
        "region": "The county",
        "editeur": "The county's hospitals",
        "vague_courante": max(YEARS),
        "vocabulaire": {
            "repondant": {"singulier": "patient", "pluriel": "patients"},
            "organisme": {"singulier": "hospital", "pluriel": "hospitals"},
            "unite": {"singulier": "stay", "pluriel": "stays"},
            "population": {"singulier": "admissions of the year", "pluriel": "admissions"},
            "territoire": {"singulier": "county", "pluriel": "counties"},
        },
    }
    config["rapport"] |= {"titre": "Patients' barometer"}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    six = {str(i): str(i) for i in range(1, 7)} | {"9": "NSP"}
    for rank, (wave, year) in enumerate(YEARS.items()):
        contract = mini_contract(wave, codages={"sat": six})
        contract["questions"]["D1"]["codage"] = {"1": "OUI", "2": "NON", "9": "NSP"}
        write_contract(root, contract)
        rows = [
            _interview(random, code, f"{code}-{i}", year, rank, float(stray))
            for code, stray in zip(HOSPITALS, random.normal(0, 0.25, len(HOSPITALS)), strict=True)
            for i in range(ASKED)
        ]
        write_csv(
            root / f"landing/{wave}/patients.csv",
            rows,
            header=["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"],
        )
    return root


def _interview(
    random: np.random.Generator, code: str, identifier: str, year: int, rank: int, stray: float
) -> dict[str, str]:
    planned, concerned = random.random() < 0.6, random.random() < CONCERNED[rank]

    def answer(question: str) -> str:
        return str(int(np.clip(round(random.normal(MEANS[question][rank] + stray, 1.1)), 1, 6)))

    return row(
        identifier,
        ORG=code,
        DATE=f"15/10/{year}",
        TC="C" if planned else "I",
        AGE=str(random.integers(18, 95)),
        Q1=answer("Q1"),
        Q2=answer("Q2") if planned else "",
        Q3="1" if concerned else "2",
        Q4=answer("Q4") if concerned else "",
    )


def _tables() -> dict[str, list[str]]:
    statuses = [line for line in TABLES["modalites"][1] if line.startswith("TOUTES")]
    said = {
        "NSP": "Do not know",
        "REFUS": "Refused",
        "NC": "Not concerned",
        "SR": "No answer",
        "FILTRE": "Filtered",
        "NON_POSE": "Not asked",
    }
    for code, words in said.items():
        statuses = [",".join([*line.split(",")[:3], words, *line.split(",")[4:]]) if f",{code}," in line else line for line in statuses]  # fmt: skip
    waves = list(YEARS)
    return {
        "themes": ["T1,1,The stay,What patients say of their stay.", "T2,2,Complaints,What becomes of them."],
        "echelles": [
            "SIX,unique,From 1 to 6,score out of 6",
            "ON,unique,Yes or no,",
            "MOT,multiple,Reasons,",
        ],
        "modalites": [
            *(
                f"SIX,{i},{i},{words},exprime,{'oui' if i > 4 else 'non'},non,"
                for i, words in enumerate(WORDS, start=1)
            ),
            "ON,OUI,1,Yes,exprime,oui,non,",
            "ON,NON,2,No,exprime,non,non,",
            *statuses,
        ],
        "questions": [
            "G1,T1,1,The stay as a whole,How was your stay?,proposition,SIX,satisfaction,,oui,test",
            "C1,T1,2,Preparing the stay,How was it prepared?,proposition,SIX,satisfaction,type_construction = 'COL',non,test",
            "D1,T2,3,Complained,Did you complain?,proposition,ON,incidence,,non,test",
            "D2,T2,4,Answer to the complaint,How was it answered?,proposition,SIX,satisfaction,D1 = 'OUI',non,test",
        ],
        "questions_vagues": [
            f"{question},{wave},{'premiere' if wave == waves[0] else 'identique'},"
            for wave in waves
            for question in ("G1", "C1", "D1", "D2")
        ],
        "baremes": [f"B,1,One to six,SIX,{i},{i}" for i in range(1, 7)],
        "vagues": [
            f"{wave},{wave},{rank},{year}-10-01,{year}-12-31,postal,I,,,,definitive,"
            for rank, (wave, year) in enumerate(YEARS.items(), start=1)
        ],
        "instituts": ["I,The survey agency,oui"],
        "axes": ["ensemble,0,All patients,,", "type_construction,1,Kind of stay,,", "age,2,Age,,"],
        "segments": [
            "ensemble,tous,1,All,,",
            *(f"type_construction,{code},{i},{words},," for i, (code, words) in enumerate(STAYS.items(), start=1)),
            "age,JEUNE,1,Under 50,0,49",
            "age,AGE,2,50 and over,50,120",
        ],
        "familles": ["F,1,Hospitals"],
        "adherents": ["1,First,F,test"],
        "organismes": [f"{code},Hospital {code},F,,45,2000-01-01,,non" for code in HOSPITALS],
        "organismes_alias": [],
        "demarches_qualite": [],
        "participations": [f"{wave},{code},attendu,I,postal," for wave in waves for code in HOSPITALS],
        "plan_sondage": [
            f"{wave},{code},{stay},{1200 + 100 * i},{ASKED // 2}"
            for wave in waves
            for i, code in enumerate(HOSPITALS)
            for stay in STAYS
        ],
        "references_nationales": [
            "R,National survey,England,pourcentage_satisfaits,G1,2023,2023,30.0,2500,,tous,SIX,,open,oui,,oui,"
        ],
    }
