"""Puts one item of a backup back and touches nothing else: an edition, a register, what the lake remembers, a delivery.

The whole backup is verified first, as for a restoration. The item is unpacked beside and held to what it has to be: an
edition to its manifest, what the lake remembers to the edition. Only then does it take its place.
"""

from __future__ import annotations

import itertools
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from orchestration.errors import PublicationRefused
from orchestration.extracts.receptions import REGISTER, completed
from orchestration.files import file_sha256
from orchestration.folder import refuse_special_files
from orchestration.installation.archive import FOLDER, LINK, PROGRAMME, BackupError, Entry, Manifest
from orchestration.installation.restore import hold_same_programme, interrupted
from orchestration.installation.unpacking import hold_over, hold_room, readable, told, unpack
from orchestration.operation.locks import lock
from orchestration.operation.underway import COMING, stays
from orchestration.publication.currency import is_whole
from orchestration.publication.editions import Editions
from orchestration.publication.lost import APPORTS, LEAFLETS, forget_renounced
from orchestration.publication.numbers import NAME
from orchestration.publication.whole import DamagedEdition
from orchestration.settings import PROGRAMME_FILE, UNDERWAY, Settings

# folders whose folders go back whole: editions, and what is printed of each
_WHOLE = (("published", "editions"), ("published", LEAFLETS), ("reports",))


@dataclass(frozen=True)
class PutBack:
    """What was put back.

    Attributes:
        item: its place in the programme folder, parts apart by `/`.
        faite_le: when the backup was made, ISO 8601, UTC.
        gardees: of the register of receptions, how many that came after the backup were kept.
    """

    item: str
    faite_le: str
    gardees: int = 0


