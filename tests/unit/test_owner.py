"""`published/` is one installation's: a second one is refused, one that was moved or restored elsewhere is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.installation.backup import back_up
from orchestration.installation.doctor import examine
from orchestration.installation.restore import restore
from orchestration.programme import load_programme
from orchestration.publication import owner
from orchestration.publication.editions import Editions
from orchestration.publication.owner import MARK, hold_alone, mark, mark_again, shared
from orchestration.publication.whole import MANIFEST
from orchestration.settings import Settings
from tests.support import small
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
    assert told.read_text(encoding="utf-8").splitlines()[0] == str(copied.root)
    told.write_bytes(b"\xff\xfe pas un chemin")
    hold_alone(copied)


def test_the_mark_is_no_stranger_among_what_readers_have(tmp_path: Path) -> None:
    settings = _installed(tmp_path / "une")
    mark(settings)
    told = [found for found in examine(settings).found if found.controle == "lecteurs"]
    assert [found.etat for found in told] == ["bien"]


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Makes this machine another one, by its number; None has none, as a container."""

    def become(number: str | None) -> None:
        path = tmp_path / "machine-id"
        path.unlink(missing_ok=True) if number is None else path.write_text(f"{number}\n", encoding="utf-8")
        monkeypatch.setattr(owner, "MACHINE", path)

    return become


def test_at_the_same_path_of_another_machine_it_is_a_second_one(
    tmp_path: Path, machines: Callable[[str | None], None]
) -> None:
    """Standby machines have the same folders; a mark made before machines were told apart, or by none, is of any."""
    settings = _installed(tmp_path / "une")
    machines("a" * 32)
    mark(settings)
    assert "a" * 8 not in (settings.published / MARK).read_text(encoding="utf-8")
    machines("b" * 32)
    with pytest.raises(
        PublicationRefused, match=rf"sur une autre machine.*effacer {settings.published / MARK}, puis relancer\.$"
    ):
        hold_alone(settings)
    assert [found.etat for found in examine(settings).found if found.controle == "partage"] == ["faute"]
    (settings.published / MARK).unlink()
    hold_alone(settings)
    mark(settings)
    machines("a" * 32)
    assert shared(settings) is not None
    machines(None)
    hold_alone(settings)
    (settings.published / MARK).write_text(f"{settings.root}\n", encoding="utf-8")
    machines("a" * 32)
    hold_alone(settings)


def test_a_mark_that_was_lost_is_written_anew_where_an_edition_stands(
    tmp_path: Path, machines: Callable[[str | None], None]
) -> None:
    settings = _installed(tmp_path / "une")
    machines("a" * 32)
    mark_again(settings)
    assert not (settings.published / MARK).exists()
    store = Editions(settings.published)
    (store.store / "V1-0.0").mkdir(parents=True)
    (store.store / "V1-0.0" / MANIFEST).write_text("{}", encoding="utf-8")
    store.link.symlink_to(store.store / "V1-0.0")
    mark_again(settings)
    whole = (settings.published / MARK).read_bytes()
    for odd in (b"", b"\xff", b"autre chose"):
        (settings.published / MARK).write_bytes(odd)
        hold_alone(settings)
        mark_again(settings)
        assert (settings.published / MARK).read_bytes() == whole
    (settings.published / MARK).unlink()
    (settings.published / MARK).mkdir()
    with pytest.raises(PublicationRefused, match="n'est pas la marque d'une installation"):
        hold_alone(settings)


def test_what_is_restored_on_another_machine_is_that_machines(
    tmp_path: Path, machines: Callable[[str | None], None]
) -> None:
    machines("a" * 32)
    root = small.published(tmp_path / "une")
    (tmp_path / "sauvegardes").mkdir()
    mark(Settings(root))
    file = back_up(load_programme(root), tmp_path / "sauvegardes").path
    shutil.rmtree(root)
    machines("b" * 32)
    restore(file, root)
    hold_alone(Settings(root))
    machines("a" * 32)
    assert shared(Settings(root)) is not None
