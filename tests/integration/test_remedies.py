"""What `doctor` says to do about editions, done: the installation ends sound, or only a backup is said to help."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.installation.doctor import examine
from orchestration.installation.findings import Finding, Health
from orchestration.publication.editions import Editions
from orchestration.publication.lost import lost
from orchestration.reporting.printed import show
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.installations import flip

OLD, NEW = "V2-0.0", "V2-9.9"
ABOUT = ("liens", "editions", "imprimes", "lecteurs")


def _left(root: Path) -> list[Finding]:
    """What is told of editions, links and prints, faults first."""
    found = [f for f in examine(Settings(root)).found if f.controle in ABOUT and f.etat != Health.SOUND]
    return sorted(found, key=lambda finding: finding.etat != Health.FAULT)


def _steps(root: Path, finding: Finding) -> Iterator[tuple[str, ...]]:
    """What a remedy says to do, in its order: a path to take away, a link to make, a command; nothing of a backup."""
    said = f"{finding.constat} ; {finding.remede}"
    for place, link, command in re.findall(r"ôter (/[^,; ]+)|(ln -sfn [^;]+)|« observatoire ([^»]+) »", said):
        if place:
            yield ("rm", place)
        elif link:
            yield tuple(shlex.split(link))
        elif not command.startswith(("restore", "doctor", "backup")):
            yield tuple(shlex.split(command.replace("MOTIF", "essai")))
    # of the file that the sentence is about
    if "l'ôter" in said and (path := re.search(r"/\S+", said)):
        yield ("rm", path[0])


def _do(root: Path, step: tuple[str, ...]) -> None:
    if step[0] == "rm":
        path = Path(step[1])
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    elif step[0] == "ln":
        Path(step[3]).unlink(missing_ok=True)
        Path(step[3]).symlink_to(step[2])
    else:
        done = observatoire(root, *step)
        assert done.returncode == 0, (step, done.stdout, done.stderr)


def _follow(root: Path) -> list[tuple[str, ...]]:
    """Does what is said until nothing is said any more, or nothing but a backup helps; returns what was done."""
    done: list[tuple[str, ...]] = []
    for _ in range(6):
        if not (left := _left(root)):
            break
        steps = list(_steps(root, left[0]))
        if not steps:
            assert "sauvegarde" in left[0].remede, left[0]
            break
        for step in steps:
            _do(root, step)
        done += steps
    else:
        pytest.fail(f"nothing came of {done}: {left}")
    return done


def _said(path: Path, **said: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | said), encoding="utf-8")


# of an edition, given its folder
TO_AN_EDITION: list[tuple[str, Callable[[Path], object]]] = [
    ("database", lambda edition: flip(edition / "edition.duckdb")),
    ("organisme", lambda edition: flip(edition / "organismes/O1.duckdb")),
    ("table", lambda edition: (edition / "donnees/dim_vague.parquet").unlink()),
    ("note", lambda edition: (edition / "changements.md").unlink()),
    ("manifest", lambda edition: (edition / "manifeste.json").write_bytes(b"[]")),
    ("inputs", lambda edition: _said(edition / "manifeste.json", entrees={"landing/V2/O1.csv": "0"})),
    ("number", lambda edition: _said(edition / "manifeste.json", edition="V2-9.8")),
    ("no manifest", lambda edition: (edition / "manifeste.json").unlink()),
    ("gone", shutil.rmtree),
]
NAMES = [name for name, _ in TO_AN_EDITION]


def _some(*names: str) -> Any:
    """Runs a test on each damage: on those named with the others of its file, on all of them in `make test-long`."""
    return pytest.mark.parametrize(
        "act",
        [act if name in names else pytest.param(act, marks=pytest.mark.long) for name, act in TO_AN_EDITION],
        ids=NAMES,
    )


def _sound_again(root: Path) -> None:
    assert _left(root) == [] and Editions(root / "published").current() is not None
    assert lost(Settings(root)) == []


@_some("database", "manifest", "gone")
def test_the_remedy_of_an_older_edition_that_is_damaged_works(root: Path, act: Callable[[Path], object]) -> None:
    act(root / "published/editions" / OLD)
    assert ("renounce", "--motif", "essai") in _follow(root)
    _sound_again(root)
    assert Editions(root / "published").current() == NEW


@pytest.mark.slow
@_some("database", "gone")
def test_the_remedy_of_a_current_edition_that_is_damaged_works(root: Path, act: Callable[[Path], object]) -> None:
    act(root / "published/editions" / NEW)
    _follow(root)
    _sound_again(root)


def _back(root: Path) -> None:
    """Puts the edition that the deliveries make last, and goes back from it: there is none before the current one."""
    editions = Editions(root / "published")
    (root / "published/historique.txt").write_text(f"{NEW}\n{OLD}\n", encoding="utf-8")
    editions.switch(OLD)
    show(editions, OLD, root / "reports")
    assert observatoire(root, "rollback", "--motif", "barème à revoir").returncode == 0
    assert editions.current() == NEW and _left(root) == []


@pytest.mark.slow
@_some("database")
def test_the_remedy_works_after_a_rollback_too(root: Path, act: Callable[[Path], object]) -> None:
    """A run publishes nothing by itself then, and no edition is before the one that is damaged."""
    _back(root)
    act(root / "published/editions" / NEW)
    done = _follow(root)
    assert ("run", "--publier") in done and ("run",) not in done
    _sound_again(root)


def test_after_a_rollback_an_edition_that_is_whole_and_wanted_comes_first(root: Path) -> None:
    editions = Editions(root / "published")
    _back(root)
    shutil.copytree(editions.folder(NEW), editions.folder("V2-0.9"))
    _said(editions.folder("V2-0.9") / "manifeste.json", edition="V2-0.9")
    (root / "published/historique.txt").write_text(f"V2-0.9\n{NEW}\n{OLD}\n", encoding="utf-8")
    flip(editions.folder(NEW) / "organismes/O1.duckdb")
    [said] = [finding for finding in _left(root) if finding.etat == Health.FAULT]
    assert list(_steps(root, said)) == [("rollback", "V2-0.9")]
    _do(root, ("rollback", "V2-0.9"))
    assert editions.current() == "V2-0.9"


OTHERS: list[tuple[str, Callable[[Path], object]]] = [
    ("link", lambda root: (root / "published/courante").unlink()),
    ("entrance", lambda root: (root / "published/bi.duckdb").unlink()),
    ("stranger in an edition", lambda root: (root / "published/editions" / NEW / "intrus.csv").touch()),
    ("stranger in an older one", lambda root: (root / "published/editions" / OLD / "intrus.csv").touch()),
    ("list of those set aside", lambda root: (root / "published/ecartees.json").write_bytes(b"{")),
    ("list of those set aside, a folder", lambda root: (root / "published/ecartees.json").mkdir()),
    ("list of those given up", lambda root: (root / "published/renoncees.json").write_bytes(b"[5]")),
]


@pytest.mark.parametrize("act", [act for _, act in OTHERS], ids=[name for name, _ in OTHERS])
def test_the_remedy_of_a_damaged_folder_of_readers_works(root: Path, act: Callable[[Path], object]) -> None:
    act(root)
    assert _left(root)
    _follow(root)
    _sound_again(root)
    assert Editions(root / "published").current() == NEW


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["published", "published/editions"])
def test_where_all_editions_are_lost_no_run_uses_a_number_again_and_nothing_goes_unasked(root: Path, gone: str) -> None:
    shutil.rmtree(root / gone)
    [said] = _left(root)[:1]
    assert (said.etat, said.controle) == (Health.FAULT, "liens") and "restaurer une sauvegarde" in said.remede
    kept = [*root.glob("lake/apports/*.json"), *(root / "reports").glob("V*")]
    done = observatoire(root, "run")
    assert (done.returncode, "Refusé" in done.stderr) == (1, True), done.stdout
    assert "renounce" in done.stderr and f"{NEW}, {OLD}" in done.stderr
    assert all(path.exists() for path in kept) and len(kept) == 4
    assert _follow(root) == [("renounce", "--motif", "essai"), ("run",)]
    _sound_again(root)
    assert Editions(root / "published").current() == "V2-0.1"
    note = (root / "published/courante/changements.md").read_text(encoding="utf-8")
    assert note == "Les éditions d'avant sont perdues (essai) : il n'y a rien à quoi comparer celle-ci.\n"
    assert (root / "reports" / NEW / "index.html").is_file()


@pytest.mark.slow
def test_a_run_keeps_what_is_left_of_an_edition_that_is_lost(root: Path) -> None:
    """Even one that publishes and prints anew, which deletes what is left of the editions that it prunes."""
    shutil.rmtree(root / "published/editions" / OLD)
    (root / "published/editions" / NEW / "donnees/dim_vague.parquet").unlink()
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    assert Editions(root / "published").current() == "V2-0.1"
    assert (root / f"lake/apports/{OLD}.json").is_file() and (root / "published/livrets" / OLD).is_dir()
    assert lost(Settings(root)) == [OLD]


def test_a_backup_of_an_installation_that_lost_its_editions_takes_no_older_one_away(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    assert observatoire(root, "backup", str(folder), "--garder", "1").returncode == 0
    [first] = folder.glob("*.tar")
    first = first.rename(folder / re.sub(r"\d{8}T\d{6}Z", "20200101T000000Z", first.name))
    shutil.rmtree(root / "published")
    assert observatoire(root, "backup", str(folder), "--garder", "1").returncode == 3
    assert first in folder.glob("*.tar") and len(list(folder.glob("*.tar"))) == 2
    done = observatoire(root, "restore", str(first), "--remplacer")
    assert done.returncode == 0, done.stderr
    _sound_again(root)
