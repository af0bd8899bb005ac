"""A new key of pseudonyms: every delivery is read again, every pseudonym changes, no answer does."""

from __future__ import annotations

import os
import platform
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.errors import ProgrammeError
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.pseudonyms import LEAST, key_fault, read_key
from orchestration.publication.memory import key_of
from tests.support.demo import observatoire
from tests.support.ingestion import answers, ingest_all
from tests.support.mini import mini_programme, row, write_csv
from tests.support.small import published, small_programme


def test_a_new_key_changes_every_pseudonym_and_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "première clé, de trente-deux caractères ou plus")
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i), Q1="1234"[i % 4]) for i in range(20)])
    [old] = ingest_all(tmp_path)
    before = answers(tmp_path, old)
    assert not take_inventory(mini_programme(tmp_path)).stale

    monkeypatch.setenv("OBSERVATOIRE_CLE", "deuxième clé, de trente-deux caractères ou plus")
    assert [d.name for d in take_inventory(mini_programme(tmp_path)).stale] == ["a.csv"]
    [new] = ingest_all(tmp_path)
    after = answers(tmp_path, new)
    assert not set(before["entretien"]) & set(after["entretien"])
    asked = [c for c in before.columns if c != "entretien"]
    assert before.select(asked).sort("G1", "C1").equals(after.select(asked).sort("G1", "C1"))


def test_the_edition_that_a_new_key_makes_says_so(tmp_path: Path) -> None:
    root = published(tmp_path / "programme")
    done = observatoire(root, "run", key="deuxième clé, de trente-deux caractères ou plus")
    assert "Édition V2-0.1 : publiée" in done.stdout, done.stderr
    reason = "clé des pseudonymes : une autre ; les livraisons sont relues sous d'autres pseudonymes"
    assert f"\n- {reason}\n" in (root / "published/courante/changements.md").read_text(encoding="utf-8")
    assert f"pourquoi,{reason}," in observatoire(root, "diff", "V2-0.0", "V2-0.1", columns=None).stdout
    # of an edition that another Python made, its manifest tells
    manifest = root / "published/editions/V2-0.0/manifeste.json"
    manifest.write_text(
        re.sub(r'"python": "[^"]+"', '"python": "3.0.0"', manifest.read_text(encoding="utf-8")), encoding="utf-8"
    )
    told_of = observatoire(root, "diff", "V2-0.0", "V2-0.1", columns=None).stdout
    assert f'pourquoi,"python : version 3.0.0, puis {platform.python_version()}",' in told_of
    # nothing that is published tells the key
    told = key_of(Lake(root), "V2-0.1")
    assert told not in ("", key_of(Lake(root), "V2-0.0"))
    kept = [path for path in (root / "published").rglob("*") if path.is_file()]
    assert kept and not [path for path in kept if told.encode() in path.read_bytes()]


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
    with pytest.raises(ProgrammeError, match="clé vide"):
        read_key()


def test_whoever_has_no_key_sees_no_delivery_as_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "première clé, de trente-deux caractères ou plus")
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


@pytest.mark.parametrize("given", ["x", "a" * (LEAST - 1)])
def test_a_key_that_can_be_tried_is_refused(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", given)
    with pytest.raises(
        ProgrammeError, match=rf"OBSERVATOIRE_CLE compte moins de {LEAST} caractères.*openssl rand"
    ) as raised:
        read_key()
    assert f"« {given} »" not in str(raised.value)
    root = small_programme(tmp_path / "programme")
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root)}
    command = [sys.executable, "-m", "orchestration.cli", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"OBSERVATOIRE_CLE compte moins de {LEAST} caractères" in done.stderr and "Traceback" not in done.stderr
    assert not (root / "lake").exists()


def test_a_key_that_cannot_be_used_is_told_before_the_demonstration_is_written(tmp_path: Path) -> None:
    root = small_programme(tmp_path / "programme")
    shutil.rmtree(root / "landing", ignore_errors=True)
    assert "demonstration: true" in (root / "programme.yaml").read_text()
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root), "OBSERVATOIRE_CLE": "courte"}
    command = [sys.executable, "-m", "orchestration.cli", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "OBSERVATOIRE_CLE compte moins de" in done.stderr
    assert not (root / "landing").exists()


@pytest.mark.parametrize(
    "given",
    [" " * 40, "0" * 64, "abc" * 12, "0123456789" * 4, "abcdefghijklmnopqrstuvwxyz012345", "motdepasse" * 3 + "motde"],
)
def test_a_key_that_can_be_guessed_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", given)
    with pytest.raises(ProgrammeError, match=r"OBSERVATOIRE_CLE se devine.*openssl rand"):
        read_key()


def test_a_key_drawn_at_random_is_never_said_to_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    # the same keys each time: of those of 16 bytes, one in 370,000 has more than half of its digits in a row
    chance = random.Random(1)
    for length in (16, 24, 32):
        for _ in range(2_000):
            monkeypatch.setenv("OBSERVATOIRE_CLE", chance.randbytes(length).hex())
            assert key_fault() is None


def test_in_production_a_key_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("OBSERVATOIRE_CLE", "")
    assert key_fault() is None
    kept = read_key().decode()

    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", "postgresql://ailleurs/base")
    said = key_fault()
    assert said and "n'est pas définie, ou est vide" in said and str(tmp_path / "observatoire/cle") in said
    with pytest.raises(ProgrammeError, match="en production"):
        read_key()

    # the remedy that the sentence names: the key stays the same, and nothing is read again
    monkeypatch.setenv("OBSERVATOIRE_CLE", kept)
    assert key_fault() is None and read_key().decode() == kept


def test_a_key_may_come_from_the_folder_of_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSERVATOIRE_CLE", raising=False)
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", "postgresql://ailleurs/base")
    monkeypatch.setenv("OBSERVATOIRE_SECRETS", str(tmp_path))
    key = random.Random(2).randbytes(20).hex()
    (tmp_path / "OBSERVATOIRE_CLE").write_text(f"{key}\n")
    assert key_fault() is None and read_key() == key.encode()
    (tmp_path / "OBSERVATOIRE_CLE").write_bytes(b"\x80\xff" * 20)
    with pytest.raises(ProgrammeError, match="OBSERVATOIRE_CLE n'est pas du texte en UTF-8"):
        read_key()
