"""Writes broken and hostile files: big ones compressed or sparse, so that they cost nothing to write."""

from __future__ import annotations

import gzip
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

MIB = 1 << 20
HEADER = "ORG;ID;DATE;TC;AGE;Q1;Q2;Q3;Q4;Q5\n"
LINE = "O1;1;15/10/2022;C;40;1;2;1;3;a|ab\n"

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}"/></Relationships>'
)
_WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Feuille" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)
_ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="Feuille">{rows}</table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)


def xlsx(path: Path, rows: str, padding: int = 0) -> None:
    """Writes a workbook of one sheet from the XML of its rows, followed by blanks."""
    head, tail = _SHEET.format(rows=rows + "§").split("§")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(head.encode())
            for _ in range(padding):
                file.write(b" " * MIB)
            file.write(tail.encode())


def ods(path: Path, rows: str, manifest: str = "") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest or "<manifest/>")
        archive.writestr("content.xml", _ODS.format(rows=rows))


def ods_row(cells: Sequence[str | float], attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_cell(value: str | float) -> str:
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def gzip_members(path: Path, head: bytes, block: bytes, times: int) -> None:
    """Writes a gzip whose one block is repeated: a gigabyte costs one compression of the block."""
    path.write_bytes(gzip.compress(head) + gzip.compress(block, 1) * times)


def zip_of(path: Path, members: dict[str, bytes], *, link: bool = False) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFLNK | 0o777 if link else stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)


def zip_bomb(path: Path, mib: int) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.csv", "w") as file,
    ):
        for _ in range(mib):
            file.write(b"\0" * MIB)


def lying_zip(path: Path, data: bytes, said: int) -> None:
    """Writes a zip whose member inflates to more than its directory says."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    fields = (20, 0, 8, 0, 0, zlib.crc32(data), len(packed), said, 5, 0)
    local = b"PK\x03\x04" + struct.pack("<HHHHHLLLHH", *fields) + b"a.csv" + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + struct.pack("<HHHHHLLLHH", *fields)
    central += struct.pack("<HHHLL", 0, 0, 0, 0, 0) + b"a.csv"
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)


def password_zip(path: Path, data: bytes) -> None:
    """Writes a zip that says its member is encrypted."""
    zip_of(path, {"a.csv": data})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
