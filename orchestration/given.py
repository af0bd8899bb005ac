"""Secrets as whoever runs the service gives them: by a variable, or by a file in the folder that a variable names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestration.errors import ProgrammeError

# the folder that holds a file per secret, named as its variable: what systemd and container engines give a service
SECRETS = "OBSERVATOIRE_SECRETS"


def given_secret(variable: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Returns what a variable holds, or the file of its name in the folder of secrets; None without one.

    Args:
        variable: name of the variable.
        environment: all variables; an empty one is none.

    Raises:
        ProgrammeError: the variable, or that file, is no text in UTF-8.
    """
    if value := environment.get(variable):
        return _as_utf8(variable, value)
    folder = environment.get(SECRETS)
    if folder and (file := Path(folder) / variable).is_file():
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n") or None
        except UnicodeDecodeError:
            raise ProgrammeError(
                f"{file} n'est pas du texte en UTF-8 : aucun secret ne s'y lit ; l'y récrire (« openssl rand -hex 32 »"
                " donne une clé)."
            ) from None
    return None


def _as_utf8(variable: str, value: str) -> str:
    """Returns what a variable holds, read as UTF-8 whatever the locale: the same key is the same under any of them."""
    try:
        return os.fsencode(value).decode("utf-8")
    except UnicodeError:
        raise ProgrammeError(
            f"{variable} n'est pas du texte en UTF-8 : aucun secret ne s'y lit ; l'écrire en UTF-8 là où elle est"
            " donnée."
        ) from None
