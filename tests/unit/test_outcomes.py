"""What the last run came to is noted whoever ran it, said by `status`, and no longer said once it is settled."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.resources import AT_ONCE, ProgrammeFolder, ProgrammeRun
from orchestration.defs.sensors import alerte
from orchestration.errors import PublicationRefused
from orchestration.operation.failures import reason_of
from orchestration.operation.locks import holder, lock
from orchestration.operation.outcomes import (
    Ending,
    RunState,
    last_run,
    note_settled,
    noted,
    noted_where_the_machine_refuses,
)
from orchestration.programme import Programme
from orchestration.publication.currency import NOTHING_NEW
from orchestration.settings import Settings
from orchestration.status import state_of, told_of_last_run
from tests.support.disks import disk, full, need_mounts
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    opened = mini_programme(tmp_path / "programme")
    Settings(opened.root).prepare()
    return opened


def _told(programme: Programme) -> str:
    return " ".join(told_of_last_run(state_of(programme)))


def _run(programme: Programme, instance: dg.DagsterInstance, step: str, ending: str) -> dg.ExecuteInProcessResult:
    """Runs a job of one step that ends well, is refused by its gate or fails."""

    @dg.asset(name=step)
    def only(programme: ProgrammeRun) -> None:
        if ending == "échec":
            raise ValueError("une colonne de trop")

    @dg.asset_check(asset=step, blocking=True)
    def porte() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=ending != "refus", description="14 % du parc, minimum 50 %.")

    job = dg.define_asset_job("consolidation" if step == "edition" else "extraction", selection="*")
    definitions = dg.Definitions(
        assets=[only],
        asset_checks=[porte],
        jobs=[job],
        resources={"programme": ProgrammeRun(root=str(programme.root))},
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def(job.name).execute_in_process(instance=instance, raise_on_error=False)


@pytest.mark.parametrize(
    ("ending", "state", "sentence"),
    [
        ("refus", RunState.REFUSED, "Rien n'a été publié. 14 % du parc, minimum 50 %."),
        ("échec", RunState.REFUSED, "Rien n'a été publié. étape edition : ValueError: une colonne de trop"),
        ("succès", RunState.PUBLISHED, ""),
    ],
)
def test_a_run_in_dagster_is_noted(programme: Programme, ending: str, state: RunState, sentence: str) -> None:
    with dg.instance_for_test() as instance:
        result = _run(programme, instance, "edition", ending)
    last = last_run(Settings(programme.root))
    assert last is not None
    assert (last.etat, last.execution, last.phrase) == (state, result.run_id, sentence)
    assert _told(programme).endswith(sentence)
    assert bool(_told(programme)) is (state == RunState.REFUSED)


def _job_of_one_step() -> dg.JobDefinition:
    """The consolidation of the programme that the environment names, as another process finds it."""

    @dg.asset
    def edition(programme: ProgrammeRun) -> None: ...

    resources = {"programme": ProgrammeRun(root=os.environ["OBSERVATOIRE_DATA"])}
    job = dg.define_asset_job("consolidation", selection="*")
    definitions = dg.Definitions([edition], jobs=[job], resources=resources, executor=dg.in_process_executor)
    return definitions.resolve_job_def("consolidation")


def test_reading_the_results_of_a_run_that_has_ended_notes_no_run(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dagster job execute` does so: it makes the resources of the run again, after its end."""
    settings = Settings(programme.root)
    monkeypatch.setenv("OBSERVATOIRE_DATA", str(programme.root))
    with dg.instance_for_test() as instance, dg.execute_job(dg.reconstructable(_job_of_one_step), instance) as result:
        assert result.success
        last = last_run(settings)
        assert last is not None
        assert (last.etat, last.execution) == (RunState.PUBLISHED, result.run_id)
        assert holder(settings) is None


def test_a_run_that_only_reads_has_nothing_to_publish(programme: Programme) -> None:
    _ended(Settings(programme.root), "hier", (RunState.REFUSED, "Rien n'a été publié."))
    with dg.instance_for_test() as instance:
        assert _run(programme, instance, "reponses", "succès").success
    last = last_run(Settings(programme.root))
    assert last is not None
    assert last.execution == "hier"


