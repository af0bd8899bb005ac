"""Reads a file in a process of its own, ended when it takes too long or too much; a good file hardly notices."""

from __future__ import annotations

import atexit
import io
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import limits
from orchestration.extracts.readers.tables import TOO_BIG, UNREADABLE, RawTable

# What a reader has gone through stays partly in its memory: past this, the next file gets a fresh one.
_WORN_BYTES = 64 * limits.MIB


class _Reader:
    """A reading process, and the limits it was started with."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.owner = os.getpid()
        self.used = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.extracts.readers.worker", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )

    def usable(self) -> bool:
        return (
            self.owner == os.getpid()
            and self.process.poll() is None
            and self.used < _WORN_BYTES
            and self.memory == limits.memory_mib()
        )

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], list[pl.DataFrame]]:
        """Returns the answer; raises TimeoutError, or EOFError when the process ended."""
        assert self.process.stdin
        assert self.process.stdout
        deadline = time.monotonic() + limits.SECONDS
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise EOFError from None
        header = json.loads(_message(self.process.stdout, deadline))
        frames = []
        for table in header.get("tables", []):
            parts = (io.BytesIO(_message(self.process.stdout, deadline)) for _ in range(table["parts"]))
            frames.append(pl.concat([pl.read_ipc_stream(part) for part in parts]))
        return header, frames

    def end(self) -> int:
        """Ends the process and returns how it ended."""
        if self.owner != os.getpid():
            return 0
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        return self.process.wait()


_lock = threading.Lock()
_current: list[_Reader] = []


def read(path: Path, form: Format, name: str) -> list[RawTable]:
    """Reads a file with the reader of its form, in the reading process.

    Raises:
        DeliveryError: the reader refuses the file, fails on it, or goes beyond its time or memory.
    """
    request = {"path": str(path.resolve()), "form": form.model_dump(mode="json", exclude_unset=True), "name": name}
    with _lock:
        try:
            header, frames = _asked(request, path.stat().st_size, name)
        except TimeoutError:
            _end()
            raise DeliveryError(
                TOO_BIG, f"{name} : lecture abandonnée après {limits.SECONDS:.0f} secondes ; {_remedy()}."
            ) from None
        if "tables" not in header:
            _end()  # it may have kept what it failed on
    if "refusal" in header:
        raise DeliveryError(*header["refusal"])
    if "memory" in header:
        raise _greedy(limits.memory_mib(), name)
    if "broken" in header:
        raise DeliveryError(
            UNREADABLE, f"{name} : illisible comme {form.type} ({header['broken']}) ; redemander le fichier."
        )
    return [
        RawTable(table["sheet"], frame, tuple((rule, text) for rule, text in table["notes"]))
        for table, frame in zip(header["tables"], frames, strict=True)
    ]


def _asked(request: Mapping[str, Any], size: int, name: str) -> tuple[dict[str, Any], list[pl.DataFrame]]:
    """Returns the answer; a reading process that was killed is given one successor, for the file may not be why."""
    for attempt in (1, 2):
        reader = _reader()
        reader.used += size
        try:
            return reader.ask(request)
        except EOFError:
            refused, killed = _ended(reader, name)
            if attempt == 2 or not killed:
                raise refused from None
    raise AssertionError


def _reader() -> _Reader:
    if _current and not _current[0].usable():
        _end()
    if not _current:
        _current.append(_Reader(limits.memory_mib()))
    return _current[0]


@atexit.register
def _end() -> None:
    while _current:
        _current.pop().end()


def _message(stream: IO[bytes], deadline: float) -> bytes:
    (size,) = struct.unpack(">Q", _received(stream, 8, deadline))
    return _received(stream, size, deadline)


def _received(stream: IO[bytes], size: int, deadline: float) -> bytes:
    """Returns exactly `size` bytes, or raises TimeoutError at the deadline, EOFError at the end of the stream."""
    received = bytearray()
    descriptor = stream.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while len(received) < size:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            part = os.read(descriptor, min(size - len(received), limits.MIB))
            if not part:
                raise EOFError
            received += part
    return bytes(received)


def _ended(reader: _Reader, name: str) -> tuple[DeliveryError, bool]:
    """Returns the refusal of the file on which the reading process ended, and whether somebody killed it."""
    try:
        code = reader.process.wait(1)
    except subprocess.TimeoutExpired:
        code = 0
    _end()
    # Rust aborts when it is given no memory, and the system's own killer does not ask
    if -code in (signal.SIGABRT, signal.SIGKILL):
        return _greedy(reader.memory, name), code == -signal.SIGKILL
    return DeliveryError(
        UNREADABLE, f"{name} : la lecture s'est arrêtée d'elle-même (code {code}) ; redemander le fichier."
    ), False


def _greedy(memory: int, name: str) -> DeliveryError:
    return DeliveryError(TOO_BIG, f"{name} : lecture abandonnée, elle demande plus de {memory} Mio ; {_remedy()}.")


def _remedy() -> str:
    return f"vérifier le fichier, le faire couper, ou relever {limits.MEMORY_VARIABLE} (en Mio)"
