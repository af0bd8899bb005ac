"""An interruption waits for the end of a block that must not be cut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from orchestration.interrupts import held_back
from tests.support.demo import REPOSITORY


def test_an_interruption_comes_at_the_end_of_the_block_and_handlers_are_put_back() -> None:
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end")
    assert (reached, signal.getsignal(signal.SIGINT)) == (["the end"], before)


def test_it_is_not_lost_when_the_block_fails() -> None:
    with pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGINT)
        raise ValueError("refused")


def test_another_thread_holds_nothing_back() -> None:
    found = []

    def body() -> None:
        with held_back():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_while_it_imports_says_so_in_a_word(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The first heavy library is one that interrupts whoever imports it."""
    (tmp_path / "typer.py").write_text(f"import os, time\nos.kill(os.getpid(), {number.value})\ntime.sleep(20)\n")
    module, _, function = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["scripts"][
        "observatoire"
    ].partition(":")
    done = subprocess.run(
        [sys.executable, "-c", f"from {module} import {function}\n{function}()", "check"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{REPOSITORY}"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrompu.\n")