def put_back(source: Path, root: Path, item: str, *, replace: bool = False) -> PutBack:
    """Puts one item of a backup back in an installation.

    Args:
        source: the file of the backup.
        root: the programme folder.
        item: the item's place in the programme folder, or its path.
        replace: whether an item that is there may be replaced.

    Raises:
        BackupError: the backup is damaged or foreign, has no such item or not whole, or one is there; nothing changed.
        ProgrammeError: there is a pipe, a socket or a device, whose reading would never end.
        PublicationRefused: a run works on the programme.
    """
    refuse_special_files(root)
    name = _named(item, root)
    if interrupted(root) is not None:
        raise BackupError(f"Dans {root}, une restauration fut interrompue : l'achever par « observatoire restore ».")
    hold_over(root)
    if not (root / PROGRAMME_FILE).is_file() and name != PROGRAMME_FILE:
        raise BackupError(
            f"{root} n'est pas un programme : --seulement ne remet qu'un élément d'une installation qui est là ;"
            " restaurer la sauvegarde entière, ou désigner le programme par --data."
        )
    manifest = readable(source)
    hold_same_programme(manifest, root)
    entries = _entries(source, manifest, name)
    _hold_replaceable(root, name, entries[0], replace=replace)
    hold_room(sum(entry.octets for entry in entries), root)
    folder, wanted = root / UNDERWAY, {entry.nom for entry in entries}
    with lock(Settings(root)), told(root):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            unpack(source, manifest, folder, lambda member: member not in wanted)
            _hold_whole(source, folder / COMING, root)
            fresh = folder / COMING / name
            kept = completed(fresh, root / name) if PurePosixPath(name) == PurePosixPath("landing", REGISTER) else 0
            _place(fresh, root / name)
            if PurePosixPath(name).parent == PurePosixPath("published", "editions"):
                forget_renounced(Settings(root), PurePosixPath(name).name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return PutBack(name, manifest.faite_le, kept)


def _named(item: str, root: Path) -> str:
    """Returns an item's place in the programme folder; raises a BackupError where it is none that goes back alone."""
    path = PurePosixPath(item)
    if path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    parts = path.parts
    if not parts or path.is_absolute() or ".." in parts:
        raise BackupError(f"« {item} » n'est pas dans {root} ; nommer un élément par sa place dans ce dossier.")
    if parts[0] == ".dagster":
        raise BackupError(
            "Les journaux de Dagster ne se remettent pas un à un : aucun chiffre n'en dépend ; effacer .dagster/, ou"
            " restaurer la sauvegarde entière."
        )
    for above in _WHOLE:
        whole, within = parts[: len(above) + 1], parts[len(above) + 1 :]
        if within and whole[:-1] == above and NAME.match(whole[-1]):
            raise BackupError(
                f"« {item} » ne se remet pas seul : une édition, et ce qui en est imprimé, se remettent entiers ;"
                f" --seulement {'/'.join(whole)}."
            )
    return path.as_posix()


def _entries(source: Path, manifest: Manifest, name: str) -> list[Entry]:
    """Returns the members that an item is made of, itself first."""
    member = f"{PROGRAMME}/{name}"
    found = [e for e in manifest.entrees if e.nom == member or e.nom.startswith(f"{member}/")]
    if not found or found[0].nom != member:
        raise BackupError(
            f"{source} n'a pas {name} ; en prendre une autre, ou vérifier le nom (« tar -tf » donne ceux de la"
            " sauvegarde, sous programme/)."
        )
    if found[0].genre == LINK:
        raise BackupError(f"{name} est un lien, qui ne se remet pas seul ; « observatoire doctor » dit quoi faire.")
    return found


def _hold_replaceable(root: Path, name: str, entry: Entry, *, replace: bool) -> None:
    """Raises a BackupError where something in the place of the item is to stay."""
    path, editions = root / name, Editions(root / "published")
    if not os.path.lexists(path) or _is_empty(path):
        return
    if path.parent == editions.store and is_whole(editions, path.name):
        raise BackupError(f"{name} est là, et entière : rien n'est à remettre ; pour y revenir, « rollback ».")
    if entry.genre == FOLDER and path.is_dir() and not NAME.match(path.name):
        raise BackupError(
            f"{name} est un dossier qui est là : --seulement n'y ôte rien ; nommer ce qui y manque, ou restaurer la"
            " sauvegarde entière."
        )
    if not replace:
        raise BackupError(f"{name} est là ; ajouter --remplacer, qui le remplace par celui de la sauvegarde.")


def _is_empty(path: Path) -> bool:
    # a disk that is mounted and empty has a folder for what its repair finds
    return path.is_dir() and not any(one.name != "lost+found" for one in path.iterdir())


def _hold_whole(source: Path, coming: Path, root: Path) -> None:
    """Raises a BackupError where an edition was saved damaged, or what the lake remembers is not the edition's here."""
    saved, here = Editions(coming / "published"), Editions(root / "published")
    for name in {path.name for path in saved.store.glob("[!.]*") if NAME.match(path.name)}:
        try:
            saved.check_all(name)
        except PublicationRefused as error:
            said = error.found if isinstance(error, DamagedEdition) else "elle n'a pas de manifeste"
            raise BackupError(
                f"{source} : l'édition {name} y est abîmée ({said.replace(f'{coming}/', '')}) ; en prendre une autre."
            ) from None
    for path in (coming / APPORTS).glob("*.json"):
        with suppress(PublicationRefused):
            of_edition = here.manifest(path.stem).get("apports")
            if of_edition and file_sha256(path) != of_edition:
                raise BackupError(
                    f"{source} : {APPORTS / path.name} n'y est pas celui qui fut écrit avec l'édition {path.stem}"
                    " d'ici ; en prendre une autre."
                )


def _place(fresh: Path, path: Path) -> None:
    """Puts what was unpacked in its place; a file in one step, a folder once the one before is out of the way."""
    if stays(path) and fresh.is_dir():
        for one in sorted(fresh.iterdir()):
            _place(one, path / one.name)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    above = path.parent.stat()
    for one in itertools.chain([fresh], fresh.rglob("*") if fresh.is_dir() else ()):
        # readers have what is theirs by its group, which the folder gives
        with suppress(OSError):
            os.chown(one, -1, above.st_gid, follow_symlinks=False)
    before, coming = (path.with_name(f".{path.name}.{what}") for what in ("avant", "neuf"))
    try:
        if fresh.stat().st_dev != above.st_dev:
            # a folder of the programme may be a link to another disk, where nothing can be moved to
            fresh = Path((shutil.copytree if fresh.is_dir() else shutil.copy2)(fresh, coming))
        if os.path.lexists(path) and (fresh.is_dir() or path.is_dir()):
            path.rename(before)
        fresh.replace(path)
    finally:
        for left in (before, coming):
            shutil.rmtree(left, ignore_errors=True)
            with suppress(OSError):
                left.unlink(missing_ok=True)
