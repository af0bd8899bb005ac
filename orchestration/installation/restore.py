"""Restores a backup: verified to its last byte, unpacked beside, and only then put in place, `programme.yaml` last.

All is done inside the programme folder, which may be a volume of its own: a folder that is mounted cannot be renamed.
What was there is moved aside, `programme.yaml` first: between the two no command takes the folder for a programme.
A restoration that was killed there is finished by the next `restore`; killed before, it has changed nothing.
"""

from __future__ import annotations

import itertools
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path, PurePosixPath
from typing import Any

from orchestration.accounts import is_protected
from orchestration.errors import ObservatoireError
from orchestration.files import write_json
from orchestration.folder import refuse_special_files
from orchestration.installation import journals
from orchestration.installation.archive import DUMP, BackupError, Manifest
from orchestration.installation.backup import LastBackup, note_backup
from orchestration.installation.since import keep_since
from orchestration.installation.unpacking import hold_over, hold_room, readable, told, unpack
from orchestration.interrupts import held_back
from orchestration.machine import machine_refusal, taken_off
from orchestration.operation.locks import lock
from orchestration.operation.underway import ASIDE, CLEARED, COMING, READY, STATE, discard, left, spread, state, stays
from orchestration.programme import load_programme
from orchestration.publication.editions import Editions
from orchestration.publication.inputs import UNKNOWN, revision
from orchestration.publication.lost import keep_taken, traces
from orchestration.publication.numbers import NAME
from orchestration.publication.owner import take_over
from orchestration.settings import POSTGRES_VARIABLE, PROGRAMME_FILE, UNDERWAY, Settings


@dataclass(frozen=True)
class Restored:
    """What was restored.

    Attributes:
        source: the backup.
        programme: code of the programme.
        faite_le: when the backup was made.
        edition: the edition readers see again; None where there was none.
        cle: fingerprint of the key of pseudonyms when the backup was made.
        journaux: whether Dagster's journals were restored.
        reprise: whether this was the end of a restoration that had been interrupted.
        perdues: editions that readers saw and that the backup has not; their numbers stay taken.
        livraisons: deliveries that came after the backup, kept in `landing/`.
        decisions: lists in which decisions taken after the backup were kept.
        laisses: deliveries that the backup was made without, because they were still being sent.
        revision: revision of the code that made the backup; empty where it is not known.
        restes: folders of the restoration that could not be deleted, of what was there before.
    """

    source: str
    programme: str
    faite_le: str
    edition: str | None
    cle: str
    journaux: bool
    reprise: bool = False
    perdues: tuple[str, ...] = ()
    livraisons: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    laisses: tuple[str, ...] = ()
    revision: str = ""
    restes: tuple[str, ...] = ()

    @property
    def same_code(self) -> bool:
        """Whether the code here is known to be that of the backup: files that differ from a revision are not known."""
        return self.revision == revision() and self.revision != UNKNOWN and not self.revision.endswith("+")


def restore(source: Path, root: Path, *, replace: bool = False, without_journals: bool = False) -> Restored:
    """Puts a backup in the place of an installation that is lost.

    Args:
        source: the file of the backup.
        root: the programme folder; it may be missing.
        replace: whether what is there may be deleted. The programme there must be the same one.
        without_journals: whether Dagster's journals are left out.

    Raises:
        BackupError: the backup is damaged, foreign or does not fit here, or something is there; nothing has changed.
        ProgrammeError: there is a pipe, a socket or a device, whose reading would never end.
        PublicationRefused: a run works on the programme.
    """
    settings = Settings(root)
    refuse_special_files(root)
    if (begun := interrupted(root)) is not None:
        with lock(settings), told(root):
            return _finish(settings, Restored(**{**begun, "reprise": True}))
    hold_over(root)
    if left(root):
        with lock(settings):
            discard(root)
    manifest = readable(source)
    _check(manifest, root, replace=replace, without_journals=without_journals)
    hold_room(manifest.size, root)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = f"{root} ne peut pas être créé ; désigner un autre dossier par --data."
        raise BackupError(machine_refusal(error) or remedy) from None
    with lock(settings), told(root):
        folder = root / UNDERWAY
        if stuck := discard(root):
            raise BackupError(f"{stuck[0]} ne s'efface pas ; {taken_off(stuck[0], within=True)}, puis relancer.")
        _hold_movable(root)
        restored = Restored(
            str(source.resolve()), manifest.programme, manifest.faite_le, manifest.edition, manifest.cle,
            not without_journals, laisses=manifest.laisses, revision=manifest.revision,
        )  # fmt: skip
        try:
            unpack(source, manifest, folder, _is_of_journals if without_journals else None)
            _hold_room_elsewhere(root)
            spread(root)
            # whatever cannot be kept is found while nothing has moved; what is kept is told, however often this stops
            since = keep_since(folder / COMING / "landing", root / "landing", rehearsing=True)
            restored = changed(restored, livraisons=since.deliveries, decisions=since.decisions)
            _note(folder, READY, restored)
        except BaseException:
            discard(root)
            raise
        try:
            return _finish(settings, restored)
        except (BackupError, OSError):
            # where PostgreSQL or the machine refused while nothing had moved yet, nothing stays
            if interrupted(root) is None:
                discard(root)
            raise


