"""An installation seen by an account that may not do all, or on a disk that nobody may write to: what commands say of it."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.errors import ProgrammeError
from orchestration.files import special_files
from orchestration.folder import refuse_special_files
from orchestration.installation import passed
from orchestration.installation.doctor import examine
from orchestration.installation.findings import Finding, Health
from orchestration.operation.outcomes import moment
from orchestration.settings import PROJECT, Settings
from tests.support.accounts import ANOTHER, given_away, held_to_permissions, ordinary
from tests.support.attributes import immutable
from tests.support.demo import KEY, observatoire
from tests.support.disks import disk, need_mounts, read_only
from tests.support.installations import tree

# what Python, SQLite and Typer say in English
ENGLISH = re.compile(r"Errno|Permission|denied|not readable|readonly|read-only|Traceback|database")


def _found(root: Path) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in examine(Settings(root)).found:
        assert not ENGLISH.search(f"{finding.constat} {finding.remede}"), finding
        if finding.etat != Health.SOUND:
            found.setdefault(finding.controle, []).append(finding)
    return found


def _run(
    root: Path, *arguments: str, seconds: int = 120, prefix: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command as a shell starts it: one that never ends is to be stopped, and one without rights is to have none."""
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root), "OBSERVATOIRE_CLE": KEY}
    command = [*(prefix or []), sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=seconds, check=False
    )


def test_another_account_is_told_to_give_way_to_the_one_of_the_service(root: Path) -> None:
    given_away(root)
    root.chmod(0o755)
    (root / "lake/registre").chmod(0o700)
    (root / "landing/receptions.csv").chmod(0o600)
    with ordinary():
        found = _found(root)
    [account] = found["dossiers"]
    assert f"{root} est à {ANOTHER}" in account.constat and f"sudo -u {ANOTHER}" in account.remede
    told = [finding for findings in found.values() for finding in findings if "Droits insuffisants" in finding.constat]
    assert any("receptions.csv" in finding.constat for finding in told)
    assert all("deploy/observatoire" in finding.remede and finding.remede[-1] == "." for finding in told)


@pytest.mark.parametrize("place", ["contracts", "reference", "reference/questions.csv", "contracts/i-v2.yaml"])
def test_what_is_declared_and_closed_is_not_taken_for_missing(root: Path, place: str) -> None:
    (root / place).chmod(0)
    for command in ("status", "run", "check"):
        done = _run(root, command, prefix=held_to_permissions())
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert f"Droits insuffisants ({root / place})" in done.stderr
        assert f"chmod -R u+rwX {root / place}" in done.stderr


def test_a_folder_that_another_account_may_not_open_is_one_french_sentence(root: Path) -> None:
    given_away(root)
    root.chmod(0o750)
    for command in (["status"], ["editions"], ["backup", "/tmp"]):
        done = _run(root, *command, prefix=held_to_permissions())
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.count("\n") == 1 and not ENGLISH.search(done.stderr), done.stderr
        assert f"{root}/programme.yaml" in done.stderr and "sous le compte du service" in done.stderr
    with ordinary():
        assert set(_found(root)) == {"programme"}


def test_what_the_service_lost_its_own_rights_to_is_to_be_given_back(root: Path) -> None:
    edition = root / "published/editions/V2-0.0"
    edition.chmod(0)
    with ordinary():
        [finding] = _found(root)["editions"]
    assert "n'ôter rien" in finding.remede and f"chmod -R u+rX {edition}" in finding.remede
    edition.chmod(0o755)
    current = root / "published/editions/V2-9.9"
    current.chmod(0)
    with ordinary():
        found = _found(root)
    assert any(str(current) in finding.constat and finding.etat == Health.FAULT for finding in found["editions"])


def test_a_journal_that_is_no_database_is_said_to_be_so_in_french(root: Path) -> None:
    path = root / ".dagster/history/runs.db"
    path.write_bytes(b"x" * 4096)
    [finding] = _found(root)["journaux"]
    assert f"{path} : journal de Dagster illisible (ce n'est plus une base SQLite)" in finding.constat


