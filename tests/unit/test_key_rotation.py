"""A new key of pseudonyms: every delivery is read again, every pseudonym changes, no answer does."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.errors import ObservatoireError
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.pseudonyms import read_key
from tests.support.ingestion import answers, ingest_all
from tests.support.mini import mini_programme, row, write_csv


def test_a_new_key_changes_every_pseudonym_and_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "première clé")
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i), Q1="1234"[i % 4]) for i in range(20)])
    [old] = ingest_all(tmp_path)
    before = answers(tmp_path, old)
    assert not take_inventory(mini_programme(tmp_path)).stale

    monkeypatch.setenv("OBSERVATOIRE_CLE", "deuxième clé")
    assert [d.name for d in take_inventory(mini_programme(tmp_path)).stale] == ["a.csv"]
    [new] = ingest_all(tmp_path)
    after = answers(tmp_path, new)
    assert not set(before["entretien"]) & set(after["entretien"])
    asked = [c for c in before.columns if c != "entretien"]
    assert before.select(asked).sort("G1", "C1").equals(after.select(asked).sort("G1", "C1"))


def test_the_key_file_is_made_once_and_kept_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSERVATOIRE_CLE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    key, path = read_key(), tmp_path / "observatoire/cle"
    assert len(key) == 64
    assert path.stat().st_mode & 0o77 == 0
    assert read_key() == key
    path.unlink()
    assert read_key() != key
    path.write_text("\n")
    with pytest.raises(ObservatoireError, match="clé vide"):
        read_key()


def test_whoever_has_no_key_sees_no_delivery_as_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "première clé")
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    ingest_all(tmp_path)
    monkeypatch.delenv("OBSERVATOIRE_CLE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "personne"))
    assert not take_inventory(mini_programme(tmp_path)).stale
    assert not (tmp_path / "personne").exists()


def test_the_first_key_is_the_one_deliveries_are_known_under(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSERVATOIRE_CLE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "etat"))
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    ingest_all(tmp_path)
    assert not take_inventory(mini_programme(tmp_path)).stale
