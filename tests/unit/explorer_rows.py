"""The miniature edition as the explorer's traps want it: coarse figures, waves, bases, many segments, perimeters."""

from __future__ import annotations

from typing import Any

from tests.unit.reporting_labels import ENSEMBLE, REGION
from tests.unit.reporting_rows import VAGUES, tables

Row = dict[str, Any]
INSIDE = {**REGION, "axe": "zone", "segment": "DEDANS"}
SEAT = {"perimetre_type": "zone", "perimetre": "DEDANS"}
OTHER_SEAT = {**SEAT, "perimetre": "DEHORS"}
LONG = "Un territoire dont le nom ne tient pas sur une ligne de téléphone"
AGES = 20


def share(wave: str, option: str, part: float, low: float, high: float, **more: Any) -> Row:
    """A share of the answers to G1 for all respondents of the region, with its interval."""
    here = {"vague": wave, **REGION, **ENSEMBLE, "question_code": "G1", "modalite_code": option}
    return here | {"part": part, "part_ic_bas": low, "part_ic_haut": high, "base_brute": 900, "statut": "V"} | more


def note(wave: str, place: Row, value: float, **more: Any) -> Row:
    """A note of G1 at a place, as it is published of a few answers: to a tenth, and its rate to a tenth too."""
    held = {
        "note_imprimee": value, "note_imprimee_ic_bas": value - 0.5, "note_imprimee_ic_haut": value + 0.5,
        "taux_imprime": value / 10, "taux_imprime_ic_bas": value / 10 - 0.1, "taux_imprime_ic_haut": value / 10 + 0.1,
        "base_brute": 40, "statut": "V",
    }  # fmt: skip
    return {"vague": wave, **place, "question_code": "G1"} | held | more


def change(wave: str, before: str, place: Row, **more: Any) -> Row:
    """A change of G1 at a place, between two waves."""
    return {
        "vague": wave, "vague_precedente": before, **place, "question_code": "G1", "methode": "publie", "statut": "V",
    } | more  # fmt: skip


def explored() -> dict[str, list[Row]]:
    """The rows, table by table."""
    rows = tables()
    kept = [row for row in rows["fct_satisfaction"] if not (row["question_code"] == "G1" and row["axe"] == "zone")]
    for row in kept:
        told = {"2016": None, "2019": False, "2022": True}[row["vague"]]
        if row["question_code"] == "G1" and row["axe"] == "ensemble":
            row["intervalle_indicatif"] = told
    rows["fct_satisfaction"] = [
        *kept,
        *(note(wave, INSIDE, 7.0) for wave in VAGUES),
        *(note(wave, {**SEAT, **ENSEMBLE}, 7.0) for wave in VAGUES),
        *(note(wave, {**OTHER_SEAT, **ENSEMBLE}, 7.0) for wave in VAGUES),
        *(note("2022", {**SEAT, "axe": "age", "segment": f"A{rank}"}, 7.0) for rank in range(AGES)),
    ]
    rows["fct_evolution"] += [
        change("2019", "2016", {**REGION, **ENSEMBLE}, ecart_note=0.0765, verdict="stable"),
        change("2019", "2016", INSIDE, ecart_note=0.0, ecart_taux=0.0, verdict="stable"),
        change("2022", "2019", INSIDE, ecart_note=-0.1, ecart_taux=-0.1, verdict="non significatif"),
    ]
    rows["fct_distribution"] = [
        share("2019", "TS", 0.0648, 0.0606, 0.0692), share("2019", "PS", 0.47, 0.46, 0.48),
        share("2022", "TS", 0.081, 0.078, 0.084), share("2022", "PS", 0.46, 0.45, 0.47),
        *(share(wave, "TS", 0.1, 0.0, 0.2, **INSIDE, base_brute=40) for wave in VAGUES),
    ]  # fmt: skip
    ages = [
        {
            "axe": "age",
            "axe_libelle": "Âge",
            "axe_ordre": 2,
            "segment": f"A{rank}",
            "ordre": rank,
            "libelle": f"{rank} ans",
        }
        for rank in range(AGES)
    ]
    for row in rows["dim_segment"]:
        if row["segment"] == "DEDANS":
            row["libelle"] = LONG
    for row in rows["dim_perimetre"]:
        if row["perimetre"] == "DEDANS":
            row["libelle"] = f"{LONG} (siège des organismes)"
    rows["dim_segment"] += ages
    return rows
