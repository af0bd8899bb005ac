"""`published/` is one installation's: a second one is refused, one that was moved or restored elsewhere is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.installation.doctor import examine
from orchestration.publication.owner import MARK, hold_alone, mark, shared
from orchestration.settings import Settings
from tests.support.mini import mini_programme


def _installed(root: Path) -> Settings:
    settings = mini_programme(root).settings
    settings.prepare()
    return settings


def test_a_second_installation_in_one_folder_is_refused(tmp_path: Path) -> None:
    first, second = _installed(tmp_path / "une"), _installed(tmp_path / "autre")
    mark(first)
    shutil.rmtree(second.published)
    second.published.symlink_to(first.published)
    with pytest.raises(PublicationRefused, match=rf"sert déjà à l'installation de {first.root}, .* à elle, ou arrêter"):
        hold_alone(second)
    [finding] = [found for found in examine(second).found if found.controle == "partage"]
    assert str(first.root) in finding.constat and finding.remede
    # the mark stays the first one's, who goes on
    hold_alone(first)
    assert shared(second) is not None and shared(first) is None


def test_what_moved_or_came_back_elsewhere_is_no_second_one(tmp_path: Path) -> None:
    first = _installed(tmp_path / "une")
    mark(first)
    moved = Settings(Path(shutil.move(first.root, tmp_path / "ailleurs")))
    hold_alone(moved)
    mark(moved)
    copied = Settings(Path(shutil.copytree(moved.root, tmp_path / "copie", symlinks=True)))
    hold_alone(copied)
    mark(copied)
    assert shared(moved) is shared(copied) is None
    told = copied.published / MARK
    assert told.read_text(encoding="utf-8") == f"{copied.root}\n"
    told.write_bytes(b"\xff\xfe pas un chemin")
    hold_alone(copied)


def test_the_mark_is_no_stranger_among_what_readers_have(tmp_path: Path) -> None:
    settings = _installed(tmp_path / "une")
    mark(settings)
    told = [found for found in examine(settings).found if found.controle == "lecteurs"]
    assert [found.etat for found in told] == ["bien"]
