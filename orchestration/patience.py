"""A time limit for a whole answer: a server that gives a byte at a time keeps to every other limit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

_Answer = TypeVar("_Answer")


class NotInTime(Exception):
    """The whole answer has not come in the time it was given."""


def in_time(ask: Callable[[], _Answer], seconds: float) -> _Answer:
    """Returns the answer to a question, asked in a thread of its own that is left behind where the answer never ends.

    Args:
        ask: what is asked; whatever it raises is raised here.
        seconds: how long the whole answer may take.

    Raises:
        NotInTime: it took longer.
    """
    asked: Future[_Answer] = Future()

    def work() -> None:
        try:
            asked.set_result(ask())
        except BaseException as error:  # raised again where the answer is waited for
            asked.set_exception(error)

    Thread(target=work, daemon=True).start()
    try:
        return asked.result(timeout=seconds)
    except TimeoutError:
        # the question's own time limits raise this error too
        if asked.done():
            raise
        raise NotInTime from None
