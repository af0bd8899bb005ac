"""The rows of the miniature edition: invented figures, hostile labels, masked, excluded and new questions."""

from datetime import date, datetime
from typing import Any

from tests.unit.reporting_labels import ENDLESS, ENSEMBLE, HOSTILE, REGION, RIGHT_TO_LEFT
from tests.unit.reporting_readings import second_readings

VAGUES = ("2016", "2019", "2022")

# code, theme, label, kind, notes by wave (None: not asked), reference, verdict, verdict of the gap, status
QUESTIONS: list[tuple[str, str, str, str, tuple[float | None, ...], float | None, str | None, str | None, str]] = [
    (
        "G1",
        "A",
        "Satisfaction d'ensemble : globale",
        "note",
        (7.1234567, 7.2, 7.4321),
        7.2,
        "hausse",
        "au-dessus",
        "V",
    ),
    ("G2", "A", HOSTILE, "note", (None, 6.5, 6.1), 6.4, "baisse", "en dessous", "V"),
    ("G3", "A", ENDLESS, "note", (None, None, 5.05), None, "nouveau", None, "V"),
    ("G4", "A", "Question masquée", "note", (5.5, 5.6, 9.87654), 6.0, None, None, "S"),
    ("G5", "A", "Question exclue", "note", (5.5, 5.6, 8.76543), 6.0, None, None, "E"),
    ("G6", "B", RIGHT_TO_LEFT, "note", (6.0, 6.1, 6.12), 6.1, "stable", "au niveau", "V"),
    ("T1", "B", "A formulé une demande", "taux", (0.5, 0.55, 0.61234), None, "hausse", None, "V"),
    ("M1", "B", "Motifs d'insatisfaction", "motif", (None, None, None), None, None, None, "V"),
    ("M2", "B", "Motifs masqués", "motif", (None, None, None), None, None, None, "S"),
]
NATURES = {"note": "satisfaction", "taux": "incidence", "motif": "motif"}
OPTIONS = [
    ("TS", "Très satisfait", 10.0, True),
    ("PS", "Plutôt satisfait", 6.67, True),
    ("PPS", "Plutôt pas satisfait", 3.33, False),
    ("PDT", "Pas du tout satisfait", 0.0, False),
]
MOTIVES = [("DELAI", "Délai trop long", 0.432), ("HOSTILE", HOSTILE, 0.211)]
SEGMENTS = [
    ("zone", "Zone d'habitat", "DEDANS", "En zone", 6.61, "V"),
    ("zone", "Zone d'habitat", "DEHORS", "Hors zone", 7.66, "S"),
]

QUALITY = ("livraison", "regle", "libelle", "gravite", "tenue", "nb_lignes", "exemple")
RECEIVED = {"fichier": "2022/essai.csv", "vague": "2022", "porte": "metier"}


def tables() -> dict[str, list[dict[str, Any]]]:
    """The rows, table by table."""
    return _dimensions() | _facts() | second_readings() | _study()


