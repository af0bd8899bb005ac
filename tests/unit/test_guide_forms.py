"""Each form of delivery that the guide shows is read as the guide says: its files, its lines of contract, its counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from tests.support.demo import REPOSITORY
from tests.support.ingestion import rejects
from tests.support.mini import SAT, mini_contract, mini_programme, write_contract
from tests.support.scores import CLASSES, SCORES, declare_scores

GUIDE = (REPOSITORY / "docs/contrats.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## D'autres formes de livraison\n(.*?)(?=^## )", GUIDE, re.MULTILINE | re.DOTALL)
EXAMPLES = re.split(r"^### ", SECTION[1] if SECTION else "", flags=re.MULTILINE)[1:]
# two questions in the codes of the guide, one of several answers
TABLES = {
    "questions": [
        "CV01,T1,1,Globale,Êtes-vous satisfait ?,proposition,SAT,,,oui,essai",
        "CV08,T1,2,Motifs,Pourquoi ?,proposition,MOT,,,non,essai",
    ],
    "questions_vagues": ["CV01,V2,premiere,", "CV08,V2,premiere,"],
}
BASE: dict[str, Any] = {
    "organisme": {"valeur": "O1"},
    "entretien": "numero",
    "date_entretien": {"valeur": "2022-10-15"},
    "strate": {"valeur": "COL"},
    "axes": {},
    "codages": {"sat4": SAT, "motifs": {"1": "A", "2": "AB", "3": "AUCUN"}},
    "questions": {
        "CV01": {"colonne": "q01", "codage": "sat4"},
        "CV08": {"multiple": "liste", "colonne": "q08", "separateur": "|", "codage": "motifs"},
    },
}


# what a contract of counts does not have, and what one of scores does not have either
INTERVIEWS = ("entretien", "date_entretien", "axes", "questions")
SAMPLE = ("strate", "codages")


def test_the_guide_has_its_examples() -> None:
    assert len(EXAMPLES) == len(re.findall(r"```yaml", SECTION[1] if SECTION else ""))
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_an_example_of_the_guide_is_read_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    landing = tmp_path / "landing/V2"
    landing.mkdir(parents=True)
    for name, text in re.findall(r"^```csv (\S+)\n(.*?)^```", example, re.MULTILINE | re.DOTALL):
        (landing / name).write_text(text, encoding="utf-8")
    [said] = re.findall(r"^```yaml\n(.*?)^```", example, re.MULTILINE | re.DOTALL)
    [told] = re.findall(r"(\d+) lignes? lues?, (\d+) acceptées?, (\d+) rejetées? \((.*?)\)", example)
    programme = mini_programme(tmp_path, tables=TABLES, rejets_maximum=1)
    body = mini_contract(**{**BASE, **yaml.safe_load(said)})
    if {"comptages", "scores"} & set(body):
        body = {key: part for key, part in body.items() if key not in INTERVIEWS}
    if "scores" in body:
        body = {key: part for key, part in body.items() if key not in SAMPLE}
        declare_scores(tmp_path)
        shown = "".join(re.findall(r"^```csv\n(.*?)^```", example, re.MULTILINE | re.DOTALL))
        assert shown and all(line in (SCORES + CLASSES).splitlines() for line in shown.splitlines())
    write_contract(tmp_path, body)
    [record] = [ingest(d, programme) for d in deliveries(programme, load_contracts(programme))]
    counts = (record.lignes_lues, record.lignes_acceptees, record.lignes_rejetees)
    assert counts == tuple(map(int, told[:3])), record.motif
    assert {rule for *_, rule in rejects(tmp_path, record)} == set(re.findall(r"`(\w+)`", told[3]))
