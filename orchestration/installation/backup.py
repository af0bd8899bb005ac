"""Makes a backup: one file, written beside its place under a hidden name, read again, and only then named.

The lock of a run is held meanwhile: published editions, reports and journals of runs do not move. People and senders
take no lock; a small file is read again until it held still, a large one that moved refuses the backup.
"""

from __future__ import annotations

import datetime as dt
import errno
import io
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from orchestration.errors import ObservatoireError
from orchestration.extracts.pseudonyms import key_fault, key_fingerprint
from orchestration.files import settle, write_json
from orchestration.installation import journals
from orchestration.installation.archive import DUMP, PROGRAMME, BackupError, Manifest, Writer, leads_out, verified
from orchestration.installation.holdings import Held, held, lost_with, size_of, wait_until_still
from orchestration.installation.lacking import lacking
from orchestration.machine import machine_sentence
from orchestration.operation.locks import lock_to_read
from orchestration.operation.outcomes import is_moment, now
from orchestration.programme import Programme
from orchestration.publication.editions import Editions
from orchestration.publication.inputs import revision
from orchestration.reporting.printed import current_links
from orchestration.settings import Settings

_LAST = "derniere_sauvegarde.json"
# up to that many bytes, a file is read whole, and again where it moved meanwhile
_SMALL = 64 << 20
_TRIES = 5


@dataclass(frozen=True)
class LastBackup:
    """The last backup of an installation.

    Attributes:
        le: when it was made, ISO 8601, UTC.
        fichier: its path.
        laisses: how many deliveries it was made without, because they were still being sent.
    """

    le: str
    fichier: str
    laisses: int = 0


@dataclass(frozen=True)
class Saved:
    """A backup that was made.

    Attributes:
        path: the file.
        manifest: what it says of itself.
        unnoted: why it could not be noted as the last one, with the remedy; None where it was.
        lacking: what the installation had lost or damaged that nothing makes again, so that it is not in here either.
        special: the pipes, sockets and devices that it was made without.
        ahead: the backups beside it that are dated after it, neither counted among those to keep nor removed.
    """

    path: Path
    manifest: Manifest
    unnoted: str | None
    lacking: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()


