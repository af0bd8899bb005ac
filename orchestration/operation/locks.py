"""One run at a time on a programme, whoever starts it: the command line, Dagster's daemon or its page."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from orchestration.errors import PublicationRefused
from orchestration.operation.leftovers import sweep
from orchestration.settings import Settings

_FILE = "run.verrou"
_POLL_SECONDS = 1.0
# a look at who holds it is over by then
_LOOK_SECONDS = 0.05
_held: set[Path] = set()


@contextlib.contextmanager
def lock(settings: Settings, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the programme for one run; the kernel lets go of it when the process ends, however it ends.

    A process that holds it already goes on: the jobs that a run starts are that run.

    Args:
        settings: the programme's folders.
        waiting: called once with a sentence when another run holds the programme, whose end is then waited for;
            None to be refused at once.

    Raises:
        PublicationRefused: another run holds it, and nobody waits.
    """
    path = settings.warehouse.parent / _FILE
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            time.sleep(_LOOK_SECONDS)
        if not _taken(file.fileno()):
            said = f"Une autre exécution travaille sur {settings.root} (processus {_pid(file)}) ; attendre sa fin."
            if waiting is None:
                raise PublicationRefused(said)
            waiting(said)
            while not _taken(file.fileno()):
                time.sleep(_POLL_SECONDS)
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid()}))
        file.flush()
        _held.add(path)
        try:
            sweep(settings)
            yield
        finally:
            _held.discard(path)


def holder(settings: Settings) -> str | None:
    """Returns the process that works on the programme now, `inconnu` where it has not said, or None."""
    path = settings.warehouse.parent / _FILE
    if path in _held:
        return str(os.getpid())
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


def _taken(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