def _check(manifest: Manifest, root: Path, *, replace: bool, without_journals: bool) -> None:
    if not replace and _is_used(root):
        raise BackupError(
            f"{root} n'est pas vide ; désigner un dossier vide par --data, ou ajouter --remplacer, qui supprime ce qui"
            " y est."
        )
    if replace and _is_used(root) and not (root / PROGRAMME_FILE).is_file():
        raise BackupError(
            f"{root} n'est pas vide, et n'est pas un programme : --remplacer n'y supprime rien ; désigner un autre"
            " dossier par --data, ou vider celui-ci."
        )
    if replace and (root / PROGRAMME_FILE).is_file():
        hold_same_programme(manifest, root)
    if without_journals:
        return
    if manifest.journaux != journals.storage():
        now = "défini" if journals.storage() == journals.POSTGRES else "absent de l'environnement"
        raise BackupError(
            f"Cette sauvegarde a les journaux de Dagster en {manifest.journaux}, et {POSTGRES_VARIABLE} est {now} :"
            " corriger l'environnement, ou ajouter --sans-journaux, qui restaure tout le reste."
        )
    if manifest.journaux == journals.POSTGRES and journals.reach() and not replace:
        raise BackupError(
            f"La base de {POSTGRES_VARIABLE} contient déjà des exécutions ; en désigner une vide, ou ajouter"
            " --remplacer, qui les supprime."
        )


def _is_used(root: Path) -> bool:
    """Returns whether a folder holds a file or a link, but for what an empty installation has."""
    empty = {".gitkeep", "run.verrou", "dagster.yaml"}
    found = (p for p in root.rglob("*") if UNDERWAY not in p.parts) if root.is_dir() else iter(())
    return any(path.name not in empty for path in found if path.is_symlink() or not path.is_dir())


def hold_same_programme(manifest: Manifest, root: Path) -> None:
    """Raises a BackupError where a folder is another programme than the backup's; a damaged one may be the same."""
    try:
        there = load_programme(root).config.programme
    except ObservatoireError:
        return
    if there != manifest.programme:
        raise BackupError(
            f"{root} est le programme « {there} », et la sauvegarde celle de « {manifest.programme} » : elle ne"
            " prend la place que du même programme ; désigner un autre dossier par --data."
        )


def _is_of_journals(name: str) -> bool:
    return name == DUMP or PurePosixPath(name).parts[1:2] == (".dagster",)


def _finish(settings: Settings, restored: Restored) -> Restored:
    """Puts what is unpacked in place; may be begun again wherever it was interrupted."""
    root = settings.root
    dumped = root / UNDERWAY / DUMP
    if state(root) == READY and dumped.is_file():
        journals.load(dumped)
    # a name or two may stand for nothing meanwhile: who asks for the end gets it once all are back
    with held_back():
        return _swap(settings, restored)


