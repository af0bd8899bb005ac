"""What is edited makes exactly the deliveries it concerns stale: they are read again, the others stand."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from orchestration.extracts.inventory import take_inventory
from orchestration.files import file_sha256
from orchestration.programme import load_programme
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A programme whose two deliveries, one a wave, were read as things stand."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"]
    write_csv(tmp_path / "landing/V1/avant.csv", [row("1", DATE="15/10/2019")], header=header)
    write_csv(tmp_path / "landing/V2/apres.csv", [row("1")])
    mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract("V1"))
    ingest_all(tmp_path, mini_contract("V2"))
    assert _stale(tmp_path) == []
    return tmp_path


def _stale(root: Path) -> list[str]:
    return [d.path.name for d in take_inventory(load_programme(root)).stale]


@pytest.mark.parametrize(
    ("table", "old", "new", "stale"),
    [
        ("questions", "Globale,", "D'ensemble,", []),
        ("modalites", "Très satisfait,", "Très satisfaits,", []),
        ("baremes", "6.6666666666666667", "7", []),
        ("segments", "Moins de 50 ans", "Jusqu'à 49 ans", []),
        ("vagues", "V1,Vague 1", "V1,Vague une", []),
        ("vagues", "V1,Vague 1,1,2019-10-01", "V1,Vague 1,1,2019-09-01", ["avant.csv"]),
        ("plan_sondage", "V2,O1,COL,400", "V2,O1,COL,500", ["apres.csv"]),
        ("plan_sondage", "V1,O3,COL,100", "V1,O3,COL,120", ["avant.csv"]),
        ("questions", "\"D2 in ('PPS', 'PDT')\"", "\"D2 in ('PDT')\"", ["apres.csv"]),
        ("questions", "D1 = 'OUI'", "D1 in ('OUI')", ["apres.csv", "avant.csv"]),
        ("modalites", "MOT,AUCUN,3", "MOT,RIEN,3", ["apres.csv"]),
        ("segments", "JEUNE,1,Moins de 50 ans,0,49", "JEUNE,1,Moins de 50 ans,0,44", ["apres.csv", "avant.csv"]),
        ("organismes_alias", "Organisme Un,O1", "Organisme 1,O1", ["apres.csv", "avant.csv"]),
    ],
)
def test_an_edit_of_the_reference_data_concerns_the_waves_it_changes(
    read: Path, table: str, old: str, new: str, stale: list[str]
) -> None:
    path = read / "reference" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert sorted(_stale(read)) == stale


def test_an_edited_contract_concerns_its_own_deliveries(read: Path) -> None:
    write_contract(read, mini_contract(version=2))
    assert _stale(read) == ["apres.csv"]


def test_margins_of_a_wave_concern_its_deliveries(read: Path) -> None:
    path = read / "reference/marges.csv"
    path.write_text(path.read_text(encoding="utf-8") + "V1,O1,age,JEUNE,300\n", encoding="utf-8")
    assert _stale(read) == ["avant.csv"]


def test_a_file_is_read_once_until_something_touches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, old = tmp_path / "lot.parquet", 1_600_000_000
    path.write_bytes(b"avant")
    os.utime(path, (old, old))
    # as if what was just written had been there for a minute
    monkeypatch.setattr("orchestration.files._SETTLED_NS", -60_000_000_000)
    first = file_sha256(path)
    with pytest.MonkeyPatch.context() as unread:
        unread.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
        assert file_sha256(path) == first
    written = path.stat().st_ctime_ns
    # until the kernel's clock has ticked: a change within a tick is what the wait that is set aside here is for
    while path.stat().st_ctime_ns == written:
        path.write_bytes(b"apres")
        os.utime(path, (old, old))
    assert file_sha256(path) == hashlib.sha256(b"apres").hexdigest()


def test_a_file_just_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # an hour: what is written just now has not been there for long, however slow the machine
    monkeypatch.setattr("orchestration.files._SETTLED_NS", 3_600_000_000_000)
    path = tmp_path / "lot.parquet"
    path.write_bytes(b"avant")
    file_sha256(path)
    with pytest.MonkeyPatch.context() as unread, pytest.raises(InterruptedError):
        unread.setattr("hashlib.file_digest", raises)
        file_sha256(path)


def raises(*_: object) -> None:
    """Stands for a reading that must not be spared."""
    raise InterruptedError
