"""The delivered values that a contract codes: those that no cell can be are faults, and never silently unmatched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contracts import faults_of
from tests.support.mini import mini_contract, mini_programme, write_contract


@pytest.mark.parametrize(
    ("decimal", "key", "said"),
    [
        (",", "5.0", "« 5.0 » ne se rencontre jamais : une telle cellule se lit « 5 » ; écrire « 5 »."),
        (",", "5,00", "« 5,00 » ne se rencontre jamais : une telle cellule se lit « 5 » ; écrire « 5 »."),
        (".", "5.000", "« 5.000 » ne se rencontre jamais : une telle cellule se lit « 5 » ; écrire « 5 »."),
        (",", "\r", "une valeur vide n'est jamais comparée : une cellule vide a déjà un statut ; l'ôter."),
        # behind the sign of thousands, three zeros are five thousand
        (",", "5.000", ""),
        (",", "5", ""),
    ],
)
def test_a_key_that_no_cell_can_be_is_a_fault(tmp_path: Path, decimal: str, key: str, said: str) -> None:
    programme = mini_programme(tmp_path)
    form = {"type": "csv", "encodage": "utf-8-sig", "separateur": ";", "decimale": decimal}
    body = mini_contract(format=form, codages={"sat": {"1": "TS", "2": "PS", "3": "PPS", "4": "PDT", key: "NSP"}})
    problems = faults_of(write_contract(tmp_path, body), programme)
    assert [said in problem for problem in problems] == ([True] if said else [])
