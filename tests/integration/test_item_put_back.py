"""One item of a backup is put back, whole and checked, and the rest of the installation stays as it is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.errors import ObservatoireError
from orchestration.installation.archive import BackupError
from orchestration.installation.doctor import examine
from orchestration.installation.findings import Finding, Health
from orchestration.installation.item import put_back
from orchestration.publication.lost import lost, renounce, renounced
from orchestration.settings import Settings
from tests.support.accounts import ANOTHER
from tests.support.demo import observatoire
from tests.support.installations import flip, repacked, save_into, tree

NEW, OLD = "published/editions/V2-9.9", "published/editions/V2-0.0"
REGISTER = "landing/receptions.csv"


@pytest.fixture(scope="module")
def file(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the installation."""
    copy = Path(shutil.copytree(kept, tmp_path_factory.mktemp("copie") / "programme", symlinks=True))
    return save_into(copy, tmp_path_factory.mktemp("sauvegardes"))


def _gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _told(root: Path) -> list[Finding]:
    return [finding for finding in examine(Settings(root)).found if finding.etat != Health.SOUND]


LOST: list[tuple[str, Callable[[Path], object]]] = [
    (OLD, _gone),
    (NEW, _gone),
    (NEW, lambda path: (path / "manifeste.json").unlink()),
    (NEW, lambda path: (path / "donnees/dim_vague.parquet").unlink()),
    (OLD, lambda path: flip(path / "changements.md")),
    (REGISTER, _gone),
    (REGISTER, lambda path: path.write_bytes(b"\xff\xfe")),
    ("lake/apports/V2-9.9.json", _gone),
    ("lake/apports/V2-0.0.json", lambda path: path.write_bytes(b"{")),
    ("landing/V2/O1.csv", _gone),
    ("landing/V1/O2.csv", lambda path: path.write_bytes(b"x")),
    ("reference/segments.csv", _gone),
    ("programme.yaml", lambda path: path.write_text("{", encoding="utf-8")),
    ("published", lambda path: (shutil.rmtree(path), path.write_bytes(b"x"))),
]


@pytest.mark.parametrize(("item", "damage"), LOST, ids=[f"{n} {item}" for n, (item, _) in enumerate(LOST)])
def test_the_command_that_doctor_names_puts_the_item_back(
    root: Path, file: Path, item: str, damage: Callable[[Path], object]
) -> None:
    before = tree(root)
    damage(root / item)
    told = _told(root)
    command = f"observatoire restore FICHIER --seulement {item} --remplacer"
    named = [f for f in told if command.replace("reference/segments.csv", "reference/…") in f.constat + f.remede]
    assert named, told
    put_back(file, root, item, replace=True)
    after = tree(root)
    assert after == before and not (root / ".restauration").exists()
    assert _told(root) == []


def test_what_came_since_the_backup_stays_registered(root: Path, file: Path) -> None:
    register = root / REGISTER
    late = '2026-11-30T12:00:00.000000+00:00,V2,abc,"un nom, tardif.csv"'
    register.write_text(register.read_text(encoding="utf-8") + f"{late}\ncoupé", encoding="utf-8")
    saved = register.read_text(encoding="utf-8").replace("\ncoupé", "\n")
    done = observatoire(root, "restore", str(file), "--seulement", REGISTER, "--remplacer", "--data", str(root))
    assert done.returncode == 0, done.stderr
    assert f"{REGISTER} remis" in done.stdout and "gardées : 1" in done.stdout
    assert register.read_text(encoding="utf-8") == saved


REFUSED: list[tuple[str, str]] = [
    ("published/editions/V2-9.9", "est là, et entière"),
    ("published/editions/V2-9.9/edition.duckdb", "--seulement published/editions/V2-9.9."),
    ("reports/V2-9.9/index.html", "--seulement reports/V2-9.9."),
    ("published/livrets/V2-9.9/O1", "--seulement published/livrets/V2-9.9."),
    ("published/courante", "est un lien"),
    ("landing", "est un dossier qui est là"),
    ("landing/V2/absente.csv", "n'a pas landing/V2/absente.csv"),
    (REGISTER, "ajouter --remplacer"),
    ("../programme.yaml", "n'est pas dans"),
    ("/etc/hostname", "n'est pas dans"),
    (".dagster/history/runs.db", "ne se remettent pas un à un"),
    ("warehouse/dbt", "n'a pas warehouse/dbt"),
]


