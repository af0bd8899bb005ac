"""What a depot has and does not become a delivery: what is no file, and what it does not give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.depots.places import Entry, Place
from orchestration.errors import DepotError
from orchestration.extracts.readers import limits
from tests.support.depots import Clock, folder_depot, landed, with_depots

SFTP = {"nom": "a", "url": "sftp://serveur/dossier", "identifiant": "OBSERVATOIRE_DEPOT_A"}
S3 = {"nom": "a", "url": "s3://compartiment", "identifiant": "OBSERVATOIRE_DEPOT_A"}
KEYED = {"mot_de_passe": "OBSERVATOIRE_DEPOT_B"}
LITERAL = "jamais le secret lui-même"


def test_what_is_no_file_of_a_fit_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    monkeypatch.setattr(limits, "FILE_BYTES", 1 << 20)
    (folder / "grand.csv").write_bytes(b"x" * ((1 << 20) + 1))
    (folder / "dossier").mkdir()
    (folder / "lien.csv").symlink_to(folder / "grand.csv")
    os.mkfifo(folder / "tube.csv")
    [passage] = Clock().passage(programme)
    assert landed(programme) == {}
    assert {place: reason.split(" ;")[0].split(",")[0] for place, reason in passage.refused.items()} == {
        "dossier": "c'est un dossier",
        "grand.csv": "1 Mio",
        "lien.csv": "c'est un lien",
        "tube.csv": "ce n'est pas un fichier ordinaire",
    }


def test_a_link_with_the_name_of_a_wave_is_told_to_be_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", {key: said for key, said in folder_depot(folder).items() if key != "vague"})
    (folder / "V2").symlink_to(tmp_path)
    (folder / "V1.csv").write_bytes(b"x")
    [passage] = Clock().passage(programme)
    assert passage.refused["V2"].startswith("c'est un lien")
    assert passage.refused["V1.csv"].startswith("hors du dossier d'une vague")


def test_a_file_that_the_depot_does_not_give_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(b"xy")
    read = Place.read

    def refused(place: Place, entry: Entry, start: int) -> Iterator[bytes]:
        if entry.name == "a.csv":
            raise DepotError("accès refusé ; vérifier les droits de ce compte.")
        yield from read(place, entry, start)

    monkeypatch.setattr(Place, "read", refused)
    [passage] = Clock().passage(programme)
    assert (passage.arrived, len(passage.failures)) == (["V2/b.csv"], 1)
    assert sorted(path.name for path in (programme.root / "landing/V2").iterdir()) == ["b.csv"]