@pytest.mark.slow
def test_a_disk_that_nobody_may_write_to_is_told_apart_from_rights_and_can_be_saved(root: Path, tmp_path: Path) -> None:
    need_mounts()
    folder, elsewhere = tmp_path / "sauvegardes", tmp_path / "ailleurs"
    folder.mkdir()
    with disk(root), read_only(root):
        found = _found(root)
        assert [finding.constat for finding in found.pop("dossiers")] == [
            f"système de fichiers en lecture seule, où aucun droit ne permet d'écrire : {root}"
        ]
        # the disk of the test is a small one
        assert set(found) <= {"disque"}
        done = _run(root, "run")
        assert done.returncode == 1 and "lecture seule" in done.stderr and not ENGLISH.search(done.stderr)
        # a disk that turned read-only is the one to save
        saved = _run(root, "backup", str(folder))
        assert saved.returncode == 3 and "lecture seule" in saved.stderr, saved.stderr
        [made] = folder.iterdir()
        assert _run(elsewhere, "restore", str(made)).returncode == 0
        assert tree(elsewhere / "published") == tree(root / "published")


def test_a_read_only_disk_is_remounted_and_not_given_to_another_account(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.installation import rights

    monkeypatch.setattr(rights, "is_read_only", lambda path: path == root / "landing")
    [finding] = _found(root)["dossiers"]
    assert str(root / "landing") in finding.constat and "remount -w" in finding.remede and "chown" not in finding.remede


@pytest.mark.parametrize("place", ["lake", "landing/receptions.csv"])
def test_an_attribute_is_taken_off_and_no_right_given(root: Path, place: str) -> None:
    with immutable(root / place):
        [finding] = _found(root)["dossiers"]
    assert str(root / place) in finding.constat
    assert f"chattr -R -i -a {root}/{place}" in finding.remede and "chown" not in finding.remede


def test_no_pipe_keeps_a_command_waiting(root: Path) -> None:
    os.mkfifo(root / "reference/attente.csv")
    for command in (["run"], ["status"], ["backup", str(root.parent)], ["editions"]):
        done = _run(root, *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"{root}/reference/attente.csv n'est pas un fichier ordinaire" in done.stderr
    done = _run(root, "doctor")
    assert done.returncode == 1 and "reference/attente.csv" in done.stdout
    pipe = root.parent / "sauvegarde.tar"
    os.mkfifo(pipe)
    done = _run(root.parent / "ailleurs", "restore", str(pipe))
    assert done.returncode == 1 and "n'est pas un fichier ordinaire" in done.stderr


def test_pipes_sockets_and_links_to_devices_are_found_but_among_deliveries(root: Path) -> None:
    assert list(special_files(root)) == []
    refuse_special_files(root)
    os.mkfifo(root / "landing/V2/tube.csv")
    assert list(special_files(root)) == []
    (root / "lake/registre/lien.json").symlink_to("/dev/null")
    (root / "published/perdu").symlink_to("nulle-part")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"{root}/landing/p")
        assert {path.relative_to(root).as_posix() for path in special_files(root)} == {
            "landing/p",
            "lake/registre/lien.json",
        }
    with pytest.raises(ProgrammeError, match=r"n'est pas un fichier ordinaire .* ; l'ôter"):
        refuse_special_files(root)


def test_a_clock_that_is_years_ahead_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "horloge" not in _found(root)

    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3000, hours=1)
    monkeypatch.setattr(passed, "_now", lambda: later)
    found = _found(root)
    [clock] = found["horloge"]
    assert re.search(r"jours écoulés : 3.000", clock.constat) and moment(later.isoformat()) in clock.constat
    [backup] = found["sauvegarde"]
    assert re.search(r"\(il y a 3.000 j\).*une chaque nuit", backup.constat)


def test_a_delivery_that_left_landing_is_told_until_a_run(root: Path) -> None:
    (root / "landing/V2/O1.csv").unlink()
    done = observatoire(root, "status")
    assert done.returncode == 3
    assert re.search(r"ne sont plus dans landing/ \(1\) : V2/O1\.csv ; les y remettre", done.stdout), done.stdout


def test_a_withdrawn_delivery_is_not_said_to_be_refused(root: Path) -> None:
    assert observatoire(root, "withdraw", "V2/O1.csv", "--motif", "doublon").returncode == 0
    said = observatoire(root, "status").stdout
    assert "dont la livraison est retirée : O1." in said and "reçus et refusés" not in said, said
