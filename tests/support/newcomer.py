"""The extract of an institute that the demo does not have: a person's headers, labels for answers, names and telephones."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl

from orchestration.programme import Programme

NAME = "HUYGENS_tilleul_v1.csv"
_STATUSES = {"NSP": "NSP", "REFUS": "Refus de répondre", "NC": "Sans objet"}
_MENTIONS = 3
_AGES = {"MOINS_35": (18, 34), "35_49": (35, 49), "50_64": (50, 64), "65_PLUS": (65, 92)}
_AXES = {
    "Situé en quartier prioritaire ?": ("qpv", {"QPV": "oui", "HORS_QPV": "non"}),
    "Nature du logement": ("type_construction", {"COLLECTIF": "Appartement", "INDIVIDUEL": "Maison"}),
    "Ancienneté dans les lieux": (
        "anciennete",
        {"MOINS_3_ANS": "jusqu'à 3 ans", "3_9_ANS": "3 à 10 ans", "10_19_ANS": "10 à 20 ans", "20_ANS_PLUS": "plus de 20 ans"},
    ),
    "Composition du foyer": (
        "type_menage",
        {"SEUL": "Seul(e)", "COUPLE": "En couple, sans enfant", "COUPLE_ENFANTS": "En couple avec enfant(s)", "MONOPARENTAL": "Seul(e) avec enfant(s)"},
    ),
    "Ascenseur dans l'immeuble": ("ascenseur", {"AVEC": "oui", "SANS": "non"}),
}  # fmt: skip


def write_extract(path: Path, answers: pl.DataFrame, programme: Programme, strata: dict[str, int]) -> int:
    """Writes interviews as the institute would, cp1252 under a title and above a total; returns how many.

    Args:
        path: the file.
        answers: accepted interviews of some organisme, as the lake keeps them.
        programme: its questionnaire.
        strata: interviews to take of each stratum.
    """
    chance = random.Random(7)
    rows = pl.concat([answers.filter(strate=s).head(n) for s, n in strata.items()]).to_dicts()
    labels = {(r["echelle"], r["modalite_code"]): r["libelle"] or "" for r in programme.rows("modalites")}

    def said(scale: str, code: str) -> str:
        return labels[scale, code] if (scale, code) in labels else _STATUSES.get(code, "")

    header = [
        "Réf. dossier",
        "Nom du titulaire",
        "Tél.",
        "Fin d'appel",
        "Dépt.",
        *_AXES,
        "Âge du répondant",
        "Coef. redressement",
        "Enq.",
    ]
    for i, question in enumerate(programme.questions.values(), start=1):
        if question.multiple:
            header += [f"Q{i} {question.label[:34]} - rép. {k + 1}" for k in range(_MENTIONS)]
        else:
            header.append(f"Q{i} {question.label[:40]}")
    lines = ["Huygens Enquêtes - extrait Tilleul Immobilier", "Terrain d'octobre à décembre 2022", "", ";".join(header)]
    for i, row in enumerate(rows):
        name = f"{chance.choice(['MARTIN', 'DUPONT', 'PETIT', 'MOREAU'])} {chance.choice(['Jeanne', 'Alain', 'Lucie', 'Ahmed'])}"
        telephone = "06 " + " ".join(f"{chance.randrange(100):02}" for _ in range(4))
        call = f"{row['date_entretien']:%d/%m/%Y} {chance.randrange(9, 20)}h{chance.randrange(60):02}"
        age = str(chance.randint(*_AGES[row["tranche_age"]])) if row["tranche_age"] else ""
        cells = [f"G22-{100_000 + 7 * i}", name, telephone, call, "37"]
        cells += [words.get(row[axis], "") for axis, words in _AXES.values()]
        cells += [age, f"{row['poids']:.3f}".replace(".", ","), str(chance.randrange(1, 9))]
        for code, question in programme.questions.items():
            told = [said(question.scale, c) for c in (row[code] if question.multiple else [row[code]])]
            cells += (told + [""] * _MENTIONS)[: _MENTIONS if question.multiple else 1]
        lines.append(";".join(cells))
    lines.append(f"Total : {len(rows)} entretiens")
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return len(rows)
