"""The title of a column that is another question's or another axis's is a fault, whatever stands around its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.extracts.contract_titles import title_of_another
from orchestration.programme import Programme, load_programme
from tests.support.contracts import faults_of
from tests.support.demo import SHIPPED
from tests.support.mini import mini_contract, mini_programme, write_contract

SAID: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("contract_titles.yaml").read_text(encoding="utf-8"))
TITLES = [*SAID["questions"], *SAID["axes"]]


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED)


@pytest.mark.parametrize("said", TITLES, ids=[said["title"] for said in TITLES])
def test_a_title_is_that_of_its_own_and_of_no_other(programme: Programme, said: dict[str, str]) -> None:
    assert title_of_another(said["title"], said["own"], programme) == ""
    assert said["own"] in title_of_another(said["title"], said["other"], programme)


@pytest.mark.parametrize("title", SAID["silent"])
def test_a_title_that_names_nothing_passes(programme: Programme, title: str) -> None:
    for code in ("CV01", "LE02", "tranche_age", "qpv"):
        assert title_of_another(title, code, programme) == ""


def test_a_reason_lets_a_title_through(tmp_path: Path) -> None:
    programme, body = mini_programme(tmp_path), mini_contract("V2")
    for place, code, title in (("questions", "G1", "Q7 Collectif seulement"), ("axes", "age", "Construction (code)")):
        rule = {**body[place][code], "colonne": title}
        [told] = faults_of(write_contract(tmp_path, {**body, place: {**body[place], code: rule}}), programme)
        assert f"{place}.{code}" in told
        assert f"« {title} »" in told
        assert "libelles_ecartes" in told
        rule["libelles_ecartes"] = "titre resté de la maquette"
        assert faults_of(write_contract(tmp_path, {**body, place: {**body[place], code: rule}}), programme) == []
