"""The sensor of landing/ and the night: what they ask for, and what they leave alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.extracts.assets import donnees_de_reference, lots, reponses
from orchestration.defs.extracts.reading import AWAITED_SECONDS, SETTLED_SECONDS
from orchestration.defs.jobs import CONSOLIDATION, consolidation
from orchestration.defs.resources import ProgrammeFolder, ProgrammeRun
from orchestration.defs.schedules import constat, nuit
from orchestration.defs.sensors import nouvelles_livraisons
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.files import file_sha256, write_json
from orchestration.operation.outcomes import RunState, last_run
from orchestration.programme import Programme
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.inputs import fingerprint
from orchestration.settings import Settings
from tests.support.installations import print_by_hand
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """A programme with one settled delivery, not read yet."""
    opened = mini_programme(tmp_path / "programme")
    write_contract(opened.root, mini_contract())
    _deliver(opened, "un.csv", seconds_ago=SETTLED_SECONDS + 60)
    return opened


def _deliver(programme: Programme, name: str, seconds_ago: float, interviews: int = 3) -> None:
    # both strata of the plan are met: where no delivery is accepted there is nothing to consolidate
    rows = [row(f"{name}-{i}", TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(interviews)]
    path = write_csv(programme.root / "landing/V2" / name, rows)
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def _look(programme: Programme, instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    result = nouvelles_livraisons(context, folder=ProgrammeFolder(root=str(programme.root)))
    assert isinstance(result, dg.SensorResult)
    return result


def _read_all(programme: Programme) -> None:
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)


def _consolidation(programme: Programme) -> dg.JobDefinition:
    return dg.Definitions(
        assets=[reponses, donnees_de_reference, lots],
        jobs=[consolidation],
        resources={"programme": ProgrammeRun(root=str(programme.root))},
    ).resolve_job_def(CONSOLIDATION)


def _jobs(looked: dg.SensorResult) -> list[str | None]:
    return [request.job_name for request in looked.run_requests or []]


def test_many_deliveries_that_came_together_are_one_run(programme: Programme) -> None:
    for number in range(30):
        _deliver(programme, f"lot{number:02d}.csv", seconds_ago=SETTLED_SECONDS + number)
    with dg.DagsterInstance.ephemeral() as instance:
        assert _jobs(_look(programme, instance)) == [CONSOLIDATION]


def test_while_a_file_is_still_written_the_others_wait_but_not_for_ever(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    with dg.DagsterInstance.ephemeral() as instance:
        _deliver(programme, "deux.csv", seconds_ago=0)
        looked = _look(programme, instance)
        assert _jobs(looked) == [] and looked.cursor is None
        assert "arrivent encore" in str(looked.skip_reason)
        _deliver(programme, "un.csv", seconds_ago=AWAITED_SECONDS + 60)
        assert _jobs(_look(programme, instance)) == [CONSOLIDATION]


def test_nothing_is_asked_for_while_a_consolidation_waits_its_turn(programme: Programme) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        queued = instance.create_run_for_job(_consolidation(programme))
        looked = _look(programme, instance)
        assert _jobs(looked) == [] and looked.cursor is None
        assert "attend déjà son tour" in str(looked.skip_reason)
        instance.report_run_canceled(queued)
        assert _jobs(_look(programme, instance)) == [CONSOLIDATION]


def test_a_delivery_that_lacks_a_file_is_waited_for_and_keeps_nobody_waiting(programme: Programme) -> None:
    _read_all(programme)
    joined = {"contrat": "joint", "fichiers": ["*_reponses.csv"], "jointures": [{"fichier": "*_poids.csv"}]}
    write_contract(programme.root, mini_contract(fichiers=["un.csv"]))
    write_contract(programme.root, mini_contract(**joined))
    _read_all(programme)
    _deliver(programme, "a_reponses.csv", seconds_ago=SETTLED_SECONDS + 60)
    with dg.DagsterInstance.ephemeral() as instance:
        looked = _look(programme, instance)
        # what is read already is consolidated meanwhile, and the sensor goes on looking
        assert _jobs(looked) == [CONSOLIDATION]
        assert looked.cursor is None
        _deliver(programme, "a_reponses.csv", seconds_ago=AWAITED_SECONDS + 60)
        assert _jobs(_look(programme, instance)) == [CONSOLIDATION]


def test_a_delivery_from_the_future_of_a_clock_put_back_is_read(programme: Programme) -> None:
    (programme.root / "landing/V2/un.csv").unlink()
    _deliver(programme, "deux.csv", seconds_ago=-365 * 86_400)
    with dg.DagsterInstance.ephemeral() as instance:
        assert _jobs(_look(programme, instance)) == [CONSOLIDATION]


def test_the_same_delivery_asks_for_the_same_run(programme: Programme) -> None:
    def run_key() -> str | None:
        return next(request.run_key for request in _look(programme, instance).run_requests or [])

    with dg.DagsterInstance.ephemeral() as instance:
        first = run_key()
        assert run_key() == first
        _deliver(programme, "un.csv", seconds_ago=SETTLED_SECONDS + 60, interviews=4)
        assert run_key() != first


def test_once_all_are_read_one_consolidation_is_asked_for(programme: Programme) -> None:
    _read_all(programme)
    with dg.DagsterInstance.ephemeral() as instance:
        first, second = (_look(programme, instance).run_requests or [] for _ in range(2))
    assert [r.job_name for r in first] == ["consolidation"]
    assert first[0].run_key == second[0].run_key, "a consolidation that failed would be tried again every minute"


def test_what_is_put_back_as_it_was_is_asked_for_again(programme: Programme) -> None:
    """Dagster passes over a run key it has seen: inputs that come back to what they were need another."""

    def asked(instance: dg.DagsterInstance) -> str | None:
        [request] = _look(programme, instance).run_requests or []
        return request.run_key

    with dg.DagsterInstance.ephemeral() as instance:
        keys = [asked(instance)]
        for version in (2, 1):
            _read_all(programme)
            write_contract(programme.root, mini_contract(version=version))
            keys.append(asked(instance))
        _read_all(programme)
        keys.append(asked(instance))
        _publish(programme)
        _deliver(programme, "un.csv", seconds_ago=SETTLED_SECONDS + 60, interviews=4)
        _read_all(programme)
        keys.append(asked(instance))
        _publish(programme, "V2-0.1")
        # another edition was published meanwhile, and the first file is put back
        _deliver(programme, "un.csv", seconds_ago=SETTLED_SECONDS + 60)
        _read_all(programme)
        keys.append(asked(instance))
    assert len(set(keys)) == len(keys), keys


@pytest.fixture
def quiet(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> str:
    """The cursor once all is read and asked for, a while after the last file came: nothing is left to wait for."""
    _read_all(programme)
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = _look(programme, instance).cursor
    assert cursor
    return str(cursor)


def _no_byte_is_read(programme: Programme, cursor: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the sensor leaves the files alone; a tick that looks into them fails here."""

    class LookedIntoError(Exception):
        pass

    def look_into(*_: object) -> None:
        raise LookedIntoError

    with monkeypatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        patch.setattr("orchestration.extracts.inventory.take_inventory", look_into)
        try:
            return _look(programme, instance, cursor).skip_reason is not None
        except LookedIntoError:
            return False


