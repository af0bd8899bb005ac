"""A column has one use: two questions that read it, or a reading and `ignorees`, contradict one another."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.contracts import Broken, read_contracts
from orchestration.programme import load_programme
from tests.support.contracts import faults_of
from tests.support.counts import counts_contract
from tests.support.demo import SHIPPED
from tests.support.mini import mini_contract, mini_programme, write_contract

ASKED, AXES = ("G1", "C1", "D1", "D2"), ("type_construction", "age")


def _with(place: str, code: str, **changes: Any) -> dict[str, Any]:
    body = mini_contract("V2")
    return {**body, place: {**body[place], code: {**body[place][code], **changes}}}


def test_the_shipped_contracts_put_no_column_to_two_uses() -> None:
    programme = load_programme(SHIPPED)
    for path in sorted((SHIPPED / "contracts").glob("*.yaml")):
        contract = read_contracts(path, programme, ())
        assert not isinstance(contract, Broken)


@pytest.mark.parametrize(("one", "other"), list(combinations(ASKED, 2)))
def test_two_questions_read_one_column_only_for_a_reason(tmp_path: Path, one: str, other: str) -> None:
    programme = mini_programme(tmp_path)
    column = mini_contract("V2")["questions"][one]["colonne"]
    [told] = faults_of(write_contract(tmp_path, _with("questions", other, colonne=column)), programme)
    assert f"« {column} » est aussi la colonne de" in told
    assert one in told
    assert other in told
    body = _with("questions", other, colonne=column, codage_propre="la même colonne dit les deux")
    assert faults_of(write_contract(tmp_path, body), programme) == []


@pytest.mark.parametrize("code", ASKED)
@pytest.mark.parametrize(
    "part", ["ponderation", "date_entretien", "strate", "unite_primaire", "organisme", "entretien"]
)
def test_no_question_is_read_from_a_column_of_the_sample(tmp_path: Path, code: str, part: str) -> None:
    programme = mini_programme(tmp_path)
    body = _with("questions", code, colonne="S")
    body |= {part: "S" if part == "entretien" else {"colonne": "S"}}
    told = [fault for fault in faults_of(write_contract(tmp_path, body), programme) if "aussi" in fault]
    assert len(told) == 1
    assert f"« S » est aussi la colonne de {part}" in told[0]


def test_two_axes_share_a_column_where_they_code_the_same_values(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    [told] = faults_of(write_contract(tmp_path, _with("axes", "age", colonne="TC")), programme)
    assert "« TC » est aussi la colonne de type_construction" in told
    body = _with("axes", "age", colonne="TC", codage={"C": "J", "I": "S"}, tranches=False)
    assert not any("aussi" in fault for fault in faults_of(write_contract(tmp_path, body), programme))


def test_a_weight_is_no_axis_and_a_stratum_may_be_one(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    body = mini_contract("V2", ponderation={"colonne": "AGE"})
    [told] = faults_of(write_contract(tmp_path, body), programme)
    assert "« AGE » est aussi la colonne de ponderation" in told
    body = mini_contract("V2", strate={"colonne": "TC", "codage": {"C": "COL", "I": "IND"}})
    assert faults_of(write_contract(tmp_path, body), programme) == []


def test_two_options_are_not_read_from_one_column(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    columns = {"A": "M_1", "AB": "M_2", "AUCUN": "M_3"}
    body = mini_contract("V2")
    rule = {"multiple": "oui_non", "oui": ["1"], "non": ["0"]}
    for named, said in ((columns, []), ({**columns, "AB": "M_1"}, ["« M_1 » y est dite deux fois"])):
        body["questions"]["M1"] = {**rule, "colonnes": named}
        found = faults_of(write_contract(tmp_path, body), programme)
        assert [told in fault for told, fault in zip(said, found, strict=True)] == [True] * len(said)


@pytest.mark.parametrize("column", ["Q1", "Q4", "TC", "ORG", "ID", "DATE"])
def test_a_column_is_not_both_read_and_left_out(tmp_path: Path, column: str) -> None:
    programme = mini_programme(tmp_path)
    [told] = faults_of(write_contract(tmp_path, mini_contract("V2", ignorees=["AUTRE", column])), programme)
    assert "ignorees" in told
    assert f"« {column} » est lue pour" in told


def test_an_organisme_leaves_out_what_it_reads_elsewhere_and_reads_what_others_leave_out(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    rule = {**mini_contract("V2")["questions"]["G1"], "colonne": "Q1B"}
    own = {"questions": {"G1": rule}, "ignorees": ["Q1"]}
    body = mini_contract("V2", ignorees=["Q1B"], particularites={"O1": own})
    assert faults_of(write_contract(tmp_path, body), programme) == []
    own["ignorees"] = ["Q2"]
    [told] = faults_of(write_contract(tmp_path, body), programme)
    assert "particularites.O1.ignorees" in told
    own |= {"questions": {"G1": {**rule, "colonne": "Q2"}}, "ignorees": []}
    [told] = faults_of(write_contract(tmp_path, body), programme)
    assert "particularites.O1" in told
    assert "« Q2 » est aussi la colonne de" in told


def test_the_title_of_a_question_is_not_left_out(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    rows = {row["question_code"]: row for row in programme.rows("questions")}
    for code in ASKED:
        label = str(rows[code]["libelle"])
        wording = str(rows[code]["formulation"])
        alone = sum(row["formulation"] == wording for row in rows.values()) == 1
        for title, only in ((label, True), (f"Q12. {label}", True), (f"<b>{label}</b>", True), (wording, alone)):
            found = faults_of(write_contract(tmp_path, mini_contract("V2", ignorees=[title])), programme)
            assert [f"« {title} » est le titre de la question {code}, que le contrat lit" in t for t in found] == [
                True
            ] * only
            body = _with("questions", code, libelles_ecartes="la colonne titrée est vide")
            assert faults_of(write_contract(tmp_path, {**body, "ignorees": [title]}), programme) == []
        # a verbatim, or the same title in another form beside the column that is read under it
        for left in (f"{label} (texte)", f"{label} - précisez", f"Commentaire : {label}"):
            assert faults_of(write_contract(tmp_path, mini_contract("V2", ignorees=[left])), programme) == []
        body = _with("questions", code, colonne=f"Q7. {label}")
        assert faults_of(write_contract(tmp_path, {**body, "ignorees": [label]}), programme) == []


def test_the_title_of_a_question_that_is_read_nowhere_is_told(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    body = mini_contract("V2")
    label = next(str(r["libelle"]) for r in programme.rows("questions") if r["question_code"] == "C1")
    left = {code: rule for code, rule in body["questions"].items() if code != "C1"}
    found = faults_of(write_contract(tmp_path, {**body, "questions": left, "ignorees": [label]}), programme)
    assert any(f"« {label} » est le titre de la question C1, que le contrat ne lit nulle part" in t for t in found)


def test_two_answers_are_not_counted_in_one_column(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    assert faults_of(write_contract(tmp_path, counts_contract(weighted=True)), programme) == []
    for kind in ("comptes", "poids", "poids_carre"):
        for code, other in (("G1", "G1"), ("C1", "G1")):
            body = counts_contract(weighted=True)
            column = body["comptages"]["questions"]["G1"][kind]["TS"]
            body["comptages"]["questions"][code][kind]["PDT"] = column
            told = [f for f in faults_of(write_contract(tmp_path, body), programme) if "aussi" in f]
            assert len(told) == 1
            assert f"« {column} » est aussi la colonne de" in told[0]
            assert other in told[0]
