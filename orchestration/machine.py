"""Refusals of the machine in French sentences: a full disk, a read-only file system, a folder of another account."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from orchestration.accounts import is_protected, is_read_only, owner, running
from orchestration.files import try_writing
from orchestration.settings import lacking_module

_FULL = r"No space left on device|os error 28|Errno 28|database or disk is full|Disk quota exceeded|File too large"
_REASONS = (
    (
        _FULL,
        "Le disque est plein{where} ; libérer de la place, puis relancer.",
    ),
    (
        r"Read-only file system|os error 30|Errno 30|readonly database",
        "Écriture impossible{where} : le système de fichiers est en lecture seule ; l'ouvrir en écriture,"
        " puis relancer.",
    ),
    (
        r"Permission denied|os error 13|Errno 13|Operation not permitted",
        "Droits insuffisants{where} pour le compte {account} ; {remedy}, puis relancer.",
    ),
    (
        r"Input/output error|os error 5\b|Errno 5\b",
        "Le disque ne répond pas comme il faut{where} ; le vérifier (journalctl -k), puis relancer.",
    ),
    (
        r"Is a directory|os error 21|Errno 21",
        "Un dossier se trouve là où le chemin veut un fichier{where} ; l'ôter, puis relancer.",
    ),
    (r"File name too long|os error 36|Errno 36", "Nom de fichier trop long{where} ; en donner un plus court."),
    (
        r"Not a directory|File exists|os error (?:17|20)|Errno (?:17|20)",
        "Un fichier se trouve là où le chemin veut un dossier{where} ; l'ôter, ou corriger le chemin.",
    ),
)
# The lines of a traceback name the files of the code, which are not what was written.
_PATH = re.compile(r"""(?<!File )["'](/[^"']+)["']""")
# SQLite says of a file that it may not write that the database is read-only, whatever the file system is
_OF_SQLITE = "readonly database"


def machine_refusal(error: BaseException | str, written: Iterable[Path] = ()) -> str | None:
    """Returns what the machine refused, as a sentence with the remedy; None where the error is of another kind.

    Args:
        error: an exception with what caused it, or the words of one: Python's, Rust's, DuckDB's and SQLite's are known.
        written: the folders that were written to. SQLite names no file where its disk is full: then the one of them
            with the least room is named.
    """
    text = error if isinstance(error, str) else " ".join(_words(error))
    place = _place(text)
    if place is None and re.search(_FULL, text):
        place = _fullest(written)
    if place and _OF_SQLITE in text and not is_read_only(Path(place)):
        text = text.replace(_OF_SQLITE, "Permission denied")
    for pattern, sentence in _REASONS:
        if re.search(pattern, text):
            where = f" ({place})" if place else ""
            return sentence.format(where=where, account=running(), remedy=_to_be_given(place))
    return lacking_module(text)


def machine_sentence(error: OSError, place: Path) -> str:
    """Returns what the machine refused, as a sentence, whatever it is.

    Args:
        error: what was raised.
        place: what was worked on, named where the error names no path.
    """
    # a path from the root is what a refusal is known to name
    at = Path(error.filename or place).absolute()
    if isinstance(error, FileNotFoundError):
        return f"{at} n'est pas là ; le créer ou le rendre, puis relancer."
    said = machine_refusal(error if error.filename else f"{error.strerror}: '{at}'")
    return said or f"{at} : {error.strerror or type(error).__name__}."


def _place(text: str) -> str | None:
    """Returns the path that an error is about: of a move or a link, the one that was to be made, or what cannot go."""
    paths: list[str] = _PATH.findall(text)
    if kept := next((path for path in paths if is_protected(Path(path))), None):
        return kept
    return (paths[1] if len(paths) > 1 and "' -> '" in text else paths[0]) if paths else None


def _fullest(folders: Iterable[Path]) -> str | None:
    """Returns the folder whose disk has the least room; None where none of them is there."""
    there = [folder for folder in (*folders, Path(tempfile.gettempdir())) if folder.is_dir()] if folders else []
    return str(min(there, key=lambda folder: shutil.disk_usage(folder).free)) if there else None


def _to_be_given(place: str | None) -> str:
    """Returns what gives an account the right that it lacks."""
    path = Path(place or "/")
    if (protected := next((one for one in (path, *path.parents) if is_protected(one)), None)) is not None:
        return taken_off(protected)
    owned = owner(Path(place)) if place else None
    if owned == running():
        return f"s'en rendre le droit (chmod -R u+rwX {_closed(place or '')})"
    whose = f", qui est à {owned}," if owned else ""
    return (
        f"lancer la commande sous le compte du service (deploy/observatoire), ou lui rendre ce chemin{whose} par chown"
    )


def taken_off(protected: Path, *, within: bool = False) -> str:
    """Returns, in French, what takes off an attribute that lets nobody move or delete a path, or what is in it."""
    command = f"chattr {'-R ' if within else ''}-i -a {protected}"
    return f"en ôter l'attribut qui le protège (« lsattr » le montre, « {command} » l'ôte)"


def _closed(place: str) -> Path:
    """Returns what is closed of a path that could not be opened: the first of the folders on its way, or itself."""
    path = Path(place)
    folders = [one for one in (*reversed(path.parents), path) if os.path.isdir(one)]  # noqa: PTH112 - a Path raises in a closed folder
    return next((one for one in folders if not os.access(one, os.R_OK | os.X_OK)), path)


def lack_of_room(folder: Path) -> str | None:
    """Returns that the disk of a folder is full, as a sentence; None while it has a MiB left.

    On a full disk, SQLite only says "disk I/O error", which it also says of a broken disk.
    """
    full = folder.is_dir() and shutil.disk_usage(folder).free < 1 << 20
    return machine_refusal(f"No space left on device: '{folder}'") if full else None


def takes_nothing(folder: Path) -> str | None:
    """Returns why a folder takes no file now, as a sentence: no room, or what making one meets; None where it does.

    Where SQLite says that it cannot open a file, it may be one beside it that it cannot make. A disk that turned
    read-only after an error does not tell: Linux then refuses each file, and lists the mount as it was.
    """
    if (full := lack_of_room(folder)) is not None:
        return full
    try:
        try_writing(folder)
    except OSError as error:
        return machine_refusal(f"{error.strerror}: '{folder}'")
    return None


def closed_journals(error: BaseException) -> str | None:
    """Returns that a journal of Dagster could not be opened or written, as a sentence; None of any other error."""
    if re.search(r"unable to open database file|disk I/O error", " ".join(_words(error))):
        return (
            "Les journaux de Dagster ne s'ouvrent plus : disque plein, passé en lecture seule (« journalctl -k »), ou"
            " droits repris ; « observatoire doctor » dit lequel. Rien de publié n'a changé ; relancer ensuite."
        )
    return None


def _absolute(error: BaseException) -> str:
    """Returns an exception's words; a path that was given from where the command works is whole in them."""
    said, path = str(error), getattr(error, "filename", None)
    return said.replace(repr(path), repr(os.path.abspath(path))) if path and isinstance(path, str) else said  # noqa: PTH100 - a Path resolves links


def _words(error: BaseException | None) -> list[str]:
    said: list[str] = []
    while error is not None and len(said) < 10:
        said.append(_absolute(error))
        error = error.__cause__ or error.__context__
    return said
