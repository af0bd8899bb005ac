"""Unpacks a backup, or a part of it, into a folder of its own: what is in place moves only after that."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from orchestration.installation.archive import (
    DUMP,
    FILE,
    FOLDER,
    LINK,
    SECOND_NAME,
    BackupError,
    Entry,
    Manifest,
    contents,
    verified,
)
from orchestration.machine import machine_sentence
from orchestration.operation.underway import ASIDE, COMING, is_over
from orchestration.settings import PROGRAMME_FILE, UNDERWAY


def readable(source: Path) -> Manifest:
    """Reads a backup to its last byte and returns what it says of itself.

    Raises:
        BackupError: it is a folder, is no backup, or is damaged.
    """
    if source.is_dir():
        linked = source / "courante" if (source / "courante").exists() else source / "published" / "courante"
        if linked.is_dir() and not linked.is_symlink():
            raise BackupError(
                f"{source} est la copie d'un programme par un outil qui suit les liens : {linked} y est un dossier,"
                " non un lien ; restaurer un fichier de « observatoire backup »."
            )
        kept = sorted(source.glob("observatoire-*Z.tar"))
        last = f" ; le dernier est {kept[-1].name}" if kept else ""
        raise BackupError(f"{source} est un dossier ; désigner un fichier de « observatoire backup »{last}.")
    if source.exists() and not source.is_file():
        raise BackupError(f"{source} n'est pas un fichier ordinaire ; désigner un fichier de « observatoire backup ».")
    return verified(source)


def hold_room(size: int, root: Path) -> None:
    """Raises a BackupError where the disk of a programme folder has no room for so many bytes."""
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    disk = shutil.disk_usage(there)
    # what is no disk, as /proc, has no bytes at all: making the folder says that nothing can stand there
    if disk.total and disk.free < size:
        raise BackupError(
            f"La sauvegarde demande {(size >> 20) + 1} Mio, et le disque de {root} en a {disk.free >> 20} Mio de"
            " libres ; en libérer, puis relancer. Rien n'a changé."
        )


def hold_over(root: Path) -> None:
    """Raises a BackupError where an interrupted restoration still has what it set aside, and looks as if it had ended.

    Somebody put a `programme.yaml` in the folder by hand meanwhile.
    """
    folder, there = root / UNDERWAY, root / PROGRAMME_FILE
    if os.path.lexists(folder) and there.is_file() and not is_over(root):
        raise BackupError(
            f"Une restauration interrompue a mis de côté, dans {folder / ASIDE}, ce qui était là, et {there} fut remis"
            " à la main ; ôter ce fichier, puis « observatoire restore » du même fichier l'achève."
        )


def unpack(source: Path, manifest: Manifest, folder: Path, left_out: Callable[[str], bool] | None = None) -> None:
    """Unpacks a verified backup; links come last, so that nothing is ever written through one.

    Args:
        source: the backup.
        manifest: what it says of itself.
        folder: the folder of the restoration, which is made.
        left_out: whether a member, given by its name, stays in the backup; None for none.

    Raises:
        BackupError: the backup changed since it was verified.
    """
    coming = folder / COMING
    coming.mkdir(parents=True)
    folder.chmod(0o700)
    entries = [entry for entry in manifest.entrees if left_out is None or not left_out(entry.nom)]
    first = _first_names(entries)
    for entry, content in contents(source, manifest):
        if entry.genre == FILE and entry.nom in first:
            _write(source, entry, content, place(first[entry.nom], folder))
    for entry in entries:
        there = place(entry.nom, folder)
        if entry.genre == FOLDER:
            there.mkdir(parents=True, exist_ok=True)
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        if entry.genre == LINK:
            there.symlink_to(entry.cible)
        elif entry.genre == SECOND_NAME and first[entry.cible] != entry.nom:
            os.link(place(first[entry.cible], folder), there)
    # a folder that may not be written to is made so once it is full
    for entry in reversed(entries):
        there = place(entry.nom, folder)
        if entry.genre != LINK and there.exists():
            there.chmod(entry.mode)
            os.utime(there, ns=(entry.modifie_ns, entry.modifie_ns))
    # on the disk, before anything that was there is moved
    os.sync()


def _first_names(entries: list[Entry]) -> dict[str, str]:
    """Returns where the bytes of each file of the backup go first; a part may have a file's second name only."""
    first = {entry.nom: entry.nom for entry in entries if entry.genre == FILE}
    for entry in entries:
        if entry.genre == SECOND_NAME:
            first.setdefault(entry.cible, entry.nom)
    return first


def _write(source: Path, entry: Entry, content: Iterator[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for read in content:
            digest.update(read)
            file.write(read)
    if digest.hexdigest() != entry.sha256:
        raise BackupError(f"{source} a changé pendant sa lecture ({entry.nom}) ; vérifier son disque, relancer.")


def place(name: str, folder: Path) -> Path:
    """Returns where a member is unpacked in the folder of a restoration."""
    return folder / DUMP if name == DUMP else folder / COMING / Path(*PurePosixPath(name).parts[1:])


@contextmanager
def told(root: Path) -> Iterator[None]:
    """Says what the machine refuses as a refusal with its remedy."""
    try:
        yield
    except OSError as error:
        raise BackupError(machine_sentence(error, root)) from None
