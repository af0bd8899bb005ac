"""Reads a file in a process of its own, which is ended when it takes too much processor time or memory.

A reader library could be turned into an attack: the process is bounded in memory and expendable, and what comes from it
is data and never code (messages are bytes, nothing is pickled). A request is a message of JSON; the answer is a JSON
header, then the tables it announces, each in as many Arrow streams as announced. `serve` is what that process runs.
"""

from __future__ import annotations

import atexit
import io
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.children import die_with_parent
from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import limits, typed, workbook
from orchestration.extracts.readers.tables import RawTable, records, too_big, unreadable

READERS: Mapping[str, Callable[[Path, Format, str, int | None], list[RawTable]]] = {
    "xlsx": workbook.read,
    "xls": workbook.read,
    "ods": workbook.read,
    "sav": typed.read_spss,
    "zsav": typed.read_spss,
    "por": typed.read_portable,
    "dta": typed.read_stata,
    "sas7bdat": typed.read_sas,
    "parquet": typed.read_parquet,
}
# A table is sent in parts: made whole, an Arrow stream costs several times the table.
_PART_CELLS = 500_000
_SERVE = f"from {__name__} import serve; serve()"

# A reading process does not give back all the memory it used: after this many bytes of files, a new one is started.
_WORN_BYTES = 64 * limits.MIB


class _Reader:
    """A reading process, and the limits it was started with."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.owner = os.getpid()
        self.used = 0
        self.still = False
        self.pipe, theirs = Pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(memory), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        theirs.close()

    def usable(self) -> bool:
        return (
            self.owner == os.getpid()
            and self.process.poll() is None
            and self.used < _WORN_BYTES
            and self.memory == limits.memory_mib()
        )

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], list[pl.DataFrame]]:
        """Returns the answer; raises TimeoutError when the process stopped computing, EOFError when it ended."""
        answered = threading.Event()
        threading.Thread(target=self._watch, args=(answered,), daemon=True).start()
        try:
            self.pipe.send_bytes(json.dumps(request).encode())
            header = json.loads(self.pipe.recv_bytes())
            frames = []
            for table in header.get("tables", []):
                parts = (io.BytesIO(self.pipe.recv_bytes()) for _ in range(table["parts"]))
                frames.append(pl.concat([pl.read_ipc_stream(part) for part in parts]))
            return header, frames
        except (EOFError, ConnectionError):
            raise (TimeoutError if self.still else EOFError) from None
        finally:
            answered.set()

    def _watch(self, answered: threading.Event) -> None:
        """Kills the process once it has used no processor time for too long.

        The system ends what computes too much; it does not see what waits for ever. A library whose thread was refused
        memory may leave the others waiting for it.
        """
        computed, since = -1, time.monotonic()
        while not answered.wait(min(1.0, limits.STILL)):
            if (now := _computed(self.process.pid)) != computed:
                computed, since = now, time.monotonic()
            elif time.monotonic() - since >= limits.STILL:
                self.still = True
                self.process.kill()
                return

    def end(self) -> None:
        """Ends the process, unless another one started it."""
        if self.owner == os.getpid():
            self.process.kill()
            self.pipe.close()
            self.process.wait()


def _computed(pid: int) -> int:
    """Returns the processor time that a process has used, in ticks; -1 when it is no more."""
    with suppress(OSError):
        # the name of the command, in parentheses, may itself hold a space or a parenthesis
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return -1


_lock = threading.Lock()
_current: list[_Reader] = []


def read(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads a file, or its first rows, with the reader of its form, in the reading process.

    Raises:
        DeliveryError: the reader refuses the file, fails on it, or goes beyond its time or memory.
    """
    return _requested(path, form, name, {"rows": rows})


def grids(path: Path, form: Format, name: str, rows: int, apart: Sequence[str] = ()) -> list[RawTable]:
    """Returns the first rows of each sheet of a workbook as they stand (`workbook.grids`), from the reading process.

    Args:
        path: the workbook.
        form: its type.
        name: what a message calls it.
        rows: how many rows.
        apart: sheets that are not wanted.

    Raises:
        DeliveryError: as `read`.
    """
    return _requested(path, form, name, {"grids": rows, "apart": list(apart)})


def _requested(path: Path, form: Format, name: str, asked: Mapping[str, Any]) -> list[RawTable]:
    request = {
        "path": str(path.resolve()),
        "form": form.model_dump(mode="json", exclude_unset=True),
        "name": name,
        "seconds": limits.cpu_seconds(),
        **asked,
    }
    with _lock:
        header, frames = _asked(request, path.stat().st_size, name)
        if "tables" not in header:
            end()  # it may still hold in memory what it failed on
    if "refusal" in header:
        raise DeliveryError(*header["refusal"])
    if "memory" in header:
        raise _greedy(limits.memory_mib(), name)
    if "broken" in header:
        raise unreadable(f"{name} : illisible comme {form.type} ({header['broken']})")
    return [
        RawTable(
            table["sheet"],
            frame,
            tuple((rule, number, text) for rule, number, text in table["notes"]),
            labels=table["labels"],
            value_labels=table["value_labels"],
        )
        for table, frame in zip(header["tables"], frames, strict=True)
    ]


