"""An installation that is saved, deleted and restored is what it was; whatever else happens, nothing is half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.installation.archive import BackupError
from orchestration.installation.restore import restore
from orchestration.publication.editions import Editions
from tests.support import warm
from tests.support.demo import REPOSITORY, observatoire
from tests.support.disks import disk, full, need_mounts
from tests.support.faults import ARCHIVING, MARK, RESTORING
from tests.support.installations import repacked, restore_into, runs, save_into, tree, two_editions
from tests.support.readers import published_tables, read_whole_edition
from tests.unit.test_locks import HOLD

REFUSED = "Refusé : "


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A published programme and its backup; looked at only."""
    folder = tmp_path_factory.mktemp("sauvé")
    root = two_editions(folder / "programme")
    yield root, save_into(root, folder / "sauvegardes")


def _refuses(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False), done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith(REFUSED)]) == 1, done.stderr
    for words in said:
        assert words in done.stderr, done.stderr


def test_what_is_deleted_comes_back_as_it_was(tmp_path: Path) -> None:
    root = two_editions(tmp_path / "programme")
    (root / "landing/V2/lien").symlink_to("../../etc")
    (root / "contracts").chmod(0o750)
    before, history, tables = tree(root), runs(root), published_tables(root)
    second = (root / "published/livrets").glob("*/O1/O1.duckdb")
    names = {path: path.stat().st_nlink for path in second}
    file = save_into(root, tmp_path / "sauvegardes")
    assert file.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(root)
    done = restore_into(file, root)
    assert done.returncode == 0, done.stderr
    assert (tree(root), runs(root), published_tables(root)) == (before, history, tables)
    assert names and {path: path.stat().st_nlink for path in names} == names
    assert read_whole_edition(root) == "V2-9.9"
    assert observatoire(root, "rollback", "V2-0.0").returncode == 0
    assert read_whole_edition(root) == "V2-0.0"


