"""Who owns the files of an installation, and who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from orchestration.accounts import is_read_only, may_write
from orchestration.extracts.decision_lists import LISTS
from orchestration.extracts.receptions import REGISTER
from orchestration.publication.editions import Editions
from orchestration.publication.lost import LEAFLETS
from orchestration.publication.whole import INTERVIEWS
from orchestration.settings import Settings

# what holds answers, pseudonymised or not, and what holds the results of one organisme
_PERSONAL = ("landing", "lake", "quarantine", "warehouse")
_OF_ORGANISMES = ("published",)
# the folders of an installation that a run makes again, and those that only a backup brings back
_MADE_AGAIN = ("lake", "quarantine", "warehouse", ".dagster")
_TO_RESTORE = ("landing", "published", "reports", "reference", "contracts")


def foreign(settings: Settings) -> Path | None:
    """Returns the first file or folder that the account of the programme folder does not own, or may not write to.

    Of the files, only those that a run or a decision adds lines to are tried. A command that was run by another
    account, root often, leaves such files: a run then stops at the first it meets.
    """
    owner = settings.root.stat().st_uid
    landing = settings.root / "landing"
    added_to = {landing / name for name in (REGISTER, *LISTS)}
    for folder in (settings.root, *sorted(settings.root.glob("*"))):
        if folder.is_symlink() or not folder.is_dir():
            continue
        if not may_write(folder):
            return folder
        if folder == settings.root:
            continue
        for at, folders, files in os.walk(folder):
            for name in ("", *folders, *files):
                path = Path(at) / name
                try:
                    status = path.lstat()
                    # a delivery may be its sender's: a run reads it, and refuses what it cannot read
                    theirs = folder == landing and stat.S_ISREG(status.st_mode) and path not in added_to
                    if status.st_uid != owner and not theirs:
                        return path
                    if (path in added_to and not os.access(path, os.W_OK)) or _is_closed(path, status):
                        return path
                except FileNotFoundError:
                    continue  # a run deletes what it made
    return None


def _is_closed(path: Path, status: os.stat_result) -> bool:
    """Returns whether it is a folder that this account cannot list: nobody would be told of what is in it."""
    return stat.S_ISDIR(status.st_mode) and not os.access(path, os.R_OK | os.X_OK)


def open_to_all(settings: Settings) -> list[Path]:
    """Returns the folders of answers, and of results of organismes, that every account of the machine can list."""
    if not settings.root.stat().st_mode & stat.S_IXOTH:
        return []
    found = [settings.root / name for name in (*_PERSONAL, *_OF_ORGANISMES) if (settings.root / name).is_dir()]
    return [path for path in found if path.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH)]


def exports_open(settings: Settings) -> list[Path]:
    """Returns the exports of answers, edition by edition, that any account but the service's may enter or read."""
    exports = settings.published.glob(f"editions/*/{INTERVIEWS}")
    return sorted(path for path in exports if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def writable_by_all(settings: Settings) -> list[Path]:
    """Returns the folders and files of an installation that every account of the machine may write to."""
    found, waiting = list[Path](), [settings.root]
    while waiting:
        path = waiting.pop()
        try:
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                continue  # its own permissions mean nothing
            if mode & stat.S_IWOTH:
                found.append(path)
            if stat.S_ISDIR(mode) and mode & stat.S_IXOTH:
                waiting += path.iterdir()
        except OSError:
            continue  # gone since, or closed to this account
    return sorted(found)


def replaced(settings: Settings) -> list[tuple[Path, bool]]:
    """Returns what stands in the place of a folder and is none, each with whether a run makes that folder again."""
    named = [(settings.root / name, True) for name in _MADE_AGAIN]
    named += [(settings.root / name, False) for name in _TO_RESTORE]
    return [(path, again) for path, again in named if os.path.lexists(path) and not path.is_dir()]


def unwritable(settings: Settings) -> list[Path]:
    """Returns the folders of an installation that lie on a file system mounted read-only."""
    if is_read_only(settings.root):
        return [settings.root]
    return [path for path in sorted(settings.root.glob("*")) if path.is_dir() and is_read_only(path)]


def shut(settings: Settings) -> list[Path]:
    """Returns what those who may list the readers' folders cannot read of the current edition and its prints.

    An export of answers is for the service alone, and is left out; so is what is hidden.
    """
    store, found = Editions(settings.published), list[Path]()
    current = store.current()
    if current is None:
        return []
    leaflets = store.root / LEAFLETS
    root = settings.root.stat()
    for top, folders in (
        (store.root, (store.folder(current), leaflets / current)),
        (settings.reports, (settings.reports / current,)),
    ):
        if not top.is_dir():
            continue
        status = top.stat()
        if _group_lists(status) and status.st_gid != root.st_gid and not root.st_mode & stat.S_IXOTH:
            found.append(settings.root)
        for path in (path for folder in folders for path in (folder.parent, folder, *_below(folder))):
            if path.exists() and _is_shut(path.stat(), status):
                found.append(path)
    return list(dict.fromkeys(found))


def _below(folder: Path) -> Iterator[Path]:
    for at, names, files in os.walk(folder):
        names[:] = [name for name in names if name != INTERVIEWS]
        yield from (Path(at) / name for name in sorted((*names, *files)) if not name.startswith("."))


def _group_lists(status: os.stat_result) -> bool:
    return not (stat.S_IRGRP | stat.S_IXGRP) & ~status.st_mode


def _is_shut(found: os.stat_result, top: os.stat_result) -> bool:
    """Returns whether some of the accounts that may list a folder cannot read what is in it."""
    execute = stat.S_ISDIR(found.st_mode)
    group, others = stat.S_IRGRP | stat.S_IXGRP * execute, stat.S_IROTH | stat.S_IXOTH * execute
    wanted = group if found.st_gid == top.st_gid else others
    listed = stat.S_IROTH | stat.S_IXOTH
    return (_group_lists(top) and bool(wanted & ~found.st_mode)) or (
        not listed & ~top.st_mode and bool(others & ~found.st_mode)
    )
