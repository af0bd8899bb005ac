"""The file that a backup is: a tar archive whose last members say all that is in it, with SHA-256.

A tar archive keeps links, second names of a file, and modes. The manifest comes last, so an archive that was cut short
has none; a seal over the manifest follows it. Whatever differs from the manifest, by a bit, makes the archive refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from orchestration.errors import ObservatoireError
from orchestration.machine import machine_refusal

# the version of what a backup holds and where; a restore refuses those it does not know
VERSION = 1
# where the programme folder is in the archive, and the dump of a PostgreSQL database
PROGRAMME, DUMP = "programme", "postgresql.dump"
MANIFEST, SEAL = "manifeste.json", "manifeste.sha256"
FOLDER, FILE, LINK, SECOND_NAME = "dossier", "fichier", "lien", "second_nom"
# what readers are given: a link in it may lead nowhere else
_READ = {"published", "reports"}
_CHUNK = 1 << 20
_TYPES = {
    tarfile.DIRTYPE: FOLDER,
    tarfile.REGTYPE: FILE,
    tarfile.AREGTYPE: FILE,
    tarfile.SYMTYPE: LINK,
    tarfile.LNKTYPE: SECOND_NAME,
}


class BackupError(ObservatoireError):
    """A backup cannot be made, or this one cannot be restored; nothing has changed."""


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one member.

    Attributes:
        nom: its name in the archive, parts apart by `/`.
        genre: FOLDER, FILE, LINK or SECOND_NAME.
        mode: its permissions, a number; of a link they mean nothing.
        modifie_ns: when it was last changed, in nanoseconds since the epoch.
        octets: size of a file.
        sha256: of a file, or of the file that it is the second name of.
        cible: what a link says, or the member that it is the second name of.
    """

    nom: str
    genre: str
    mode: int
    modifie_ns: int = 0
    octets: int = 0
    sha256: str = ""
    cible: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        programme: code of the programme.
        faite_le: when it was made, ISO 8601, UTC.
        edition: the edition readers saw then; None before the first.
        revision: revision of the code that made it.
        cle: fingerprint of the key of pseudonyms, empty where there was none; the key itself is not in the backup.
        journaux: what kept Dagster's journals, `sqlite` or `postgresql`.
        laisses: files of `landing/` that were still arriving, and are not in it.
        entrees: every member but the manifest and its seal, in the archive's order.
    """

    programme: str
    faite_le: str
    edition: str | None
    revision: str
    cle: str
    journaux: str
    laisses: tuple[str, ...]
    entrees: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(entry.octets for entry in self.entrees)


class Writer:
    """Writes an archive, member by member, and its manifest in the end."""

    def __init__(self, file: BinaryIO) -> None:
        """Takes the file to write to, open and empty."""
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)
        self._entries: dict[str, Entry] = {}

    def folder(self, name: str, status: Any) -> None:
        """Adds a folder, as `os.stat` has it."""
        self._add(Entry(name, FOLDER, stat.S_IMODE(status.st_mode), status.st_mtime_ns), tarfile.DIRTYPE)

    def link(self, name: str, target: str, status: Any) -> None:
        """Adds a symbolic link with what it says; it is not followed."""
        self._add(Entry(name, LINK, 0o777, status.st_mtime_ns, cible=target), tarfile.SYMTYPE)

    def second_name(self, name: str, first: str) -> None:
        """Adds a second name of a file that was added already."""
        known = self._entries[first]
        entry = Entry(name, SECOND_NAME, known.mode, known.modifie_ns, 0, known.sha256, first)
        self._add(entry, tarfile.LNKTYPE)

    def file(self, name: str, content: IO[bytes], size: int, status: Any) -> None:
        """Adds a file of so many bytes.

        Raises:
            OSError: the content ends before that.
        """
        digested = _Digested(content)
        info = self._info(name, tarfile.REGTYPE, status.st_mode, status.st_mtime_ns)
        info.size = size
        self._tar.addfile(info, digested)
        mode = stat.S_IMODE(status.st_mode)
        self._entries[name] = Entry(name, FILE, mode, status.st_mtime_ns, size, digested.sha256)

    def close(self, **said: Any) -> Manifest:
        """Adds the manifest and its seal, and ends the archive.

        Args:
            said: what the manifest says besides its members.
        """
        manifest = Manifest(**said, entrees=tuple(self._entries.values()))
        body = json.dumps({"version": VERSION, **asdict(manifest)}, indent=1).encode()
        for name, content in ((MANIFEST, body), (SEAL, hashlib.sha256(body).hexdigest().encode())):
            info = self._info(name, tarfile.REGTYPE, 0o600, 0)
            info.size = len(content)
            self._tar.addfile(info, io.BytesIO(content))
        self._tar.close()
        return manifest

    def _add(self, entry: Entry, kind: bytes) -> None:
        info = self._info(entry.nom, kind, entry.mode, entry.modifie_ns)
        info.linkname = entry.cible
        self._tar.addfile(info)
        self._entries[entry.nom] = entry

    def _info(self, name: str, kind: bytes, mode: int, changed: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.mtime = kind, stat.S_IMODE(mode), changed // 10**9
        return info


class _Digested:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        read = self._file.read(size)
        self._digest.update(read)
        return read

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def verified(path: Path) -> Manifest:
    """Reads a backup from its first byte to its last, and returns what it says of itself; writes nothing.

    Raises:
        BackupError: it is no backup, is damaged or cut short, or was made by a later version.
    """
    found: dict[str, Entry] = {}
    said = sealed = b""
    count = end = 0
    with _opened(path) as tar:
        for info in tar:
            count += 1
            content = _content(tar, info)
            if info.name == MANIFEST:
                said = b"".join(content)
            elif info.name == SEAL:
                sealed = b"".join(content)
            else:
                found[info.name] = _entry(info, content)
        end = tar.offset
    if not said and not any(name == DUMP or name.startswith(f"{PROGRAMME}/") for name in found):
        raise BackupError(f"{path} n'est pas une sauvegarde : c'est une autre archive ; en désigner une.")
    if hashlib.sha256(said).hexdigest().encode() != sealed:
        raise BackupError(
            f"{path} est coupé ou abîmé : sa liste manque, ou n'est plus celle qui fut écrite ; en prendre une autre."
        )
    manifest = _manifest(path, said)
    _hold(path, manifest, found, count - 2)
    _hold_end(path, end)
    return manifest


def _hold_end(path: Path, end: int) -> None:
    """Holds what follows the last member to what an archive ends with: two empty blocks, then zeros up to a record."""
    size = -(-(end + 2 * tarfile.BLOCKSIZE) // tarfile.RECORDSIZE) * tarfile.RECORDSIZE
    with path.open("rb") as file:
        file.seek(end)
        rest = file.read(size - end + 1)
    if rest != bytes(size - end):
        raise BackupError(
            f"{path} ne finit pas comme il fut écrit : il y manque des octets, ou d'autres y furent ajoutés ; en"
            " prendre un autre."
        )


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.TarError as error:
        cut = "end of data" in str(error)
        why = "est coupé ou abîmé" if cut else "n'est pas une sauvegarde, ou est abîmé"
        raise BackupError(f"{path} {why} ; en prendre une autre.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(f"{path} : pas de fichier de ce nom ; désigner une sauvegarde.") from None
    except OSError as error:
        told = machine_refusal(error)
        raise BackupError(told or f"{path} ne se lit pas ({error.strerror}) ; en prendre une autre.") from None


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(info) if info.isreg() else None
    while file is not None and (read := file.read(_CHUNK)):
        yield read


def _entry(info: tarfile.TarInfo, content: Iterator[bytes]) -> Entry:
    """Returns what a member is, as the manifest would say it; times and the hash of a second name are left out."""
    genre, digest = _TYPES.get(info.type, "autre"), hashlib.sha256()
    for read in content:
        digest.update(read)
    sha256 = digest.hexdigest() if genre == FILE else ""
    octets = info.size if genre == FILE else 0
    return Entry(info.name, genre, info.mode, 0, octets, sha256, info.linkname)


def _manifest(path: Path, said: bytes) -> Manifest:
    strange = f"{path} est abîmé : sa liste n'est pas celle d'une sauvegarde ; en prendre un autre."
    try:
        body: dict[str, Any] = json.loads(said)
        version = body.get("version")
    except (ValueError, AttributeError):
        raise BackupError(strange) from None
    if version != VERSION:
        raise BackupError(
            f"{path} est d'une version {version} que ce code ne connaît pas (il connaît {VERSION}) ;"
            " le restaurer par la version du code qui l'a fait."
        )
    try:
        told = {name: value for name, value in body.items() if name != "version"}
        told |= {"laisses": tuple(body["laisses"]), "entrees": tuple(Entry(**entry) for entry in body["entrees"])}
        manifest = Manifest(**told)
        dt.datetime.fromisoformat(manifest.faite_le)
    except (ValueError, TypeError, KeyError):
        # whoever can seal a list can write anything in it
        raise BackupError(strange) from None
    return manifest


def _hold(path: Path, manifest: Manifest, found: Mapping[str, Entry], count: int) -> None:
    """Holds the members to the manifest, one by one."""
    said = {entry.nom: entry for entry in manifest.entrees}
    for name, entry in said.items():
        there = found.get(name)
        if there is not None and entry.genre == LINK and there.genre != LINK:
            raise BackupError(
                f"{path} a été refait par un outil qui suit les liens : {name} n'y est plus un lien ; prendre le"
                " fichier tel que « observatoire backup » l'a écrit."
            )
        expected = (entry.genre, entry.octets, entry.sha256 if entry.genre == FILE else "", entry.cible)
        if there is None or expected != (there.genre, there.octets, there.sha256, there.cible):
            raise BackupError(
                f"{path} est abîmé : {name} y manque, ou n'est plus ce qui fut sauvé ; en prendre un autre."
            )
        above = (said.get(str(parent)) for parent in PurePosixPath(name).parents)
        through = any(parent is not None and parent.genre != FOLDER for parent in above)
        if not is_safe(name) or through or (entry.genre == SECOND_NAME and entry.cible not in said):
            raise BackupError(f"{path} nomme {name}, hors du dossier à restaurer ; ce n'est pas une sauvegarde.")
        if entry.genre == LINK and leads_out(name, entry.cible):
            raise BackupError(
                f"{path} : {name} y mène à {entry.cible}, hors de published/ et de reports/ : des lecteurs y liraient"
                " ce qui n'est pas publié ; ôter ce lien et refaire la sauvegarde, ou en prendre une autre."
            )
    if len(said) != count or set(said) != set(found):
        more = next(iter(set(found) - set(said)), "un nom en double")
        raise BackupError(f"{path} est abîmé : {more} n'est pas dans sa liste ; en prendre un autre.")


def is_safe(name: str) -> bool:
    """Returns whether a member's name is one that a backup gives: in the programme, or the dump; nothing climbs out."""
    parts = PurePosixPath(name).parts
    return bool(parts) and (name == DUMP or parts[0] == PROGRAMME) and ".." not in parts


def leads_out(name: str, target: str) -> bool:
    """Returns whether a link of the programme folder is one that readers may follow to what they are not given.

    Args:
        name: its name in the archive.
        target: what it says.

    A way that climbs after it went down may have gone through another link: its text does not say where it leads.
    """
    parts, way = PurePosixPath(name).parts, PurePosixPath(target).parts
    if not _READ & {*parts[1:2]}:
        return False
    folders = parts[1:-1]
    climbs = next((place for place, part in enumerate(way) if part != ".."), len(way))
    reached = (*folders[: len(folders) - climbs], *way[climbs:])
    return climbs > len(folders) or bool({"..", "/"} & {*way[climbs:]}) or not _READ & {*reached[:1]}


def contents(path: Path, manifest: Manifest) -> Iterator[tuple[Entry, Iterator[bytes]]]:
    """Yields each member with its bytes, in order; the bytes are to be read before the next one is asked for.

    Args:
        path: the archive, which was verified.
        manifest: its manifest.
    """
    said = {entry.nom: entry for entry in manifest.entrees}
    with _opened(path) as tar:
        for info in tar:
            if info.name in said:
                yield said[info.name], _content(tar, info)