def test_a_run_after_a_restoration_reads_all_again_and_changes_no_figure(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    _, file = saved
    root = tmp_path / "programme"
    assert restore_into(file, root).returncode == 0
    assert observatoire(root, "rollback", "V2-0.0").returncode == 0
    tables = published_tables(root)
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    assert published_tables(root) == tables
    assert "rien de nouveau" in done.stdout


def test_the_key_is_not_in_it_and_another_key_is_told(saved: tuple[Path, Path], tmp_path: Path) -> None:
    _, file = saved
    assert b"cl\xc3\xa9 d'essai" not in file.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "restore", str(file), "--data", str(tmp_path / "p")],
        env={**os.environ, "OBSERVATOIRE_CLE": "une autre"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "n'est pas celle d'alors" in done.stdout


def test_an_installation_that_serves_is_not_overwritten_unless_asked(saved: tuple[Path, Path], tmp_path: Path) -> None:
    kept, file = saved
    root = tmp_path / "programme"
    assert restore_into(file, root).returncode == 0
    later = "landing/V2/de plus.csv"
    (root / later).write_text("x", encoding="utf-8")
    there = tree(root)
    _refuses(restore_into(file, root), "n'est pas vide", "--remplacer")
    assert tree(root) == there
    done = restore_into(file, root, "--remplacer")
    assert done.returncode == 0, done.stderr
    # what was delivered since the backup is nowhere else, so it stays
    assert tree(root) == {**tree(kept), later: there[later]}
    # another programme is not replaced
    path = root / "programme.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("programme: mini", "programme: autre"), encoding="utf-8")
    there = tree(root)
    _refuses(restore_into(file, root, "--remplacer"), "est le programme « autre », et la sauvegarde celle de « mini »")
    assert tree(root) == there
    # nor is a folder that is no programme at all: the wrong one was named
    mine = tmp_path / "documents"
    mine.mkdir()
    (mine / "lettre.txt").write_text("x", encoding="utf-8")
    _refuses(restore_into(file, mine, "--remplacer"), "n'est pas un programme : --remplacer n'y supprime rien")
    assert [path.name for path in mine.iterdir()] == ["lettre.txt"]


def _damaged(file: Path, target: Path) -> Iterator[tuple[str, Path]]:
    """The backup with a bit changed at many places, cut at many, and remade by hand."""
    body = file.read_bytes()
    bad = target / "abîmée.tar"
    with tarfile.open(file) as tar:
        members = [m for m in tar.getmembers() if m.isreg() and m.size]
    places = [m.offset_data + m.size // 2 for m in members[:: max(1, len(members) // 12)]] + [
        m.offset_data + 10 for m in members[-2:]
    ]
    for place in places:
        bad.write_bytes(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
        yield f"bit changed at {place}", bad
    for size in (0, 100, 512, len(body) // 3, members[-1].offset, members[-2].offset):
        bad.write_bytes(body[:size])
        yield f"cut at {size}", bad


def test_a_damaged_backup_is_refused_with_a_sentence_and_nothing_changes(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    _, file = saved
    root = tmp_path / "programme"
    count = 0
    for what, bad in _damaged(file, tmp_path):
        with pytest.raises(BackupError, match="en prendre un"):
            restore(bad, root)
        assert not root.exists(), what
        count += 1
    assert count > 15
    _refuses(restore_into(bad, root), "en prendre un")
    assert not root.exists()


# a link that readers would follow, and where it says it leads
OUT = [
    ("published/dehors", "/etc"),
    ("published/dehors", "../../etc"),
    ("published/editions/dehors", "../../landing/V2/O1.csv"),
    ("published/dehors", "../../published/x"),
    ("published/dehors", "courante/../../.."),
    ("reports/courante", "../.."),
]


def test_what_is_no_backup_is_refused(saved: tuple[Path, Path], tmp_path: Path) -> None:
    kept, file = saved
    root, other = tmp_path / "programme", tmp_path / "autre.tar"
    with tarfile.open(other, "w") as tar:
        tar.add(kept / "programme.yaml", "programme.yaml")
    _refuses(restore_into(other, root), "n'est pas une sauvegarde")
    _refuses(restore_into(tmp_path / "absente.tar", root), "pas de fichier de ce nom")
    _refuses(restore_into(file.parent, root), "est un dossier", file.name)
    # the second through a link of its own: a name that looks safe leads out
    for name in ("../dehors", "programme/published/courante/dehors"):
        repacked(file, other, more=name)
        _refuses(restore_into(other, root), f"{name}, hors du dossier à restaurer")
    for name, leads in OUT:
        repacked(file, other, more=f"programme/{name}", link=leads)
        _refuses(restore_into(other, root), f"programme/{name} y mène à {leads}, hors de published/ et de reports/")
    for said in ({"version": 2}, {"faite_le": ""}, {"entrees": None}, {"laisses": 3}, {"de_plus": 1}):
        repacked(file, other, **said)
        _refuses(restore_into(other, root), "d'une version 2 que" if "version" in said else "sa liste n'est pas celle")
    assert not root.exists() and not (tmp_path / "dehors").exists()


def test_what_a_tool_that_follows_links_made_is_refused_and_can_be_repaired(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    kept, file = saved
    repacked(file, tmp_path / "suivie.tar", follow=True)
    _refuses(
        restore_into(tmp_path / "suivie.tar", tmp_path / "p"), "un outil qui suit les liens", "n'y est plus un lien"
    )
    copied = Path(shutil.copytree(kept, tmp_path / "copie", symlinks=False, dirs_exist_ok=True))
    _refuses(restore_into(copied, tmp_path / "p"), "par un outil qui suit les liens")
    _refuses(observatoire(copied, "backup", str(tmp_path)), "n'est pas un lien")
    done = observatoire(copied, "run")
    _refuses(done, "courante n'est pas un lien", "puis « observatoire rollback »")
    assert "Consolidation" not in done.stderr, "the run went on to the end before it was refused"
    # the remedy of the sentence
    named = done.stderr.split("ou supprimer ")[1].split(", puis")[0].split(", ")
    assert len(named) == 7
    for path in map(Path, named):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert observatoire(copied, "rollback").returncode == 0
    assert read_whole_edition(copied) == "V2-9.9"


def test_a_backup_waits_for_the_end_of_a_run(saved: tuple[Path, Path], tmp_path: Path) -> None:
    root, _ = saved
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin and holder.stdout and holder.stdout.readline() == "tenu\n"
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root)}
    command = [sys.executable, "-m", "orchestration.cli", "backup", str(tmp_path)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr
        assert f"processus {holder.pid}" in waiting.stderr.readline()
        assert list(tmp_path.iterdir()) == []
        holder.communicate("fin\n")
        assert waiting.wait(60) == 0
    assert len(list(tmp_path.glob("*.tar"))) == 1


@pytest.mark.parametrize("place", ["inside", "missing"])
def test_a_folder_that_cannot_take_it_is_refused(saved: tuple[Path, Path], tmp_path: Path, place: str) -> None:
    root, _ = saved
    folder = root / "landing" if place == "inside" else tmp_path / "absent"
    said = "dans le dossier du programme" if place == "inside" else "n'est pas un dossier"
    _refuses(observatoire(root, "backup", str(folder)), said)


def test_a_full_disk_costs_neither_the_backups_nor_what_is_there(saved: tuple[Path, Path], tmp_path: Path) -> None:
    need_mounts()
    root, file = saved
    small = tmp_path / "petit"
    small.mkdir()
    with disk(small, mebibytes=64):
        (small / "ancienne.tar").write_bytes(b"x")
        for left in (64 << 10, 5 << 20):
            with full(small, left=left):
                _refuses(
                    observatoire(root, "backup", str(small)),
                    "disque est plein",
                    str(small),
                    "Mio au moins, et il y en a",
                )
                assert {path.name for path in small.iterdir()} == {"ancienne.tar", "ballast"}
    with disk(small, mebibytes=200):
        target = small / "programme"
        assert restore_into(file, target).returncode == 0
        there = tree(target)
        with full(small, left=20 << 20):
            _refuses(restore_into(file, target, "--remplacer"), "Mio de libres")
        # the room is gone while it is unpacked, too: small files take more of a disk than their bytes
        assert tree(target) == there and not (target / ".restauration").exists()
        assert read_whole_edition(target) == "V2-9.9"


def _struck(point: str, root: Path, *arguments: str) -> None:
    note = root.parent / "faute.json"
    note.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        MARK: str(note),
    }
    done = warm.run("tests.support.faults", [point, *arguments], environment, REPOSITORY)
    assert note.is_file() and done.returncode == -signal.SIGKILL, (point, done.returncode, done.stderr)


@pytest.mark.slow
def test_a_killed_backup_leaves_the_others_and_the_next_one_tidies(saved: tuple[Path, Path], tmp_path: Path) -> None:
    root, _ = saved
    folder = tmp_path / "sauvegardes"
    first = save_into(root, folder)
    for point in ARCHIVING:
        _struck(point, root, "backup", str(folder))
        assert [path for path in folder.iterdir() if not path.name.startswith(".")] == [first], point
    time.sleep(1)
    save_into(root, folder)
    assert len(list(folder.iterdir())) == 2 and not list(folder.glob(".*"))


# where nothing is there, nothing is moved but what the lock made
KILLED = [*(("some", at) for at in RESTORING), *(("nothing", at) for at in RESTORING if at != "ancien à moitié ôté")]


@pytest.mark.slow
@pytest.mark.parametrize(("there", "point"), KILLED)
def test_a_killed_restoration_changed_nothing_or_is_finished_by_the_next(
    saved: tuple[Path, Path], tmp_path: Path, point: str, there: str
) -> None:
    kept, file = saved
    root = tmp_path / "programme"
    before = None
    if there == "some":
        assert restore_into(file, root).returncode == 0
        assert observatoire(root, "rollback", "V2-0.0").returncode == 0
        before = tree(root)
    _struck(point, root, "restore", str(file), "--data", str(root), "--remplacer")
    told = observatoire(root, "status")
    if (root / "programme.yaml").is_file():
        now = {name: entry for name, entry in tree(root).items() if not name.startswith(".restauration")}
        assert now in (before, tree(kept)), "neither what was there nor what comes"
        assert told.returncode == 0, told.stderr
    else:
        _refuses(
            told, "une restauration y fut interrompue" if (root / ".restauration").exists() else "pas de programme"
        )
    done = restore_into(file, root, "--remplacer")
    assert done.returncode == 0, done.stderr
    assert tree(root) == tree(kept)
    assert read_whole_edition(root) == "V2-9.9"
    assert Editions(root / "published").names() == ["V2-0.0", "V2-9.9"]
