"""What a thing in the landing folder is, before any of it is read: its identity, or why it is left alone."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from orchestration.extracts.personal_data import masked
from orchestration.extracts.readers import limits
from orchestration.files import file_sha256

# why what is no file of a fit size must not be read
LINK = "c'est un lien, jamais suivi ; déposer à sa place ce qu'il désigne"
FOLDER = "c'est un dossier ; déposer ses fichiers dans celui de la vague"
SPECIAL = "ce n'est pas un fichier ordinaire ; le retirer"


def shown_name(path: Path) -> str:
    """Returns a file's name as text that can be shown and stored, whatever its bytes are; nothing personal in it."""
    return shown(os.fsencode(path.name).decode("utf-8", "replace"))


def shown(name: str) -> str:
    """Returns a name that others gave as text that can be shown and stored; nothing personal in it."""
    return masked("".join(c if c.isprintable() else "\ufffd" for c in name))


def oversize(size: int) -> str:
    """Returns why a file of so many bytes must not be read; empty where it may be."""
    if size <= limits.FILE_BYTES:
        return ""
    told, limit = size // limits.MIB, limits.FILE_BYTES // limits.MIB
    return f"{told} Mio, plus que les {limit} admis ; vérifier le fichier, ou le faire couper"


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
            marks, said = (b"lien", os.fsencode(path.readlink())), LINK
        elif stat.S_ISDIR(status.st_mode):
            marks, said = (b"dossier", own), FOLDER
        elif not stat.S_ISREG(status.st_mode):
            marks, said = (b"special", own), SPECIAL
        elif too_large := oversize(status.st_size):
            marks, said = (f"{status.st_size} {status.st_mtime_ns}".encode(),), too_large
        else:
            return file_sha256(path), None
    except OSError as error:
        # the sentence is published: it names no folder and no account of the machine
        closed = isinstance(error, PermissionError)
        reason = "droits de lecture insuffisants" if closed else error.strerror or type(error).__name__
        marks, said = (b"illisible", own), f"le fichier ne s'ouvre pas ({reason}) ; vérifier ses droits de lecture"
    return hashlib.sha256(b"\0".join(marks)).hexdigest(), f"{shown_name(path)} : {said}."
