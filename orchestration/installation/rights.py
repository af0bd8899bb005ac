"""Who owns the files of an installation, and who may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from orchestration.settings import Settings

# what holds answers, pseudonymised or not
_PERSONAL = ("landing", "lake", "quarantine", "warehouse")


def foreign(settings: Settings) -> Path | None:
    """Returns the first file or folder that the account of the programme folder does not own, or may not write to.

    A command that was run by another account, root often, leaves such files: a run then stops at the first it meets.
    """
    owner = settings.root.stat().st_uid
    for folder in (settings.root, *sorted(settings.root.glob("*"))):
        if folder.is_symlink() or not folder.is_dir():
            continue
        if not os.access(folder, os.W_OK | os.X_OK):
            return folder
        if folder == settings.root:
            continue
        for at, folders, files in os.walk(folder):
            for name in ("", *folders, *files):
                path = Path(at) / name
                try:
                    if path.lstat().st_uid != owner:
                        return path
                except FileNotFoundError:
                    continue  # a run deletes what it made
    return None


def open_to_all(settings: Settings) -> list[str]:
    """Returns the folders with answers in them that every account of the machine can list."""
    if not settings.root.stat().st_mode & stat.S_IXOTH:
        return []
    found = [settings.root / name for name in _PERSONAL if (settings.root / name).is_dir()]
    return [f"{path.name}/" for path in found if path.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH)]
