"""What an English programme is told of a delivery is English, the sentences that a reading keeps in its record included."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.programme import load_programme
from orchestration.trial.conduct import try_delivery
from orchestration.trial.shown import print_trial, write_page
from orchestration.trial.told import as_json
from orchestration.words import catalogue
from tests.support.grammars import WORD, words
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def test_what_an_absent_identifier_or_date_costs_is_said_in_the_language(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    config = tmp_path / "programme.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("langue: fr", "langue: en"), encoding="utf-8")
    body = mini_contract()
    del body["entretien"], body["date_entretien"]
    write_contract(tmp_path, body)
    header = [c for c in row("") if c not in ("ID", "DATE")]
    file = write_csv(tmp_path / "a.csv", [row("1"), row("2", Q1="3"), row("3", Q4="1")], header=header)
    programme = load_programme(tmp_path)
    told, screen, page = as_json(try_delivery(programme, file), programme), io.StringIO(), tmp_path / "essai.html"
    print_trial(Console(file=screen, width=500), told, programme)
    write_page(told, programme, page)
    said = screen.getvalue() + page.read_text(encoding="utf-8").partition("</style>")[2]
    for sentence in ("a repeated interview cannot be seen", "within the fieldwork is not checked"):
        assert said.count(sentence) == 2
    own = {
        word.casefold() for file in tmp_path.rglob("*.*[vl]") for word in WORD.findall(file.read_text(encoding="utf-8"))
    }
    french = words(catalogue("fr")) - words(catalogue("en")) - own
    assert {word for word in WORD.findall(said) if word.casefold() in french} == set()
