"""Writes a SAS file, which nothing in Python does: by the writer of ReadStat, inside the library of pyreadstat."""

from __future__ import annotations

import ctypes
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pyreadstat._readstat_writer as library

Cell = str | float | dt.date | None
_TEXT, _DOUBLE = 0, 5
_EPOCH = dt.date(1960, 1, 1)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


def write_sas(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Writes rows of texts, numbers and dates; the first cell of a column that is not blank tells its type."""
    readstat = ctypes.CDLL(library.__file__)
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("readstat_writer_init", pointer, []),
        ("readstat_writer_free", None, [pointer]),
        ("readstat_set_data_writer", ctypes.c_int, [pointer, _WRITE]),
        ("readstat_add_variable", pointer, [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]),
        ("readstat_variable_set_format", None, [pointer, ctypes.c_char_p]),
        ("readstat_begin_writing_sas7bdat", ctypes.c_int, [pointer, pointer, ctypes.c_long]),
        ("readstat_begin_row", ctypes.c_int, [pointer]),
        ("readstat_end_row", ctypes.c_int, [pointer]),
        ("readstat_insert_string_value", ctypes.c_int, [pointer, pointer, ctypes.c_char_p]),
        ("readstat_insert_double_value", ctypes.c_int, [pointer, pointer, ctypes.c_double]),
        ("readstat_insert_missing_value", ctypes.c_int, [pointer, pointer]),
        ("readstat_insert_tagged_missing_value", ctypes.c_int, [pointer, pointer, ctypes.c_char]),
        ("readstat_end_writing", ctypes.c_int, [pointer]),
    ):
        function = getattr(readstat, name)
        function.restype, function.argtypes = result, arguments
    written = bytearray()

    def write(data: int, size: int, _context: int) -> int:
        written.extend(ctypes.string_at(data, size))
        return size

    writer, callback = readstat.readstat_writer_init(), _WRITE(write)
    readstat.readstat_set_data_writer(writer, callback)
    variables = []
    for at, column in enumerate(columns):
        values = [row[at] for row in rows]
        kind = next((type(v) for v in values if v is not None), str)
        width = max((len(v.encode()) for v in values if isinstance(v, str)), default=0) if kind is str else 0
        variable = readstat.readstat_add_variable(
            writer, column.encode(), _TEXT if kind is str else _DOUBLE, max(8, width) if kind is str else 0
        )
        if kind is dt.date:
            readstat.readstat_variable_set_format(variable, b"DATE9")
        variables.append((variable, kind))
    assert readstat.readstat_begin_writing_sas7bdat(writer, None, len(rows)) == 0
    for row in rows:
        readstat.readstat_begin_row(writer)
        for (variable, kind), value in zip(variables, row, strict=True):
            if kind is str:
                readstat.readstat_insert_string_value(writer, variable, str(value or "").encode())
            elif value is None:
                readstat.readstat_insert_missing_value(writer, variable)
            elif isinstance(value, str):
                # a letter among numbers is one of the missing values .A to .Z
                readstat.readstat_insert_tagged_missing_value(writer, variable, value.encode())
            else:
                number = (value - _EPOCH).days if isinstance(value, dt.date) else value
                readstat.readstat_insert_double_value(writer, variable, number)
        assert readstat.readstat_end_row(writer) == 0
    assert readstat.readstat_end_writing(writer) == 0
    readstat.readstat_writer_free(writer)
    path.write_bytes(bytes(written))