@pytest.mark.parametrize(("item", "said"), REFUSED, ids=[item for item, _ in REFUSED])
def test_what_does_not_go_back_alone_is_refused_and_nothing_changes(
    root: Path, file: Path, item: str, said: str
) -> None:
    before = tree(root)
    with pytest.raises(BackupError) as refused:
        put_back(file, root, item, replace=item != REGISTER)
    assert said in str(refused.value)
    assert tree(root) == before and not (root / ".restauration").exists()


def test_an_edition_that_was_given_up_and_put_back_is_missed_again(root: Path, file: Path) -> None:
    shutil.rmtree(root / NEW)
    assert renounce(Settings(root), "perdue") == (["V2-9.9"], [])
    put_back(file, root, NEW)
    assert renounced(Settings(root)) == {}
    shutil.rmtree(root / NEW)
    assert lost(Settings(root)) == ["V2-9.9"]


def test_an_item_of_a_damaged_or_foreign_backup_is_refused(root: Path, file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "abîmée.tar"
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    bad.write_bytes(body)
    repacked(file, other := tmp_path / "autre.tar", programme="autre")
    (root / REGISTER).unlink()
    before = tree(root)
    for source, said in ((bad, "est abîmé"), (other, "est le programme « mini », et la sauvegarde celle de « autre »")):
        with pytest.raises(BackupError, match=said):
            put_back(source, root, REGISTER)
    with pytest.raises(BackupError, match="n'est pas un programme : --seulement ne remet"):
        put_back(file, tmp_path / "ailleurs", REGISTER)
    assert tree(root) == before


def test_an_edition_that_was_saved_damaged_is_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, other := tmp_path / "autre", symlinks=True)
    flip(other / NEW / "edition.duckdb")
    bad = save_into(other, tmp_path / "sauvegardes", code=3)
    shutil.rmtree(root / NEW)
    with pytest.raises(BackupError, match=r"l'édition V2-9.9 y est abîmée \(published/editions/V2-9.9/edition.duckdb"):
        put_back(bad, root, NEW)
    assert not (root / NEW).exists()


def test_what_the_lake_remembers_of_another_edition_is_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, other := tmp_path / "autre", symlinks=True)
    path = other / "lake/apports/V2-9.9.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"cle": "autre"}), encoding="utf-8")
    strange = save_into(other, tmp_path / "sauvegardes", code=3)
    with pytest.raises(BackupError, match=r"n'y est pas celui qui fut écrit avec l'édition V2-9\.9 d'ici"):
        put_back(strange, root, "lake/apports/V2-9.9.json", replace=True)


def test_a_folder_on_another_disk_takes_its_item(root: Path, file: Path, tmp_path: Path) -> None:
    """A folder of the programme may be a link; readers have an item by the group of the folder it goes to."""
    shutil.move(root / "published", tmp_path / "ailleurs")
    (root / "published").symlink_to(tmp_path / "ailleurs")
    shutil.rmtree(root / OLD)
    if os.geteuid() == 0:
        os.chown(root / "published/editions", -1, ANOTHER)
    put_back(file, root, OLD)
    assert os.geteuid() != 0 or (root / OLD / "edition.duckdb").stat().st_gid == ANOTHER
    assert (root / "published").is_symlink()


@pytest.fixture
def interrupted(root: Path) -> Iterator[Path]:
    """An installation whose restoration was interrupted while it put things in place."""
    (root / ".restauration").mkdir()
    (root / ".restauration/etat.json").write_text('{"etape": "videe"}', encoding="utf-8")
    shutil.move(root / "programme.yaml", root / ".restauration/programme.yaml")
    yield root


def test_an_interrupted_restoration_is_ended_first(interrupted: Path, file: Path) -> None:
    with pytest.raises(ObservatoireError, match="l'achever par « observatoire restore »"):
        put_back(file, interrupted, "programme.yaml")
    assert (interrupted / ".restauration/programme.yaml").exists()
