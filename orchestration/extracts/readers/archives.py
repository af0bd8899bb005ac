"""What a file is by its first bytes, and the one extract inside a gzip or zip, with everything that may be wrong."""

from __future__ import annotations

import gzip
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from orchestration.errors import DeliveryError
from orchestration.extracts.readers import limits
from orchestration.extracts.readers.tables import empty, too_big, unreadable
from orchestration.ignored import is_ignored
from orchestration.programme.texts import capped

_SIGNATURES = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b"PAR1": "parquet",
    b"PARE": "parquet chiffré",
    b"$FL2": "sav",
    b"$FL3": "zsav",
    b"<stata_dta>": "dta",
    # Stata before its release 13: a version, the order of bytes, and two bytes that never change
    **{bytes((version, order, 1, 0)): "dta" for version in (105, 108, 110, 111, 113, 114, 115) for order in (1, 2)},
    bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011"): "sas7bdat",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"%PDF": "pdf",
}
_WORKBOOKS = frozenset({"xlsx", "xls", "ods"})
_WORKBOOK_MEMBERS = frozenset({"[Content_Types].xml", "mimetype"})
_BYPRODUCTS = ("__MACOSX/",)  # what a Mac adds to every zip
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)
_CHUNK = limits.MIB
# name of the folders that deliveries are unpacked in, before the number of the process
TEMPORARY = "observatoire-"


def temporary() -> str:
    """Returns the prefix of a temporary folder's name: whose it is, so that a killed process's can be told."""
    return f"{TEMPORARY}{os.getpid()}-"


def signature(path: Path) -> str:
    """Returns what a file's first bytes say it is; empty when they say nothing, as for text."""
    with path.open("rb") as file:
        head = file.read(128)
    if b"ENCRYPTEDSAV" in head[:64]:
        return "sav chiffré"
    # a portable file begins with its name in several alphabets, forty characters each
    if b"ASCII SPSS PORT FILE" in head:
        return "por"
    return next((kind for mark, kind in _SIGNATURES.items() if head.startswith(mark)), "")


def protected(name: str) -> DeliveryError:
    """Returns the refusal of a file that a password protects."""
    return unreadable(f"{name} : protégé par mot de passe", "redemander le fichier sans protection")


@contextmanager
def opened(path: Path, kind: str, name: str) -> Iterator[IO[bytes]]:
    """Yields the bytes of the extract: the file itself, or what its gzip or zip holds, decompressed as it is read.

    Args:
        path: the delivered file.
        kind: form that the contract declares.
        name: how messages name the file.

    Raises:
        DeliveryError: empty, protected, another form than declared, or an archive that holds not one extract.
    """
    with _stream(path, _checked(path, kind, name), name) as file:
        yield file


@contextmanager
def _stream(path: Path, found: str, name: str) -> Iterator[IO[bytes]]:
    try:
        if found == "gzip":
            with gzip.open(path, "rb") as file:
                yield cast(IO[bytes], file)
        elif found == "zip":
            with zipfile.ZipFile(path) as archive, archive.open(_member(archive, name)) as file:
                yield file
        else:
            with path.open("rb") as file:
                yield file
    except _BROKEN as error:
        if not found:
            raise
        reason = " ".join(str(error).split())[:120]
        raise unreadable(f"{name} : archive tronquée ou abîmée ({reason})") from None


@contextmanager
def on_disk(path: Path, kind: str, name: str) -> Iterator[Path]:
    """Yields a plain file that a reader library can open: the delivered one, or a temporary copy of what it holds.

    Raises:
        DeliveryError: as `opened`, or the extract is beyond measure once decompressed.
    """
    _checked(path, kind, name)
    with unwrapped(path, kind in _WORKBOOKS, name) as plain:
        if plain != path:
            check_kind(plain, kind, name)
        yield plain


@contextmanager
def unwrapped(path: Path, workbooks: bool, name: str) -> Iterator[Path]:
    """Yields the file itself, or a temporary copy of the one that a gzip or zip holds.

    Args:
        path: the delivered file.
        workbooks: whether a zip may be a workbook, which is then the file itself.
        name: how messages name it.

    Raises:
        DeliveryError: an archive that holds not one extract, or one beyond measure.
    """
    found = _archive(path, workbooks)
    if not found:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix=temporary()) as folder:
        target = Path(folder) / "extrait"
        with _stream(path, found, name) as source, target.open("wb") as file:
            size = 0
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                check_decompressed(size, name)
                file.write(chunk)
        if signature(target) in ("gzip", "7z", "rar") or (signature(target) == "zip" and not _is_workbook(target)):
            raise unreadable(f"{name} : archive dans une archive", "livrer l'extrait lui-même")
        yield target


def check_decompressed(size: int, name: str) -> None:
    """Refuses an extract beyond measure.

    Raises:
        DeliveryError: more bytes than the limit.
    """
    if size > limits.TEXT_BYTES:
        raise too_big(
            f"{name} : plus de {limits.TEXT_BYTES // limits.MIB} Mio une fois décompressé", "vérifier, ou faire couper"
        )


