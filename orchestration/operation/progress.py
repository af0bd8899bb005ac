"""How far a run has come, told while it works: deliveries read, steps of dbt, steps of what follows dbt."""

from __future__ import annotations

import contextlib
import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import EventLogEntry

# stage, what is done, what there is to do
Progress = Callable[[str, int, int], None]
PREPARING, READING, CONSOLIDATING, PUBLISHING = (
    "Préparation", "Lecture des livraisons", "Consolidation", "Édition et rapports",
)  # fmt: skip
_DBT_STEP = re.compile(r"\b(\d+) of (\d+) (?!START)")


class DbtSteps(io.TextIOBase):
    """Writes dbt's output to a file and tells how many of its steps are done; they end in any order."""

    def __init__(self, file: io.TextIOBase, progress: Progress, first: Callable[[], None]) -> None:
        """Tells nothing yet; `first` is called at dbt's first word."""
        self._file, self._progress = file, progress
        self._first: Callable[[], None] | None = first
        self._done = 0

    def write(self, text: str) -> int:
        """Writes to the file."""
        self._file.write(text)
        if self._first is not None:
            first, self._first = self._first, None
            first()
        for match in _DBT_STEP.finditer(text):
            self._done = min(self._done + 1, int(match[2]))
            self._progress(CONSOLIDATING, self._done, int(match[2]))
        return len(text)

    def flush(self) -> None:
        """Empties the file's buffer."""
        self._file.flush()


class RunSteps:
    """Listens to a run and tells how many of the steps that follow dbt are done; all of them in a job without dbt."""

    def __init__(self, steps: list[str], dbt: str, progress: Progress) -> None:
        """Takes the steps of the job, in any order, and the name of dbt's."""
        self._left, self._dbt, self._progress = set(steps), dbt, progress
        self._total = None if dbt in self._left else len(self._left)

    def __call__(self, entry: EventLogEntry) -> None:
        """Takes an event of the run."""
        event = entry.dagster_event
        if event is None or not event.is_step_success:
            return
        self._left.discard(str(event.step_key))
        if event.step_key == self._dbt:
            self._total = len(self._left)
        if self._total:
            self._progress(PUBLISHING, self._total - len(self._left), self._total)


@contextlib.contextmanager
def watching(folder: Path, tell: Callable[[int], None]) -> Iterator[None]:
    """Tells, while the block runs, how many files of a folder were written since it began."""
    start, stop = time.time(), threading.Event()

    def watch() -> None:
        while not stop.wait(0.25):
            tell(sum(1 for p in folder.glob("*.json") if p.stat().st_mtime >= start))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
