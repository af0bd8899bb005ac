"""What the plausibility suites said of each lot, as it is kept in the lake: read here, written by `plausibility`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from orchestration.extracts.catalogue import EXCLUSION, REFUSAL, rule_of
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Lot
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.settings import PROJECT
from orchestration.words import Words

OUTCOMES: dict[str, type[pl.DataType] | pl.DataType] = {
    "cle": pl.String, "regle": pl.String, "tenue": pl.Boolean, "nombre": pl.Int64, "exemple": pl.String,
    "questions": pl.List(pl.String),
}  # fmt: skip
# what a result depends on, besides the lots
_TABLES = ("plan_sondage", "questions", "questions_vagues", "modalites", "vagues")


@dataclass(frozen=True)
class RuleResult:
    """What the suites say of one rule and one lot.

    Attributes:
        rule: code of the rule.
        held: whether the lot keeps it.
        number: how many questions break it, or 1 where it is about the lot.
        example: what was seen, in the programme's language.
        questions: the questions that break it, where it is about questions.
    """

    rule: str
    held: bool
    number: int
    example: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class SuiteResult:
    """What the suites say of a lot, rule by rule, and the words of its reasons."""

    rules: tuple[RuleResult, ...]
    words: Words | None = None

    @cached_property
    def refusal(self) -> str | None:
        """Why the lot cannot be believed at all; None where it can."""
        broken = [o for o in self.rules if not o.held and rule_of(o.rule).severity == REFUSAL]
        return " ; ".join(f"{rule_of(o.rule, self.words).label} ({o.example})" for o in broken) or None

    @cached_property
    def excluded(self) -> Mapping[str, str]:
        """The questions on which the lot cannot be believed, and why."""
        return {
            question: rule_of(o.rule, self.words).label.lower()
            for o in self.rules
            if not o.held and rule_of(o.rule).severity == EXCLUSION
            for question in o.questions
        }


def context_key(programme: Programme) -> str:
    """Returns the SHA-256 of what every result depends on.

    Suites, their code and their words, thresholds, what is secret, plan and questionnaire.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps(programme.config.plausibilite, sort_keys=True).encode())
    digest.update(f"{programme.thresholds.base_minimale} {programme.config.secret.organismes_secrets}".encode())
    texts = words_of(programme.config).texts
    digest.update(json.dumps([texts[name] for name in ("mesures", "constats", "nombres")]).encode())
    files = [*sorted((PROJECT / "expectations").glob("*.yaml"))]
    files += sorted((PROJECT / "orchestration" / "plausibility").glob("*.py"))
    files += [programme.reference_path(table) for table in _TABLES]
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def lot_key(context: str, lot: Lot, previous: Lot | None, peers: str) -> str:
    """Returns the key of a result: what it depends on, and the lots compared."""
    parts = [context, lot.empreinte or "", previous.empreinte or "" if previous else "", peers, str(lot.interviews)]
    parts.append(json.dumps(lot.non_proposees, sort_keys=True))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def read_suite_results(lake: Lake, words: Words) -> dict[str, SuiteResult]:
    """Returns the results kept, by key, with the words of their reasons.

    None where the table is absent or damaged: they are then given again.
    """
    try:
        rows = pl.read_parquet(lake.table("verdicts")).select(list(OUTCOMES)).to_dicts()
    except (OSError, pl.exceptions.PolarsError):
        return {}
    return suite_results(rows, words)


def suite_results(rows: Iterable[Mapping[str, Any]], words: Words) -> dict[str, SuiteResult]:
    """Returns results by key, from rows that have the columns of `OUTCOMES`, with the words of their reasons."""
    found: dict[str, list[RuleResult]] = {}
    for row in rows:
        result = RuleResult(row["regle"], row["tenue"], row["nombre"], row["exemple"], tuple(row["questions"]))
        found.setdefault(row["cle"], []).append(result)
    return {key: SuiteResult(tuple(results), words) for key, results in found.items()}
