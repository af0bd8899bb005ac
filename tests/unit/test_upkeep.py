"""What `status` says around the deliveries: the key, why they are read again, the backup; and that no pipe is waited for."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.errors import ProgrammeError
from orchestration.extracts.pseudonyms import KEY_VARIABLE
from orchestration.installation.backup import LastBackup, note_backup
from orchestration.operation.outcomes import now
from orchestration.programme import Programme, load_programme
from orchestration.status import as_json, print_status, state_of
from tests.support.demo import KEY
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programme:
    """Two deliveries that were read."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    programme = mini_programme(tmp_path)
    for name, answer in (("a.csv", "1"), ("b.csv", "2")):
        write_csv(tmp_path / "landing/V2" / name, [row(str(i), Q1=answer) for i in range(20)])
    ingest_all(tmp_path)
    return programme


def _said(programme: Programme) -> str:
    text = io.StringIO()
    print_status(Console(file=text, width=1000, highlight=False), state_of(programme))
    return text.getvalue()


def test_why_deliveries_are_read_again_is_said_once(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "à relire car" not in _said(programme) and "Lues, et à juger (2)" in _said(programme)
    assert as_json(state_of(programme))["a_relire"] == {"jugement": 2}
    monkeypatch.setenv(KEY_VARIABLE, KEY[::-1])
    said = _said(programme)
    assert said.count("à relire car la clé des pseudonymes n'est plus celle d'alors (2)") == 1
    assert as_json(state_of(programme))["a_relire"] == {"cle": 2}
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    write_contract(programme.root, mini_contract("V2", ignorees=["ORG"], organisme={"valeur": "O1"}))
    write_csv(programme.root / "landing/V2/neuve.csv", [row(str(i), Q1="3") for i in range(20)])
    said = _said(programme)
    assert said.count("à relire car le code, leur contrat, le questionnaire") == 1 and "d'alors (2)" in said
    assert as_json(state_of(programme))["a_relire"] == {"regles": 2}


def test_a_key_that_a_run_would_refuse_is_said(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_json(state_of(programme))["cle"] is None
    before = state_of(programme).code
    monkeypatch.setenv(KEY_VARIABLE, "courte")
    assert f"{KEY_VARIABLE} compte moins de 32 caractères" in _said(programme)
    assert "moins de 32" in as_json(state_of(programme))["cle"]
    assert state_of(programme).code == (before or 3)


def test_a_backup_without_a_delivery_is_not_told_as_a_whole_one(programme: Programme) -> None:
    note_backup(programme.settings, LastBackup(now(), "ailleurs/x.tar", 2))
    assert "ailleurs/x.tar ; y manquent des livraisons alors encore en cours d'envoi (2)" in _said(programme)


@pytest.mark.parametrize("place", ["reference", "landing", "contracts", "editorial/theme"])
def test_the_daemon_refuses_a_pipe_too(programme: Programme, place: str) -> None:
    """It opens the programme itself: no command of a terminal has looked before."""
    (programme.root / place).mkdir(parents=True, exist_ok=True)
    os.mkfifo(programme.root / place / "attente.csv")
    with pytest.raises(ProgrammeError, match=r"attente.csv n'est pas un fichier ordinaire"):
        load_programme(programme.root)
