"""Which backups stay in their folder when only some are to be kept."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.cli_contract import out
from orchestration.errors import ObservatoireError
from orchestration.installation.archive import BackupError, verified
from orchestration.installation.backup import LastBackup, back_up, last_backup, note_backup
from orchestration.installation.doctor import examine
from orchestration.installation.findings import Health
from orchestration.installation.restore import restore
from orchestration.settings import Settings
from tests.support.mini import mini_programme


def test_the_backup_just_made_stays_after_a_clock_that_was_put_back(tmp_path: Path) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    later = [folder / f"observatoire-mini-2199010{day}T000000Z.tar" for day in (1, 2)]
    for path in later:
        path.write_bytes(b"x")
    older = [folder / f"observatoire-mini-2019010{day}T000000Z.tar" for day in (1, 2, 3)]
    for path in older:
        path.write_bytes(b"x")
    saved = back_up(programme, folder, keep=2)
    # those of a clock that was ahead keep no place of the newest, and are told
    assert saved.ahead == tuple(path.name for path in later)
    assert set(folder.iterdir()) == {saved.path, older[2], *later}
    last = last_backup(programme.settings)
    assert last is not None and last.fichier == str(saved.path.resolve())
    again = back_up(programme, folder, keep=1).path
    assert set(folder.iterdir()) == {again, *later}


def test_a_key_that_no_run_accepts_is_not_noted_as_the_one_of_its_pseudonyms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    monkeypatch.setenv("OBSERVATOIRE_CLE", "courte")
    assert back_up(programme, folder).manifest.cle == ""


def test_a_disk_that_takes_no_backup_is_named_though_it_was_given_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = mini_programme(tmp_path / "programme")
    (tmp_path / "sauvegardes").mkdir()
    monkeypatch.chdir(tmp_path)

    def read_only(prefix: str, dir: Path) -> str:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), f"{dir}/{prefix}x")

    monkeypatch.setattr("tempfile.mkdtemp", read_only)
    with pytest.raises(BackupError, match=rf"\({tmp_path}/sauvegardes/.*en lecture seule"):
        back_up(programme, Path("sauvegardes"))


@pytest.mark.parametrize("moment", [None, "2026-01-01T00:00:00", "hier", 5])
def test_a_note_of_the_last_backup_without_its_moment_is_no_note(tmp_path: Path, moment: object) -> None:
    settings = Settings(tmp_path)
    note_backup(settings, LastBackup(moment, "x.tar"))  # type: ignore[arg-type]
    assert last_backup(settings) is None


def test_a_register_that_cannot_be_read_stops_a_backup_with_its_remedy(tmp_path: Path) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    register = programme.root / "landing/receptions.csv"
    register.parent.mkdir(exist_ok=True)
    register.write_bytes(b"\xff\xfe")
    with pytest.raises(ObservatoireError, match=r"receptions.csv n'est plus de l'UTF-8 .* d'une sauvegarde"):
        back_up(programme, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "target", "said"),
    [
        ("published/courante", "../../ailleurs", "« observatoire rollback V1-0.0 » le remet"),
        ("published/observatoire.duckdb", "/etc/hostname", "ln -sfn courante/edition.duckdb"),
        ("published/editions/V1-0.0/x", "/etc/hostname", "mettre à sa place ce qu'il désigne"),
        ("reports/courant", "../landing", "mettre à sa place ce qu'il désigne"),
    ],
)
def test_a_link_that_leads_out_is_named_by_its_own_place(tmp_path: Path, place: str, target: str, said: str) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    edition = programme.root / "published/editions/V1-0.0"
    edition.mkdir(parents=True)
    (edition / "manifeste.json").write_text("{}", encoding="utf-8")
    (programme.root / "reports").mkdir(exist_ok=True)
    link = programme.root / place
    link.symlink_to(target)
    with pytest.raises(BackupError) as refused:
        back_up(programme, folder)
    assert str(refused.value).startswith(f"{link} mène à {target}, hors de published/") and said in str(refused.value)
    assert list(folder.iterdir()) == []


def test_a_backup_that_cannot_be_read_or_put_in_place_is_one_sentence(tmp_path: Path) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    made = back_up(programme, folder).path
    with pytest.raises(BackupError, match=r"pas de fichier de ce nom"):
        verified(made / "x")
    with pytest.raises(BackupError, match=r"Le disque ne répond pas comme il faut"):
        verified(Path("/proc/self/mem"))
    with pytest.raises(BackupError, match=r"/proc/x ne peut pas être créé ; désigner un autre dossier"):
        restore(made, Path("/proc/x"), without_journals=True)


def test_a_file_that_is_declared_elsewhere_is_saved_as_a_file(tmp_path: Path) -> None:
    """The link alone would lead nowhere on the machine where the backup is restored."""
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    said = {}
    for name in ("programme.yaml", "reference/vagues.csv"):
        link, elsewhere = programme.root / name, tmp_path / Path(name).name
        link.rename(elsewhere)
        link.symlink_to(elsewhere)
        said[name] = elsewhere.read_bytes()
    saved = back_up(programme, folder).path
    for name in said:
        (tmp_path / Path(name).name).unlink()
    restore(saved, tmp_path / "neuf")
    assert {name: (tmp_path / "neuf" / name).read_bytes() for name in said} == said


def test_what_a_backup_would_not_hold_refuses_it(tmp_path: Path) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    for made in (folder, tmp_path / "ailleurs"):
        made.mkdir()
    (programme.root / "contracts" / "instituts").symlink_to(tmp_path / "ailleurs")
    with pytest.raises(BackupError, match=r"contracts/instituts mène à .*/ailleurs, hors du programme"):
        back_up(programme, folder)
    assert not list(folder.iterdir())
    # whoever looks before the night is told
    told = [found.constat for found in examine(programme.settings).found if found.etat == Health.FAULT]
    assert any("contracts/instituts mène à" in said for said in told)
    with out.capture() as warned:
        assert CliRunner().invoke(app, ["check", "--data", str(programme.root)]).exit_code == 0
    assert f"Avertissement, {programme.root}/contracts/instituts mène à" in warned.get()
