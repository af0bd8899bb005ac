"""The sensor of landing/ and the night: what they ask for, and what they leave alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.resources import ProgrammeResource
from orchestration.defs.sensors import SETTLED_SECONDS, nouvelles_livraisons
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.ingest import deliveries, ingest
from orchestration.programme import Programme
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """A programme with one settled delivery, not read yet."""
    opened = mini_programme(tmp_path / "programme")
    write_contract(opened.root, mini_contract())
    _deliver(opened, "un.csv", seconds_ago=SETTLED_SECONDS + 60)
    return opened


def _deliver(programme: Programme, name: str, seconds_ago: float, interviews: int = 3) -> None:
    path = write_csv(programme.root / "landing/V2" / name, [row(f"{name}-{i}") for i in range(interviews)])
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def _look(programme: Programme, instance: dg.DagsterInstance) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance)
    result = nouvelles_livraisons(context, programme=ProgrammeResource(root=str(programme.root)))
    assert isinstance(result, dg.SensorResult)
    return result


def _read_all(programme: Programme) -> None:
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)


def test_a_settled_delivery_is_read_and_one_still_written_is_left(programme: Programme) -> None:
    _deliver(programme, "deux.csv", seconds_ago=0)
    with dg.instance_for_test() as instance:
        [request] = _look(programme, instance).run_requests or []
        [added] = _look(programme, instance).dynamic_partitions_requests or []
    assert request.job_name == "extraction"
    assert list(added.partition_keys) == [request.partition_key]
    assert "un" in str(request.partition_key)


def test_a_delivery_from_the_future_of_a_clock_put_back_is_read(programme: Programme) -> None:
    _deliver(programme, "deux.csv", seconds_ago=-365 * 86_400)
    with dg.instance_for_test() as instance:
        assert len(_look(programme, instance).run_requests or []) == 2


def test_the_same_delivery_asks_for_the_same_run(programme: Programme) -> None:
    def run_key() -> str | None:
        return next(request.run_key for request in _look(programme, instance).run_requests or [])

    with dg.instance_for_test() as instance:
        first = run_key()
        assert run_key() == first
        _deliver(programme, "un.csv", seconds_ago=SETTLED_SECONDS + 60, interviews=4)
        assert run_key() != first


def test_once_all_are_read_one_consolidation_is_asked_for(programme: Programme) -> None:
    _read_all(programme)
    with dg.instance_for_test() as instance:
        first, second = (_look(programme, instance).run_requests or [] for _ in range(2))
    assert [r.job_name for r in first] == ["consolidation"]
    assert first[0].run_key == second[0].run_key, "a consolidation that failed would be tried again every minute"


@pytest.mark.parametrize(("postgres", "expected"), [("", "STOPPED STOPPED"), ("postgresql:///x", "RUNNING RUNNING")])
def test_only_production_works_unattended(postgres: str, expected: str) -> None:
    code = (
        "from orchestration.defs.schedules import nuit\nfrom orchestration.defs.sensors import nouvelles_livraisons as s\n"
        "print(nuit.default_status.name, s.default_status.name)"
    )
    environment = {**os.environ, "OBSERVATOIRE_POSTGRES": postgres}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected
