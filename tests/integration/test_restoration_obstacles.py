"""What stands in the way of a restoration is said while nothing has moved; what shows later has a way out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from orchestration.installation import restore as restoring
from orchestration.installation.archive import BackupError
from orchestration.installation.backup import back_up
from orchestration.installation.folders import folders
from orchestration.installation.item import put_back
from orchestration.machine import machine_refusal
from orchestration.operation.alerts import plain_words
from orchestration.operation.locks import lock
from orchestration.operation.underway import left, stays
from orchestration.programme import load_programme
from orchestration.settings import Settings
from tests.support.attributes import immutable
from tests.support.demo import observatoire
from tests.support.disks import need_mounts
from tests.support.small import small_programme

SENT = "V2/O1.csv"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An installation without an edition, and its backup; looked at only."""
    folder = tmp_path_factory.mktemp("sauvegarde")
    root = folder / "programme"
    small_programme(root)
    Settings(root).prepare()
    (root / "landing" / SENT).parent.mkdir(parents=True, exist_ok=True)
    (root / "landing" / SENT).write_text("a;b\n", encoding="utf-8")
    (folder / "sauvegardes").mkdir()
    return root, back_up(load_programme(root), folder / "sauvegardes").path


@pytest.fixture
def root(saved: tuple[Path, Path], tmp_path: Path) -> Path:
    """The installation as a test may change it, with a delivery that came since."""
    copy = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    (copy / "landing/V2/tardive.csv").write_text("c;d\n", encoding="utf-8")
    return copy


@pytest.fixture
def protect() -> Iterator[Callable[[Path], None]]:
    """Makes files immutable, as `chattr +i` does; skips the test where nobody may."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(immutable(path))


def _places(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and path.name != "run.verrou")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("place", ["programme.yaml", "reference", "landing"])
def test_what_cannot_be_moved_is_said_before_anything_moves(
    saved: tuple[Path, Path], root: Path, protect: Callable[[Path], None], place: str
) -> None:
    before = _places(root)
    protect(root / place)
    with pytest.raises(BackupError, match=rf"chattr -i -a {root / place} ».*Rien n'a changé"):
        restoring.restore(saved[1], root, replace=True)
    assert _places(root) == before and not left(root)


def test_a_delivery_that_cannot_be_taken_away_is_kept_and_told_and_what_stays_of_it_too(
    saved: tuple[Path, Path], root: Path, protect: Callable[[Path], None]
) -> None:
    protect(root / "landing/V2/tardive.csv")
    done = observatoire(root.parent, "restore", str(saved[1]), "--data", str(root), "--remplacer")
    assert done.returncode == 3 and "V2/tardive.csv" in done.stdout, (done.stdout, done.stderr)
    assert (root / "landing/V2/tardive.csv").read_text(encoding="utf-8") == "c;d\n"
    assert f"chattr -R -i -a {root}/.restauration" in done.stdout
    # a later command cannot delete it either, `doctor` says why; once the attribute is off, the next command does
    with lock(Settings(root)):
        pass
    [told] = [f for f in folders(Settings(root), plain_words()) if ".restauration" in f.constat]
    assert f"chattr -R -i -a {root}/.restauration" in told.remede
    subprocess.run(["chattr", "-R", "-i", root / ".restauration"], check=True)
    with lock(Settings(root)):
        pass
    assert not left(root) and next(iter(folders(Settings(root), plain_words()))).etat == "bien"


def test_what_an_attribute_protects_is_not_said_to_lack_rights(root: Path, protect: Callable[[Path], None]) -> None:
    path = root / "landing" / SENT
    protect(path)
    with pytest.raises(PermissionError) as refused:
        path.unlink()
    said = str(machine_refusal(refused.value))
    assert f"chattr -i -a {path}" in said and "chmod" not in said


def test_a_delivery_that_may_not_be_read_stops_it_before_anything_moves(
    saved: tuple[Path, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _places(root)

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(root / "landing/V3"))

    monkeypatch.setattr("orchestration.installation.since._walked", closed)
    with pytest.raises(BackupError, match="landing/V3"):
        restoring.restore(saved[1], root, replace=True)
    monkeypatch.undo()
    assert _places(root) == before and not left(root)


def _interrupted_at(step: str, file: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restores a backup over a programme, and stops where the restoration comes to that function."""

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restoring, step, stopped)
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(file, root, replace=True)


