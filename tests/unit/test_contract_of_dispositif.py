"""A contract of a dispositif reads each of its waves, those declared later too, and no other wave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.contracts import Broken, Contracts, load_contracts, read_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.programme import Programme, load_programme
from tests.support.between import PERIODS, add_calls, add_period, calls_contract
from tests.support.contracts import faults_of
from tests.support.mini import mini_contract, mini_programme, write_contract


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """A small programme with calls between its two waves, and the contract of its last one."""
    mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract("V2"))
    return load_programme(add_calls(tmp_path))


def _names(contracts: Contracts) -> dict[str, str]:
    return {one.name: one.wave for one in contracts.sound if one.wave in PERIODS}


def test_each_wave_of_the_dispositif_has_it_under_a_name_of_its_own(programme: Programme) -> None:
    contracts = load_contracts(programme)
    assert contracts.faults == []
    assert _names(contracts) == {f"appels-{wave.lower()}": wave for wave in PERIODS}
    for delivery in deliveries(programme, contracts):
        found, refusal = contracts.of(delivery.wave, "O1.csv", "O1.csv")
        assert refusal is None and found is not None and found.wave == delivery.wave


def test_a_wave_declared_later_is_read_and_changes_nothing_of_those_before(programme: Programme) -> None:
    before = {one.name: one.fingerprint for one in load_contracts(programme).sound}
    add_period(programme.root, "2022-T2", "2022-04-01", "2022-06-30")
    contracts = load_contracts(load_programme(programme.root))
    after = {one.name: one.fingerprint for one in contracts.sound}
    assert contracts.faults == [] and after.keys() - before.keys() == {"appels-2022-t2"}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vague": "V1"}, "vague : dire de quelle vague est le contrat, ou de quel « dispositif » : l'un des deux."),
        ({"dispositif": ""}, "vague : dire de quelle vague est le contrat, ou de quel « dispositif » : l'un des deux."),
        (
            {"dispositif": "VISITES"},
            "dispositif : « VISITES » n'est pas dans dispositifs.csv, ou aucune vague de vagues.csv n'est de lui.",
        ),
    ],
)
def test_what_it_is_of_is_said_once_and_known(programme: Programme, changes: dict[str, Any], said: str) -> None:
    [fault] = faults_of(write_contract(programme.root, calls_contract(**changes)), programme)
    assert fault.startswith("appels.yaml, ") and fault.endswith(said)


def test_a_fault_of_every_wave_is_said_once_and_refuses_these_waves_only(programme: Programme) -> None:
    path = write_contract(programme.root, calls_contract(institut="AILLEURS"))
    broken = read_contracts(path, programme)
    assert isinstance(broken, Broken) and broken.waves == (*PERIODS,) and len(broken.faults) == 1
    contracts = load_contracts(programme)
    assert contracts.of("2021-T2", "O1.csv", "O1.csv")[1] is not None
    found, refusal = contracts.of("V2", "O1.csv", "O1.csv")
    assert refusal is None and found is not None and found.wave == "V2"
