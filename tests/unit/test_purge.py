"""`observatoire purge`: what it waits for, what it refuses, and what it says that it could not delete."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import typer

from orchestration import cli_deliveries
from orchestration.errors import ObservatoireError, PublicationRefused
from orchestration.extracts.lake import Lake
from orchestration.installation.backup import LastBackup, note_backup
from orchestration.operation.locks import lock
from orchestration.operation.outcomes import now
from orchestration.settings import Settings
from tests.support.ingestion import ingest_all
from tests.support.installations import tree
from tests.support.mini import mini_programme, row, write_csv


class _Told:
    """Stands for a console: keeps what it was told, and acts on it."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.said: list[str] = []
        self.act = act

    def print(self, said: str, **_: object) -> None:
        self.said.append(said)
        self.act()


def test_a_purge_waits_for_a_run_and_leaves_what_it_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    write_csv(tmp_path / "landing/V2/a.csv", [row("a")])
    ingest_all(tmp_path)
    lake, run = Lake(tmp_path), ExitStack()
    run.enter_context(lock(Settings(tmp_path)))
    names: list[str] = []

    def read_and_end() -> None:
        write_csv(tmp_path / "landing/V2/b.csv", [row("b")])
        names.extend(r.livraison for r in ingest_all(tmp_path))
        run.close()

    err, out = _Told(read_and_end), _Told()
    monkeypatch.setattr(cli_deliveries, "err", err)
    monkeypatch.setattr(cli_deliveries, "out", out)
    cli_deliveries.purge(essai=False, data=tmp_path)
    assert len(err.said) == 1 and "Une autre exécution travaille" in err.said[0]
    assert out.said == ["Éléments supprimés : 0."]
    assert names and all(lake.record(name).exists() for name in names)
    # what is only told is told at once
    with lock(Settings(tmp_path)):
        cli_deliveries.purge(essai=True, data=tmp_path)
    assert out.said[1:] == ["Éléments à supprimer : 0."]


def test_a_landing_that_is_not_mounted_is_not_taken_for_deliveries_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    programme = mini_programme(tmp_path)
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i)) for i in range(20)])
    ingest_all(tmp_path)
    edition = programme.settings.published / "editions/V2-0.0"
    edition.mkdir(parents=True)
    (edition / "manifeste.json").write_text("{}", encoding="utf-8")
    shutil.rmtree(tmp_path / "landing")
    (tmp_path / "landing").mkdir()
    before = tree(tmp_path)
    for essai in (True, False):
        with pytest.raises(PublicationRefused, match="monter le disque"):
            cli_deliveries.purge(essai=essai, data=tmp_path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("day", ["2199-01-01", "2020-01-01"])
def test_a_purge_does_not_go_by_a_clock_that_disagrees_with_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    settings = mini_programme(tmp_path).settings
    settings.prepare()
    rejects = tmp_path / "quarantine/V2.a-csv.0123456789"
    rejects.mkdir(parents=True)
    note_backup(settings, LastBackup(f"{day}T00:00:00+00:00", "x.tar"))
    out, err = _Told(), _Told()
    monkeypatch.setattr(cli_deliveries, "out", out)
    monkeypatch.setattr(cli_deliveries, "err", err)
    with pytest.raises(ObservatoireError, match=r"^Rien n'est supprimé : .*horloge.*À faire : "):
        cli_deliveries.purge(essai=False, data=tmp_path)
    cli_deliveries.purge(essai=True, data=tmp_path)
    assert rejects.exists() and out.said[-1] == "Éléments à supprimer : 1."
    assert "l'horloge" in err.said[-1]
    note_backup(settings, LastBackup(now(), "x.tar"))
    cli_deliveries.purge(essai=False, data=tmp_path)
    assert not rejects.exists()


def test_what_a_purge_cannot_delete_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mini_programme(tmp_path)
    versions = tmp_path / "lake/versions"
    for name in ("V2.a-csv.0123456789", "V2.b-csv.0123456789"):
        (versions / name).mkdir(parents=True)
    immutable, rmdir = versions / "V2.a-csv.0123456789", os.rmdir

    def refuse(path: str | Path, **options: Any) -> None:
        if Path(path).name == immutable.name:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(immutable))
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", refuse)
    err, out = _Told(), _Told()
    monkeypatch.setattr(cli_deliveries, "err", err)
    monkeypatch.setattr(cli_deliveries, "out", out)
    with pytest.raises(typer.Exit) as ended:
        cli_deliveries.purge(essai=False, data=tmp_path)
    assert ended.value.exit_code == 1
    assert out.said == [
        f"{versions}/V2.b-csv.0123456789 : la livraison n'est plus dans landing/",
        "Éléments supprimés : 1.",
    ]
    assert len(err.said) == 1 and err.said[0].startswith(
        f"Non supprimé, {immutable} : Droits insuffisants ({immutable})"
    )
