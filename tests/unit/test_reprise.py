"""Reading again one wave, one organisme or everything; and a delivery that cannot be read, which costs only itself."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.extracts import reading
from orchestration.defs.extracts.assets import donnees_de_reference, lots, reponses
from orchestration.defs.extracts.checks import ACCEPTED_CHECK
from orchestration.defs.jobs import consolidation, extraction, reprise
from orchestration.defs.resources import ProgrammeRun
from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decisions import withdraw
from orchestration.extracts.deliveries import Delivery, deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import concerned, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Record
from orchestration.programme import Programme
from orchestration.settings import Settings
from tests.support.listening import web
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

READ = dg.AssetKey("reponses")
# the tags of a run that has several partitions
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """V1 has a file of O1; V2 one of O1 and O2 together, one of O3, and one that nobody recognises."""
    # an interview or two are enough of a delivery: where none is accepted a run stops
    lenient = {"plan_minimum": 0.01, "plan_plancher": 0.01, "strates_vides_plafond": 1, "decalage_median_plafond": 1}
    opened = mini_programme(tmp_path / "programme", plausibility=lenient)
    Settings(opened.root).prepare()
    for wave in ("V1", "V2"):
        write_contract(opened.root, mini_contract(wave))
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"]
    landing = opened.root / "landing"
    write_csv(landing / "V1/un.csv", [row("1", ORG="O1", DATE="15/10/2019")], header=header)
    write_csv(landing / "V2/un_et_deux.csv", [row("1", ORG="O1"), row("2", ORG="O2")])
    write_csv(landing / "V2/trois.csv", [row("1", ORG="O3")])
    write_csv(landing / "V2/personne.csv", [row("1", ORG="inconnu au bataillon")])
    for delivery in deliveries(opened, load_contracts(opened)):
        ingest(delivery, opened)
    return opened


def _named(found: list[Delivery]) -> list[str]:
    return sorted(f"{d.wave}/{d.path.stem}" for d in found)


@pytest.mark.parametrize(
    ("wave", "organisme", "expected"),
    [
        (None, None, ["V1/un", "V2/personne", "V2/trois", "V2/un_et_deux"]),
        ("V2", None, ["V2/personne", "V2/trois", "V2/un_et_deux"]),
        ("V2", "O2", ["V2/personne", "V2/un_et_deux"]),
        (None, "O1", ["V1/un", "V2/personne", "V2/un_et_deux"]),
    ],
)
def test_what_a_wave_and_an_organisme_concern(
    programme: Programme, wave: str | None, organisme: str | None, expected: list[str]
) -> None:
    assert _named(concerned(programme, take_inventory(programme), wave, organisme)) == expected


@pytest.mark.parametrize(
    ("wave", "organisme", "said"),
    [
        ("V3", None, "Vague inconnue : « V3 » ; le programme connaît V1, V2."),
        (None, "O9", "Organisme inconnu : « O9 » ; le programme connaît O1, O2, O3."),
        ("V1", "O3", "Rien à relire : landing/ n'a aucune livraison de O3 en V1."),
    ],
)
def test_what_is_not_known_is_said_with_what_is(
    programme: Programme, wave: str | None, organisme: str | None, said: str
) -> None:
    with pytest.raises(ProgrammeError, match=said.replace("(", r"\(")):
        concerned(programme, take_inventory(programme), wave, organisme)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as opened:
        yield opened


def _run(
    programme: Programme,
    instance: dg.DagsterInstance,
    job: str,
    key: str | None = None,
    between: tuple[str, str] | None = None,
    **asked: object,
) -> dg.ExecuteInProcessResult:
    root = str(programme.root)
    definitions = dg.Definitions(
        assets=[reponses, donnees_de_reference, lots],
        jobs=[extraction, consolidation, reprise],
        resources={"programme": ProgrammeRun(root=root)},
        executor=dg.in_process_executor,
    )
    config = {"run_config": {"ops": {"lots": {"config": {"relire": True, **asked}}}}} if asked else {}
    ends = dict(zip((START, END), between, strict=True)) if between else {}
    return definitions.resolve_job_def(job).execute_in_process(
        instance=instance, partition_key=key, tags=ends, raise_on_error=False, **config
    )


def _read_again(result: dg.ExecuteInProcessResult) -> list[str]:
    told = [e.step_materialization_data.materialization for e in result.all_events if e.is_step_materialization]
    return sorted(str(m.partition).split(".")[1] for m in told if m.asset_key == READ)


def test_the_job_reads_again_what_it_is_asked_and_by_default_everything(
    programme: Programme, instance: dg.DagsterInstance
) -> None:
    one = _run(programme, instance, "reprise", vague="V2", organisme="O3")
    assert (one.success, _read_again(one)) == (True, ["personne-csv", "trois-csv"])
    every = _run(programme, instance, "reprise")
    assert _read_again(every) == ["personne-csv", "trois-csv", "un-csv", "un-et-deux-csv"]
    assert {e.check_name for e in every.get_asset_check_evaluations() if e.asset_key == READ}
    wrong = _run(programme, instance, "reprise", organisme="O9")
    [failure] = [e for e in wrong.all_events if e.is_step_failure and e.step_key == "lots"]
    assert "Organisme inconnu : « O9 »" in str(failure.step_failure_data.error)


def test_a_consolidation_reads_what_nobody_read_and_leaves_the_rest(
    programme: Programme, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (programme.root / "lake/registre").glob("V2.[pt]*"):
        path.unlink()
    # an hour: what is copied just now is not whole, however slow the machine
    monkeypatch.setattr(reading, "SETTLED_SECONDS", 3600)
    _age(programme)
    os.utime(programme.root / "landing/V2/personne.csv")
    assert _read_again(_run(programme, instance, "consolidation")) == ["trois-csv"]


def test_a_consolidation_tells_of_refused_deliveries_once_though_it_succeeds(
    programme: Programme, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web() as (address, posted):
        monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", address)
        for _ in range(2):
            assert _run(programme, instance, "consolidation").success
    told, asking = sorted(posted, key=lambda message: "attention" in message)
    assert "V2/personne.csv" in {refused["fichier"] for refused in told["refus"]}
    # each of few interviews for its plan, and each told once too
    assert "V2/trois.csv, O3" in {one["fichier"] for one in asking["attention"]}


def _age(programme: Programme) -> None:
    then = time.time() - 10 * reading.SETTLED_SECONDS
    for delivery in (programme.root / "landing").glob("*/*"):
        os.utime(delivery, (then, then))


def _checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {str(e.check_name): e for e in result.get_asset_check_evaluations() if e.partition is None}


def _by_delivery(instance: dg.DagsterInstance) -> dict[str, str]:
    """The state of each delivery's own check, by the name of its file."""
    known = instance.event_log_storage.get_asset_check_partition_info([ACCEPTED_CHECK.key])
    return {i.partition_key.split(".")[1]: i.latest_execution_status.value for i in known if i.partition_key}