def last_backup(settings: Settings) -> LastBackup | None:
    """Returns the last backup that was made; None where there is none, or the note of it is lost."""
    try:
        last = LastBackup(**json.loads((settings.warehouse.parent / _LAST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    well_kept = is_moment(last.le) and isinstance(last.fichier, str) and isinstance(last.laisses, int)
    return last if well_kept else None


def note_backup(settings: Settings, last: LastBackup) -> None:
    """Notes which backup is the last one."""
    write_json(asdict(last), settings.warehouse.parent / _LAST)


def back_up(
    programme: Programme, folder: Path, keep: int | None = None, waiting: Callable[[str], None] | None = None
) -> Saved:
    """Writes a backup of a programme into a folder, under a name that says the programme and the moment.

    Args:
        programme: the programme.
        folder: where it is written; it must be there, and outside the programme folder.
        keep: how many backups of the programme stay in the folder, the new one among them; None for all of them, as
            where an edition, or what nothing makes again, is lost or damaged.
        waiting: called with a sentence while a run works on the programme, whose end is waited for; None refuses.

    Raises:
        BackupError: the folder cannot take it, a journal is damaged, or a file moved while it was read.
        PublicationRefused: a run works on the programme, and `waiting` is None; or `published/` has no links any more.
    """
    settings, root = programme.settings, programme.root
    _check(folder, root)
    slug = re.sub(r"\W+", "-", programme.config.programme)
    prefix, temporary = f"observatoire-{slug}-", f".observatoire-{slug}."
    with lock_to_read(settings, waiting), _told(folder, root):
        Editions(settings.published).hold_links(current_links(settings))
        lacked, special = tuple(lacking(settings)), list[str]()
        for leftover in folder.glob(f"{temporary}*"):
            _delete(leftover)
        wait_until_still(root)
        with _hidden(folder, temporary) as working:
            partial = working / "sauvegarde.tar"
            with partial.open("wb") as file:
                partial.chmod(0o600)
                manifest = _write(programme, Writer(file), working, special)
                file.flush()
                os.fsync(file.fileno())
            verified(partial)
            moment = dt.datetime.fromisoformat(manifest.faite_le)
            path = folder / f"{prefix}{moment:%Y%m%dT%H%M%SZ}.tar"
            partial.rename(path)
        settle(folder)
        unnoted = _note(settings, LastBackup(manifest.faite_le, str(path.resolve()), len(manifest.laisses)))
        # What is saved of an installation that lost or damaged something must push no backup out that has it whole.
        ahead: list[Path] = []
        if keep is not None and not lacked:
            # to the letter: another programme's code may begin with this one's
            own = re.compile(rf"{re.escape(prefix)}\d{{8}}T\d{{6}}Z\.tar")
            kept = sorted(found for found in folder.iterdir() if own.fullmatch(found.name) and found != path)
            # Those of a clock that was ahead would hold the places of the newest until their day comes.
            others = [found for found in kept if found.name < path.name]
            ahead = [found for found in kept if found.name > path.name]
            for old in others[: max(0, len(others) - (keep - 1))]:
                old.unlink()
    return Saved(path, manifest, unnoted, lacked, tuple(special), tuple(found.name for found in ahead))


def _note(settings: Settings, last: LastBackup) -> str | None:
    """Notes the last backup; returns why it could not: the backup is made all the same."""
    try:
        note_backup(settings, last)
    except OSError as error:
        return machine_sentence(error, settings.warehouse.parent)
    return None


def _check(folder: Path, root: Path) -> None:
    if not folder.is_dir():
        raise BackupError(f"{folder} n'est pas un dossier : monter le disque des sauvegardes, ou créer le dossier.")
    if folder.resolve().is_relative_to(root):
        raise BackupError(
            f"{folder} est dans le dossier du programme, et serait perdu avec lui ; en désigner un autre."
        )


@contextmanager
def _told(folder: Path, root: Path) -> Iterator[None]:
    """Says what the machine refuses with the folder it concerns: the words of an error seldom name it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            # what there was of this one is deleted by now
            needed, free = size_of(root) >> 20, shutil.disk_usage(folder).free >> 20
            raise BackupError(
                f"Le disque est plein ({folder}) : la sauvegarde demande {needed + 1} Mio au moins, et il y en a {free}"
                " de libres ; en libérer, ou désigner un autre disque, puis relancer. Rien n'est écrit."
            ) from None
        raise BackupError(machine_sentence(error, folder)) from None


@contextmanager
def _hidden(folder: Path, prefix: str) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(programme: Programme, writer: Writer, working: Path, special: list[str]) -> Manifest:
    arriving: list[str] = []
    first: dict[tuple[int, int], str] = {}
    for one in held(programme.root, arriving, special):
        name = f"{PROGRAMME}/{one.name}"
        inode = one.status.st_dev, one.status.st_ino
        if stat.S_ISDIR(one.status.st_mode):
            writer.folder(name, one.status)
        elif stat.S_ISLNK(one.status.st_mode):
            # what the link says, to the letter: a Path would tidy it
            target = os.readlink(one.path)  # noqa: PTH115
            if leads_out(name, target):
                raise BackupError(_led_out(programme, one.path, target))
            if (lost := lost_with(one, programme.root)) is not None:
                raise BackupError(lost)
            writer.link(name, target, one.status)
        elif one.status.st_nlink > 1 and inode in first:
            writer.second_name(name, first[inode])
        else:
            first[inode] = name
            _file(writer, name, one, working)
    storage = journals.storage()
    if storage == journals.POSTGRES:
        dumped = working / DUMP
        journals.dump(dumped)
        _stream(writer, DUMP, dumped)
    return writer.close(
        programme=programme.config.programme,
        faite_le=now(),
        edition=Editions(programme.settings.published).current(),
        revision=revision(),
        # no pseudonym was made with a key that no run accepts
        cle="" if key_fault() else key_fingerprint(),
        journaux=storage,
        laisses=tuple(arriving),
    )


def _led_out(programme: Programme, path: Path, target: str) -> str:
    """Returns why a link that readers may follow stops a backup, a sentence with what to do about that link."""
    editions = Editions(programme.settings.published)
    wanted, names = editions.stray_entrances(), editions.names()
    remedy = "mettre à sa place ce qu'il désigne, ou l'ôter"
    if path == editions.link and names:
        remedy = f"« observatoire rollback {names[-1]} » le remet"
    elif path in wanted:
        remedy = f"ln -sfn {wanted[path]} {path}"
    return (
        f"{path} mène à {target}, hors de published/ et de reports/ : des lecteurs y liraient ce qui n'est pas publié,"
        f" et la sauvegarde ne l'aurait pas ; {remedy}, puis relancer."
    )


def _file(writer: Writer, name: str, one: Held, working: Path) -> None:
    if one.name.startswith(".dagster/"):
        if journals.is_sqlite(one.path):
            copy = working / "journal.db"
            journals.snapshot(one.path, copy)
            with copy.open("rb") as content:
                writer.file(name, content, copy.stat().st_size, one.status)
            copy.unlink()
            return
        # a log that is being written to is saved as far as it was
        body = one.path.read_bytes()
        writer.file(name, io.BytesIO(body), len(body), one.status)
    elif one.status.st_size > _SMALL:
        _stream(writer, name, one.path)
    else:
        body, status = _still(one.path)
        writer.file(name, io.BytesIO(body), len(body), status)


def _still(path: Path) -> tuple[bytes, os.stat_result]:
    """Returns the bytes of a file that did not move while they were read."""
    for _ in range(_TRIES):
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            body = file.read()
            if _same(before, os.fstat(file.fileno())) and len(body) == before.st_size:
                return body, before
    raise _moved(path)


def _stream(writer: Writer, name: str, path: Path) -> None:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        content: IO[bytes] = file
        writer.file(name, content, before.st_size, before)
        if not _same(before, os.fstat(file.fileno())):
            raise _moved(path)


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    times = [(s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in (before, after)]
    return times[0] == times[1]


def _moved(path: Path) -> ObservatoireError:
    return BackupError(f"{path} a changé pendant qu'il était sauvé ; rien n'est écrit, relancer la sauvegarde.")


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
