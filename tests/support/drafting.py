"""A draft against the contract that a person wrote: column by column, and value by value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import yaml

from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_body import CONTRACT
from orchestration.extracts.contract_questions import ListQuestion, Question, YesNoQuestion, columns_of
from orchestration.extracts.draft.body import draft_lines
from orchestration.extracts.draft.line import SINGLE, Line
from orchestration.extracts.draft.propose import Proposal, propose
from orchestration.extracts.draft.write import to_yaml
from orchestration.programme import Programme, load_programme
from orchestration.programme.texts import clean, normalise
from tests.support.contracts import load_contract
from tests.support.demo import SHIPPED

# what a draft may leave open, and a contract may not
_UNDECIDED: dict[str, Any] = {
    "institut": "?",
    "vague": "?",
    "organisme": {"valeur": "?"},
    "entretien": "?",
    "date_entretien": {"colonne": "?"},
    "strate": {"valeur": "?"},
    "axes": {},
    "questions": {},
}


def without_contracts(root: Path) -> Programme:
    """Returns the shipped programme without a contract, in a folder of its own: a draft cannot look at one."""
    for name in ("programme.yaml", "reference"):
        (root / name).symlink_to(SHIPPED / name)
    return load_programme(root)


@dataclass
class Score:
    """Columns and values of a draft: right, left open, wrong."""

    file: str
    columns: int
    right: int
    open: list[str] = field(default_factory=list)
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)
    values_right: int = 0
    values_open: int = 0
    values_wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.right / self.columns

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.right}/{self.columns} columns right ({self.share:.0%}), {len(self.open)} open,"
            f" {len(self.wrong)} wrong; values {self.values_right} right, {self.values_open} open, {len(self.values_wrong)} wrong"
        )


Draft = tuple[Proposal, list[Line], dict[str, Any]]


def draft(path: Path, programme: Programme, **options: Any) -> Draft:
    proposal = propose(path, programme, **options)
    lines = draft_lines(proposal)
    return proposal, lines, yaml.safe_load(to_yaml(proposal, lines))


def score(path: Path, contract_path: Path, programme: Programme, organisme: str = "", **options: Any) -> Score:
    """The truth is the contract of the organisme of the file; `organisme` says whose exceptions apply."""
    return scored(path, draft(path, programme, **options), contract_path, programme, organisme)


def scored(path: Path, drafted: Draft, contract_path: Path, programme: Programme, organisme: str = "") -> Score:
    """The same of a file whose draft was made already."""
    proposal, lines, body = drafted
    contract = load_contract(contract_path, programme)
    truth = {**contract.known_columns(organisme), **dict.fromkeys(contract.ignored_columns(organisme), "ignorees")}
    proposed = targets(lines)
    result = Score(path.name, 0, 0)
    for column in (c.name for c in proposal.columns):
        result.columns += 1
        target = proposed.get(column)
        if target is None:
            result.open.append(column)
        elif target == truth.get(column):
            result.right += 1
        else:
            result.wrong[column] = (target, truth.get(column, "?"))
    _values(
        Contract(contract_path, CONTRACT.validate_python({**_UNDECIDED, **body}), ""),
        contract,
        organisme,
        proposal,
        result,
    )
    return result


def targets(lines: list[Line], confirmed: bool = True) -> dict[str, str]:
    """What each column is put to; until a person has confirmed the numbers of headers, without what they alone say."""
    found: dict[str, str] = {}
    for line in lines:
        if line.decided and (confirmed or not line.by_number):
            target = line.section if line.section in (*SINGLE, "ignorees") else line.key
            found |= {clean(c): target for c in line.columns}
    return found


def in_own_order(
    frame: pl.DataFrame, truth: Mapping[str, str], programme: Programme, chance: Random
) -> tuple[pl.DataFrame, dict[str, str]]:
    """A file whose institute asks, within a theme, in its own order what is answered alike; and its truth."""
    alike: dict[tuple[str | None, ...], list[str]] = {}
    for row in programme.rows("questions"):
        [column, *others] = [c for c, code in truth.items() if code == row["question_code"]] or [""]
        if column and not others:
            alike.setdefault((row["theme_code"], row["echelle"], row["filtre"]), []).append(column)
    asked: dict[str, str] = {}
    for columns in alike.values():
        asked |= zip(columns, chance.sample(columns, len(columns)), strict=True)
    moved = frame.select(pl.col(asked.get(c, c)).alias(c) for c in frame.columns)
    return moved, {c: truth[asked.get(c, c)] for c in truth}


def _values(drafted: Contract, contract: Contract, organisme: str, proposal: Proposal, result: Score) -> None:
    """Compares the codes of the values that stand in the file."""
    seen = {c.name: c.counts for c in proposal.columns}
    truth_axes, truth_questions = contract.axes(organisme), contract.questions(organisme)
    pairs: list[tuple[str, Mapping[str, str], Mapping[str, str], Mapping[str, int]]] = []
    for axis, rule in drafted.axes("").items():
        expected = truth_axes[axis]
        if rule.tranches != expected.tranches:
            result.values_wrong.append(f"{axis}: tranches")
        else:
            pairs.append((axis, drafted.codes(rule), contract.codes(expected), seen[rule.colonne]))
    for code, question in drafted.questions("").items():
        expected = truth_questions[code]
        counts: dict[str, int] = {}
        for column in columns_of(question):
            for value, n in seen[column].items():
                for part in value.split(question.separateur) if isinstance(question, ListQuestion) else [value]:
                    counts[part.strip()] = counts.get(part.strip(), 0) + n
        pairs.append((code, _meaning(question, drafted), _meaning(expected, contract), counts))
    for name, ours, theirs, counts in pairs:
        for value in map(normalise, counts):
            if value not in theirs and value not in ours:
                continue  # a slip of the keyboard: no contract knows it
            if value not in ours:
                result.values_open += 1
            elif ours[value] == theirs.get(value):
                result.values_right += 1
            else:
                result.values_wrong.append(f"{name}: {value} = {ours[value]}, not {theirs.get(value)}")


def _meaning(question: Question, contract: Contract) -> dict[str, str]:
    codes = contract.codes(question)
    if not isinstance(question, YesNoQuestion):
        return dict(codes)
    options = {f"{column} chosen": option for option, column in question.colonnes.items()}
    return {**dict.fromkeys(question.oui, "yes"), **dict.fromkeys(question.non, "no"), **codes, **options}
