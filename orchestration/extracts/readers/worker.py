"""The process that reads what a reader library could turn into an attack: bounded in memory, expendable.

It answers on its output, for each request line on its input: a JSON header, then the tables it announces, each in as
many Arrow streams as announced. Everything is preceded by its length.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import polars as pl

from orchestration.children import die_with_parent
from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import columnar, limits, spss, workbook
from orchestration.extracts.readers.tables import RawTable, records

# A table is sent in parts: made whole, an Arrow stream costs several times the table.
_PART_CELLS = 500_000

Reader = Callable[[Path, Format, str], list[RawTable]]
READERS: Mapping[str, Reader] = {
    "xlsx": workbook.read,
    "xls": workbook.read,
    "ods": workbook.read,
    "sav": spss.read,
    "zsav": spss.read,
    "parquet": columnar.read,
}


def answer(request: Mapping[str, Any]) -> tuple[dict[str, Any], list[RawTable]]:
    """Returns the header and the tables that answer one request, or the refusal."""
    try:
        form, name = Format.model_validate(request["form"]), request["name"]
        tables = [records(table, form, name) for table in READERS[form.type](Path(request["path"]), form, name)]
    except DeliveryError as error:
        return {"refusal": [error.rule, str(error)]}, []
    except MemoryError:
        return {"memory": True}, []
    # a reader library may raise anything, and Rust panics are not Exceptions
    except BaseException as error:
        return {"broken": " ".join(str(error).split())[:200] or type(error).__name__}, []
    return {"tables": [{"sheet": t.sheet, "notes": t.notes, "parts": len(_cuts(t.frame))} for t in tables]}, tables


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers requests until there are no more."""
    for line in requests:
        header, tables = answer(json.loads(line))
        _send(json.dumps(header).encode(), answers)
        for table in tables:
            for start in _cuts(table.frame):
                buffer = io.BytesIO()
                part = table.frame.slice(start, _rows(table.frame))
                # the older layout is the compact one, and a slice of it holds no more than its own texts
                part.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
                _send(buffer.getvalue(), answers)
        answers.flush()


def _rows(frame: pl.DataFrame) -> int:
    return max(1, _PART_CELLS // frame.width)


def _cuts(frame: pl.DataFrame) -> range:
    """Returns where the parts of a table begin; a table without rows has one."""
    return range(0, max(1, frame.height), _rows(frame))


def _send(data: bytes, answers: IO[bytes]) -> None:
    answers.write(struct.pack(">Q", len(data)))
    answers.write(data)


def main() -> None:
    """Serves on the standard streams, within the memory the first argument gives in MiB."""
    die_with_parent()
    size = int(sys.argv[1]) * limits.MIB
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
