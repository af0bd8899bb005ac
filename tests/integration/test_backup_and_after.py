"""What came after a backup that is put back, and what a backup of a damaged installation takes away: nothing."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.installation import restore as restoring
from orchestration.installation.archive import BackupError
from orchestration.installation.doctor import examine
from orchestration.installation.findings import Health
from orchestration.installation.item import put_back
from orchestration.installation.since import Since
from orchestration.publication.inputs import revision
from orchestration.publication.lost import landing_lost, renounced, traces
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.installations import repacked, restore_into, save_into, two_editions
from tests.support.readers import read_whole_edition


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A published programme and its backup; looked at only."""
    folder = tmp_path_factory.mktemp("sauvegarde")
    root = two_editions(folder / "programme")
    return root, save_into(root, folder / "sauvegardes")


def test_what_came_after_a_backup_is_told_kept_or_not_given_again(saved: tuple[Path, Path], tmp_path: Path) -> None:
    """An edition that it has not keeps its number; a delivery that it has not stays, for nobody sends it twice."""
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    newer, editions = "V2-9.10", root / "published/editions"
    shutil.copytree(editions / "V2-9.9", editions / newer)
    (root / "lake/apports" / f"{newer}.json").write_bytes((root / "lake/apports/V2-9.9.json").read_bytes())
    late = root / "landing/V2/tardive.csv"
    late.write_text("a;b\n", encoding="utf-8")
    done = restore_into(saved[1], root, "--remplacer")
    assert done.returncode == 0, done.stderr
    assert newer in done.stdout and "V2/tardive.csv" in done.stdout
    assert late.read_text(encoding="utf-8") == "a;b\n" and not (editions / newer).exists()
    assert newer in renounced(Settings(root)) and newer in traces(Settings(root))
    # what is the same on both sides is not told, and nothing is told twice
    again = restore_into(saved[1], root, "--remplacer")
    assert again.returncode == 0 and newer in renounced(Settings(root))
    plain = restore_into(saved[1], tmp_path / "ailleurs")
    assert plain.returncode == 0 and newer not in plain.stdout and "tardive" not in plain.stdout