def test_a_check_is_red_as_long_as_a_delivery_is_refused_whichever_run_read_it(
    programme: Programme, instance: dg.DagsterInstance
) -> None:
    for organisme, name in (("O1", "un_et_deux"), ("O3", "trois"), ("inconnu", "personne")):
        rows = [
            row(str(i), ORG=organisme, Q1=str(1 + i % 4), TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)
        ]
        write_csv(programme.root / f"landing/V2/{name}.csv", rows)
    (programme.root / "landing/V1/un.csv").unlink()
    _age(programme)
    states = {"personne-csv": "FAILED", "trois-csv": "SUCCEEDED", "un-et-deux-csv": "SUCCEEDED"}
    found = _checks(_run(programme, instance, "consolidation"))
    assert not found["livraisons_acceptees"].passed and not found["organisme_inconnu"].passed
    assert "V2/personne.csv : organisme « inconnu » inconnu" in str(
        found["livraisons_acceptees"].metadata["lesquelles"].value
    )
    assert _by_delivery(instance) == states
    # A run that reads another delivery only does not turn them green.
    inventory = take_inventory(programme)
    sound, unfit = ([d.id for d in inventory.deliveries if d.name == name] for name in ("trois.csv", "personne.csv"))
    found = _checks(_run(programme, instance, "extraction", sound[0]))
    assert not found["organisme_inconnu"].passed
    assert _by_delivery(instance) == states
    again = _run(programme, instance, "extraction", between=(unfit[0], sound[0]))
    assert again.success and _by_delivery(instance) == states
    withdraw(
        Lake(programme.root), next(d.sha256 for d in inventory.deliveries if d.id in unfit), "V2/personne.csv", "essai"
    )
    found = _checks(_run(programme, instance, "consolidation"))
    assert found["livraisons_acceptees"].passed and found["organisme_inconnu"].passed
    assert _by_delivery(instance) == dict.fromkeys(states, "SUCCEEDED")


def test_a_rule_that_examined_nothing_says_so(programme: Programme, instance: dg.DagsterInstance) -> None:
    found = _checks(_run(programme, instance, "consolidation"))
    idle = {name: check for name, check in found.items() if check.metadata.get("examinees") == dg.IntMetadataValue(0)}
    assert idle
    for check in idle.values():
        assert (check.passed, check.description) == (True, "Aucune livraison n'est soumise à cette règle.")


def _spoil(programme: Programme, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Has a reader stumble over one file, as a defect of ours would."""

    def stumbling(delivery: Delivery, opened: Programme) -> Record:
        if delivery.name == "trois.csv":
            raise error
        return ingest(delivery, opened)

    monkeypatch.setattr("orchestration.extracts.ingest.ingest", stumbling)
    for path in (programme.root / "lake/registre").glob("V2.*"):
        path.unlink()
    _age(programme)


def test_a_delivery_that_cannot_be_read_costs_only_itself_and_is_named(
    programme: Programme, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(programme, monkeypatch, ZeroDivisionError("division du 06 12 34 56 78"))
    result = _run(programme, instance, "consolidation")
    assert result.success
    [check] = [e for e in result.get_asset_check_evaluations() if e.check_name == "livraisons_lues"]
    assert (check.passed, check.metadata["non_lues"].value) == (False, 1)
    said = str(check.metadata["lesquelles"].value)
    assert said.startswith("- V2/trois.csv : ZeroDivisionError : division du (donnée personnelle masquée) ; relancer")
    assert [d.name for d in take_inventory(programme).stale] == ["trois.csv"]
    monkeypatch.undo()
    again = _run(programme, instance, "consolidation")
    [check] = [e for e in again.get_asset_check_evaluations() if e.check_name == "livraisons_lues"]
    assert check.passed
    assert not (programme.root / "lake/echecs").exists()


def test_a_partition_whose_run_failed_is_named(
    programme: Programme, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(programme, monkeypatch, OSError(5, "Input/output error"))
    inventory = take_inventory(programme)
    [key] = [d.id for d in inventory.stale if d.name == "trois.csv"]
    instance.add_dynamic_partitions("livraisons", [key])
    assert not _run(programme, instance, "extraction", key).success
    assert reading.unreadable(inventory, programme, instance) == {
        key: "son exécution s'est arrêtée ; la page de la partition dit où"
    }
