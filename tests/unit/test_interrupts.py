"""An interruption waits for the end of a block that must not be cut."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from orchestration.interrupts import held_back


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
