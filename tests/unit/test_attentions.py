"""What asks for a person though nothing has stopped: each thing is told once, and again once it has come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.extracts.inventory import take_inventory
from orchestration.operation import attentions
from orchestration.operation.alerts import WEBHOOK
from orchestration.operation.attentions import tell, untold
from orchestration.operation.room import Room
from orchestration.programme import Programme, load_programme
from tests.support.ingestion import ingest_all
from tests.support.listening import web
from tests.support.mini import mini_programme, row, write_csv

LATER = dt.date(2100, 1, 1)


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programme:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = mini_programme(tmp_path).root
    (root / "landing/V2").mkdir(parents=True)
    # ten rows of forty have a code that the scale does not know: more than is accepted without a word
    write_csv(root / "landing/V2/un.csv", [row(str(i), Q1="77" if i < 10 else "1") for i in range(40)])
    ingest_all(root)
    return load_programme(root)


def _found(programme: Programme, today: dt.date) -> Mapping[str, str]:
    return attentions.attentions(programme, take_inventory(programme), today)


def test_an_organisme_is_late_once_the_fieldwork_has_ended(programme: Programme) -> None:
    wave = programme.waves["V2"]
    expected = {
        f"V2, {r['organisme_code']}"
        for r in programme.rows("participations")
        if r["vague"] == "V2" and r["statut"] == "attendu"
    }
    late = {name for name in _found(programme, wave.end + dt.timedelta(days=1)) if name.startswith("V2, ")}
    assert late == expected - {"V2, O1"} != set()
    assert not [name for name in _found(programme, wave.end) if name.startswith("V2, ")]


def test_a_delivery_that_counts_with_a_reservation_is_named_with_its_reason(programme: Programme) -> None:
    [reason] = [why for name, why in _found(programme, LATER).items() if name == "V2/un.csv, O1"]
    assert reason.startswith("acceptée avec réserve : ") and "10 lignes" in reason


def test_a_disk_that_fills_up_is_told_without_a_figure_that_changes(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _found(programme, LATER)
    for free in (10, 20):
        full = Room(str(programme.root), free, 100, 50)
        monkeypatch.setattr(attentions, "room", lambda settings, full=full: full)
        found = _found(programme, LATER)
        assert {name: found[name] for name in found.keys() - before.keys()} == {
            str(programme.root): "la place manquera bientôt ; la faire (« observatoire purge », editions_conservees,"
            " « backup --garder »), ou agrandir le disque."
        }


def test_each_is_told_once_by_the_ways_of_refusals_and_again_when_it_has_come_back(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = programme.settings
    assert tell(programme, take_inventory(programme), {}) == []
    assert "non envoyée" in tell(programme, take_inventory(programme), {WEBHOOK: "http://127.0.0.1:1/"})[0]
    assert len(untold(settings)) == 1
    with web() as (address, posted):
        told = {WEBHOOK: address}
        for _ in range(3):
            tell(programme, take_inventory(programme), told)
        [first] = posted
        assert "V2/un.csv, O1" in {one["fichier"] for one in first["attention"]}
        assert "à regarder" in first["text"] or "demande quelqu'un" in first["text"]
        assert untold(settings) == []
        # a disk that fills up, is emptied, and fills up again
        left = attentions.room(settings)
        for free in (1, left.libre, 1):
            as_left = replace(left, libre=free)
            monkeypatch.setattr(attentions, "room", lambda _, as_left=as_left: as_left)
            tell(programme, take_inventory(programme), told)
        assert [[one["fichier"] for one in more["attention"]] for more in posted[1:]] == [[left.dossier]] * 2