def test_what_was_kept_before_an_interruption_is_told_when_it_is_finished(
    saved: tuple[Path, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupted_at("_lost", saved[1], root, monkeypatch)
    assert (root / "landing/V2/tardive.csv").is_file() and not (root / "programme.yaml").exists()
    done = restoring.restore(saved[1], root)
    assert done.reprise and done.livraisons == ("V2/tardive.csv",)


def test_a_programme_put_back_by_hand_does_not_make_what_was_set_aside_deletable(
    saved: tuple[Path, Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupted_at("_put", saved[1], root, monkeypatch)
    shutil.copyfile(saved[0] / "programme.yaml", root / "programme.yaml")
    with lock(Settings(root)):
        pass
    for command in (
        lambda: restoring.restore(saved[1], root, replace=True),
        lambda: put_back(saved[1], root, "reference", replace=True),
    ):
        with pytest.raises(BackupError, match="remis à la main ; ôter ce fichier"):
            command()
    told = [f for f in folders(Settings(root), plain_words()) if ".restauration" in f.constat]
    assert [f.etat for f in told] == ["faute"] and str(root / "programme.yaml") in told[0].remede
    (root / "programme.yaml").unlink()
    assert restoring.restore(saved[1], root).livraisons == ("V2/tardive.csv",)
    assert (root / "landing/V2/tardive.csv").is_file() and not left(root)


def test_what_a_restoration_left_beside_a_whole_programme_is_deleted_by_the_next_command(root: Path) -> None:
    (root / ".restauration/contenu").mkdir(parents=True)
    [told] = [f for f in folders(Settings(root), plain_words()) if ".restauration" in f.constat]
    assert told.etat == "a_surveiller" and "« observatoire run »" in told.remede
    with lock(Settings(root)):
        pass
    assert not left(root)


@pytest.mark.parametrize("how", ["link", "mount"])
def test_a_folder_on_another_disk_stays_there(saved: tuple[Path, Path], root: Path, tmp_path: Path, how: str) -> None:
    elsewhere = Path(shutil.move(root / "landing", tmp_path / "disque"))
    if how == "link":
        (root / "landing").symlink_to(elsewhere)
    else:
        need_mounts()
        (root / "landing").mkdir()
        subprocess.run(["mount", "--bind", elsewhere, root / "landing"], check=True)
    try:
        (elsewhere / SENT).write_text("abîmée", encoding="utf-8")
        done = restoring.restore(saved[1], root, replace=True)
        assert stays(root / "landing")
        assert set(done.livraisons) == {"V2/O1 (2).csv", "V2/tardive.csv"} and not left(root)
        assert (elsewhere / SENT).read_text(encoding="utf-8") == "a;b\n"
        assert (elsewhere / "V2/tardive.csv").is_file() and (root / "programme.yaml").is_file()
        assert not (elsewhere / ".restauration").exists()
    finally:
        if how == "mount":
            subprocess.run(["umount", "--lazy", root / "landing"], check=True)


def test_a_restoration_interrupted_amid_a_folder_on_another_disk_is_finished(
    saved: tuple[Path, Path], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("landing", "published"):
        (root / name).symlink_to(shutil.move(root / name, tmp_path / f"disque {name}"))
    put = restoring._put

    def killed(fresh: Path, above: Path, aside: Path) -> None:
        put(fresh, above, aside)
        if above.name == "landing":
            raise KeyboardInterrupt

    monkeypatch.setattr(restoring, "_put", killed)
    with pytest.raises(KeyboardInterrupt):
        restoring.restore(saved[1], root, replace=True)
    monkeypatch.undo()
    done = restoring.restore(saved[1], root)
    assert done.reprise and done.livraisons == ("V2/tardive.csv",)
    assert (root / "landing").is_symlink() and (tmp_path / "disque landing" / SENT).is_file() and not left(root)


def test_a_backup_that_a_service_is_asked_to_end_says_so_in_a_word(root: Path, tmp_path: Path) -> None:
    (tmp_path / "sauvegardes").mkdir()
    command = [sys.executable, "-m", "orchestration.cli", "backup", str(tmp_path / "sauvegardes")]
    with lock(Settings(root)):
        environment = {**os.environ, "OBSERVATOIRE_DATA": str(root)}
        backup = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        assert backup.stderr and "attendre sa fin" in backup.stderr.readline()
        backup.terminate()
        said = backup.stderr.read()
        backup.wait(60)
    # amid a line that is being printed, that line comes again before the word
    assert backup.returncode == 130 and said.splitlines()[-1] == "Interrompu." and "Traceback" not in said, said
