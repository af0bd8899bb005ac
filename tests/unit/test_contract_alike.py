"""What a contract says of a value is held to its other questions, to its sender's contract before, and to the words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.draft.bounds import apart
from orchestration.extracts.draft.meaning import agreed, no_answer, opinion
from tests.support.contracts import faults_of
from tests.support.mini import SAT, mini_contract, mini_programme, write_contract

TURNED = {"4": "TS", "3": "PS", "2": "PPS", "1": "PDT", "8": "NC", "9": "NSP"}
WHY = "énoncé à l'envers"


def _questions(**own: dict[str, Any]) -> dict[str, Any]:
    asked = mini_contract("V2")["questions"]
    return {code: {**rule, **own.get(code, {})} for code, rule in asked.items()}


def _faults(root: Path, wave: str = "V2", **changes: Any) -> list[str]:
    programme = mini_programme(root)
    return faults_of(write_contract(root, mini_contract(wave, **changes)), programme)


def test_a_question_that_reads_its_scale_alone_gives_its_reason(tmp_path: Path) -> None:
    [told] = _faults(tmp_path, questions=_questions(D2={"codage": TURNED}))
    assert "questions.D2" in told
    assert "« 4 » donne TS, et PDT ailleurs (2 fois)" in told
    assert "codage_propre" in told
    assert _faults(tmp_path, questions=_questions(D2={"codage": TURNED, "codage_propre": WHY})) == []


def test_either_side_gives_its_reason(tmp_path: Path) -> None:
    most: dict[str, dict[str, Any]] = {"C1": {"codage": TURNED}, "D2": {"codage": TURNED}}
    [told] = _faults(tmp_path, questions=_questions(**most))
    assert "questions.G1" in told
    assert _faults(tmp_path, questions=_questions(**most, G1={"codage_propre": WHY})) == []
    reasons = {code: rule | {"codage_propre": WHY} for code, rule in most.items()}
    assert _faults(tmp_path, questions=_questions(**reasons)) == []


def test_what_an_organisme_has_of_its_own_is_held_too(tmp_path: Path) -> None:
    own: dict[str, Any] = {"colonne": "Q4", "codage": TURNED}
    [told] = _faults(tmp_path, particularites={"O1": {"questions": {"D2": own}}})
    assert "particularites.O1.questions.D2" in told
    own["codage_propre"] = WHY
    assert _faults(tmp_path, particularites={"O1": {"questions": {"D2": own}}}) == []


def test_a_value_means_what_it_meant_in_the_wave_before(tmp_path: Path) -> None:
    assert _faults(tmp_path, wave="V1") == []
    [told] = _faults(tmp_path, codages={"sat": TURNED})
    assert "codages.sat" in told
    assert "« 4 » donne TS, et donnait PDT" in told
    assert "i-v1.yaml" in told
    assert _faults(tmp_path, codages={"sat": TURNED}, codages_changes={"SAT": "codes retournés par l'institut"}) == []
    axes = mini_contract("V2")["axes"]
    axes["type_construction"] = {"colonne": "TC", "codage": {"X": "COL", "Y": "IND"}}
    assert _faults(tmp_path, axes=axes) == []


def test_non_answers_are_renumbered_and_do_not_change_places(tmp_path: Path) -> None:
    assert _faults(tmp_path, wave="V1", codages={"sat": {**SAT, "8": "REFUS", "9": "NSP"}}) == []
    renumbered = {**{v: c for v, c in SAT.items() if v < "5"}, "7": "REFUS", "8": "NSP"}
    assert _faults(tmp_path, codages={"sat": renumbered}) == []
    [told] = _faults(tmp_path, codages={"sat": {**SAT, "8": "NSP", "9": "REFUS"}})
    assert "« 8 » donne NSP, et donnait REFUS" in told
    assert "« 9 » donne REFUS, et donnait NSP" in told
    assert "codages_changes" in told


def test_an_axis_means_what_it_meant_in_the_wave_before(tmp_path: Path) -> None:
    axes = mini_contract("V1")["axes"]
    assert _faults(tmp_path, wave="V1", axes={**axes, "type_construction": _axis({"1": "COL", "2": "IND"})}) == []
    turned = _axis({"2": "COL", "1": "IND"})
    [told] = _faults(tmp_path, axes={**axes, "type_construction": turned})
    assert "axes.type_construction" in told
    assert _faults(tmp_path, axes={**axes, "type_construction": {**turned, "codage_propre": WHY}}) == []


def test_a_column_is_the_axis_that_it_was_in_the_wave_before(tmp_path: Path) -> None:
    axes = mini_contract("V1")["axes"]
    assert _faults(tmp_path, wave="V1", axes={**axes, "age": {**axes["age"], "colonne": "S3"}}) == []
    turned = {**axes, "type_construction": {**axes["type_construction"], "colonne": "S3"}}
    [told] = _faults(tmp_path, axes=turned)
    assert "axes.type_construction" in told
    assert "« S3 » donne type_construction, et donnait age" in told
    turned["type_construction"]["codage_propre"] = WHY
    assert _faults(tmp_path, axes=turned) == []


def test_a_title_is_the_question_that_it_was_in_the_wave_before(tmp_path: Path) -> None:
    title = "Accueil reçu pendant la visite"
    assert _faults(tmp_path, wave="V1", questions=_V1 | {"C1": {**_V1["C1"], "colonne": title}}) == []
    [told] = _faults(tmp_path, questions=_questions(D2={"colonne": title}))
    assert f"« {title} » donne D2, et donnait C1" in told


_V1 = mini_contract("V1")["questions"]


def _axis(codage: dict[str, str]) -> dict[str, Any]:
    return {"colonne": "TC", "codage": codage}


def test_another_institute_reads_as_it_likes(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path, tables={"instituts": ["I,Institut I,oui", "J,Institut J,oui"]})
    write_contract(tmp_path, mini_contract("V1"))
    body = mini_contract("V2", institut="J", codages={"sat": TURNED})
    assert faults_of(write_contract(tmp_path, body), programme) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Ne sait pas", "PPS"),
        ("Prefer not to say", "TS"),
        ("Sans objet", "PDT"),
        ("Mécontent", "TS"),
        ("Very dissatisfied", "PS"),
        ("Very satisfied", "PS"),
        ("Excellent", "PDT"),
        ("Insatisfait", "NSP"),
        ("Ni satisfait ni insatisfait", "PS"),
        ("Plutôt satisfait", "NSP"),
        ("Jamais", "NSP"),
        ("No", "REFUS"),
        ("Refus", "NSP"),
        ("PDT", "PPS"),
        ("NSP", "TS"),
    ],
)
def test_words_are_held(value: str, code: str, tmp_path: Path) -> None:
    faults = _faults(tmp_path, codages={"sat": {**SAT, value: code}})
    assert any(f"« {value.casefold()} » ne peut pas donner {code}" in told for told in faults)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Assez satisfait", "PS"),
        ("Moyennement satisfait", "PPS"),
        ("Pas très satisfait", "PPS"),
        ("Not happy at all", "PDT"),
        ("Difficile à dire", "NSP"),
        ("NSP/NR", "REFUS"),
        ("Non", "NC"),
        ("Excellent", "TS"),
    ],
)
def test_words_that_do_not_contradict_pass(value: str, code: str, tmp_path: Path) -> None:
    assert _faults(tmp_path, codages={"sat": {**SAT, value: code}}) == []


def test_letters_and_titles_are_words_too(tmp_path: Path) -> None:
    axes = mini_contract("V2")["axes"] | {"type_construction": _axis({"I": "COL", "C": "IND"})}
    assert len(_faults(tmp_path, axes=axes)) == 2
    [told] = _faults(tmp_path, questions=_questions(C1={"colonne": "Suite de la demande"}))
    assert "questions.C1" in told
    assert "titre de la question D2" in told
    columns = {"A": "Motif AB", "AB": "Motif A", "AUCUN": "q5_3"}
    rule = {"multiple": "oui_non", "colonnes": columns, "oui": ["N"], "non": ["O"]}
    faults = _faults(tmp_path, questions=mini_contract("V2")["questions"] | {"M1": rule})
    assert sum("questions.M1.colonnes" in told for told in faults) == 2
    assert any("« n » dit non" in told for told in faults)


def test_what_words_say_by_themselves() -> None:
    assert [opinion(t, alone=False) for t in ("Unhappy", "Not bad", "Bien", "Insatisfait", "Passable")] == [
        -1,
        1,
        1,
        -1,
        None,
    ]
    assert opinion("Difficile à dire", alone=True) is None
    assert [no_answer(t) for t in ("NSP", "Don't know", "Non concerné(e)", "Bon")] == ["NSP", "NSP", "NC", None]
    assert (agreed("Yes", "oui"), agreed("N", "oui"), agreed("1", "oui")) == (1, -1, None)
    ages = ["Moins de 35 ans", "35 à 49 ans", "50 ans et plus"]
    assert apart("< 35", ages[1], ages)
    assert not apart("< 35", ages[0], ages)
