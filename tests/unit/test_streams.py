"""The command line under a locale that is not UTF-8, with streams that were closed, and given paths that no file can have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli_contract import print_csv
from orchestration.errors import ProgrammeError
from orchestration.extracts.pseudonyms import KEY_VARIABLE, key_fingerprint
from orchestration.given import given_secret
from orchestration.machine import machine_refusal

COMMAND = [sys.executable, "-m", "orchestration.cli"]
# what Python then decodes file names, arguments and variables as: ASCII
OLD = {"LC_ALL": "C", "PYTHONUTF8": "0"}
KEY = "une clé accentuée, de trente-deux caractères"


def _started(command: list[str], **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONIOENCODING", "COLUMNS")}
    return subprocess.run(command, env={**environment, KEY_VARIABLE: KEY, **more}, capture_output=True, check=False)


@pytest.mark.parametrize("more", [OLD, {**OLD, "PYTHONIOENCODING": "ascii"}], ids=["C", "ascii"])
def test_a_locale_that_is_not_utf_8_stops_no_command(tmp_path: Path, more: dict[str, str]) -> None:
    where = tmp_path / "été"
    done = _started([*COMMAND, "doctor", "--data", str(where)], **more)
    assert (done.returncode, done.stderr) == (1, b"")
    said = done.stdout.decode("utf-8")
    assert said.startswith("Faute\u202f: ") or said.startswith("Faute : ")
    assert str(where) in said


def test_a_reader_that_goes_away_stops_no_command(tmp_path: Path) -> None:
    """The code that a command ends with is that of what it did, however much of it was read."""
    for arguments, code in ((["schema"], 0), (["--help"], 0), (["doctor", "--data", str(tmp_path)], 1)):
        shell = '"$@" | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"'
        done = _started(["bash", "-c", shell, "bash", *COMMAND, *arguments])
        assert (done.returncode, done.stderr) == (code, b""), arguments
    # and nobody reads from the first byte on
    read, write = os.pipe()
    os.close(read)
    gone = subprocess.run([*COMMAND, "schema"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (gone.returncode, gone.stderr) == (0, b"")


def test_an_output_whose_disk_is_full_stops_no_command(tmp_path: Path) -> None:
    """What the command did is done: a backup that is written is no refusal because the sentence found no room."""
    for arguments, code in ((["schema"], 0), (["--help"], 0), (["doctor", "--data", str(tmp_path)], 1)):
        done = subprocess.run(
            ["bash", "-c", '"$@" > /dev/full', "bash", *COMMAND, *arguments], capture_output=True, check=False
        )
        assert done.returncode == code, arguments
        assert done.stderr.decode().startswith("La sortie est coupée") and len(done.stderr.splitlines()) == 1
        both = subprocess.run(["bash", "-c", '"$@" > /dev/full 2>&1', "bash", *COMMAND, *arguments], check=False)
        assert both.returncode == code, arguments


def test_a_table_without_rows_has_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv(("edition", "courante"), [])
    print_csv(("edition", "courante"), [{"edition": "V1-0.0", "courante": True}])
    assert capsys.readouterr().out == "edition,courante\nedition,courante\nV1-0.0,oui\n"


def test_a_key_is_the_same_under_any_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = [
        sys.executable,
        "-c",
        "from orchestration.extracts.pseudonyms import *; print(key_fault(), key_fingerprint())",
    ]
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    expected = f"None {key_fingerprint()}\n".encode()
    for more in ({}, OLD):
        assert _started(asks, **more).stdout == expected


def test_a_variable_that_is_no_utf_8_is_one_sentence() -> None:
    with pytest.raises(ProgrammeError, match="OBSERVATOIRE_CLE n'est pas du texte en UTF-8"):
        given_secret(KEY_VARIABLE, {KEY_VARIABLE: "cl\udce9"})


@pytest.mark.parametrize("closed", ["1", "0", "2"])
def test_a_closed_stream_stops_no_command(tmp_path: Path, closed: str) -> None:
    shell = f'exec "$@" {closed}>&-'
    done = _started(["bash", "-c", shell, "bash", *COMMAND, "doctor", "--data", str(tmp_path)])
    assert (done.returncode, done.stderr) == (1, b"")
    assert (done.stdout == b"") == (closed == "1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("restore", "a" * 300), "Nom de fichier trop long"),
        (("doctor", "--data", "a" * 300), "Nom de fichier trop long"),
        (("restore", "/proc/self/mem"), "Le disque ne répond pas comme il faut"),
        (("restore", f"{__file__}/x"), "pas de fichier de ce nom"),
    ],
    ids=["name", "folder", "disk", "below"],
)
def test_a_path_that_cannot_be_read_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    where = () if "--data" in arguments else ("--data", str(tmp_path / "ici"))
    done = _started([*COMMAND, *arguments, *where])
    assert (done.returncode, done.stdout) == (1, b"")
    told = done.stderr.decode("utf-8")
    assert said in told and len(told.splitlines()) == 1


def test_the_machine_names_the_whole_path_of_what_was_named_from_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"({tmp_path}/b/a.tar)" in str(machine_refusal(PermissionError(13, "Permission denied", "b/a.tar")))


def test_the_machine_names_what_is_on_the_way() -> None:
    error = NotADirectoryError(20, "Not a directory", "/a/b")
    assert "(/a/b)" in str(machine_refusal(error))
