"""The cells of an XLSX sheet that hold an error (#N/A, #DIV/0!…), which the reader library returns as blanks.

A blank is an answer nobody gave; an error is a value nobody knows. Put back, it is rejected with its line like any
other unknown value.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(.{0,2000}?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,40})</")
# The parts read here are small in a workbook that is one; what is larger is not parsed.
_DIRECTORY_BYTES = 1 << 20


def errors_in(path: Path, sheet: str) -> Mapping[tuple[int, int], str]:
    """Returns the errors of a sheet: (row, column), both from 0, to what the cell shows.

    Args:
        path: a workbook; other than XLSX has none that can be told.
        sheet: name of the sheet.
    """
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return {}
        data = archive.read(member)
    if b't="e"' not in data and b"t='e'" not in data:
        return {}
    found = {}
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
