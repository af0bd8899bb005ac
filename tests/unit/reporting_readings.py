"""The miniature edition's second readings: one published row of each, and one masked with its value left under the mask."""

from typing import Any

from tests.unit.reporting_labels import ENSEMBLE, HOSTILE, REGION, RIGHT_TO_LEFT


def second_readings() -> dict[str, list[dict[str, Any]]]:
    """Priorities, quartiles, barèmes, comparable profile: one published row and one masked, values under the mask."""
    masked = {"statut": "S", "motif_statut": "moins de 30 réponses"}
    wave = {"vague": "2022", **REGION}
    return {
        "fct_priorite": [
            wave
            | {"question_globale": "G1", "niveau": "question", "code": code, "theme_code": "A", "libelle": label}
            | {"importance": weight, "importance_ic_bas": weight - 0.01, "importance_ic_haut": weight + 0.01}
            | {"rang": rank, "rang_ic_bas": 1, "rang_ic_haut": 2, "note": 6.1, "lecture": reading}
            | {"base_brute": 4321, "part_expliquee": 0.45, **state}
            for code, label, weight, rank, reading, state in (
                ("G2", HOSTILE, 0.31, 1, "à améliorer", {"statut": "V"}),
                ("G6", RIGHT_TO_LEFT, 0.12, 2, "acquis", {"statut": "V"}),
                ("G4", "Question masquée", 0.98765, 3, "à préserver", masked),
            )
        ],
        "fct_quartile": [
            wave
            | {"groupe_type": "region", "groupe": "region", "question_code": code, "mesure": "note", **state}
            | {"quartile_1": low, "mediane": low + 0.5, "quartile_3": low + 1}
            for code, low, state in (("G1", 6.25, {"statut": "V"}), ("G4", 9.81234, masked))
        ],
        "fct_sensibilite": [
            wave
            | {**ENSEMBLE, "question_code": code, "bareme": "B", "bareme_version": "1", "bareme_libelle": HOSTILE}
            | {"note": note, "verdict": "stable", "change_verdict": True, **state}
            for code, note, state in (("G1", 7.77, {"statut": "V"}), ("G4", 9.87654, masked))
        ],
        "fct_profil_comparable": [
            {"vague": "2022", "perimetre_type": "famille", "perimetre": code, "axe": "zone", "question_code": "G1"}
            | {"note_moyenne": note, "note_profil_comparable": note + 0.1, "note_region": 7.4321, **state}
            for code, note, state in (("OPH", 7.25, {"statut": "V"}), ("ESH", 9.81234, masked))
        ],
    }