def _swap(settings: Settings, restored: Restored) -> Restored:
    root = settings.root
    folder = root / UNDERWAY
    coming, aside = folder / COMING, folder / ASIDE
    if state(root) == READY:
        aside.mkdir(exist_ok=True)
        for name in _in_order(root):
            if stays(root / name):
                for within in _in_order(root / name):
                    _set_aside(root / name / within, aside / name)
            else:
                _set_aside(root / name, aside)
        _note(folder, CLEARED, restored)
    for name in (name for name in _in_order(coming) if name != PROGRAMME_FILE):
        if stays(root / name) and (coming / name).is_dir():
            for within in _in_order(coming / name):
                _put(coming / name / within, root / name, aside / name)
        else:
            _put(coming / name, root, aside)
    # until `programme.yaml` is back, whoever is stopped here is told to go on
    since = keep_since(root / "landing", aside / "landing")
    perdues = _lost(settings, aside, restored)
    (coming / PROGRAMME_FILE).rename(root / PROGRAMME_FILE)
    settings.prepare()
    # the mark that came back may be that of a machine that is lost
    take_over(settings)
    with suppress(OSError):
        note_backup(settings, LastBackup(restored.faite_le, restored.source, len(restored.laisses)))
    kept = tuple(dict.fromkeys((*restored.livraisons, *since.deliveries)))
    decided = tuple(dict.fromkeys((*restored.decisions, *since.decisions)))
    restes = tuple(map(str, discard(root)))
    return changed(restored, perdues=perdues, livraisons=kept, decisions=decided, restes=restes)


def _hold_movable(root: Path) -> None:
    """Raises a BackupError where an attribute keeps something from being moved aside: half of it would be moved."""
    folders = [root, *(path.resolve() for path in sorted(root.iterdir()) if stays(path))]
    moved = (path for folder in folders for path in (folder, *sorted(folder.iterdir())))
    if (protected := next(filter(is_protected, moved), None)) is not None:
        raise BackupError(
            f"{protected} ne peut être ni déplacé ni remplacé ; {taken_off(protected)}, puis relancer. Rien n'a changé."
        )


def _hold_room_elsewhere(root: Path) -> None:
    """Raises a BackupError where the disk of a folder that stays has no room for what comes into it."""
    coming = root / UNDERWAY / COMING
    for path in (path for path in sorted(root.iterdir()) if stays(path)):
        if path.stat().st_dev != coming.stat().st_dev:
            files = (one.lstat() for one in (coming / path.name).rglob("*") if not one.is_dir())
            hold_room(sum(status.st_size for status in files), path)


def _put(fresh: Path, above: Path, aside: Path) -> None:
    # whoever took up an interrupted restoration made `warehouse/` for its lock
    if os.path.lexists(above / fresh.name):
        _set_aside(above / fresh.name, aside)
    fresh.rename(above / fresh.name)


def _lost(settings: Settings, aside: Path, restored: Restored) -> tuple[str, ...]:
    """Keeps taken the numbers of the editions that were there and that the backup has not; returns them."""
    with suppress(ObservatoireError, OSError):
        store = Editions(aside / "published").store
        seen = traces(Settings(aside)) | {path.name for path in store.glob("[!.]*") if NAME.match(path.name)}
        return tuple(keep_taken(settings, seen, f"restauration de la sauvegarde du {restored.faite_le}"))
    return ()


def _set_aside(path: Path, folder: Path) -> None:
    """Moves what is there into a folder, under its name or the next one that is free."""
    names = itertools.chain([path.name], (f"{path.name}.{number}" for number in itertools.count(2)))
    path.rename(folder / next(name for name in names if not os.path.lexists(folder / name)))


def _in_order(folder: Path) -> list[str]:
    """Returns the names in a folder, `programme.yaml` first: with it a folder is a programme."""
    names = [path.name for path in folder.iterdir() if path.name != UNDERWAY]
    return sorted(names, key=lambda name: (name != PROGRAMME_FILE, name))


def interrupted(root: Path) -> dict[str, Any] | None:
    """Returns what a restoration that was interrupted while it put things in place is of; None where there is none."""
    if state(root) is None or (root / PROGRAMME_FILE).exists():
        return None  # it goes first and comes last: nothing has moved yet, or all is in place
    body: dict[str, Any] = json.loads((root / UNDERWAY / STATE).read_text(encoding="utf-8"))
    return {name: value for name, value in body.items() if name != "etape"}


def _note(folder: Path, step: str, restored: Restored) -> None:
    write_json({"etape": step, **restored.__dict__}, folder / STATE)
