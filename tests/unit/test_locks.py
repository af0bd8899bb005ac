"""One run at a time: a second one is told who works, or waits for the end."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.operation.locks import lock
from orchestration.settings import Settings

HOLD = """
import sys
from pathlib import Path
from orchestration.operation.locks import lock
from orchestration.settings import Settings
with lock(Settings(Path(sys.argv[1]))):
    print("tenu", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the programme at `tmp_path` until a line is written to it."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == "tenu\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_is_told_who_works(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(PublicationRefused, match=rf"processus {holder.pid}\) ; attendre sa fin"),
        lock(Settings(tmp_path)),
    ):
        pytest.fail("two runs hold the programme")


def test_a_run_that_waits_goes_on_once_the_other_ends(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []

    def waiting(sentence: str) -> None:
        said.append(sentence)
        assert holder.stdin is not None
        holder.stdin.write("fin\n")
        holder.stdin.flush()

    with lock(Settings(tmp_path), waiting):
        assert holder.wait() == 0
    assert len(said) == 1 and f"processus {holder.pid}" in said[0]


def test_a_killed_run_leaves_no_lock(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with lock(Settings(tmp_path)):
        pass


def test_a_process_that_holds_it_is_refused_like_another(tmp_path: Path) -> None:
    with lock(Settings(tmp_path)), pytest.raises(PublicationRefused), lock(Settings(tmp_path)):
        pytest.fail("two runs hold the programme")
    with lock(Settings(tmp_path)):
        pass


def test_who_only_looks_is_waited_for_however_long_the_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `holder` on a busy machine: stopped between taking the lock and letting go of it."""
    settings, waited = Settings(tmp_path), 0
    with lock(settings):
        pass
    look = (settings.warehouse.parent / "run.verrou").open(encoding="utf-8")
    fcntl.flock(look, fcntl.LOCK_SH)

    def sleep(_: float) -> None:
        nonlocal waited
        waited += 1
        if waited == 9:
            look.close()

    monkeypatch.setattr("time.sleep", sleep)
    with lock(settings):
        assert waited == 9