def test_a_run_that_was_killed_is_known_by_its_lock(programme: Programme) -> None:
    settings = Settings(programme.root)
    _ended(settings, "0a1b", None)
    assert "arrêtée avant d'avoir fini ; ce qui était publié le reste" in _told(programme)
    assert holder(settings) is None
    with (settings.warehouse.parent / "run.verrou").open("w") as other:
        other.write('{"pid": 4321}')
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "Une exécution est en cours depuis le" in _told(programme)
        assert "(processus 4321)" in _told(programme)


def test_looking_at_the_lock_does_not_take_it(programme: Programme) -> None:
    settings = Settings(programme.root)
    with lock(settings):
        pass
    assert holder(settings) is None
    with lock(settings):
        assert holder(settings) is not None


def test_what_ends_before_a_job_begins_is_noted(programme: Programme) -> None:
    settings = Settings(programme.root)
    with pytest.raises(PublicationRefused), noted(settings):
        raise PublicationRefused("journal de Dagster illisible")
    assert "journal de Dagster illisible" in _told(programme)
    with pytest.raises(KeyboardInterrupt), noted(settings):
        raise KeyboardInterrupt
    assert [last.etat for last in [last_run(settings)] if last] == [RunState.INTERRUPTED]
    note_settled(settings)
    assert [(last.etat, last.execution) for last in [last_run(settings)] if last] == [(RunState.UNCHANGED, None)]
    with noted(settings):
        pass
    assert [last.etat for last in [last_run(settings)] if last] == [RunState.UNCHANGED], "looking is no run"