def _dimensions() -> dict[str, list[dict[str, Any]]]:
    themes = {"A": "Premier thème", "B": "Second thème"}
    return {
        "dim_vague": [
            {
                "vague": v,
                "libelle": f"Vague {v}",
                "ordre": n,
                "terrain_debut": date(int(v), 10, 17),
                "terrain_fin": date(int(v), 12, 23),
                "mode_collecte": "telephone",
                "institut": "Institut d'essai",
            }
            for n, v in enumerate(VAGUES)
        ],
        "dim_organisme": [
            {
                "organisme_cle": f"{c}-1",
                "organisme_code": c,
                "nom": n,
                "famille": "OPH",
                "valide_de": date(2000, 1, 1),
            }
            for c, n in (("UN", "Un Habitat"), ("DEUX", HOSTILE), ("TROIS", "Trois Habitat"))
        ],
        "dim_perimetre": [
            {"perimetre_type": kind, "perimetre": code, "libelle": label, "ordre": n, "type_libelle": title}
            for n, (kind, code, label, title) in enumerate(
                [("region", "region", "Région d'essai", "Région"), ("famille", "OPH", "Offices", "Famille")]
                + [
                    (a, code, f"{label} (siège des organismes)", "Siège des organismes")
                    for a, _, code, label, *_ in SEGMENTS
                ]
            )
        ],
        "dim_theme": [
            {"theme_code": code, "ordre": n, "libelle": label, "definition": "Ce que c'est."}
            for n, (code, label) in enumerate(themes.items())
        ],
        "dim_question": [
            {
                "question_code": code,
                "theme_code": theme,
                "theme": themes[theme],
                "ordre": n,
                "libelle": label,
                "formulation": "Êtes-vous satisfait ?",
                "nature": NATURES[kind],
                "est_globale": code == "G1",
                "premiere_vague": "2016" if values[0] else "2022",
                "derniere_vague": "2022",
            }
            for n, (code, theme, label, kind, values, *_) in enumerate(QUESTIONS)
        ],
        "dim_modalite": [
            {
                "question_code": code,
                "modalite_code": option,
                "ordre": n,
                "libelle": label,
                "note": note if kind == "note" else None,
                "est_satisfait": satisfied,
                "statut_reponse": "exprime",
            }
            for code, _, _, kind, *_ in QUESTIONS
            if kind != "motif"
            for n, (option, label, note, satisfied) in enumerate(OPTIONS)
        ]
        + [
            {
                "question_code": code,
                "modalite_code": option,
                "ordre": n,
                "libelle": label,
                "statut_reponse": "exprime",
            }
            for code in ("M1", "M2")
            for n, (option, label, _) in enumerate(MOTIVES)
        ],
        "dim_segment": [{"axe": "ensemble", "segment": "tous", "libelle": "Tous"}]
        + [
            {"axe": axis, "axe_libelle": title, "axe_ordre": 1, "segment": code, "ordre": n, "libelle": label}
            for n, (axis, title, code, label, *_) in enumerate(SEGMENTS)
        ],
    }


def _measures(kind: str, value: float | None, statut: str) -> dict[str, Any]:
    if value is None or statut != "V":
        masked = {"statut": statut, "motif_statut": "moins de 30 réponses" if statut == "S" else None}
        return masked if value is not None else {"statut": "Z"}
    shared = {"statut": "V", "base_brute": 12345, "base_ponderee": 98765.4}
    if kind == "taux":
        return shared | {
            "taux_imprime": value,
            "taux_imprime_ic_bas": value - 0.01,
            "taux_imprime_ic_haut": value + 0.0123,
        }
    return shared | {
        "note_imprimee": value,
        "note_imprimee_ic_bas": value - 0.05,
        "note_imprimee_ic_haut": value + 0.05,
        "taux_imprime": value / 10,
        "taux_imprime_ic_bas": value / 10 - 0.01,
        "taux_imprime_ic_haut": value / 10 + 0.01,
    }


