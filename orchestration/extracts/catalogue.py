"""The rules a delivery is held to, and the gates they stand at: `rules.yaml`; their words, the language's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from orchestration.words import REFERENCE, Words, explanation_of, word_of

REFUSAL, EXCLUSION, WARNING = "bloquante", "exclusion", "avertissement"
PLAUSIBILITY = "great_expectations"
# the nature of a rule about interviews and counts, and not about scores
ANSWERS = "reponses"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: its code, as in `obs_qualite.regle`.
        gate: `fichier`, `forme`, `metier` or `rapprochement`.
        severity: what breaking it costs: `bloquante`, `rejet`, `exclusion` or `avertissement`.
        label: what is wrong when it is broken, in the words asked for.
        about_file: it is about the file as a whole; otherwise about each organisme in it.
        nature: `entretiens`, `comptages`, `scores` or `reponses` (the first two) where it only applies to these; empty
            where it applies to all.
        weighting: `calee` where it only applies to weights so made; empty where it applies to all.
        datum: `entretien` or `date_entretien` where it only applies to interviews that have it; empty where it applies
            to all.
        reserve: breaking it makes the organisme accepted with reserve.
        always: it is listed when it holds, too.
        confidential: it tells what an organisme's respondents answered; its figures being secret, so is this.
        tool: what evaluates it, where that is not the extraction itself.
        remedy: what to do about what breaks it, a sentence; empty where the sentence of each case says it.
    """

    code: str
    gate: str
    severity: str
    label: str
    about_file: bool = False
    nature: str = ""
    weighting: str = ""
    datum: str = ""
    reserve: bool = False
    always: bool = False
    confidential: bool = False
    tool: str = ""
    remedy: str = ""


@cache
def rules(words: Words | None = None) -> Mapping[str, Rule]:
    """Returns the rules by code, gate by gate in the order they are tried, their labels in a programme's words."""
    labels = (words or Words.in_language(REFERENCE)).texts["regles"]
    body = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))
    return {
        code: Rule(
            code,
            gate,
            rule["gravite"],
            word_of(labels[code]),
            about_file=rule.get("portee") == "fichier",
            nature=rule.get("nature", ""),
            weighting=rule.get("ponderation", ""),
            datum=rule.get("donnee", ""),
            reserve=rule.get("reserve", rule["gravite"] == EXCLUSION),
            always=rule.get("toujours", True),
            confidential=rule.get("confidentielle", False),
            tool=rule.get("outil", ""),
            remedy=explanation_of(labels[code]),
        )
        for gate, listed in body.items()
        for code, rule in listed.items()
    }


def gates() -> list[str]:
    """Returns the gates in order."""
    return list(dict.fromkeys(rule.gate for rule in rules().values()))


def rule_of(code: str, words: Words | None = None) -> Rule:
    """Returns a rule; one that a contract makes up (a status in place of a number) is a remark on form."""
    known = rules(words).get(code)
    if known is not None:
        return known
    said = (words or Words.in_language(REFERENCE)).texts["statuts_livres"].get(code.removeprefix("statut_"))
    return Rule(code, "forme", WARNING, said or code.replace("_", " ").capitalize())
