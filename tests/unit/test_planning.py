"""`observatoire check` names a sampling plan that would have every interview rejected, and thresholds that publish nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.planning import plan_advice, plan_faults
from orchestration.programme import Programme
from orchestration.programme.advice import advice
from tests.support.demo import observatoire
from tests.support.mini import TABLES, mini_contract, mini_programme, write_contract

PLAN = TABLES["plan_sondage"][1]
PUBLIC = {"organismes_secrets": False}


def _programme(root: Path, plan: list[str], *waves: str, **thresholds: object) -> Programme:
    programme = mini_programme(root, tables={"plan_sondage": plan}, **thresholds)
    for wave in waves:
        write_contract(root, mini_contract(wave))
    return programme


def test_a_plan_left_empty_is_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    _programme(tmp_path, [line for line in PLAN if line.startswith("V1")], "V1", "V2")
    done = observatoire(tmp_path, "check")
    assert done.returncode == 1
    assert "i-v2.yaml, ligne " in done.stderr and "strate : plan_sondage.csv n'a aucune strate en V2" in done.stderr
    assert "y écrire une ligne par organisme et strate, avec sa population." in done.stderr


def test_an_organisme_without_a_stratum_is_named_with_its_line(tmp_path: Path) -> None:
    programme = _programme(tmp_path, [line for line in PLAN if not line.startswith("V2,O2,")], "V1", "V2")
    assert [said.split(" : ")[1] for said in plan_faults(programme, load_contracts(programme))] == [
        "aucune strate de « O2 » en V2 (participations.csv, ligne 6)"
    ]


def test_a_whole_plan_and_a_wave_that_nothing_reads_yet_are_no_error(tmp_path: Path) -> None:
    whole = _programme(tmp_path / "whole", PLAN, "V1", "V2")
    contracts = load_contracts(whole)
    assert (contracts.faults, list(plan_faults(whole, contracts)), list(plan_advice(whole, contracts))) == ([], [], [])
    early = _programme(tmp_path / "early", [line for line in PLAN if line.startswith("V1")], "V1")
    contracts = load_contracts(early)
    assert (contracts.faults, list(plan_faults(early, contracts))) == ([], [])
    [said] = plan_advice(early, contracts)
    assert said.startswith("V2 : plan_sondage.csv n'a aucune strate, et 3 organismes y sont attendus")


ALONE: Mapping[str, list[str]] = {
    "participations": ["V2,O1,attendu,I,telephone,"],
    "plan_sondage": ["V2,O1,COL,400,60"],
}


@pytest.mark.parametrize(
    ("tables", "thresholds", "said"),
    [
        (ALONE, {"organismes_minimum": 3}, "V2 : 1 organisme en attente de livraison, moins que organismes_minimum (3)"),
        # a single organisme is all of the stock, whatever the plan says of it
        (ALONE, {"organismes_minimum": 1, "dominance_maximum": 0.85}, "V2 : O1 a 100\u202f% du parc, et dominance_maximum est à 85\u202f%"),
        (ALONE | {"plan_sondage": []}, {"dominance_maximum": 1.0}, "V2 : un seul organisme a 100\u202f% du parc"),
        (
            {"participations": ["V2,O1,attendu,I,,", "V2,O2,attendu,I,,"], "plan_sondage": ["V2,O1,COL,900,60", "V2,O2,COL,100,60"]},
            {"dominance_maximum": 0.85},
            "V2 : O1 a 90\u202f% du parc, et dominance_maximum est à 85\u202f%",
        ),
    ],
)  # fmt: skip
def test_secrets_that_let_nothing_out_are_told(
    tmp_path: Path, tables: dict[str, list[str]], thresholds: dict[str, object], said: str
) -> None:
    secret = mini_programme(tmp_path, tables=tables, **thresholds)
    [told] = advice(secret)
    assert told.startswith(said)
    assert "aucun résultat régional ne pourra être publié" in told and "organismes_secrets: false" in told
    assert list(advice(mini_programme(tmp_path, tables=tables, secret=PUBLIC, **thresholds))) == []


def test_a_plan_smaller_than_the_smallest_published_base_is_told(tmp_path: Path) -> None:
    few = {"plan_sondage": ["V2,O1,COL,400,20", "V2,O2,COL,400,5"]}
    [said] = advice(mini_programme(tmp_path, tables=few, base_minimale=30, base_fragile=30))
    assert said.startswith("V2 : 25 entretiens au plan de sondage, moins que base_minimale (30)")
    assert list(advice(mini_programme(tmp_path, tables=few, base_minimale=25, base_fragile=25))) == []
