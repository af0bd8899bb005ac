"""Whether the files of an edition are those that were published: each is held to the SHA-256 in the manifest."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestration.errors import PublicationRefused
from orchestration.files import file_sha256
from orchestration.ignored import is_ignored

MANIFEST = "manifeste.json"
# its tables for tools that read no DuckDB, with what describes them
DATA = "donnees"
# folder of the answers that a programme exports: personal data, which may be deleted before its edition is
INTERVIEWS = "donnees_personnelles"
_REMEDY = "revenir à une autre édition, ou en refaire une par « observatoire run »"


class DamagedEdition(PublicationRefused):
    """An edition is not what was published.

    Attributes:
        found: what is wrong with it, without what to do.
        remedy: what to do with the file at fault, where that is enough; empty where the edition is lost.
    """

    def __init__(self, found: str, remedy: str = "") -> None:
        super().__init__(f"{found} ; {remedy or _REMEDY}.")
        self.found = found
        self.remedy = remedy


def is_closed(folder: Path) -> bool:
    """Returns whether the account that a folder belongs to, or the one that runs, may not list or enter it."""
    own = stat.S_IRUSR | stat.S_IXUSR
    return bool(own & ~folder.stat().st_mode) or not os.access(folder, os.R_OK | os.X_OK, effective_ids=True)


def closed(path: Path) -> DamagedEdition:
    """Returns that an edition, or a file of it, cannot be read for want of rights: it may be whole."""
    return DamagedEdition(
        f"{path} ne se lit pas, faute de droits",
        f"n'ôter rien ; lui rendre ses droits (chmod -R u+rX {path}, ou chown au compte du service), puis relancer",
    )


def hold_file(path: Path, said: str | None) -> None:
    """Raises a DamagedEdition where a file is not the one with that SHA-256."""
    _hold_no_link(path)
    if not path.is_file() or file_sha256(path) != said:
        raise DamagedEdition(f"{path} manque, ou n'est plus celui qui fut publié")


def hold_files(folder: Path, files: Mapping[str, str]) -> None:
    """Raises a DamagedEdition where a file of an edition is gone or changed, or a link leads out of it.

    Args:
        folder: the edition's.
        files: the SHA-256 of each file, by its place in the folder.
    """
    for path in (folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())):
        _hold_no_link(path)
    for name, said in files.items():
        try:
            if not name.startswith(f"{INTERVIEWS}/") or (folder / INTERVIEWS).exists():
                hold_file(folder / name, said)
        except PermissionError:
            raise closed(folder / name) from None


def hold_nothing_added(folder: Path, files: Iterable[str]) -> None:
    """Raises a DamagedEdition where an edition holds a file that it was not published with.

    What desktop systems leave in a folder that somebody looked into is no damage.

    Args:
        folder: the edition's.
        files: what it was published with.
    """
    known = {*files, MANIFEST}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if not path.is_dir() and place.as_posix() not in known and not any(map(is_ignored, place.parts)):
            raise DamagedEdition(f"{path} n'est pas de cette édition : des lecteurs le voient", "l'ôter")


def _hold_no_link(path: Path) -> None:
    """Holds a part of an edition to being no link: what it leads to may change or go, and is in no backup."""
    if path.is_symlink():
        raise DamagedEdition(
            f"{path} est un lien vers {path.readlink()} : une édition n'en contient aucun, et une sauvegarde ne le suit"
            " pas",
            "mettre à sa place ce qu'il désigne, ou l'ôter",
        )
