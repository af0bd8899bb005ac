"""Waves opened at once, and one whose opening is killed: none is lost, none is there twice, the rest is finished."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import cli_author
from orchestration.authoring import next_wave, together
from orchestration.authoring.next_wave import open_wave
from orchestration.authoring.together import finish, write_all
from orchestration.errors import ProgrammeError
from orchestration.files import abandoned
from orchestration.operation.leftovers import sweep
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.settings import OPENING, Settings
from tests.support.demo import observatoire
from tests.support.mini import mini_contract, mini_programme, write_contract
from tests.support.touched import look


def _programme(root: Path) -> Path:
    """The mini programme, its last wave with a contract."""
    mini_programme(root)
    write_contract(root, mini_contract("V2", fichiers=["extrait_V2*"]))
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return _programme(tmp_path)


def _waves(root: Path) -> list[str]:
    return [line.partition(",")[0] for line in (root / "reference/vagues.csv").read_text("utf-8").splitlines()[1:]]


def _hidden(root: Path) -> list[str]:
    return sorted(p.name for p in root.rglob(".*") if p.is_file())


def test_a_wave_opened_by_several_at_once_is_there_once(root: Path) -> None:
    codes: list[int] = []

    def opening() -> None:
        codes.append(observatoire(root, "wave", "V3", cold=True).returncode)

    threads = [threading.Thread(target=opening) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 in codes and _waves(root) == ["V1", "V2", "V3"]
    assert check_programme(load_programme(root)) == [] and _hidden(root) == []


def test_what_another_opened_meanwhile_is_read_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the first look of the command and its lock another wave is opened: the command opens the one after it."""
    seen = next_wave.last_wave
    asked: list[str] = []

    def meanwhile(programme: object, wave: str) -> tuple[str, bool]:
        found = seen(programme, wave)  # type: ignore[arg-type]
        if not asked:
            asked.append(wave)
            open_wave(load_programme(root), "V3")
        return found

    monkeypatch.setattr(next_wave, "last_wave", meanwhile)
    cli_author.wave("V4", None, None, root)
    assert _waves(root) == ["V1", "V2", "V3", "V4"]
    assert check_programme(load_programme(root)) == []


class _KilledError(BaseException):
    """Stands for the end of a process without a word."""


def _open_until(root: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens a wave in a process that is killed once so many files have taken their places."""
    replace: Callable[[Path, Path], Path] = Path.replace
    done = [0]

    def one(path: Path, target: Path) -> Path:
        if Path(target).name != OPENING:
            done[0] += 1
            if done[0] > number:
                raise _KilledError
        return replace(path, target)

    with monkeypatch.context() as patched, pytest.raises(_KilledError):
        patched.setattr(Path, "replace", one)
        open_wave(load_programme(root), "V3")


@pytest.mark.parametrize("number", range(5))
def test_a_wave_whose_opening_is_killed_is_finished_by_the_next(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole = _programme(tmp_path_factory.mktemp("entiere"))
    open_wave(load_programme(whole), "V3")
    _open_until(root, number, monkeypatch)
    assert look(root) != look(whole)
    assert [str(p) for p in check_programme(load_programme(root))] == [
        f"{OPENING} : l'ouverture d'une vague s'est arrêtée en chemin ; « observatoire wave », relancée, l'achève."
    ]
    # a run that holds the programme leaves what is ready
    (root / "warehouse").mkdir(exist_ok=True)
    monkeypatch.setattr("orchestration.files._YOUNG_SECONDS", -1)
    sweep(Settings(root))
    cli_author.wave("V3", None, None, root)
    assert look(root) == look(whole) and _hidden(root) == []
    assert check_programme(load_programme(root)) == [] and finish(root / OPENING) == []


def test_a_file_that_was_edited_since_is_named_and_nothing_changes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _open_until(root, 1, monkeypatch)
    path = root / "reference/participations.csv"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    before = look(root)
    with pytest.raises(ProgrammeError, match=r"participations\.csv n'est plus ce qu'il .*\.participations\.csv\."):
        finish(root / OPENING)
    assert look(root) == before
    (root / OPENING).write_text("{", "utf-8")
    with pytest.raises(ProgrammeError, match="est abîmé ; l'ôter"):
        finish(root / OPENING)


def test_what_a_killed_command_left_beside_files_is_tidied_once_it_is_old(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [root / name for name in (".programme.yaml.0123abcd", "reference/.vagues.csv.0123abcd", "landing/.retraits.csv.0123abcd")]  # fmt: skip
    others = [root / "reference/.vagues.csv.notdigit", root / "landing/.O1.csv.0123abcd", root / "reference/.gitignore"]
    for folder in ("landing", "warehouse"):
        (root / folder).mkdir(exist_ok=True)
    for path in (*left, *others):
        path.touch()
    sweep(Settings(root))
    assert all(path.exists() for path in left), "a command may be writing them"
    monkeypatch.setattr("orchestration.files._YOUNG_SECONDS", -1)
    sweep(Settings(root))
    assert not any(path.exists() for path in left) and all(path.exists() for path in others)
    assert list(abandoned(root / "absent", "*")) == []


def test_files_that_cannot_all_be_made_ready_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(temporary: Path, path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(together, "make_ready", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all({tmp_path / "a": "x", tmp_path / "b": "y"}, [tmp_path / "c"])
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_the_journal_says_what_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_forget", lambda *_: None)
    write_all({tmp_path / "a": "x"}, journal=tmp_path / "j")
    [entry] = json.loads((tmp_path / "j").read_text("utf-8"))
    assert entry["fichier"] == "a" and entry["avant"] == "" and entry["pret"].startswith(".a.")
