"""The process that reads what a reader library could turn into an attack: bounded in memory, expendable.

It answers on its output, for each request line on its input: the length of a JSON header, the header, and the tables
it announces as Arrow streams.
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

from orchestration.errors import DeliveryError
from orchestration.extracts.readers import columnar, limits, spss, workbook
from orchestration.extracts.readers.tables import RawTable, records

Reader = Callable[[Path, Mapping[str, Any], str], list[RawTable]]
READERS: Mapping[str, Reader] = {
    "xlsx": workbook.read,
    "xls": workbook.read,
    "ods": workbook.read,
    "sav": spss.read,
    "zsav": spss.read,
    "parquet": columnar.read,
}


def answer(request: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Returns the header and the tables that answer one request, or the refusal."""
    try:
        tables = READERS[request["form"]["type"]](Path(request["path"]), request["form"], request["name"])
        tables = [records(table, request["form"], request["name"]) for table in tables]
    except DeliveryError as error:
        return {"refusal": [error.rule, str(error)]}, []
    except MemoryError:
        return {"memory": True}, []
    # a reader library may raise anything, and Rust panics are not Exceptions
    except BaseException as error:
        return {"broken": " ".join(str(error).split())[:200] or type(error).__name__}, []
    payloads = []
    for table in tables:
        buffer = io.BytesIO()
        table.frame.write_ipc_stream(buffer)
        payloads.append(buffer.getvalue())
    described = [{"sheet": t.sheet, "notes": t.notes, "size": len(p)} for t, p in zip(tables, payloads, strict=True)]
    return {"tables": described}, payloads


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers requests until there are no more."""
    for line in requests:
        header, payloads = answer(json.loads(line))
        body = json.dumps(header).encode()
        answers.write(struct.pack(">Q", len(body)) + body)
        for payload in payloads:
            answers.write(payload)
        answers.flush()


def main() -> None:
    """Serves on the standard streams, within the memory the first argument gives in MiB."""
    size = int(sys.argv[1]) * limits.MIB
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