def test_a_refusal_is_not_settled_while_a_delivery_is_unread(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edition is still made of what was read before it; what the machine kept from being read is no part of that."""
    monkeypatch.setattr("orchestration.operation.settled.nothing_to_publish", lambda *_: NOTHING_NEW)
    monkeypatch.setattr("orchestration.operation.settled.is_printed", lambda _: True)
    write_contract(programme.root, mini_contract())
    with pytest.raises(PublicationRefused), noted(Settings(programme.root)):
        raise PublicationRefused("Droits insuffisants")
    assert not _told(programme)
    write_csv(programme.root / "landing/V2/ALPHA.csv", [row("1")])
    assert "Droits insuffisants" in _told(programme)
    ingest_all(programme.root)
    assert not _told(programme)


def test_a_run_holds_the_lock_from_its_first_step_to_its_last(programme: Programme) -> None:
    """A job of the daemon waits while another holds the programme; one of the terminal is refused, and notes nothing."""
    settings = Settings(programme.root)
    held: list[bool] = []

    @dg.asset
    def edition(programme: ProgrammeRun) -> None:
        held.append(holder(programme.settings) is not None)

    @dg.asset(deps=[edition])
    def rapport_regional(programme: ProgrammeRun) -> None:
        held.append(holder(programme.settings) is not None)

    with dg.instance_for_test() as instance:
        run = {"instance": instance, "resources": {"programme": ProgrammeRun(root=str(programme.root))}}
        assert dg.materialize([edition, rapport_regional], **run).success  # type: ignore[arg-type]
        assert held == [True, True]
        before = last_run(settings)
        with lock(settings):
            refused = dg.materialize([edition], **run, tags={AT_ONCE: "oui"}, raise_on_error=False)  # type: ignore[arg-type]
    assert not refused.success
    assert "attendre sa fin" in reason_of(refused.all_events, settings)
    assert last_run(settings) == before


@pytest.mark.parametrize(("selected", "expected"), [("porte", False), ("edition", True)])
def test_only_a_run_that_changes_what_readers_see_is_noted(programme: Programme, selected: str, expected: bool) -> None:
    @dg.asset
    def edition(programme: ProgrammeRun) -> None: ...

    @dg.asset_check(asset=edition)
    def porte(programme: ProgrammeRun) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    check = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("edition"), "porte"))
    job = dg.define_asset_job("une_partie", selection=check if selected == "porte" else "edition")
    resources = {"programme": ProgrammeRun(root=str(programme.root))}
    definitions = dg.Definitions(assets=[edition], asset_checks=[porte], jobs=[job], resources=resources)
    with dg.instance_for_test() as instance:
        assert definitions.resolve_job_def("une_partie").execute_in_process(instance=instance).success
    assert (last_run(Settings(programme.root)) is not None) is expected


def _ended(settings: Settings, run: str, ending: Ending) -> None:
    with noted(settings, run, lambda: ending):
        pass


def test_a_damaged_note_is_no_note(programme: Programme) -> None:
    settings = Settings(programme.root)
    _ended(settings, "0a1b", None)
    for path in settings.warehouse.parent.glob("derniere_execution.json"):
        for damaged in (
            '{"etat": "en_cours"',
            '{"etat": "refusee", "debut": null}',
            '{"etat": "refusee", "debut": "2026-01-01T00:00:00"}',
            '{"etat": "refusee", "debut": "2026-01-01T00:00:00+00:00", "fin": "hier"}',
        ):
            path.write_text(damaged, encoding="utf-8")
            assert last_run(settings) is None
    assert _told(programme) == ""


def _alerted(programme: Programme, instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str | None:
    [event] = [e for e in result.all_events if e.is_job_failure]
    context = dg.build_run_status_sensor_context(
        "alerte",
        event,
        instance,
        result.dagster_run,
        resources={"folder": ProgrammeFolder(root=str(programme.root))},
    ).for_run_failure()
    skipped = alerte(context)
    return skipped.skip_message if isinstance(skipped, dg.SkipReason) else None


def test_a_failed_run_of_the_daemon_is_told(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are the gate's; that nobody answers at the address is said in `status` and fails nothing."""
    with dg.instance_for_test() as instance:
        refused = _run(programme, instance, "edition", "refus")
        assert "Personne à prévenir" in str(_alerted(programme, instance, refused))
        monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", "http://127.0.0.1:1/")
        assert _alerted(programme, instance, refused) is None
        last = last_run(Settings(programme.root))
        assert last is not None
        assert "OBSERVATOIRE_ALERTE_WEBHOOK (connexion refusée par le serveur)" in str(last.alerte)
        assert last.phrase == "Rien n'a été publié. 14 % du parc, minimum 50 %."
        assert str(last.alerte) in _told(programme)
        reading = _run(programme, instance, "reponses", "échec")
        assert _alerted(programme, instance, reading) is None
        assert last_run(Settings(programme.root)) == last


@pytest.mark.parametrize("left", [0, 3_000])
def test_a_run_that_a_full_disk_refuses_is_noted_all_the_same(tmp_path: Path, left: int) -> None:
    need_mounts()
    programme = mini_programme(tmp_path / "programme")
    programme.settings.prepare()
    with disk(programme.root, 8):
        with noted(programme.settings, "premiere", ending=lambda: (RunState.PUBLISHED, "")):
            pass
        with full(programme.root, left), pytest.raises(PublicationRefused), noted(programme.settings):
            raise PublicationRefused("Le disque est plein." + " Bis." * 2_000)
        last = last_run(programme.settings)
        assert last is not None and last.etat == RunState.REFUSED and last.phrase.startswith("Le disque est plein.")
        with full(programme.root, left), noted(programme.settings, "seconde", ending=lambda: (RunState.PUBLISHED, "")):
            running = last_run(programme.settings)
        assert running is not None and (running.etat, running.execution) == (RunState.RUNNING, "seconde")
        ended = last_run(programme.settings)
        assert ended is not None and ended.etat == RunState.PUBLISHED


@pytest.mark.parametrize("said", ["database or disk is full", "disk I/O error"])
def test_what_the_journals_find_no_room_for_is_noted_as_the_runs_end(programme: Programme, said: str) -> None:
    """SQLite's refusal is no OSError: the run before would be taken for the last one."""
    settings = Settings(programme.root)
    with noted(settings, "hier", lambda: (RunState.PUBLISHED, "")):
        pass
    with pytest.raises(sqlite3.OperationalError), noted_where_the_machine_refuses(settings):
        raise sqlite3.OperationalError(said)
    last = last_run(settings)
    assert last is not None and last.etat == RunState.REFUSED and "isque" in last.phrase


def test_a_refusal_that_the_job_noted_stays_as_the_job_noted_it(programme: Programme) -> None:
    settings = Settings(programme.root)
    with noted(settings, "cette nuit", lambda: (RunState.REFUSED, "14 % du parc")):
        pass
    with pytest.raises(PublicationRefused), noted_where_the_machine_refuses(settings):
        raise PublicationRefused("autrement dit")
    last = last_run(settings)
    assert last is not None and (last.execution, last.phrase) == ("cette nuit", "14 % du parc")
