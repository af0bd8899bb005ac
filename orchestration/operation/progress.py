"""How far a run has come, told while it works: deliveries read, nodes of dbt, steps that follow dbt."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from dagster import EventLogEntry

# stage, what is done, what there is to do
Progress = Callable[[str, int, int], None]
PREPARING, READING, CONSOLIDATING, PUBLISHING = (
    "Préparation", "Lecture des livraisons", "Consolidation", "Édition et rapports",
)  # fmt: skip
_DBT_NODE = re.compile(r"\b(\d+) of (\d+) (?!START)")


class Copied(io.TextIOBase):
    """A text stream that writes to several others."""

    def __init__(self, *streams: TextIO) -> None:
        """Takes the streams that everything is written to, in order."""
        self._streams = streams

    def write(self, text: str) -> int:
        """Writes to each stream."""
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Empties each stream's buffer."""
        for stream in self._streams:
            stream.flush()


class DbtSteps(io.TextIOBase):
    """Takes dbt's output and tells how many of its nodes are done; they end in any order."""

    def __init__(self, progress: Progress) -> None:
        """Tells nothing yet."""
        self._progress, self._done = progress, 0

    def write(self, text: str) -> int:
        """Reads some lines of the output; writes nothing."""
        for match in _DBT_NODE.finditer(text):
            self._done = min(self._done + 1, int(match[2]))
            self._progress(CONSOLIDATING, self._done, int(match[2]))
        return len(text)


class RunProgress:
    """Listens to the events of a run and tells what is read, when dbt starts, and what is done after dbt."""

    def __init__(self, steps: Collection[str], reading: str, dbt: str, to_read: int, progress: Progress) -> None:
        """Takes what the run consists of.

        Args:
            steps: the steps of its job, in any order.
            reading: the step that reads deliveries; each is told as one asset materialization with a partition.
            dbt: the step that runs dbt.
            to_read: deliveries there are to read.
            progress: called with the stage, what is done and what there is to do.
        """
        self._left, self._reading, self._dbt, self._progress = set(steps), reading, dbt, progress
        self._read, self._to_read = 0, to_read
        self._total = None if dbt in self._left else len(self._left)

    def __call__(self, entry: EventLogEntry) -> None:
        """Takes an event of the run."""
        event = entry.dagster_event
        if event is None:
            return
        if event.is_step_start:
            if event.step_key == self._reading and self._to_read:
                self._progress(READING, 0, self._to_read)
            elif event.step_key == self._dbt:
                self._progress(CONSOLIDATING, 0, 1)
        elif event.is_step_materialization and event.step_key == self._reading and event.partition is not None:
            self._read += 1
            self._progress(READING, min(self._read, self._to_read), self._to_read)
        elif event.is_step_success:
            self._ended(str(event.step_key))

    def _ended(self, step: str) -> None:
        if step == self._reading and self._to_read:
            self._progress(READING, self._to_read, self._to_read)
        self._left.discard(step)
        if step == self._dbt:
            self._total = len(self._left)
        if self._total:
            self._progress(PUBLISHING, self._total - len(self._left), self._total)
