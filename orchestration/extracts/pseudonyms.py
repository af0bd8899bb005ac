"""Pseudonyms of interviews and of their sampling units: keyed hashes, the key kept outside the programme folder.

Whoever holds the lake without the key cannot go back to an institute's interview number, nor to a building.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import polars as pl

from orchestration.errors import ObservatoireError

KEY_VARIABLE = "OBSERVATOIRE_CLE"
# characters of a key that nobody finds by trying
_LONG_ENOUGH = 32
# Begins the pseudonym of an interview without an identifier, which only its place in the file tells from the others:
# the same pseudonym in another delivery need not be the same interview.
PLACED = "place-"


def read_key() -> bytes:
    """Returns the pseudonym key: OBSERVATOIRE_CLE, or the user's key file, made at first use.

    Raises:
        ObservatoireError: the key file is empty; a hash without a key can be undone by trying numbers.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode("utf-8")[:64]
    path = _key_file()
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass  # another run made it in the meantime
    key = path.read_bytes().strip()[:64]
    if not key:
        raise ObservatoireError(f"{path} : clé vide ; supprimer ce fichier, une nouvelle clé sera faite.")
    return key


def key_fingerprint() -> str:
    """Returns what tells one key from another, and nothing of it; empty where there is no key, and none is made."""
    if not os.environ.get(KEY_VARIABLE) and not _key_file().is_file():
        return ""
    return hashlib.blake2b(b"observatoire", key=read_key(), digest_size=8).hexdigest()


def key_fault() -> str | None:
    """Returns what is wrong with the key: `absente`, `courte`, or `ouverte` to other accounts; None where nothing is.

    No key is made. A short one could be found by trying; so could, with it, the interview behind a pseudonym.
    """
    given, path = os.environ.get(KEY_VARIABLE), _key_file()
    if not given and not path.is_file():
        return "absente"
    if len(given or path.read_text(encoding="utf-8").strip()) < _LONG_ENOUGH:
        return "courte"
    return "ouverte" if not given and path.stat().st_mode & 0o077 else None


def _key_file() -> Path:
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "observatoire" / "cle"


def pseudonymise(identifiers: pl.Series, *, wave: str, organisme: str, key: bytes, of: str = "") -> pl.Series:
    """Returns 16-hex-digit pseudonyms, distinct between organismes and waves for a same number; null where it is null.

    Args:
        identifiers: interview numbers, or sampling units, as delivered.
        wave: wave of the delivery.
        organisme: organisme of the rows.
        key: the pseudonym key.
        of: what they identify where it is not the interview (a sampling unit, a place in the file), so that interview
            12 and building 12 differ.
    """
    salt = hashlib.blake2b("|".join(filter(None, (wave, organisme, of))).encode(), digest_size=16).digest()

    def pseudonym(identifier: str) -> str:
        return hashlib.blake2b(identifier.encode("utf-8"), key=key, salt=salt, digest_size=8).hexdigest()

    found = [identifier and pseudonym(identifier) for identifier in identifiers]
    return pl.Series(identifiers.name, found, dtype=pl.String)
