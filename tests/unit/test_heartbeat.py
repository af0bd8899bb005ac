"""The heartbeat: a monitor hears of each night that held and of no other, and no failure of its own stops anything."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.resources import ProgrammeFolder
from orchestration.defs.schedules import constat
from orchestration.extracts.inventory import take_inventory
from orchestration.operation import beat as beats
from orchestration.operation.beat import BEAT, beat, beat_fault
from orchestration.programme import load_programme
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.ingestion import ingest_all
from tests.support.listening import web
from tests.support.mini import mini_programme, row, write_csv


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    return mini_programme(tmp_path).settings


def test_without_a_monitor_nothing_is_sent_or_written(settings: Settings) -> None:
    assert beat(settings, {}) is None
    assert not (settings.warehouse.parent / "battement.json").exists()


def test_the_monitor_is_asked_for_its_own_address(settings: Settings) -> None:
    with web() as (url, asked):
        said = beat(settings, {BEAT: url})
    assert str(said).startswith("Battement envoyé le ")
    assert asked == [{"path": "/crochet?jeton=secret"}]
    assert beat_fault(settings) is None


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_a_monitor_that_refuses_is_asked_three_times_and_named_by_its_variable(settings: Settings, answer: int) -> None:
    pauses: list[float] = []
    with web(answer) as (url, asked):
        said = beat(settings, {BEAT: url}, pauses.append)
    assert (len(asked), len(pauses)) == (3, 2)
    expected = f"Battement non envoyé : {BEAT} (réponse {answer} du serveur) ; corriger cette variable"
    assert str(said).startswith(expected) and "secret" not in str(said)
    assert beat_fault(settings) == said
    done = observatoire(settings.root, "status")
    assert done.returncode == 3 and expected in done.stdout
    assert json.loads(observatoire(settings.root, "status", "--json").stdout)["battement"] == said
    with web() as (url, _):
        beat(settings, {BEAT: url})
    assert beat_fault(settings) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "ftp://x", "n'importe quoi"])
def test_what_does_not_answer_raises_nothing(settings: Settings, url: str) -> None:
    assert str(beat(settings, {BEAT: url}, lambda _: None)).startswith("Battement non envoyé")


def _published(root: Path) -> None:
    """Nothing is delivered and nothing waits: the morning finds what it should."""


def _waiting(root: Path) -> None:
    write_csv(root / "landing/V2/a.csv", [row("1")])


def _read(root: Path) -> None:
    """A delivery that was read."""
    write_csv(root / "landing/V2/bonne.csv", [row(str(i)) for i in range(20)])
    ingest_all(root)


@pytest.mark.parametrize(
    ("state", "unchanged", "hours", "heard"),
    [
        (_published, "rien de nouveau", 12, True),
        (_published, None, 12, False),
        (_waiting, "rien de nouveau", 12, False),
        # it came while the night was at work: nothing tells that the night was missed
        (_waiting, None, 0, True),
        (_read, "rien de nouveau", 12, True),
    ],
)
def test_the_morning_tells_of_a_night_that_held(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    state: Callable[[Path], None],
    unchanged: str | None,
    hours: int,
    heard: bool,
) -> None:
    state(settings.root)
    monkeypatch.setattr("orchestration.publication.currency.nothing_to_publish", lambda *_, **__: unchanged)
    if hours:
        monkeypatch.setattr(beats, "_NIGHT", -dt.timedelta(hours=hours))
    with web() as (url, asked):
        monkeypatch.setenv(BEAT, url)
        result = constat.execute_in_process(resources={"folder": ProgrammeFolder(root=str(settings.root))})
    assert result.success
    assert bool(asked) is heard


def test_a_delivery_that_no_reader_could_read_is_told_of_already(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _waiting(settings.root)
    programme = load_programme(settings.root)
    inventory = take_inventory(programme)
    monkeypatch.setattr(beats, "_NIGHT", -dt.timedelta(hours=12))
    assert not beats.night_held(programme, inventory, "rien de nouveau")
    monkeypatch.setattr(beats, "failed", lambda *_: "un défaut")
    assert beats.night_held(programme, inventory, "rien de nouveau")


def test_a_monitor_that_is_down_does_not_fail_the_morning(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.publication.currency.nothing_to_publish", lambda *_, **__: "rien de nouveau")
    monkeypatch.setattr(beats, "_PAUSE_SECONDS", 0)
    monkeypatch.setenv(BEAT, "http://127.0.0.1:1/")
    with dg.DagsterInstance.ephemeral() as instance:
        folder = ProgrammeFolder(root=str(settings.root))
        assert constat.execute_in_process(resources={"folder": folder}, instance=instance).success
    assert beat_fault(settings) is not None


def test_a_trial_tells_of_the_monitor_and_asks_it_for_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web() as (url, asked):
        monkeypatch.setenv(BEAT, url)
        done = observatoire(settings.root, "alert")
        assert (done.returncode, asked) == (0, []), done.stderr
        assert "« observatoire alert --battement »" in done.stdout
        done = observatoire(settings.root, "alert", "--battement")
        assert (done.returncode, len(asked)) == (0, 1), done.stderr
    done = observatoire(settings.root, "alert", "--battement")
    assert done.returncode == 1 and "Battement non envoyé" in done.stderr
