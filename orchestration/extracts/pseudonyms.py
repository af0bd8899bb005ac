"""Pseudonyms of interviews and of their sampling units: keyed hashes, the key kept outside the programme folder.

Whoever holds the lake without the key cannot go back to an institute's interview number, nor to a building.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from itertools import pairwise
from pathlib import Path

import polars as pl

from orchestration.errors import ProgrammeError
from orchestration.given import given_secret
from orchestration.settings import in_production

KEY_VARIABLE = "OBSERVATOIRE_CLE"
# characters of a key that is given: sixteen random bytes in hexadecimal, which nobody can try
LEAST = 32
# different characters, of which sixteen random bytes in hexadecimal nearly always have ten or more
_DIFFERENT = 8
# Begins the pseudonym of an interview without an identifier, which only its place in the file tells from the others:
# the same pseudonym in another delivery need not be the same interview.
PLACED = "place-"


def read_key() -> bytes:
    """Returns the pseudonym key: the one that is given, or the user's key file, made at first use.

    Raises:
        ProgrammeError: the key that is given is too short or can be guessed, none is in production, or the key file is
            empty.
    """
    refuse_bad_key()
    given, path = given_secret(KEY_VARIABLE), _key_file()
    if given is None and not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass  # another run made it in the meantime
    return _held()


def refuse_bad_key() -> None:
    """Raises a ProgrammeError where no pseudonym can be made with the key there is."""
    if fault := key_fault():
        raise ProgrammeError(fault)


def key_fault() -> str | None:
    """Returns why the key there is can make no pseudonym, a sentence with the remedy; None where nothing is wrong.

    Whoever knows that a key is short can try them all, and find the interview behind a pseudonym. In production a key
    has to be given: one that the service made for itself would be lost with its container, or with its home.
    """
    given, path = given_secret(KEY_VARIABLE), _key_file()
    if given is not None and len(given) < LEAST:
        return (
            f"{KEY_VARIABLE} compte moins de {LEAST} caractères : en tirer une au hasard (« openssl rand -hex 32 »)."
            " En changer fait relire toutes les livraisons ; aucun chiffre ne change."
        )
    if given is not None and _guessed(given):
        return (
            f"{KEY_VARIABLE} se devine, faite de caractères répétés ou qui se suivent : en tirer une au hasard"
            " (« openssl rand -hex 32 »). En changer fait relire toutes les livraisons ; aucun chiffre ne change."
        )
    if given is None and in_production():
        kept = f"y recopier celle de {path}, ou " if path.is_file() else ""
        return (
            f"{KEY_VARIABLE} n'est pas définie, ou est vide ; en production, la clé des pseudonymes se donne :"
            f" {kept}en tirer une au hasard (« openssl rand -hex 32 »), et la garder hors du dossier du programme et de"
            " ses sauvegardes."
        )
    if given is None and path.is_file() and not path.read_bytes().strip():
        return f"{path} : clé vide ; supprimer ce fichier, une nouvelle clé sera faite."
    return None


def _guessed(key: str) -> bool:
    """Returns whether a key is a few characters, one text again and again, or characters in a row."""
    period = next(length for length in range(1, len(key) + 1) if key.startswith(key[length:]))
    in_a_row = sum(abs(ord(one) - ord(other)) <= 1 for one, other in pairwise(key))
    return len(set(key)) < _DIFFERENT or period <= min(len(key) / 2, LEAST) or in_a_row > len(key) / 2


def key_fingerprint() -> str:
    """Returns what tells one key from another, and nothing of it; empty where there is no key, and none is made."""
    held = _held()
    return hashlib.blake2b(b"observatoire", key=held, digest_size=8).hexdigest() if held else ""


def _held() -> bytes:
    """Returns the key that is given or kept; nothing where there is none."""
    given, path = given_secret(KEY_VARIABLE), _key_file()
    if given is not None:
        return given.encode("utf-8")[:64]
    return path.read_bytes().strip()[:64] if path.is_file() else b""


def is_open_to_others() -> bool:
    """Returns whether other accounts of the machine may read the key file that is in use."""
    path = _key_file()
    return given_secret(KEY_VARIABLE) is None and path.is_file() and bool(path.stat().st_mode & 0o077)


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
