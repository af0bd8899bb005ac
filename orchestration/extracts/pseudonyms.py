"""Pseudonyms of interviews: keyed hashes, the key kept outside the programme folder.

Whoever holds the lake without the key cannot go back to an institute's interview number.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import polars as pl

KEY_VARIABLE = "OBSERVATOIRE_CLE"


def read_key() -> bytes:
    """Returns the pseudonym key: OBSERVATOIRE_CLE, or the user's key file, made at first use."""
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode("utf-8")[:64]
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path = state / "observatoire" / "cle"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass  # another run made it in the meantime
    return path.read_bytes()[:64]


def pseudonymise(identifiers: pl.Series, *, wave: str, organisme: str, key: bytes) -> pl.Series:
    """Returns 16-hex-digit pseudonyms, distinct between organismes and waves for a same number.

    Args:
        identifiers: interview numbers as delivered.
        wave: wave of the delivery.
        organisme: organisme of the rows.
        key: the pseudonym key.
    """
    person = hashlib.blake2b(f"{wave}|{organisme}".encode(), digest_size=16).digest()
    return pl.Series(
        identifiers.name,
        [hashlib.blake2b(i.encode("utf-8"), key=key, salt=person, digest_size=8).hexdigest() for i in identifiers],
        dtype=pl.String,
    )
