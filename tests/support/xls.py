"""Writes the smallest XLS that a spreadsheet opens: one BIFF8 stream in an OLE container."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

_ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def write_xls(path: Path, rows: Sequence[Sequence[str | float]], sheet: str = "Feuille") -> None:
    bof = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    title = sheet.encode("latin-1")
    size = len(bof) + 4 + 8 + len(title) + 4
    globals_ = bof + _record(0x0085, struct.pack("<IBBBB", size, 0, 0, len(title), 0) + title) + _record(0x000A, b"")
    cells = b"".join(_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != "")
    page = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + _record(0x000A, b"")
    path.write_bytes(_container(globals_ + page))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _cell(row: int, column: int, value: str | float) -> bytes:
    if value in _ERRORS:
        return _record(0x0205, struct.pack("<HHHBB", row, column, 0, _ERRORS[str(value)], 1))
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, float(value)))


def _container(stream: bytes) -> bytes:
    stream = stream.ljust(4096, b"\0")  # shorter streams would go into the small-sector table
    stream += b"\0" * (-len(stream) % 512)
    sectors = len(stream) // 512
    assert sectors + 2 <= 128
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    fat += [_FREE] * (128 - len(fat))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _NONE, 2, len(stream))
    directory += (bytes(64) + struct.pack("<HBBIII", 0, 0, 0, _NONE, _NONE, _NONE) + bytes(48)) * 2
    return header + struct.pack("<128I", *fat) + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _NONE, _NONE, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)
