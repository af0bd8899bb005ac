"""The oracle's data as a programme: reference files, contracts and deliveries, ready for `observatoire run`."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.oracle.generate import QUESTIONS, Row, read, strata
from tests.support.mini import TABLES, mini_programme, write_contract

# first day of the field work; the second wave comes after the merger of O8 into O1
FIELD = {"V1": "2019-10-01", "V2": "2022-10-01"}
# a third wave of the second one's members and plan, for trends: not as far from the second as that is from the first
THIRD = {"V3": "2024-05-01"}
# the institutes that deliver weights, and the one that delivers the building of each interview
WEIGHTED = ("J", "K")
CLUSTERED = "K"
NOTHING_MASKED = {
    "base_minimale": 1,
    "base_fragile": 1,
    "organismes_minimum": 1,
    "dominance_maximum": 1.0,
    "couverture_minimum": 0.0,
}
# strata of one or two interviews, and answers drawn anew at each wave: nothing there is plausible
EVERYTHING_PLAUSIBLE = {
    "plan_plancher": 0,
    "question_sans_avis_plafond": 1,
    "part_identique_plafond": 1,
    "decalage_plafond": 1,
    "decalage_median_plafond": 1,
    "strates_vides_plafond": 1,
}
NOTHING_SECRET = {"protection": 0.0, "base_unanime": 0}
SCALES = {"SAT": "unique", "DIX": "unique", "ON": "unique", "MOT": "multiple"}
STATUSES = [line for line in TABLES["modalites"][1] if line.startswith("TOUTES,")]
AXES = {"construction": ("COL", "IND"), "age": ("JEUNE", "AGE")}


def oracle_programme(root: Path, *, third: bool = False) -> Path:
    """Writes the programme under `root`, with a third wave or without."""
    field = FIELD | (THIRD if third else {})
    mini_programme(
        root,
        tables=_reference(field),
        source="P",
        plausibility=EVERYTHING_PLAUSIBLE,
        secret=NOTHING_SECRET,
        **NOTHING_MASKED,
    )
    members = _members(field)
    for wave in field:
        for institute in ("I", "J", "K"):
            codes = [m["organisme"] for m in members if m["vague"] == wave and m["institut"] == institute]
            write_contract(root, _contract(wave, institute, codes))
    rows = read("entretiens") + (read("troisieme") if third else [])
    for (wave, organisme), lot in groupby(rows, key=lambda row: (row["vague"], row["organisme"])):
        _deliver(root / "landing" / wave / f"{organisme}.csv", field[wave], list(lot))
    return root


def _members(field: Collection[str]) -> list[Row]:
    return read("organismes") + [
        {**row, "vague": "V3"} for row in read("organismes") if "V3" in field and row["vague"] == "V2"
    ]


def _reference(field: Mapping[str, str]) -> dict[str, list[str]]:
    members, questions, options = _members(field), read("questions"), read("modalites")
    scale = {q["question"]: q["echelle"] for q in questions}
    where = {q["question"]: q["filtre"] for q in questions}
    return {
        "echelles": [f"{s},{kind},{s},{'note sur 10' if s in ('SAT', 'DIX') else ''}" for s, kind in SCALES.items()],
        "modalites": [
            f"{o['echelle']},{o['modalite']},{i},{o['modalite']},exprime,{o['est_satisfait']},"
            f"{'oui' if o['modalite'] == 'AUCUN' else 'non'},{o['groupe_nps']}"
            for i, o in enumerate(options, start=1)
        ]
        + STATUSES,
        "questions": [
            f"{q['question']},T1,{i},{q['question']},{q['question']} ?,proposition,{q['echelle']},,{q['filtre']},"
            f"{'oui' if q['question'] == 'G1' else 'non'},essai"
            for i, q in enumerate(questions, start=1)
        ],
        "questions_vagues": [
            f"{q['question']},{wave},{'premiere' if wave == 'V1' else 'identique'},"
            for q in questions
            for wave in field
        ],
        "baremes": [
            f"{institute},1,{institute},{o['echelle']},{o['modalite']},{o['note_' + institute]}"
            for institute in ("I", "J")
            for o in options
            if o["note_I"]
        ],
        "baremes_usages": ["*,*,I,1", "J,*,J,1"],
        "vagues": [
            f"{wave},{wave},{i},{day},{day[:4]}-12-31,telephone,I,,,,definitive,"
            for i, (wave, day) in enumerate(field.items(), start=1)
        ],
        "instituts": [f"{institute},Institut {institute},oui" for institute in ("I", "J", "K")],
        "axes": ["ensemble,0,Ensemble,,", "construction,1,Construction,,", "age,2,Âge,,"],
        "segments": ["ensemble,tous,1,Tous,,"]
        + [f"{axis},{s},{i},{s},," for axis, codes in AXES.items() for i, s in enumerate(codes, start=1)],
        "familles": ["F1,1,Famille 1", "F2,2,Famille 2"],
        "adherents": ["1,Un,F1,essai"],
        "organismes": list(_validities(read("organismes"))),
        "organismes_alias": [],
        "participations": [f"{m['vague']},{m['organisme']},attendu,{m['institut']},telephone," for m in members],
        "filiations": [
            f"{m['organisme']},{m['successeur']},absorption,2021-01-01,1,"
            for m in members
            if m["vague"] == "V1" and m["organisme"] != m["successeur"]
        ],
        "demarches_qualite": [],
        "marges": [],
        "plan_sondage": [
            f"{s['vague']},{s['organisme']},{s['strate']},{s['population']},{s['entretiens']}"
            for wave in field
            for s in strata(wave)
        ],
        "references_nationales": [
            f"{r['source']},Source {r['source']},France,{r['unite']},{r['question']},{r['vague']},2022,{r['valeur']},{r['base']},{r['erreur']},"
            f'tous,{scale[r["question"]]},"{where[r["question"]]}",libre,oui,,oui,'
            for r in read("references")
        ],
    }


def _validities(members: list[Row]) -> Iterator[str]:
    """Yields one line per organisme, two when its family changed between the waves."""
    for code, found in groupby(sorted(members, key=lambda m: (m["organisme"], m["vague"])), lambda m: m["organisme"]):
        rows = list(found)
        moved = len({row["famille"] for row in rows}) > 1
        periods = [("2000-01-01", "2020-12-31"), ("2021-01-01", "")] if moved else [("2000-01-01", "")]
        for row, (start, end) in zip(rows, periods, strict=False):
            yield f"{code},{row['nom']},{row['famille']},,{row['departement']},{start},{end},non"


def _contract(wave: str, institute: str, organismes: list[str]) -> dict[str, Any]:
    scale_of = {q["question"]: q["echelle"] for q in read("questions")}
    maps: dict[str, dict[str, str]] = {}
    for option in read("modalites"):
        maps.setdefault(option["echelle"], {"NSP": "NSP"})[option["modalite"]] = option["modalite"]
    questions: dict[str, Any] = {
        code: {"colonne": code, "codage": maps[scale]}
        | ({"multiple": "liste", "separateur": "|"} if SCALES[scale] == "multiple" else {})
        for code, scale in scale_of.items()
    }
    weights: dict[str, Any] = (
        {"ponderation": {"colonne": "poids"}} if institute in WEIGHTED else {"ignorees": ["poids"]}
    )
    if institute == CLUSTERED:
        weights["unite_primaire"] = {"colonne": "unite"}
    else:
        weights["ignorees"] = [*weights.get("ignorees", ()), "unite"]
    return {
        "contrat": f"{institute}-{wave}".lower(),
        "version": 1,
        "statut": "confirme",
        "institut": institute,
        "vague": wave,
        "fichiers": [f"{code}.csv" for code in organismes],
        "format": {"type": "csv", "encodage": "utf-8", "separateur": ";"},
        "organisme": {"nom_fichier": r"^(O\d+)\.csv$"},
        "entretien": "entretien",
        "date_entretien": {"colonne": "date", "format": "%Y-%m-%d"},
        "strate": {"colonne": "strate"},
        "axes": {axis: {"colonne": axis, "codage": {s: s for s in codes}} for axis, codes in AXES.items()},
        "questions": questions,
        **weights,
    }


def _deliver(path: Path, day: str, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ["entretien", "strate", "unite", "poids", *AXES, *QUESTIONS, "date"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "date": day} for row in rows)
