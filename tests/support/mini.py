"""A survey programme small enough to compute by hand: five questions, two waves, three organismes, one axis that routes."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestration.programme import Programme, load_programme

WINDOW = (dt.date(2022, 10, 1), dt.date(2022, 12, 31))

TABLES: dict[str, tuple[str, list[str]]] = {
    "themes": ("theme_code,ordre,libelle,definition", ["T1,1,Thème un,Ce que recouvre le thème."]),
    "echelles": (
        "echelle,type,libelle,unite_note",
        ["SAT,unique,Satisfaction,note sur 10", "ON,unique,Oui ou non,", "MOT,multiple,Motifs,"],
    ),
    "modalites": (
        "echelle,modalite_code,ordre,libelle,statut_reponse,est_satisfait,exclusive,groupe_nps",
        [
            "SAT,TS,1,Très satisfait,exprime,oui,non,",
            "SAT,PS,2,Plutôt satisfait,exprime,oui,non,",
            "SAT,PPS,3,Plutôt pas satisfait,exprime,non,non,",
            "SAT,PDT,4,Pas du tout satisfait,exprime,non,non,",
            "ON,OUI,1,Oui,exprime,oui,non,",
            "ON,NON,2,Non,exprime,non,non,",
            "MOT,A,1,Motif A,exprime,,non,",
            "MOT,AB,2,Motif AB,exprime,,non,",
            "MOT,AUCUN,3,Aucun motif,exprime,,oui,",
            "TOUTES,NSP,91,Ne sait pas,ne_sait_pas,,oui,",
            "TOUTES,REFUS,92,Refus,refus,,oui,",
            "TOUTES,NC,93,Non concerné,non_concerne,,oui,",
            "TOUTES,SR,94,Sans réponse,sans_reponse,,oui,",
            "TOUTES,FILTRE,95,Filtré,filtre,,oui,",
            "TOUTES,NON_POSE,96,Non posé,non_pose,,oui,",
        ],
    ),
    "questions": (
        "question_code,theme_code,ordre,libelle,formulation,statut_formulation,echelle,nature,filtre,est_globale,source",
        [
            "G1,T1,1,Globale,Êtes-vous satisfait ?,proposition,SAT,,,oui,essai",
            "C1,T1,2,Collectif seulement,Êtes-vous satisfait ?,proposition,SAT,,type_construction = 'COL',non,essai",
            "D1,T1,3,A fait une demande,Avez-vous demandé ?,proposition,ON,,,non,essai",
            "D2,T1,4,Suite de la demande,Êtes-vous satisfait ?,proposition,SAT,,D1 = 'OUI',non,essai",
            "M1,T1,5,Motifs,Pourquoi ?,proposition,MOT,,\"D2 in ('PPS', 'PDT')\",non,essai",
        ],
    ),
    "questions_vagues": (
        "question_code,vague,equivalence,commentaire",
        ["G1,V1,premiere,", "C1,V1,premiere,", "D1,V1,premiere,", "D2,V1,premiere,", "G1,V2,identique,", "C1,V2,identique,", "D1,V2,identique,", "D2,V2,identique,", "M1,V2,nouveau,"],
    ),
    "baremes": (
        "bareme,version,libelle,echelle,modalite_code,note",
        ["B,1,Linéaire,SAT,TS,10", "B,1,Linéaire,SAT,PS,6.6666666666666667", "B,1,Linéaire,SAT,PPS,3.3333333333333333", "B,1,Linéaire,SAT,PDT,0"],
    ),
    "baremes_usages": ("institut,vague,bareme,version", ["*,*,B,1"]),
    "vagues": (
        "vague,libelle,ordre,terrain_debut,terrain_fin,mode_collecte,institut,entretiens_controle,questions_controle,organismes_controle,etat,source",
        ["V1,Vague 1,1,2019-10-01,2019-12-31,telephone,I,,,,definitive,", "V2,Vague 2,2,2022-10-01,2022-12-31,telephone,I,,,,provisoire,"],
    ),
    "instituts": ("institut,nom,fictif", ["I,Institut I,oui"]),
    "axes": ("axe,ordre,libelle,millesime,source", ["ensemble,0,Ensemble,,", "type_construction,1,Construction,,", "age,2,Âge,,"]),
    "segments": (
        "axe,segment,ordre,libelle,borne_min,borne_max",
        ["ensemble,tous,1,Tous,,", "type_construction,COL,1,Collectif,,", "type_construction,IND,2,Individuel,,", "age,JEUNE,1,Moins de 50 ans,0,49", "age,AGE,2,50 ans et plus,50,120"],
    ),
    "familles": ("famille,ordre,libelle", ["F,1,Famille F"]),
    "adherents": ("ordre,nom,famille,source", ["1,Un,F,essai"]),
    "organismes": (
        "organisme_code,nom,famille,siren,departement,valide_de,valide_a,sans_repondant",
        ["O1,Organisme Un,F,,45,2000-01-01,,non", "O2,L'Organisme Deux,F,,45,2000-01-01,,non", "O3,Trois,F,,37,2000-01-01,,non"],
    ),
    "organismes_alias": ("alias,organisme_code,source", ["Organisme Un,O1,nom", "L'Organisme Deux,O2,nom"]),
    "participations": (
        "vague,organisme_code,statut,institut,mode_collecte,commentaire",
        [f"{v},{o},attendu,I,telephone," for v in ("V1", "V2") for o in ("O1", "O2", "O3")],
    ),
    "filiations": ("predecesseur,successeur,type,date_effet,part_parc,commentaire", []),
    "demarches_qualite": ("organisme_code,type,intitule,debut,fin", ["O1,label,Un label,2020-01-01,"]),
    "plan_sondage": (
        "vague,organisme_code,strate,population,entretiens_vises",
        [f"{v},{o},{s},{n},10" for v in ("V1", "V2") for o, n in (("O1", 400), ("O2", 200), ("O3", 100)) for s in ("COL", "IND")],
    ),
    "marges": ("vague,organisme_code,axe,segment,parc", []),
    "references_nationales": (
        "source,libelle_source,population,unite,question_code,vague,millesime,valeur,base_effectif,erreur_type,base,echelle,filtre,licence,comparable,motif_non_comparable,demonstration,url",
        ["R,Référence,France,note_10,G1,V2,2022,7.0,,,tous,SAT,,libre,oui,,oui,"],
    ),
}  # fmt: skip

CONFIG: dict[str, Any] = {
    "programme": "mini",
    "nom": "Programme d'essai",
    "langue": "fr",
    "demonstration": True,
    "vague_courante": "V2",
    "seuils": {
        "alpha": 0.05, "confiance": 0.95, "materialite_note": 0.15, "materialite_taux": 0.02, "base_minimale": 1, "base_fragile": 1,
        "organismes_minimum": 1, "dominance_maximum": 1.0, "couverture_minimum": 0.5, "rejets_reserve": 0.2, "rejets_maximum": 0.9,
        "relivraison_perte_maximum": 0.05, "relivraison_ecart": 0.02, "perte_edition_maximum": 0.05, "quarantaine_jours": 90, "editions_conservees": 3,
    },
    "secret": {"protection": 0, "base_unanime": 0},
    "rapport": {"titre": "Essai", "reference_imprimee": "R"},
}  # fmt: skip

SAT = {"1": "TS", "2": "PS", "3": "PPS", "4": "PDT", "8": "NC", "9": "NSP"}


# what lets any answers through that a scale read upside down, shifted or merged would give
ANY_SCALE = {"attendues_absentes_plafond": 100_000, "cote_vide_maximum": 1_000_000, "attendues_delaissees_maximum": 100_000, "desordre_maximum": 1_000, "citations_perdues_maximum": 100_000} | dict.fromkeys(
    (
        "retournement_plafond", "retournement_echelle_plafond", "retournement_autres_plafond",
        "decalage_plafond", "decalage_echelle_plafond", "decalage_autres_plafond",
        "contresens_plafond", "permutation_plafond", "permutation_echelle_plafond", "permutation_autres_plafond",
    ),
    1,
)  # fmt: skip


def mini_programme(
    root: Path,
    *,
    tables: Mapping[str, Sequence[str]] | None = None,
    plausibility: Mapping[str, float] | None = None,
    source: str = "R",
    secret: Mapping[str, Any] | None = None,
    composites: Mapping[str, Any] | None = None,
    **thresholds: Any,
) -> Programme:
    """Writes the programme under `root` and opens it; `tables` replaces the lines of some reference files."""
    (root / "reference").mkdir(parents=True, exist_ok=True)
    (root / "contracts").mkdir(exist_ok=True)
    for name, (header, lines) in TABLES.items():
        text = "\n".join([header, *(tables or {}).get(name, lines)]) + "\n"
        (root / "reference" / f"{name}.csv").write_text(text, encoding="utf-8")
    config = {
        **CONFIG,
        "seuils": {**CONFIG["seuils"], **thresholds},
        "plausibilite": dict(plausibility or {}),
        "rapport": {**CONFIG["rapport"], "reference_imprimee": source},
    } | ({"secret": dict(secret)} if secret else {})
    config |= {"composites": dict(composites)} if composites else {}
    (root / "programme.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return load_programme(root)


def mini_contract(wave: str = "V2", **changes: Any) -> dict[str, Any]:
    """Returns a contract body for a `;` CSV with one column per question; keyword arguments replace parts of it."""
    questions: dict[str, Any] = {
        "G1": {"colonne": "Q1", "codage": "sat"},
        "C1": {"colonne": "Q2", "codage": "sat"},
        "D1": {"colonne": "Q3", "codage": {"1": "OUI", "2": "NON", "9": "NSP"}},
        "D2": {"colonne": "Q4", "codage": "sat"},
    }
    if wave == "V2":
        questions["M1"] = {
            "multiple": "liste",
            "colonne": "Q5",
            "separateur": "|",
            "codage": {"a": "A", "ab": "AB", "0": "AUCUN", "9": "NSP"},
        }
    body = {
        "contrat": f"i-{wave.lower()}", "version": 1, "statut": "confirme", "institut": "I", "vague": wave, "fichiers": ["*"],
        "format": {"type": "csv", "encodage": "utf-8-sig", "separateur": ";"},
        "organisme": {"colonne": "ORG"}, "entretien": "ID", "date_entretien": {"colonne": "DATE", "format": "%d/%m/%Y"},
        "strate": {"axes": ["type_construction"]},
        "axes": {
            "type_construction": {"colonne": "TC", "codage": {"C": "COL", "I": "IND"}},
            "age": {"colonne": "AGE", "tranches": True},
        },
        "codages": {"sat": SAT}, "questions": questions,
    }  # fmt: skip
    return {**body, **changes}


def write_contract(root: Path, body: Mapping[str, Any]) -> Path:
    """Writes a contract file and returns its path."""
    path = root / "contracts" / f"{body['contrat']}.yaml"
    path.write_text(yaml.safe_dump(dict(body), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


HEADER = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5"]


def row(identifier: str, **cells: str) -> dict[str, str]:
    """Returns one valid interview as delivered; keyword arguments replace cells."""
    base = {
        "ORG": "O1",
        "ID": identifier,
        "DATE": "15/10/2022",
        "TC": "C",
        "AGE": "40",
        "Q1": "1",
        "Q2": "2",
        "Q3": "1",
        "Q4": "3",
        "Q5": "a|ab",
    }
    return {**base, **cells}


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8",
    above: Sequence[str] = (),
) -> Path:
    """Writes rows as a `;` CSV, with optional lines above the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        file.writelines(f"{line}\n" for line in above)
        writer = csv.DictWriter(
            file, fieldnames=list(header), delimiter=";", lineterminator="\n", extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(rows)
    return path


def mini_programme_saying(root: Path, **said: object) -> Programme:
    """The mini programme, and what its programme.yaml says besides."""
    mini_programme(root)
    path = root / "programme.yaml"
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**body, **said}, allow_unicode=True), encoding="utf-8")
    return load_programme(root)
