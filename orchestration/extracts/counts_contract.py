"""What a contract of counts says: for each question, which column holds how many chose each option."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.extracts.headers import Spec
from orchestration.programme import Programme

RESPONDENTS = "*"
GAP, EXCESS = 0.05, 0.02
_QUESTIONS = "comptages.questions"


@dataclass(frozen=True)
class CountsMap:
    """Where the counts of a question are delivered.

    Attributes:
        counts: modalité code (or `*`, the respondents of a multiple-choice question) → column.
        weights: modalité code → column of its sum of weights; empty when only counts are delivered.
        squares: modalité code → column of its sum of squared weights.
        percentage: column of the published percentage of satisfied, None when there is none.
        rest: common code of the interviews that the counts leave out.
    """

    counts: Mapping[str, Spec]
    weights: Mapping[str, Spec] = field(default_factory=dict)
    squares: Mapping[str, Spec] = field(default_factory=dict)
    percentage: Spec | None = None
    rest: str = ""


def counts_maps(body: Mapping[str, Any], programme: Programme) -> dict[str, CountsMap]:
    """Returns the questions that a contract of counts maps, models applied."""
    rules = body["comptages"]
    code_of = {status: code for code, status in programme.statuses.items()}
    maps = {}
    for code, rule in rules["questions"].items():
        columns = {**rules.get("modeles", {}).get(rule.get("modele"), {}), **rule.get("comptes", {})}
        filtered = code in programme.questions and bool(programme.questions[code].condition)
        maps[code] = CountsMap(
            counts={option: _filled(spec, code) for option, spec in columns.items()},
            weights={option: _filled(spec, code) for option, spec in rule.get("poids", {}).items()},
            squares={option: _filled(spec, code) for option, spec in rule.get("poids_carre", {}).items()},
            percentage=_filled(rule["pourcentage"], code) if "pourcentage" in rule else None,
            rest=rule.get("reste", code_of["filtre" if filtered else "sans_reponse"]),
        )
    return maps


def _filled(spec: Spec, question: str) -> Spec:
    """Returns a column with `{question}` replaced by the code."""
    if isinstance(spec, str):
        return spec.replace("{question}", question)
    return {"cherche": spec["cherche"].replace("{question}", re.escape(question))}


def counts_problems(body: Mapping[str, Any], programme: Programme) -> Iterator[tuple[str, str]]:
    """Yields what a contract of counts gets wrong about its programme: the key at fault, and a French sentence."""
    rules, wave = body["comptages"], str(body["vague"])
    for code, rule in rules["questions"].items():
        if "modele" in rule and rule["modele"] not in rules.get("modeles", {}):
            yield f"{_QUESTIONS}.{code}.modele", f"« {rule['modele']} » est inconnu ; le définir sous modeles."
    asked = {code for code, question in programme.questions.items() if wave in question.waves}
    maps = counts_maps(body, programme)
    for code in sorted(set(maps) - asked):
        yield _QUESTIONS, f"la question « {code} » n'est pas posée en {wave} d'après questions_vagues.csv."
    for code in sorted(asked - set(maps)):
        yield _QUESTIONS, f"la question « {code} », posée en {wave}, n'est rattachée à aucune colonne."
    for code in sorted(asked & set(maps)):
        yield from _question_problems(code, maps[code], programme)
    if any(m.weights for m in maps.values()) and not all(
        name in rules for name in ("effectif_poids", "effectif_poids_carre")
    ):
        yield "comptages", "des sommes de poids sont livrées : dire aussi effectif_poids et effectif_poids_carre."
    for spec in _specs(rules):
        if not isinstance(spec, str):
            try:
                re.compile(spec["cherche"])
            except re.error:
                yield "comptages", f"« {spec['cherche']} » n'est pas une expression régulière ; la corriger."


def _question_problems(code: str, rule: CountsMap, programme: Programme) -> Iterator[tuple[str, str]]:
    key = f"{_QUESTIONS}.{code}"
    question = programme.questions[code]
    options = set(programme.options[question.scale])
    allowed = {*options, *programme.statuses} | ({RESPONDENTS} if question.multiple else set())
    for target in sorted(set(rule.counts) - allowed):
        yield key, f"modalité inconnue « {target} » (échelle {question.scale})."
    # an option without a column would be taken for the rest, and the rate would lie
    for target in sorted((options | ({RESPONDENTS} if question.multiple else set())) - set(rule.counts)):
        yield key, f"la colonne de la modalité « {target} » n'est pas dite."
    if rule.rest not in programme.statuses:
        yield f"{key}.reste", f"« {rule.rest} » n'est pas un statut commun de modalites.csv."
    for name, columns in (("poids", rule.weights), ("poids_carre", rule.squares)):
        if (rule.weights or rule.squares) and set(columns) != set(rule.counts):
            yield key, f"{name} et comptes ne portent pas sur les mêmes modalités."


def _specs(rules: Mapping[str, Any]) -> Iterator[Spec]:
    """Yields every column that a contract of counts looks for."""
    for name in ("effectif", "effectif_poids", "effectif_poids_carre", "population"):
        if name in rules:
            yield rules[name]
    yield from rules.get("decoupage", {}).values()
    for model in rules.get("modeles", {}).values():
        yield from model.values()
    for rule in rules["questions"].values():
        for name in ("comptes", "poids", "poids_carre"):
            yield from rule.get(name, {}).values()
        if "pourcentage" in rule:
            yield rule["pourcentage"]
