"""A list of decisions that the edition was made with and that is gone stops what would forget it, and is told."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.extracts.decision_lists import EXCLUSIONS, LOSSES, WITHDRAWALS
from orchestration.extracts.decisions import excluded, withdrawn
from orchestration.extracts.lake import Lake
from orchestration.files import write_json
from orchestration.installation.lacking import lacking
from orchestration.publication.editions import Editions
from orchestration.publication.lists import hold_lists, vanished
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.small import published

DECIDED = [f"landing/{name}" for name in (WITHDRAWALS, EXCLUSIONS, LOSSES)]


def _made_with(settings: Settings, *names: str) -> None:
    """Has the manifest of the current edition say that it was made with lists of decisions."""
    editions = Editions(settings.published)
    edition = str(editions.current())
    manifest = editions.manifest(edition)
    manifest["entrees"] |= dict.fromkeys(names, "0" * 64)
    (editions.folder(edition) / "manifeste.json").chmod(0o644)
    write_json(manifest, editions.folder(edition) / "manifeste.json")


def test_a_list_that_no_edition_was_made_with_is_not_missed(root: Path) -> None:
    settings = Settings(root)
    assert vanished(settings) == [] == lacking(settings)
    hold_lists(settings)
    assert vanished(Settings(root / "ailleurs")) == []


def test_a_list_that_is_gone_is_told_by_everybody_and_no_decision_is_taken_over_it(
    root: Path,
    tmp_path: Path,
) -> None:
    settings = Settings(root)
    _made_with(settings, *DECIDED)
    assert vanished(settings) == DECIDED and set(DECIDED) < set(lacking(settings))
    done = observatoire(root, "doctor", "--json")
    told = [f for f in json.loads(done.stdout)["constats"] if f["controle"] == "irremplacable"]
    assert done.returncode == 1 and {f["etat"] for f in told} == {"faute"}
    assert [place in f["constat"] and f"--seulement {place}" in f["remede"] for f, place in zip(told, DECIDED, strict=True)] == [True] * 3  # fmt: skip
    done = observatoire(root, "status")
    assert done.returncode == 3 and "Décisions dont l'édition courante est faite" in done.stdout
    assert json.loads(observatoire(root, "status", "--json").stdout)["decisions_disparues"] == DECIDED
    (tmp_path / "sauvegardes").mkdir()
    older = tmp_path / "sauvegardes/observatoire-mini-20250101T000000Z.tar"
    older.touch()
    done = observatoire(root, "backup", str(older.parent), "--garder", "1")
    assert done.returncode == 3 and "landing/retraits.csv" in done.stdout and older.exists()
    for command in (
        ["run"],
        ["withdraw", "V2/O1.csv", "--motif", "essai"],
        ["exclude", "V2", "O1", "G1", "--motif", "essai"],
    ):
        done = observatoire(root, *command)
        assert done.returncode == 1 and "--accepter-les-pertes MOTIF" in done.stderr, (command, done.stderr)
        assert "« observatoire restore FICHIER --seulement landing/retraits.csv --remplacer »" in done.stderr
    assert not any((root / place).exists() for place in DECIDED)


def test_lists_that_are_given_up_are_begun_anew_with_the_reason(root: Path) -> None:
    settings = Settings(root)
    _made_with(settings, *DECIDED)
    with pytest.raises(PublicationRefused):
        hold_lists(settings, "")
    hold_lists(settings, "aucune copie n'en reste")
    assert vanished(settings) == []
    assert (withdrawn(Lake(root)), excluded(Lake(root))) == ({}, {})
    [_, line] = (root / "landing" / LOSSES).read_text(encoding="utf-8").splitlines()
    assert f"{', '.join(DECIDED)} : aucune copie n'en reste" in line
    before = {place: (root / place).read_bytes() for place in DECIDED}
    hold_lists(settings, "encore")
    assert {place: (root / place).read_bytes() for place in DECIDED} == before


def test_no_decision_is_written_into_the_place_of_a_disk_that_is_not_mounted(root: Path) -> None:
    shutil.rmtree(root / "landing")
    done = observatoire(root, "exclude", "V2", "O1", "G1", "--motif", "essai")
    assert done.returncode == 1 and "monter le disque" in done.stderr
    assert not (root / "landing" / EXCLUSIONS).exists()


def test_a_backup_names_the_pipe_that_it_leaves_out(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "landing/V2/tube.csv")
    (tmp_path / "sauvegardes").mkdir()
    done = observatoire(root, "backup", str(tmp_path / "sauvegardes"))
    assert done.returncode == 0 and "(1) : landing/V2/tube.csv" in done.stdout


@pytest.mark.slow
def test_a_withdrawn_delivery_does_not_come_back_unsaid() -> None:
    programme = published()
    assert observatoire(programme, "withdraw", "V2/O3.csv", "--motif", "fichier d'un autre").returncode == 0
    assert observatoire(programme, "run").returncode == 0
    edition = Editions(programme / "published").current()
    (programme / "landing" / WITHDRAWALS).unlink()
    done = observatoire(programme, "run")
    assert done.returncode == 1 and f"l'édition {edition} est faite" in done.stderr
    done = observatoire(programme, "run", "--accepter-les-pertes", "le retrait ne vaut plus")
    assert done.returncode == 0, done.stderr
    editions = Editions(programme / "published")
    assert editions.current() != edition
    note = (editions.folder(str(editions.current())) / "changements.md").read_text(encoding="utf-8")
    assert "décisions perdues auxquelles il est renoncé : landing/retraits.csv : le retrait ne vaut plus" in note
    assert observatoire(programme, "status").returncode == 0
