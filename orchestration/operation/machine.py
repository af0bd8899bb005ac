"""Refusals of the machine in French sentences: a full disk, a read-only file system, a folder of another account."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

_REASONS = (
    (
        r"No space left on device|os error 28|Errno 28|database or disk is full|Disk quota exceeded|File too large",
        "Le disque est plein{where} ; libérer de la place, puis relancer.",
    ),
    (
        r"Read-only file system|os error 30|Errno 30|readonly database",
        "Écriture impossible{where} : le système de fichiers est en lecture seule ; l'ouvrir en écriture,"
        " puis relancer.",
    ),
    (
        r"Permission denied|os error 13|Errno 13|Operation not permitted",
        "Droits insuffisants{where} ; rendre le dossier au compte qui exécute, puis relancer.",
    ),
    (
        r"Input/output error|os error 5\b|Errno 5\b",
        "Le disque ne répond pas comme il faut{where} ; le vérifier (journalctl -k), puis relancer.",
    ),
    (r"File name too long|os error 36|Errno 36", "Nom de fichier trop long{where} ; en donner un plus court."),
    (
        r"Not a directory|File exists|os error (?:17|20)|Errno (?:17|20)",
        "Un fichier se trouve là où le chemin veut un dossier{where} ; corriger le chemin.",
    ),
)
_PATH = re.compile(r"""["'](/[^"']+)["']""")


def machine_refusal(error: BaseException | str) -> str | None:
    """Returns what the machine refused, as a sentence with the remedy; None where the error is of another kind.

    Args:
        error: an exception with what caused it, or the words of one: Python's, Rust's, DuckDB's and SQLite's are known.
    """
    text = error if isinstance(error, str) else " ".join(_words(error))
    for pattern, sentence in _REASONS:
        if re.search(pattern, text):
            place = _PATH.search(text)
            return sentence.format(where=f" ({place[1]})" if place else "")
    return None


def lack_of_room(folder: Path) -> str | None:
    """Returns that the disk of a folder is full, as a sentence; None while it has a MiB left.

    On a full disk, SQLite only says "disk I/O error", which it also says of a broken disk.
    """
    return machine_refusal(f"No space left on device: '{folder}'") if shutil.disk_usage(folder).free < 1 << 20 else None


def _words(error: BaseException | None) -> list[str]:
    said: list[str] = []
    while error is not None and len(said) < 10:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    return said
