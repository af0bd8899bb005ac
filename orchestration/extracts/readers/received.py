"""What a thing in the landing folder is, before any of it is read: its identity, or why it is left alone."""

from __future__ import annotations

import hashlib
import os
import stat
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from orchestration.extracts.personal_data import masked
from orchestration.extracts.readers import limits
from orchestration.files import file_sha256


@cache
def _ignored_patterns() -> tuple[str, ...]:
    return tuple(yaml.safe_load((Path(__file__).parents[1] / "ignored.yaml").read_text(encoding="utf-8")))


def is_ignored(name: str) -> bool:
    """Returns whether a name is that of what a desktop system or a transfer leaves (`ignored.yaml`), no delivery."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in _ignored_patterns())


def shown_name(path: Path) -> str:
    """Returns a file's name as text that can be shown and stored, whatever its bytes are; nothing personal in it."""
    name = os.fsencode(path.name).decode("utf-8", "replace")
    return masked("".join(c if c.isprintable() else "\ufffd" for c in name))


def identify(path: Path) -> tuple[str, str | None]:
    """Returns the SHA-256 of a received file, and why it must not be read if it must not.

    A link is not followed, what is no regular file is not opened, and a file beyond measure is not read to its end:
    the SHA-256 is then that of what identifies it.
    """
    own = os.fsencode(path.name)
    marks: tuple[bytes, ...]
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            marks, said = (
                (b"lien", os.fsencode(path.readlink())),
                "c'est un lien, jamais suivi ; déposer à sa place ce qu'il désigne",
            )
        elif stat.S_ISDIR(status.st_mode):
            marks, said = (b"dossier", own), "c'est un dossier ; déposer ses fichiers dans celui de la vague"
        elif not stat.S_ISREG(status.st_mode):
            marks, said = (b"special", own), "ce n'est pas un fichier ordinaire ; le retirer"
        elif status.st_size > limits.FILE_BYTES:
            size, limit = status.st_size // limits.MIB, limits.FILE_BYTES // limits.MIB
            marks = (f"{status.st_size} {status.st_mtime_ns}".encode(),)
            said = f"{size} Mio, plus que les {limit} admis ; vérifier le fichier, ou le faire couper"
        else:
            return file_sha256(path), None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        marks, said = (b"illisible", own), f"le fichier ne s'ouvre pas ({reason}) ; vérifier ses droits de lecture"
    return hashlib.sha256(b"\0".join(marks)).hexdigest(), f"{shown_name(path)} : {said}."