def _asked(request: Mapping[str, Any], size: int, name: str) -> tuple[dict[str, Any], list[pl.DataFrame]]:
    """Returns the answer; a process killed or standing still is tried once more: the file may not be the reason."""
    for attempt in (1, 2):
        reader = _reader()
        reader.used += size
        try:
            return reader.ask(request)
        except TimeoutError:
            end()
            if attempt == 2:
                waited = f"restée {limits.STILL:.0f} secondes sans calculer"
                told = "relancer ; si cela revient, redemander le fichier"
                raise unreadable(f"{name} : lecture abandonnée, {waited}", told) from None
        except EOFError:
            refused, killed = _ended(reader, name)
            if attempt == 2 or not killed:
                raise refused from None
    raise AssertionError


def _reader() -> _Reader:
    if _current and not _current[0].usable():
        end()
    if not _current:
        _current.append(_Reader(limits.memory_mib()))
    return _current[0]


@atexit.register
def end() -> None:
    """Ends the reading process, if there is one; the next file starts another."""
    while _current:
        _current.pop().end()


def _ended(reader: _Reader, name: str) -> tuple[DeliveryError, bool]:
    """Returns the refusal of the file on which the reading process ended, and whether somebody killed it."""
    try:
        # its pipe is closed, and a busy machine may take long to end it
        code = reader.process.wait(limits.STILL)
    except subprocess.TimeoutExpired:
        code = 0
    end()
    if -code == signal.SIGXCPU:
        said = f"{name} : lecture abandonnée, elle demande plus de {limits.cpu_seconds()} secondes de calcul"
        return too_big(said, _remedy(f"{limits.CPU_VARIABLE} (en secondes)")), False
    # Rust aborts when it is refused memory; the system kills when there is none left.
    if -code in (signal.SIGABRT, signal.SIGKILL):
        return _greedy(reader.memory, name), code == -signal.SIGKILL
    return unreadable(f"{name} : la lecture s'est arrêtée d'elle-même (code {code})"), False


def _greedy(memory: int, name: str) -> DeliveryError:
    return too_big(
        f"{name} : lecture abandonnée, elle demande plus de {memory} Mio", _remedy(f"{limits.MEMORY_VARIABLE} (en Mio)")
    )


def _remedy(setting: str) -> str:
    return f"vérifier le fichier, le faire couper, ou relever {setting}"


def serve() -> None:
    """Answers requests until there are no more; its arguments are the memory that it may use, in MiB, and its pipe."""
    die_with_parent()
    size = int(sys.argv[1]) * limits.MIB
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    pipe = Connection(int(sys.argv[2]))
    with suppress(EOFError):
        while True:
            request = json.loads(pipe.recv_bytes())
            _allow(request["seconds"])
            header, tables = _answer(request)
            pipe.send_bytes(json.dumps(header).encode())
            for table in tables:
                for start in _cuts(table.frame):
                    buffer = io.BytesIO()
                    part = table.frame.slice(start, _rows(table.frame))
                    # the older layout is the compact one, and a slice of it holds no more than its own texts
                    part.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
                    pipe.send_bytes(buffer.getbuffer())


def _allow(seconds: int) -> None:
    """Lets this process use so much more processor time; the system ends it beyond."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(
        resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + seconds, resource.RLIM_INFINITY)
    )


def _answer(request: Mapping[str, Any]) -> tuple[dict[str, Any], list[RawTable]]:
    """Returns the header and the tables that answer one request, or the refusal."""
    try:
        form, name = Format.model_validate(request["form"]), request["name"]
        path = Path(request["path"])
        if "grids" in request:
            tables = workbook.grids(path, name, request["grids"], request["apart"])
        else:
            tables = [records(table, form, name) for table in READERS[form.type](path, form, name, request["rows"])]
    except DeliveryError as error:
        return {"refusal": [error.rule, str(error)]}, []
    except MemoryError:
        return {"memory": True}, []
    # a reader library may raise anything, and Rust panics are not Exceptions
    except BaseException as error:
        return {"broken": " ".join(str(error).split())[:200] or type(error).__name__}, []
    said = [
        {
            "sheet": t.sheet,
            "notes": t.notes,
            "labels": t.labels,
            "value_labels": t.value_labels,
            "parts": len(_cuts(t.frame)),
        }
        for t in tables
    ]
    return {"tables": said}, tables


def _rows(frame: pl.DataFrame) -> int:
    return max(1, _PART_CELLS // frame.width)


def _cuts(frame: pl.DataFrame) -> range:
    """Returns where the parts of a table begin; a table without rows has one."""
    return range(0, max(1, frame.height), _rows(frame))