def check_kind(path: Path, kind: str, name: str) -> None:
    """Refuses a plain file that is visibly of another form than declared.

    Raises:
        DeliveryError: empty, protected, or another form.
    """
    if path.stat().st_size == 0:
        raise empty(f"{name} : fichier vide")
    found = signature(path)
    if found.endswith("chiffré"):
        raise protected(name)
    expected = {"zip", "ole"} if kind in _WORKBOOKS else {"sav", "zsav"} if kind in ("sav", "zsav") else {kind}
    if kind == "csv" and not found:
        return
    if found not in expected:
        said = {"": "un fichier que rien n'identifie", "zip": "un zip ou un classeur", "ole": "un classeur Excel"}
        raise unreadable(
            f"{name} : illisible comme {kind}, c'est {said.get(found, f'un fichier {found}')}",
            "corriger « format » dans le contrat, ou redemander le fichier",
        )


def _checked(path: Path, kind: str, name: str) -> str:
    """Returns the archive to unwrap (`gzip`, `zip`), or nothing for a plain file."""
    found = _archive(path, kind in _WORKBOOKS)
    if not found:
        check_kind(path, kind, name)
    elif found == "zip" and (book := _zipped_workbook(path)):
        said = f"{name} : illisible comme {kind}, c'est un classeur {book}"
        raise unreadable(
            f"{said}, quel que soit son nom", f"redemander le fichier en {kind}, ou dire « type: {book} » sous format"
        )
    return found


def _archive(path: Path, workbooks: bool) -> str:
    found = signature(path)
    return found if found == "gzip" or (found == "zip" and not (workbooks and _is_workbook(path))) else ""


def _is_workbook(path: Path) -> bool:
    try:
        return bool(_zip_members(path) & _WORKBOOK_MEMBERS)
    except _BROKEN:
        return True  # the workbook reader says what is wrong


def _zipped_workbook(path: Path) -> str:
    """Returns the form to declare for a zip that is a workbook; empty for any other zip, a broken one included."""
    try:
        members = _zip_members(path)
    except _BROKEN:
        return ""
    return ("ods" if "mimetype" in members else "xlsx") if members & _WORKBOOK_MEMBERS else ""


def _zip_members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def workbook_kind(path: Path) -> str:
    """Returns which workbook a file is, by its content: xls, xlsx, xlsb or ods."""
    if signature(path) == "ole":
        return "xls"
    members = _zip_members(path)
    if "xl/workbook.bin" in members:
        return "xlsb"
    return "ods" if "mimetype" in members else "xlsx"


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir()]
    for member in members:
        if _escapes(member):
            raise unreadable(f"{name} : le membre « {_shown(member)} » sort du dossier ou est un lien")
    members = [m for m in members if not m.filename.startswith(_BYPRODUCTS) and not _hidden(m)]
    if not members:
        raise empty(f"{name} : archive vide")
    if len(members) > 1:
        listed = capped(map(_shown, members), most=5)
        raise unreadable(f"{name} : {len(members)} fichiers dans l'archive ({listed})", "livrer chaque extrait à part")
    if members[0].flag_bits & 0x1:
        raise protected(name)
    check_decompressed(members[0].file_size, name)
    return members[0]


def _escapes(member: zipfile.ZipInfo) -> bool:
    raw = member.orig_filename.replace("\\", "/")
    parts = PurePosixPath(raw)
    link = stat.S_ISLNK(member.external_attr >> 16)
    return link or parts.is_absolute() or ".." in parts.parts or "\0" in raw or raw[1:2] == ":"


def _hidden(member: zipfile.ZipInfo) -> bool:
    return is_ignored(PurePosixPath(member.filename).name)


def _shown(member: zipfile.ZipInfo) -> str:
    return "".join(c if c.isprintable() else "?" for c in member.filename)[:80]


def check_workbook(path: Path, name: str) -> None:
    """Refuses a workbook that is protected, or that would inflate beyond measure, from its directory alone.

    Raises:
        DeliveryError: a password, a broken container, or a bomb.
    """
    if signature(path) == "ole":
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise protected(name)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members: list[Any] = archive.infolist()
            manifest = next((m for m in members if m.filename == "META-INF/manifest.xml"), None)
            if manifest and manifest.file_size < limits.MIB and b"encryption-data" in archive.read(manifest):
                raise protected(name)
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:120]
        raise unreadable(f"{name} : classeur tronqué ou abîmé ({reason})") from None
    if any(m.flag_bits & 0x1 for m in members):
        raise protected(name)
    size = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if (
        size > limits.WORKBOOK_BYTES
        or len(members) > limits.ARCHIVE_MEMBERS
        or (size > 16 * limits.MIB and size / packed > limits.INFLATION)
    ):
        raise too_big(
            f"{name} : classeur de {size // limits.MIB} Mio une fois décompressé ({size // packed} fois sa taille)",
            "le faire livrer en CSV ou en Parquet",
        )
