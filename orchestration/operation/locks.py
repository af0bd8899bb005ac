"""One run at a time works on a programme, whoever starts it: the command line, Dagster's daemon or its pages."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from orchestration.errors import PublicationRefused
from orchestration.files import make_folder, naming
from orchestration.operation.leftovers import sweep
from orchestration.settings import Settings

_FILE = "run.verrou"
_POLL_SECONDS = 1.0
# `holder` shares the lock for an instant to see whether it is free: its end is waited for, looking so often.
_LOOK_SECONDS = 0.05


@contextlib.contextmanager
def lock(settings: Settings, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the programme while the block runs, and first deletes what a killed run left behind.

    The kernel releases the lock when the process ends, however it ends.

    Args:
        settings: the programme's folders.
        waiting: called once with a sentence when another run holds the programme; its end is then waited for.
            None refuses at once instead of waiting.

    Raises:
        PublicationRefused: another run holds the programme, and `waiting` is None.
    """
    path = settings.warehouse.parent / _FILE
    make_folder(path.parent)
    with path.open("a+", encoding="utf-8") as file:
        if not _taken_from_lookers(file.fileno()):
            said = f"Une autre exécution travaille sur {settings.root} (processus {_pid(file)}) ; attendre sa fin."
            if waiting is None:
                raise PublicationRefused(said)
            waiting(said)
            while not _taken(file.fileno()):
                time.sleep(_POLL_SECONDS)
        with naming(path):
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid()}))
            file.flush()
        sweep(settings)
        yield


@contextlib.contextmanager
def lock_to_read(settings: Settings, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the programme as `lock` does, for what only reads it; a disk that takes nothing has no run to keep away.

    Raises:
        PublicationRefused: another run holds the programme, and `waiting` is None.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock(settings, waiting))
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
        yield


def holder(settings: Settings) -> str | None:
    """Returns the identifier of the process that works on the programme now; `inconnu` if unknown, None if free."""
    path = settings.warehouse.parent / _FILE
    try:
        with path.open(encoding="utf-8") as file:
            return None if _taken(file.fileno(), fcntl.LOCK_SH) else _pid(file)
    except OSError:
        return None


def _pid(file: TextIO) -> str:
    file.seek(0)
    try:
        return str(json.loads(file.read())["pid"])
    except (ValueError, KeyError):
        return "inconnu"


def _taken_from_lookers(descriptor: int) -> bool:
    """Takes the lock, waiting for those who only look: they share it, which nobody can while a run holds it."""
    while not _taken(descriptor):
        if not _taken(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(_LOOK_SECONDS)
    return True


def _taken(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
