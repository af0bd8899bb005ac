"""Secrets as whoever runs the service gives them: by a variable, or by a file in the folder that a variable names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# the folder that holds a file per secret, named as its variable: what systemd and container engines give a service
SECRETS = "OBSERVATOIRE_SECRETS"


def given_secret(variable: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Returns what a variable holds, or the file of its name in the folder of secrets; None without one.

    Args:
        variable: name of the variable.
        environment: all variables; an empty one is none.
    """
    if value := environment.get(variable):
        return value
    folder = environment.get(SECRETS)
    if folder and (file := Path(folder) / variable).is_file():
        return file.read_text(encoding="utf-8").rstrip("\r\n") or None
    return None