def test_nothing_moved_is_seen_without_reading_a_byte(
    programme: Programme, quiet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _no_byte_is_read(programme, quiet, monkeypatch)
    assert not _no_byte_is_read(programme, "un autre curseur", monkeypatch)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "landing/V2/un.csv").unlink(),
        lambda root: (root / "landing/V2/.cache").mkdir(),
        lambda root: (root / "landing/V2/un.csv").rename(root / "landing/V2/autre.csv"),
        lambda root: (root / "landing/retraits.csv").write_text("x"),
        lambda root: (root / "contracts/neuf.yaml").write_text("x"),
        lambda root: (root / "programme.yaml").open("a").write("\n"),
        lambda root: (root / "reference/vagues.csv").open("a").write("\n"),
        lambda root: next((root / "lake/registre").iterdir()).unlink(),
    ],
)
def test_whatever_moves_is_looked_into(
    programme: Programme, quiet: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    change(programme.root)
    assert not _no_byte_is_read(programme, quiet, monkeypatch)


def test_bytes_changed_in_place_under_the_same_size_and_time_are_looked_into(
    programme: Programme, quiet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = programme.root / "landing/V2/un.csv"
    before, body = path.stat(), path.read_bytes()
    path.write_bytes(body.replace(b"un.csv-1", b"un.csv-9"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert not _no_byte_is_read(programme, quiet, monkeypatch)


def test_a_file_that_came_just_now_is_looked_at_again(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    _read_all(programme)
    soon = (programme.root / "landing/V2/un.csv").stat().st_ctime + SETTLED_SECONDS - 1
    monkeypatch.setattr(time, "time", lambda: soon)
    with dg.DagsterInstance.ephemeral() as instance:
        assert _look(programme, instance).cursor is None


def test_a_programme_that_cannot_be_read_is_a_run_that_says_so(programme: Programme) -> None:
    (programme.root / "programme.yaml").write_text("{", encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        [first], [second] = (_look(programme, instance).run_requests or [] for _ in range(2))
    assert (first.job_name, first.run_key) == ("consolidation", second.run_key)


def test_the_night_also_asks_for_what_nobody_read(programme: Programme) -> None:
    _read_all(programme)
    _deliver(programme, "deux.csv", seconds_ago=3600)
    assert _asked_at_night(programme) == [None]


def _asked_at_night(programme: Programme) -> list[set[str] | None]:
    """The assets that each run the night asks for is limited to; None for the whole job."""
    resource = ProgrammeFolder(root=str(programme.root))
    asked = nuit(dg.build_schedule_context(resources={"folder": resource}))
    if isinstance(asked, dg.SkipReason):
        return []
    assert isinstance(asked, list)
    # Dagster refuses several runs of one time that have no key.
    assert None not in {request.run_key for request in asked}
    chosen = [request.asset_selection for request in asked]
    return [keys and {key.to_user_string() for key in keys} for keys in chosen]


def test_the_night_prints_what_a_killed_run_left_unprinted(programme: Programme) -> None:
    _read_all(programme)
    assert _asked_at_night(programme) == [None]
    _publish(programme)
    reports = {"rapport_regional", "lettre_regionale", "livrets_organismes"}
    assert _asked_at_night(programme) == [reports]
    _deliver(programme, "trois.csv", seconds_ago=3600)
    assert _asked_at_night(programme) == [None, reports]
    (programme.root / "landing/V2/trois.csv").unlink()
    print_by_hand(Settings(programme.root), "V2-0.0")
    assert _asked_at_night(programme) == []
    _deliver(programme, "deux.csv", seconds_ago=3600)
    assert None in _asked_at_night(programme)


def _publish(programme: Programme, name: str = "V2-0.0") -> None:
    """Puts in the store what stands for an edition made of the inputs as they are."""
    editions = Editions(Settings(programme.root).published)
    folder = editions.folder(name)
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(b"une base")
    made_of = fingerprint(programme, take_inventory(programme))
    files = {DATABASE: file_sha256(folder / DATABASE)}
    write_json({"empreinte": made_of, "tables": {}, "fichiers": files}, folder / "manifeste.json")
    editions.switch(name)


def _seen_again(programme: Programme, instance: dg.DagsterInstance) -> list[str]:
    resource = ProgrammeFolder(root=str(programme.root))
    job = dg.Definitions(jobs=[constat], resources={"folder": resource}).resolve_job_def("constat")
    result = job.execute_in_process(instance=instance)
    told = [e.step_materialization_data.materialization for e in result.all_events if e.is_step_materialization]
    return [f"{m.asset_key.to_user_string()} {m.metadata['edition'].value}" for m in told]


def test_an_edition_is_fresh_as_long_as_somebody_sees_that_it_is_the_right_one(programme: Programme) -> None:
    _read_all(programme)
    with dg.DagsterInstance.ephemeral() as instance:
        assert _seen_again(programme, instance) == []
        _publish(programme)
        assert _seen_again(programme, instance) == ["edition V2-0.0"]
        _deliver(programme, "deux.csv", seconds_ago=3600)
        assert _seen_again(programme, instance) == []


def test_a_consolidation_that_finds_nothing_new_ends_after_its_lots(programme: Programme) -> None:
    @dg.asset(deps=[lots])
    def edition(programme: ProgrammeRun) -> None: ...

    job = dg.Definitions(
        assets=[reponses, donnees_de_reference, lots, edition],
        jobs=[consolidation],
        resources={"programme": ProgrammeRun(root=str(programme.root))},
        executor=dg.in_process_executor,
    ).resolve_job_def(CONSOLIDATION)

    def built(instance: dg.DagsterInstance) -> list[str]:
        result = job.execute_in_process(instance=instance)
        last = last_run(Settings(programme.root))
        assert last is not None
        assert last.execution == result.run_id
        return [last.etat] + [
            str(e.step_key)
            for e in result.all_events
            if e.is_step_materialization and e.step_key in ("lots", "edition") and not e.partition
        ]

    with dg.DagsterInstance.ephemeral() as instance:
        assert built(instance) == [RunState.PUBLISHED, "lots", "edition"]
        _publish(programme)
        assert built(instance) == [RunState.UNCHANGED]
        _deliver(programme, "un.csv", seconds_ago=SETTLED_SECONDS + 60, interviews=4)
        assert built(instance) == [RunState.PUBLISHED, "lots", "edition"]
