"""The cells of a sheet that hold an error (#N/A, #DIV/0!…), which the reader library returns as blanks.

A blank is an answer nobody gave; an error is a value nobody knows. Put back, it is rejected with its line like any
other unknown value.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(.{0,2000}?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,40})</")
# The parts read here are small in a workbook that is one; what is larger is not parsed.
_DIRECTORY_BYTES = 1 << 20
# A sheet is looked through in blocks; a cell with its formula is shorter than this.
_BLOCK_BYTES, _CELL_BYTES = 8 << 20, 4096


# In XLS: a cell that is an error, and a formula whose result is one.
_XLS_ERROR = re.compile(rb"\x05\x02\x08\x00|\x06\x00.{10}\x02.[\x00\x07\x0f\x17\x1d\x24\x2a].{3}\xff\xff", re.DOTALL)

Errors = Mapping[tuple[int, int], str]


def errors_in(path: Path, sheet: str, kind: str) -> Errors:
    """Returns the errors of a sheet: (row, column), both from 0, to what the cell shows.

    Args:
        path: a workbook.
        sheet: name of the sheet.
        kind: xlsx, xls or ods; of another form none can be told.
    """
    return _READERS[kind](path, sheet) if kind in _READERS else {}


def _in_xls(path: Path, sheet: str) -> Errors:
    # the second library reads the file whole: only one that seems to hold an error is worth it
    if not _XLS_ERROR.search(path.read_bytes()):
        return {}
    import xlrd

    try:
        page = xlrd.open_workbook(str(path), on_demand=True, logfile=io.StringIO()).sheet_by_name(sheet)
    except (xlrd.XLRDError, AssertionError, IndexError, struct.error):
        return {}
    return {
        (row, column): xlrd.error_text_from_code.get(code, "#ERR")
        for row in range(page.nrows)
        for column, (kind, code) in enumerate(zip(page.row_types(row), page.row_values(row), strict=True))
        if kind == xlrd.XL_CELL_ERROR
    }


def _in_ods(path: Path, sheet: str) -> Errors:
    with zipfile.ZipFile(path) as archive:
        data = archive.read("content.xml") if "content.xml" in archive.namelist() else b""
    if b'value-type="error"' not in data:
        return {}
    found: dict[tuple[int, int], str] = {}
    inside, row, column = False, 0, 0
    for event, element in ElementTree.iterparse(io.BytesIO(data), events=("start", "end")):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                inside, row = element.get(f"{_TABLE}name") == sheet, 0
            elif element.tag == f"{_TABLE}table-row":
                column = 0
            continue
        if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            if inside and element.get(_ERROR) == "error":
                found[row, column] = "".join(element.itertext()).strip() or "#ERR"
            column += int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            element.clear()
        elif element.tag == f"{_TABLE}table-row":
            row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            element.clear()
    return found


def _in_xlsx(path: Path, sheet: str) -> Errors:
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return {}
        found = {}
        with archive.open(member) as file:
            # a block begins with the end of the one before, where a cell may be cut
            data = b""
            while block := file.read(_BLOCK_BYTES):
                data = data[-_CELL_BYTES:] + block
                if b't="e"' not in data and b"t='e'" not in data:
                    continue
                for attributes, content in _CELL.findall(data):
                    place, value = _PLACE.search(attributes), _VALUE.search(content)
                    if place and value:
                        found[int(place[2]) - 1, _index(place[1].decode())] = value[1].decode("utf-8", "replace")
    return found


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Returns the member of the archive that holds a sheet."""
    names = set(archive.namelist())
    directory, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if any(n not in names or archive.getinfo(n).file_size > _DIRECTORY_BYTES for n in (directory, links)):
        return None
    try:
        book = ElementTree.fromstring(archive.read(directory))
        targets = {r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(archive.read(links))}
    except ElementTree.ParseError:
        return None
    for entry in book.iter(f"{_MAIN}sheet"):
        if entry.get("name") == sheet:
            target = targets.get(entry.get(_REL)) or ""
            member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return member if member in names else None
    return None


_READERS: Mapping[str, Callable[[Path, str], Errors]] = {"xlsx": _in_xlsx, "xls": _in_xls, "ods": _in_ods}
