"""Ctrl-C, where it must wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
