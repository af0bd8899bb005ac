"""What an edition is made from is told in two halves: what decides the figures, and what became of the deliveries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration.extracts.decisions import withdraw
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.programme import load_programme
from orchestration.publication.editions import FIGURES
from orchestration.publication.inputs import fingerprint
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, row, write_csv


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One accepted delivery."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    _deliver(tmp_path, "a.csv", "1")
    ingest_all(tmp_path)
    return tmp_path


def _deliver(root: Path, name: str, answer: str) -> None:
    path = write_csv(root / "landing/V2" / name, [row(str(i), Q1=answer) for i in range(20)])
    os.utime(path, (1_700_000_000, 1_700_000_000))


def _halves(root: Path) -> tuple[str, str]:
    programme = load_programme(root)
    found = fingerprint(programme, take_inventory(programme))
    assert len(found) == 64
    return found[:FIGURES], found[FIGURES:]


def _changed(root: Path, before: tuple[str, str]) -> tuple[bool, bool]:
    figures, fates = _halves(root)
    return figures != before[0], fates != before[1]


def test_a_refused_file_changes_what_is_told_of_deliveries_and_no_figure(programme: Path) -> None:
    before = _halves(programme)
    write_csv(programme / "landing/V2/vide.csv", [])
    ingest_all(programme)
    assert _changed(programme, before) == (False, True)
    refused = _halves(programme)
    [record] = [r for r in take_inventory(load_programme(programme)).records if r.fichier == "V2/vide.csv"]
    withdraw(Lake(programme), record.sha256, "V2/vide.csv", "essai")
    assert _changed(programme, refused) == (False, True)


def test_other_answers_or_another_reference_change_the_figures(programme: Path) -> None:
    before = _halves(programme)
    _deliver(programme, "b.csv", "2")
    ingest_all(programme)
    assert _changed(programme, before) == (True, True)
    before = _halves(programme)
    path = programme / "reference/baremes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("6.6666666666666667", "7"), encoding="utf-8")
    assert _changed(programme, before) == (True, False)


def test_the_same_answers_read_again_under_another_contract_make_nothing_new(programme: Path) -> None:
    before, [read] = _halves(programme), take_inventory(load_programme(programme)).records
    ingest_all(programme, mini_contract(ignorees=["COLONNE ABSENTE"]))
    [again] = take_inventory(load_programme(programme)).records
    assert again.empreinte_extraction != read.empreinte_extraction
    assert _changed(programme, before) == (False, False)
