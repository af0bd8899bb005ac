"""What a contract of counts says: for each question, which column holds how many chose each option."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from orchestration.extracts.contract_body import CountsBody
from orchestration.extracts.counts_body import CountsRules
from orchestration.extracts.form import Heading, Search
from orchestration.programme import Programme

RESPONDENTS = "*"
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

    counts: Mapping[str, Heading]
    weights: Mapping[str, Heading] = field(default_factory=dict)
    squares: Mapping[str, Heading] = field(default_factory=dict)
    percentage: Heading | None = None
    rest: str = ""


def counts_maps(rules: CountsRules, programme: Programme) -> dict[str, CountsMap]:
    """Returns the questions that a contract of counts maps, models applied."""
    code_of = {status: code for code, status in programme.statuses.items()}
    maps = {}
    for code, rule in rules.questions.items():
        columns = {**rules.modeles.get(rule.modele or "", {}), **rule.comptes}
        filtered = code in programme.questions and bool(programme.questions[code].condition)
        maps[code] = CountsMap(
            counts={option: _filled(spec, code) for option, spec in columns.items()},
            weights={option: _filled(spec, code) for option, spec in rule.poids.items()},
            squares={option: _filled(spec, code) for option, spec in rule.poids_carre.items()},
            percentage=_filled(rule.pourcentage, code) if rule.pourcentage is not None else None,
            rest=rule.reste or code_of["filtre" if filtered else "sans_reponse"],
        )
    return maps


def _filled(spec: Heading, question: str) -> Heading:
    """Returns a column with `{question}` replaced by the code."""
    if isinstance(spec, str):
        return spec.replace("{question}", question)
    return Search(cherche=spec.cherche.replace("{question}", re.escape(question)))


def counts_problems(body: CountsBody, programme: Programme) -> Iterator[tuple[str, str]]:
    """Yields what a contract of counts gets wrong about its programme: the key at fault, and a French sentence."""
    rules, wave = body.comptages, body.vague
    for code, rule in rules.questions.items():
        if rule.modele is not None and rule.modele not in rules.modeles:
            yield f"{_QUESTIONS}.{code}.modele", f"« {rule.modele} » est inconnu ; le définir sous modeles."
    asked = {code for code, question in programme.questions.items() if wave in question.waves}
    maps = counts_maps(rules, programme)
    for code in sorted(set(maps) - asked):
        yield _QUESTIONS, f"la question « {code} » n'est pas posée en {wave} d'après questions_vagues.csv."
    for code in sorted(asked - set(maps)):
        yield _QUESTIONS, f"la question « {code} », posée en {wave}, n'est rattachée à aucune colonne."
    for code in sorted(asked & set(maps)):
        yield from _question_problems(code, maps[code], programme)
    if any(m.weights for m in maps.values()) and None in (rules.effectif_poids, rules.effectif_poids_carre):
        yield "comptages", "des sommes de poids sont livrées : dire aussi effectif_poids et effectif_poids_carre."
    for spec in _specs(rules):
        if not isinstance(spec, str):
            try:
                re.compile(spec.cherche)
            except re.error:
                yield "comptages", f"« {spec.cherche} » n'est pas une expression régulière ; la corriger."


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


def _specs(rules: CountsRules) -> Iterator[Heading]:
    """Yields every column that a contract of counts looks for."""
    cut = (rules.decoupage.axe, rules.decoupage.segment) if rules.decoupage else ()
    said = (rules.effectif, rules.effectif_poids, rules.effectif_poids_carre, rules.population, *cut)
    yield from (spec for spec in said if spec is not None)
    for model in rules.modeles.values():
        yield from model.values()
    for rule in rules.questions.values():
        for columns in (rule.comptes, rule.poids, rule.poids_carre):
            yield from columns.values()
        if rule.pourcentage is not None:
            yield rule.pourcentage