def _facts() -> dict[str, list[dict[str, Any]]]:
    satisfaction, evolution, gaps, letter, references = [], [], [], [], []
    for code, theme, label, kind, values, reference, verdict, gap_verdict, statut in QUESTIONS:
        if kind == "motif":
            continue
        for vague, value in zip(VAGUES, values, strict=True):
            satisfaction.append(
                {
                    "vague": vague,
                    **REGION,
                    **ENSEMBLE,
                    "question_code": code,
                    **_measures(kind, value, statut if vague == "2022" else "V"),
                }
            )
        now, before = values[2], values[1]
        change = now - before if now is not None and before is not None and statut == "V" else None
        evolution.append(
            {
                "vague": "2022",
                "vague_precedente": "2019",
                **REGION,
                **ENSEMBLE,
                "question_code": code,
                "methode": "publie",
                f"ecart_{kind}": change,
                "verdict": verdict,
                "statut": statut,
                **(
                    {
                        "organismes_en_hausse": 9,
                        "organismes_stables": 4,
                        "organismes_non_significatifs": 2,
                        "organismes_en_baisse": 3,
                    }
                    if change is not None
                    else {}
                ),
            }
        )
        if kind == "note":
            shown = reference if statut == "V" else None
            gap = now - reference if shown is not None and now is not None and reference is not None else None
            letter.append(
                {
                    "question_code": code,
                    "theme_code": theme,
                    "theme": theme,
                    "libelle": label,
                    "nature": NATURES[kind],
                    "vague": "2022",
                    "evolution": change,
                    "note_moyenne": now if statut == "V" else None,
                    "verdict": verdict,
                    "reference": shown,
                    "verdict_reference": gap_verdict if shown else None,
                    "motif_verdict": "motif du verdict",
                    "reference_unite": "note_10",
                    "ecart_reference": gap,
                    "phrase": f"«\u00a0{label}\u00a0» progresse, voilà." if statut == "V" else None,
                    "phrase_sans_libelle": "La note progresse, voilà." if statut == "V" else None,
                    "statut": statut,
                }
            )
            gaps.append(
                {
                    "vague": "2022",
                    **REGION,
                    "question_code": code,
                    "source": "AUTRE",
                    "millesime": "2021",
                    "unite": "pourcentage_satisfaits",
                    "reference": 81.5,
                    "statut": statut,
                    "verdict": gap_verdict,
                    "valeur": 80.25 if shown else None,
                    "ecart": -1.25 if shown else None,
                    "motif_verdict": HOSTILE,
                }
            )
            references.append(
                {
                    "source": "REF",
                    "libelle_source": HOSTILE,
                    "population": "France",
                    "unite": "note_10",
                    "vague": "2022",
                    "question_code": code,
                    "valeur": reference,
                    "millesime": "2022",
                    "licence": "Citation",
                    "url": "javascript:alert(1)",
                }
            )
    for axis, _, segment, _, note, statut in SEGMENTS:
        satisfaction.append(
            {
                "vague": "2022",
                **REGION,
                "axe": axis,
                "segment": segment,
                "question_code": "G1",
                **_measures("note", note, statut),
            }
        )
    return {
        "fct_satisfaction": satisfaction,
        "fct_evolution": evolution,
        "fct_ecart_reference": gaps,
        "fct_reference_nationale": references,
        "obs_indicateur": letter,
        "fct_distribution": [
            {
                "vague": "2022",
                **REGION,
                **ENSEMBLE,
                "question_code": "G1",
                "modalite_code": option,
                "part": part,
                "effectif": 100,
                "statut": "V",
            }
            for (option, *_), part in zip(OPTIONS, (0.31, 0.47, 0.14, 0.08), strict=True)
        ],
        "fct_motif": [
            {
                "vague": "2022",
                **REGION,
                "question_code": code,
                "motif": option,
                "statut": statut,
                "part": part if statut == "V" else None,
                "effectif": 1234 if statut == "V" else None,
            }
            for code, statut in (("M1", "V"), ("M2", "S"))
            for option, _, part in MOTIVES
        ],
    }


def _study() -> dict[str, list[dict[str, Any]]]:
    return {
        "obs_couverture": [
            {
                "vague": "2022",
                "organisme_code": "UN",
                "statut": "inclus",
                "nb_entretiens": 9000,
                "parc": 30123,
                "part_parc": 0.6,
            },
            {
                "vague": "2022",
                "organisme_code": "DEUX",
                "statut": "reserve",
                "motif": "Poids recalés",
                "nb_entretiens": 7471,
                "parc": 15000,
                "part_parc": 0.3,
            },
            {
                "vague": "2022",
                "organisme_code": "TROIS",
                "statut": "attendu",
                "motif": "Livraison non reçue",
                "nb_entretiens": None,
                "parc": 5000,
                "part_parc": 0.1,
            },
        ],
        "obs_qualite": [
            dict(zip(QUALITY, row, strict=True)) | RECEIVED
            for row in [
                ("l1", "hors_fenetre", "Entretien hors des dates de terrain", "rejet", False, 12, "SECRET-42"),
                ("l2", "hors_fenetre", "Entretien hors des dates de terrain", "rejet", False, 1200, None),
                ("l2", "doublon", "Entretien en double", "rejet", True, 0, None),
            ]
        ],
        "meta_edition": [
            {
                "edition": "2022.1",
                "publiee_le": datetime(2026, 11, 1, 2, 3),
                "revision": "abcdef0123456789",
                "nb_entretiens": 16471,
                "entrees": "[]",
            },
        ],
    }
