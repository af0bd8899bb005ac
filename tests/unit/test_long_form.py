"""A long table: what of its lines makes an interview, and what of it costs the interview."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import ObservatoireError
from orchestration.extracts.records import Record
from tests.support.contracts import faults_of
from tests.support.drafting import draft
from tests.support.forms import LONG_FORM, write_table
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import mini_contract, mini_programme, write_contract

HEADER = ["ORG", "ID", "DATE", "TC", "AGE", "QUEST", "REP"]
WHO = ["O1", "7", "15/10/2022", "C", "40"]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _read(root: Path, lines: list[list[str]], header: list[str] = HEADER, **changes: Any) -> Record:
    write_table(root / "landing/V2/a.csv", header, lines)
    [record] = ingest_all(root, mini_contract(forme_longue=LONG_FORM, **changes), rejets_maximum=1)
    assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees
    return record


def _said(*pairs: tuple[str, str], who: list[str] = WHO) -> list[list[str]]:
    return [[*who, question, answer] for question, answer in pairs]


def test_lines_make_interviews_and_both_are_counted(tmp_path: Path) -> None:
    other = [*WHO[:1], "8", *WHO[2:]]
    answered = [("Q1", "1"), ("Q3", "1"), ("Q4", "3"), ("Q5", "a"), ("Q5", "ab")]
    lines = _said(*answered) + _said(("Q1", "2"), who=other)
    record = _read(tmp_path, lines)
    assert (record.lignes_lues, record.lignes_acceptees) == (2, 2)
    found = answers(tmp_path, record).select("G1", "C1", "M1").rows()
    # what has no line is an answer that was not given: it is filtered, or none
    assert sorted(found) == [("PS", "SR", ["FILTRE"]), ("TS", "SR", ["A", "AB"])]
    told = {q.regle: (q.nb_lignes, q.exemple) for q in record.qualite}
    assert told["lignes_reunies"][0] == 6
    assert "6 lignes réunies en 2 entretiens" in told["lignes_reunies"][1]
    assert told["questions_sans_ligne"][0] == 1
    assert "aucune ligne ne répond à Q2" in told["questions_sans_ligne"][1]


@pytest.mark.parametrize(
    ("lines", "reject"),
    [
        (_said(("Q1", "1"), ("Q1", "2")), ("Q1", "1 (ligne 2), 2 (ligne 3)", "reponse_en_double")),
        (_said(("Q1", "1"), ("Q1", "1")), ("Q1", "1 (ligne 2), 1 (ligne 3)", "reponse_en_double")),
        (_said(("Q1", "1"), ("Q9", "2")), ("QUEST", "Q9", "valeur_inconnue")),
        (_said(("Q1", "1"), ("", "2")), ("QUEST", "", "valeur_inconnue")),
        (_said(("Q1", "77")), ("Q1", "77", "valeur_inconnue")),
        ([*_said(("Q1", "1")), [*WHO[:4], "41", "Q2", "2"]], ("AGE", "40, 41", "donnees_contraires")),
        ([*_said(("Q1", "1")), [*WHO, "Q2", "2", "x"]], ("", "ligne 3 : 8 cellules au lieu de 7", "ligne_irreguliere")),
    ],
)  # fmt: skip
def test_lines_that_contradict_one_another_cost_the_interview(
    tmp_path: Path, lines: list[list[str]], reject: tuple[str, str, str]
) -> None:
    other = [*WHO[:1], "8", *WHO[2:]]
    record = _read(tmp_path, lines + _said(("Q1", "1"), who=other))
    assert (record.lignes_lues, record.lignes_acceptees) == (2, 1)
    assert rejects(tmp_path, record) == [(2, *reject)]


def test_a_blank_among_the_lines_of_a_respondent_is_no_contradiction(tmp_path: Path) -> None:
    blank = [*WHO[:4], ""]
    record = _read(tmp_path, _said(("Q1", "1"), ("Q1", ""), ("", "")) + _said(("Q2", "2"), who=blank))
    assert record.lignes_acceptees == 1
    assert answers(tmp_path, record).select("age", "C1").rows() == [("JEUNE", "PS")]


def test_a_date_may_carry_a_time_of_its_own_on_each_line(tmp_path: Path) -> None:
    later = [*WHO[:2], "15/10/2022 18:05", *WHO[3:]]
    record = _read(tmp_path, _said(("Q1", "1")) + _said(("Q2", "2"), who=later))
    assert record.lignes_acceptees == 1


def test_lines_without_a_number_are_each_rejected(tmp_path: Path) -> None:
    nameless = [*WHO[:1], "", *WHO[2:]]
    record = _read(tmp_path, _said(("Q1", "1")) + _said(("Q1", "1"), ("Q2", "2"), who=nameless))
    assert (record.lignes_lues, record.lignes_acceptees) == (3, 1)
    assert [r[3] for r in rejects(tmp_path, record)] == ["identifiant_absent"] * 2


def test_one_number_in_two_organismes_is_two_respondents(tmp_path: Path) -> None:
    record = _read(tmp_path, _said(("Q1", "1")) + _said(("Q1", "2"), who=["O2", *WHO[1:]]))
    assert {lot.organisme_code: lot.lignes_acceptees for lot in record.lots} == {"O1": 1, "O2": 1}


def test_a_code_may_be_left_out_and_another_is_of_one_organisme_alone(tmp_path: Path) -> None:
    own = {"O2": {"questions": {"G1": {"colonne": "Q1B", "codage": "sat"}}}}
    lines = _said(("Q1", "1"), ("DUREE", "12")) + _said(("Q1B", "2"), who=["O2", *WHO[1:]])
    record = _read(tmp_path, lines, particularites=own, ignorees=["DUREE"])
    assert {lot.organisme_code: lot.lignes_acceptees for lot in record.lots} == {"O1": 1, "O2": 1}
    # the other one's code is no code of this organisme
    record = _read(tmp_path / "faux", _said(("Q1", "1"), ("Q1B", "1")), particularites=own)
    assert [q.regle for q in record.qualite] == ["colonnes_inconnues"]
    assert "Q1B" in record.motif


def test_a_file_without_the_columns_of_the_form_is_refused(tmp_path: Path) -> None:
    record = _read(tmp_path, [[*WHO, "Q1"]], header=[*WHO_HEADER, "QUEST"])
    assert [q.regle for q in record.qualite] == ["colonnes_absentes"]
    assert "REP" in record.motif


WHO_HEADER = HEADER[:5]


def test_a_code_that_is_also_a_column_is_refused(tmp_path: Path) -> None:
    record = _read(tmp_path, _said(("AGE", "40")))
    assert "AGE est à la fois une colonne et une valeur de la colonne QUEST" in record.motif


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entretien": None}, "rien ne dit quelles lignes sont d'un même répondant"),
        ({"forme_longue": {"question": "A", "reponse": "A"}}, "question et reponse sont deux colonnes à part"),
        ({"forme_longue": {"question": "ID", "reponse": "A"}}, "question et reponse sont deux colonnes à part"),
    ],
)
def test_a_long_form_that_cannot_be_read_is_a_fault_of_the_contract(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    programme = mini_programme(tmp_path)
    body = {k: v for k, v in mini_contract(**{"forme_longue": LONG_FORM, **changes}).items() if v is not None}
    [problem] = faults_of(write_contract(tmp_path, body), programme)
    assert ", forme_longue : " in problem
    assert said in problem


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        (HEADER, _said(("Q1", "1"), ("Q5", "a"), ("Q5", "ab"), ("Q9", "x"))),
        (["ORG", "QUEST", "REP", "N"], [["O1", "Q1", "très", "12"], ["O1", "Q1", "peu", "3"]]),
        (["Q", "Note", "Q", "Note"], [["1", "a", "2", "b"], ["2", "", "1", ""]]),
    ],
)
def test_a_draft_of_another_form_is_a_draft_or_a_sentence(
    tmp_path: Path, header: list[str], lines: list[list[str]]
) -> None:
    programme = mini_programme(tmp_path)
    write_table(tmp_path / "inconnu.csv", header, lines)
    try:
        _, proposed, body = draft(tmp_path / "inconnu.csv", programme)
    except ObservatoireError as refused:
        assert "inconnu.csv" in str(refused)
    else:
        assert proposed
        assert body["statut"] == "brouillon"
