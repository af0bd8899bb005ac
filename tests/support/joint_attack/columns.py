"""What each published column says: how answers are added up, and what an answer is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Column: how the answers are added up, and what an answer is worth. `n` counts respondents, `w` weighs them, `mean_w` and
# `mean_n` divide by all who answered, `mean_o` and `mean_p` average the organismes' own figures (alike, or by their dwellings),
# `kish` is the effective base.
SATISFACTION = {
    "base_brute": ("n", "base"),
    "base_ponderee": ("w", "base"),
    "base_efficace": ("kish", "base"),
    "effectif_satisfaits": ("n", "satisfied"),
    "poids_satisfaits": ("w", "satisfied"),
    "note_somme": ("w", "score"),
    "note_moyenne": ("mean_w", "score"),
    "note_non_ponderee": ("mean_n", "score"),
    "note_moyenne_organismes": ("mean_o", "score"),
    "note_moyenne_parc": ("mean_p", "score"),
    "taux_satisfaits": ("mean_w", "satisfied"),
    "taux_non_pondere": ("mean_n", "satisfied"),
    "taux_moyenne_organismes": ("mean_o", "satisfied"),
    "taux_moyenne_parc": ("mean_p", "satisfied"),
    "note_imprimee": ("printed", "score"),
    "taux_imprime": ("printed", "satisfied"),
    "part_tres_satisfaits": ("mean_w", "est_tres_satisfait"),
    "part_tres_satisfaits_non_ponderee": ("mean_n", "est_tres_satisfait"),
    "part_tres_insatisfaits": ("mean_w", "est_tres_insatisfait"),
    "part_tres_insatisfaits_non_ponderee": ("mean_n", "est_tres_insatisfait"),
    "part_promoteurs": ("mean_w", "promoteur"),
    "part_passifs": ("mean_w", "passif"),
    "part_detracteurs": ("mean_w", "detracteur"),
    "nps": ("mean_w", "nps"),
    "nps_non_pondere": ("mean_n", "nps"),
}
OPTIONS = {
    "base_brute": ("n", "base"),
    "base_ponderee": ("w", "base"),
    "effectif": ("n", "option"),
    "poids": ("w", "option"),
    "part": ("mean_w", "option"),
}
# Sums that may be no more than the product of the rounded figures beside them.
PRODUCTS = {
    "poids": ("part", "base_ponderee"),
    "poids_satisfaits": ("taux_satisfaits", "base_ponderee"),
    "note_somme": ("note_moyenne", "base_ponderee"),
}
# Two bounds whose middle is the figure: a Student interval. Wilson's bounds give their figure by their own formula.
STUDENT = {
    ("note_ic_bas", "note_ic_haut"): ("mean_w", "score"),
    ("note_imprimee_ic_bas", "note_imprimee_ic_haut"): ("printed", "score"),
    ("nps_ic_bas", "nps_ic_haut"): ("mean_w", "nps"),
}
WILSON = {
    ("taux_ic_bas", "taux_ic_haut"): ("mean_w", "satisfied"),
    ("taux_imprime_ic_bas", "taux_imprime_ic_haut"): ("printed", "satisfied"),
}
OPTION_BOUNDS = ("part_ic_bas", "part_ic_haut")
# Evolutions: a column for each side, and the gap between them.
EVOLUTION = (
    ("base_brute", "base_brute_precedente", None, "n", "base"),
    ("note_moyenne", "note_precedente", "ecart_note", "printed", "score"),
    ("taux_satisfaits", "taux_precedent", "ecart_taux", "printed", "satisfied"),
)
COMPARISON = (
    ("base_brute", "base_brute_comparee", None, "n", "base"),
    ("note_moyenne", "note_comparee", "ecart_note", "mean_w", "score"),
    ("taux_satisfaits", "taux_compare", "ecart_taux", "mean_w", "satisfied"),
)
# Readings at the region's profile: the figure, the same at that profile and its bounds, the region's among the same segments.
PROFILE = (
    ("note_moyenne", "note_profil_comparable", "note_profil_ic_bas", "note_profil_ic_haut", "note_region", "score"),
    ("taux_satisfaits", "taux_profil_comparable", None, None, "taux_region", "satisfied"),
)
# All segments of an axis that are known of a tenant, together.
KNOWN = "*known"


@dataclass(frozen=True)
class Figure:
    """A published number: whom it is about, what it adds up, and between what and what it lies."""

    organismes: frozenset[str]
    axis: str
    segment: str
    way: str
    worth: str
    low: float
    high: float
    source: str
    whole_segment: bool = True


def wilson_middle(low: float, high: float) -> float:
    """The rate that Wilson's bounds are about."""
    product, total = low * high, low + high
    if abs(total - 1) < 1e-9:
        return 0.5
    # product = p² / (1 + c) and total = (2p + c) / (1 + c): with k = 1 + c, p = √(product·k), and total·k = 2p + k − 1
    # gives (1 − total)·k + 2·√(product·k) − 1 = 0, an equation of the second degree in √k.
    a, b = 1 - total, 2 * math.sqrt(product)
    root = (-b + math.sqrt(b * b + 4 * a)) / (2 * a)
    return root * math.sqrt(product)


# What places a figure, and the value where a table has no such column; the columns that say how many answers it is made of.
PLACE = {"vague": "", "perimetre_type": "", "perimetre": "", "axe": "ensemble", "segment": "tous", "question_code": ""}
BASES = ("base_brute", "base_brute_precedente", "base_brute_comparee")
# A figure that another table gives too is as precise in both: by the answers of its own side, not of the smaller one.
SIDES = {
    "note_moyenne": "base_brute",
    "taux_satisfaits": "base_brute",
    "note_precedente": "base_brute_precedente",
    "taux_precedent": "base_brute_precedente",
    "note_comparee": "base_brute_comparee",
    "taux_compare": "base_brute_comparee",
}


@dataclass(frozen=True)
class Link:
    """A published gap between two means: one of this wave, the other of a wave that may be another."""

    here: tuple
    wave: str
    there: tuple
    low: float
    high: float
    other: tuple[float, float] | None
    source: str
