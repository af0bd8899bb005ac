"""Ctrl-C and the end that a service is asked for: both end a command with one word, and wait where they must."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# what a shell expects of a command that Ctrl-C ended, and what it says then
INTERRUPTED, WORD = 130, "Interrompu."


def leave_at_once() -> None:
    """From now on, an interruption ends the process with its word: nothing is done yet that would have to be undone."""
    _listen(_leave)


def come_as_ctrl_c() -> None:
    """From now on, an interruption of either kind is a KeyboardInterrupt."""
    _listen(_raise)


def _listen(handler: Callable[[int, FrameType | None], NoReturn]) -> None:
    for number in _SIGNALS:
        # who started the command may have asked that it ignore one (`nohup`, `&`)
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    os.write(2, f"{WORD}\n".encode())
    os._exit(INTERRUPTED)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def held_back() -> Iterator[None]:
    """Lets an interruption come at the end of the block only.

    Python raises it wherever the program is. Inside polars, whose engine calls Python for the types of columns, that is
    no interruption any more: the engine panics, and a run ends with a traceback. Not for blocks that wait for another
    process. In another thread than the main one nothing is raised, and nothing held back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
