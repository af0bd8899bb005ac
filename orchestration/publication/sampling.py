"""Whether answers are weighted, and what intervals know of the sampling plan: reports and descriptions say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.words import Words

# how far from one another numbers of answers, of people and of effective answers are that say the same
ALIKE = 0.05


def told(rows: Iterable[Mapping[str, Any]], finite: bool, words: Words) -> tuple[str, str]:
    """Returns whether answers are weighted, and what intervals know of the sampling plan.

    Args:
        rows: the published rows of fct_satisfaction, of the territory as a whole.
        finite: whether intervals know the share of the population that was asked.
        words: the language.
    """
    if _weighted(rows):
        known = words.say("plan_pondere") if finite else words.say("plan_pondere_sans_taux")
        return words.say("reponses_ponderees"), known
    known = words.say("plan_sans_poids") if finite else words.say("plan_sans_poids_ni_taux")
    return words.say("reponses_sans_poids"), known


def _weighted(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether answers stand for more people than gave them, or some for more than others.

    Published numbers of answers are rounded, and an interview or two may be lost: a twentieth is no weight.
    """
    known = [row for row in rows if row["base_ponderee"] is not None and row["base_brute"]]
    return not known or any(
        abs(row["base_ponderee"] / row["base_brute"] - 1) > ALIKE
        or (row.get("base_efficace") or row["base_brute"]) < (1 - ALIKE) * row["base_brute"]
        for row in known
    )
