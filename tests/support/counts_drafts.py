"""A draft of counts against the truth of its delivery, column by column; and what it loads once a person completed it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.propose import Proposal
from orchestration.extracts.ingest import ingest
from orchestration.extracts.records import Record
from orchestration.programme import load_programme
from orchestration.programme.texts import clean
from tests.support.counts_extracts import WAVE, Answer, CountsExtract, Key, Truth

DATA = Path(__file__).resolve().parents[2] / "data"
BESIDE = ("pourcentage", "total", "satisfaits", "bruit")
_RULES = ("effectif", "effectif_poids", "effectif_poids_carre", "population")


@dataclass
class CountsScore:
    """Columns of a draft of counts: right, left open with a reason, wrong, or left without a word."""

    variant: str
    right: dict[str, Truth] = field(default_factory=dict)
    open: dict[str, Truth] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)

    def share(self, *, questions: bool) -> float:
        """Share of right columns, of all or of the questions' own."""
        right, left = (sum(t.of_question or not questions for t in found.values()) for found in (self.right, self.open))
        return right / (right + left + len(self.wrong))

    def __str__(self) -> str:
        told = f"{len(self.right)} columns right, {len(self.open)} open, {len(self.wrong)} wrong, {len(self.silent)} silent"
        return f"{self.variant}: {told}; questions {self.share(questions=True):.0%} right"


def scored_counts(extract: CountsExtract, lines: list[Line]) -> CountsScore:
    """Holds a draft against the truth of its delivery."""
    result = CountsScore(extract.variant)
    held = {clean(c): line for line in lines if line.decided for c in line.columns}
    told = {clean(c) for line in lines if not line.decided and line.reason for c in line.columns}
    for title, truth in extract.columns.items():
        name = clean(title)
        line = held.get(name)
        if line is None:
            result.open[name] = truth
            if name not in told:
                result.silent.append(name)
        elif said := _otherwise(name, truth, line):
            result.wrong[name] = said
        else:
            result.right[name] = truth
    return result


def _otherwise(name: str, truth: Truth, line: Line) -> str:
    """Returns what a decided line says that the truth does not; empty where they agree."""
    place = f"{line.section} {line.key}"
    if truth.kind in ("compte", "poids", "poids_carre"):
        if (line.section, line.key) != ("comptages.questions", truth.question):
            return f"{place}, not {truth.question}"
        part = {"compte": "comptes"}.get(truth.kind, truth.kind)
        said = next((a for a, column in line.value.get(part, {}).items() if clean(column) == name), "nothing")
        return "" if said == truth.answer else f"{part} {said}, not {truth.answer}"
    if line.section == "ignorees":
        return "" if truth.kind in BESIDE else f"{place}, not {truth.kind}"
    if truth.kind == "satisfaits":
        own = line.key == truth.question and clean(line.value.get("pourcentage", "")) == name
        return "" if own else f"{place}, not the percentage of {truth.question}"
    if truth.kind in ("axe", "segment"):
        return "" if line.key == "decoupage" and clean(line.value[truth.kind]) == name else place
    wanted = ("comptages", truth.kind) if truth.kind in (*_RULES, "forme_longue") else (truth.kind, "")
    return "" if (line.section, line.key) == wanted else f"{place}, not {truth.kind}"


def completed_counts(extract: CountsExtract, proposal: Proposal, body: dict[str, Any]) -> dict[str, Any]:
    """Returns the contract that a draft becomes: what it decided as it stands, what it left open from the truth."""
    body = deepcopy(body) | {"statut": "confirme"}
    body.pop("a_decider", None)
    rules = body["comptages"]
    rules["questions"] = rules.get("questions") or {}
    for title, truth in extract.columns.items():
        if truth.kind == "compte":
            own = rules["questions"].setdefault(truth.question, {"comptes": {}})
            own["comptes"].setdefault(truth.answer, title)
        elif truth.kind in _RULES:
            rules.setdefault(truth.kind, title)
        elif truth.kind in ("organisme", "strate"):
            body.setdefault(truth.kind, {"colonne": title})
    if extract.variant == "statuses":
        rules["statuts"] = {"[X]": "indisponible"}
    assert proposal.counts is not None
    return body


def loaded_counts(
    extract: CountsExtract, body: dict[str, Any], root: Path
) -> tuple[Record, dict[Key, dict[Answer, float]]]:
    """Returns what a run says of a delivery under a contract, and the counts that it brings into the lake."""
    (root / "contracts").mkdir(parents=True)
    (root / "landing" / WAVE).mkdir(parents=True)
    for name in ("programme.yaml", "reference"):
        (root / name).symlink_to(DATA / name)
    text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
    (root / "contracts" / f"{body['contrat']}.yaml").write_text(text, encoding="utf-8")
    (root / "landing" / WAVE / extract.path.name).write_bytes(extract.path.read_bytes())
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    found: dict[Key, dict[Answer, float]] = {}
    for lot in record.lots:
        if lot.fichier:
            _add(found, lot.organisme_code, pl.read_parquet(root / str(lot.fichier)))
    return record, found


def _add(found: dict[Key, dict[Answer, float]], organisme: str, rows: pl.DataFrame) -> None:
    for row in rows.iter_rows(named=True):
        axis, segment = ("", "") if row["axe"] == "ensemble" else (row["axe"], row["segment"])
        if segment != "NR":
            counts = found.setdefault((organisme, row["strate"], axis, segment), {})
            counts[row["question_code"], row["modalite_code"]] = row["n"]


def told_counts(extract: CountsExtract, *, statuses: bool) -> dict[Key, dict[Answer, float]]:
    """Returns the counts of a delivery that somebody gave, as the lake has them: nobody is no row."""
    left = () if statuses else ("NSP", "REFUS")
    return {
        key: {pair: float(n) for pair, n in counts.items() if n and pair[1] not in left}
        for key, counts in extract.counts.items()
    }


def without_rest(found: dict[Key, dict[Answer, float]]) -> dict[Key, dict[Answer, float]]:
    """Returns the counts of the lake without what a run makes of the interviews that no count covers."""
    return {
        key: {pair: n for pair, n in counts.items() if n and pair[1] not in ("SR", "FILTRE", "NON_POSE")}
        for key, counts in found.items()
    }
