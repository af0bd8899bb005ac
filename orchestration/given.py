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
        ProgrammeError: that file is no text.
    """
    if value := environment.get(variable):
        return value
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
