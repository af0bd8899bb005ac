"""Contracts are held to the titles of their columns: counts under a title of question and answer, questions under a number."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.extracts.contracts import Broken, read_contracts
from orchestration.programme import Programme, load_programme
from tests.support.contracts import faults_of
from tests.support.demo import SHIPPED
from tests.support.mini import mini_contract, mini_programme, write_contract

WAVE = "2022"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED)


def _labels(programme: Programme, question: str) -> dict[str, str]:
    """Labels of the answers that a column of counts may have, by their code."""
    scale = programme.questions[question].scale
    rows = [r for r in programme.rows("modalites") if r["echelle"] in (scale, None)]
    return {str(r["modalite_code"]): str(r["libelle"]) for r in rows}


def _counts(programme: Programme, parting: str) -> dict[str, dict[str, str]]:
    """A column of counts for each answer of each question of the wave that has one answer, under its full title."""
    asked = {str(r["question_code"]) for r in programme.rows("questions_vagues") if r["vague"] == WAVE}
    titles: dict[str, dict[str, str]] = {}
    for code in sorted(asked):
        question = programme.questions[code]
        if not question.multiple:
            labels = _labels(programme, code)
            titles[code] = {o: f"{question.label}{parting}{labels[o]}" for o in programme.options[question.scale]}
    return titles


def _told(programme: Programme, titles: dict[str, dict[str, str]], folder: Path) -> list[str]:
    body = {
        "contrat": "comptes", "version": 1, "statut": "confirme", "institut": "ALTAIR", "vague": WAVE, "nature": "comptages",
        "fichiers": ["comptes*.csv"], "format": {"type": "csv"}, "organisme": {"colonne": "ORG"}, "strate": {"colonne": "STRATE"},
        "comptages": {"effectif": "N", "questions": {code: {"comptes": said} for code, said in titles.items()}},
    }  # fmt: skip
    path = folder / "comptes.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    read = read_contracts(path, programme)
    faults = read.faults if isinstance(read, Broken) else ()
    told = [fault for fault in faults if "libellé de" in fault]
    # the questions of several answers have no column here, which is a fault of its own
    assert all(fault.endswith("n'est rattachée à aucune colonne.") for fault in set(faults) - {*told}), faults
    return told


@pytest.mark.parametrize("parting", [" - ", " : ", " [", " – "])
def test_columns_of_counts_exchanged_under_their_titles_are_faults(
    programme: Programme, tmp_path: Path, parting: str
) -> None:
    chance, sound = random.Random(parting), _counts(programme, parting)
    assert len(sound) > 40
    assert _told(programme, sound, tmp_path) == []
    for _ in range(25):
        titles = {code: dict(said) for code, said in sound.items()}
        code = chance.choice(sorted(titles))
        if chance.random() < 0.5:
            one, other = chance.sample(sorted(titles[code]), 2)
            titles[code][one], titles[code][other] = titles[code][other], titles[code][one]
        else:
            # two questions of one scale, all their answers in order: nothing but the title tells
            alike = [c for c in titles if programme.questions[c].scale == programme.questions[code].scale and c != code]
            if not alike:
                continue
            other = chance.choice(sorted(alike))
            titles[code], titles[other] = titles[other], titles[code]
        assert any(f"questions.{code}." in fault for fault in _told(programme, titles, tmp_path)), code


@pytest.mark.parametrize("number", ["", "Q3. ", "12 - ", "CV02 : ", "q7) "])
def test_a_number_before_a_title_hides_no_exchange(tmp_path: Path, number: str) -> None:
    opened = mini_programme(tmp_path)
    questions = opened.questions
    body: dict[str, Any] = mini_contract()
    single = [c for c in body["questions"] if body["questions"][c].get("codage") == body["questions"]["G1"]["codage"]]
    other = next(code for code in single if code != "G1")
    for code, title in (("G1", questions[other].label), (other, questions["G1"].label)):
        body["questions"][code] = {**body["questions"][code], "colonne": f"{number}{title}"}
    said = "\n".join(faults_of(write_contract(tmp_path, body), opened))
    assert f"est le titre de la question {other}" in said
    assert "est le titre de la question G1" in said