def test_a_delivery_corrected_since_and_a_decision_taken_since_are_kept_and_told(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    sent = next(path for path in sorted((root / "landing/V2").iterdir()) if path.suffix == ".csv")
    before = sent.read_bytes()
    sent.write_bytes(before[: before.rindex(b"\n", 0, -1) + 1])
    assert observatoire(root, "withdraw", f"V1/{sent.name}", "--motif", "essai").returncode == 0
    done = restore_into(saved[1], root, "--remplacer")
    assert done.returncode == 0, done.stderr
    beside = sent.with_name(f"{sent.stem} (2).csv")
    assert sent.read_bytes() == before and beside.is_file() and f"V2/{beside.name}" in done.stdout
    assert "essai" in (root / "landing/retraits.csv").read_text(encoding="utf-8") and "retraits.csv" in done.stdout
    assert "sans changer un chiffre" not in done.stdout


def test_a_restoration_that_stopped_while_it_kept_what_came_since_is_told_and_goes_on(
    saved: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    late = root / "landing/V2/tardive.csv"
    late.write_text("a;b\n", encoding="utf-8")

    def full(*_: object, rehearsing: bool = False) -> Since:
        if rehearsing:
            return Since()
        raise OSError(28, "No space left on device", str(late))

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "keep_since", full)
        with pytest.raises(BackupError, match="Le disque est plein"):
            restoring.restore(saved[1], root, replace=True)
    assert restoring.interrupted(root) is not None and not late.exists()
    done = restore_into(saved[1], root)
    assert done.returncode == 0 and "V2/tardive.csv" in done.stdout, (done.stdout, done.stderr)
    assert late.read_text(encoding="utf-8") == "a;b\n"


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda root: (root / "published/editions/V2-9.9/manifeste.json").unlink(), "published/editions/V2-9.9"),
        (lambda root: (root / "published/editions/V2-0.0/edition.duckdb").write_bytes(b"x"), "editions/V2-0.0"),
        (lambda root: shutil.rmtree(root / "published/editions/V2-9.9"), "published/editions/V2-9.9"),
        (lambda root: (root / "landing/receptions.csv").unlink(), "landing/receptions.csv"),
        (lambda root: (root / "lake/apports/V2-0.0.json").write_text("{}"), "lake/apports/V2-0.0.json"),
        (lambda root: shutil.rmtree(root / "landing"), "landing"),
        (lambda root: (root / "landing/retraits.csv").write_bytes("retirée".encode("latin-1")), "landing/retraits.csv"),
    ],
    ids=["manifest", "older", "current gone", "receptions", "apport", "landing", "decisions"],
)
def test_a_backup_of_what_is_damaged_is_never_called_whole(
    saved: tuple[Path, Path], tmp_path: Path, damage: Callable[[Path], object], named: str
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    (tmp_path / "sauvegardes").mkdir()
    damage(root)
    done = observatoire(root, "backup", str(tmp_path / "sauvegardes"))
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert "Sauvegarde incomplète" in done.stdout and named in done.stdout


def test_a_landing_that_is_empty_is_a_disk_to_mount_and_not_deliveries_to_take_back_one_by_one(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    shutil.rmtree(root / "landing")
    (root / "landing/lost+found").mkdir(parents=True)
    (tmp_path / "sauvegardes").mkdir()
    done = observatoire(root, "backup", str(tmp_path / "sauvegardes"))
    assert done.returncode == 3 and " : landing ;" in done.stdout and "receptions" not in done.stdout, done.stdout
    [told] = examine(Settings(root)).found
    assert (
        told.etat == Health.FAULT and "monter le disque" in told.remede and "--seulement landing --remp" in told.remede
    )
    said = observatoire(root, "status").stdout
    assert "monter le disque" in said and "si c'est voulu" not in said
    assert put_back(saved[1], root, "landing", replace=True).item == "landing"
    assert not landing_lost(Settings(root)) and (root / "landing/V2/O1.csv").is_file()


def test_a_link_to_a_disk_that_is_not_mounted_stops_every_command_with_the_remedy(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    (root / "landing").rename(tmp_path / "disque")
    (root / "landing").symlink_to(tmp_path / "disque")
    (tmp_path / "sauvegardes").mkdir()
    assert observatoire(root, "backup", str(tmp_path / "sauvegardes")).returncode == 0
    (tmp_path / "disque").rename(tmp_path / "absent")
    for command in (
        ("backup", str(tmp_path / "sauvegardes")),
        ("run",),
        ("restore", str(saved[1]), "--seulement", "landing", "--remplacer"),
    ):
        done = observatoire(root, *command)
        assert done.returncode == 1 and "monter le disque" in done.stderr, (command, done.stdout, done.stderr)
    told = [finding for finding in examine(Settings(root)).found if finding.etat == Health.FAULT]
    assert any(str(tmp_path / "disque") in finding.constat for finding in told)
    assert not any("--seulement" in finding.remede for finding in told)
    assert len(list((tmp_path / "sauvegardes").iterdir())) == 1
    # a link that is no folder of the programme's concerns nobody
    (tmp_path / "absent").rename(tmp_path / "disque")
    (root / "notes").symlink_to(tmp_path / "ailleurs")
    assert observatoire(root, "check").returncode == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda root: (root / "published/editions/V2-9.9/manifeste.json").unlink(),
        lambda root: (root / "published/editions/V2-9.9/edition.duckdb").write_bytes(b"x"),
        lambda root: shutil.rmtree(root / "published/editions/V2-0.0"),
        lambda root: (root / "landing/receptions.csv").unlink(),
        lambda root: shutil.rmtree(root / "lake/apports"),
    ],
    ids=["manifest", "current", "older gone", "receptions", "apports"],
)
def test_a_backup_of_what_is_damaged_pushes_out_none_that_is_whole(
    saved: tuple[Path, Path], tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    folder = tmp_path / "sauvegardes"
    whole = save_into(root, folder)
    damage(root)
    time.sleep(1.1)  # their names tell the second
    done = observatoire(root, "backup", str(folder), "--garder", "1")
    assert done.returncode != 0 or "Aucune sauvegarde plus ancienne n'est ôtée" in done.stdout
    assert whole.is_file()


def test_where_the_register_is_lost_the_manifests_still_say_which_deliveries_are_whole(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    """The copy has just been made: every delivery looks as if it were still being sent."""
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    (root / "landing/receptions.csv").unlink()
    (tmp_path / "sauvegardes").mkdir()
    done = observatoire(root, "backup", str(tmp_path / "sauvegardes"))
    assert done.returncode == 3 and "Laissé de côté" not in done.stdout, (done.stdout, done.stderr)
    [file] = (tmp_path / "sauvegardes").glob("*.tar")
    with tarfile.open(file) as tar:
        names = {Path(name).name for name in tar.getnames() if name.startswith("programme/landing/V2/")}
    assert {"O1.csv", "O2.csv", "O3.csv"} <= names


def test_a_backup_that_cannot_be_noted_says_so(saved: tuple[Path, Path], tmp_path: Path) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    note = root / "warehouse/derniere_sauvegarde.json"
    note.unlink(missing_ok=True)
    note.mkdir()
    (tmp_path / "sauvegardes").mkdir()
    done = observatoire(root, "backup", str(tmp_path / "sauvegardes"))
    assert done.returncode == 3 and "rien ici ne le retient" in done.stderr and str(note) in done.stderr, done.stderr
    assert len(list((tmp_path / "sauvegardes").glob("*.tar"))) == 1


def test_that_no_figure_changes_is_said_only_where_the_code_is_known_to_be_the_same(
    saved: tuple[Path, Path], tmp_path: Path
) -> None:
    here = revision()
    for n, made_by in enumerate((here, "0123456789ab", "inconnue", f"{here}+")):
        repacked(saved[1], file := tmp_path / "autre.tar", revision=made_by)
        done = restore_into(file, tmp_path / f"{n}")
        assert done.returncode == 0, done.stderr
        known = made_by == here and here[-1] != "+" and here != "inconnue"
        assert ("sans changer un chiffre" in done.stdout) == known
        assert known or f"celui d'alors ({made_by})" in done.stdout


def test_amid_a_restoration_that_was_interrupted_only_its_end_is_told(
    saved: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(saved[0], tmp_path / "programme", symlinks=True))
    in_order = restoring._in_order

    def killed(folder: Path) -> list[str]:
        if folder != root:
            raise KeyboardInterrupt
        return in_order(folder)

    monkeypatch.setattr(restoring, "_in_order", killed)
    with pytest.raises(KeyboardInterrupt):
        restoring.restore(saved[1], root, replace=True)
    monkeypatch.undo()
    assert not (root / "programme.yaml").exists()
    [told] = examine(Settings(root)).found
    assert told.etat == Health.FAULT and f"observatoire restore {saved[1].resolve()} »" in told.remede
    done = observatoire(root, *told.remede.split("observatoire ")[1].split(" »")[0].split(), "--data", str(root))
    assert done.returncode == 0 and read_whole_edition(root) == "V2-9.9", done.stderr
