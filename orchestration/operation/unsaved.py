"""Tells somebody, once, that a backup was not made: a timer runs it at night, and nobody reads what it prints."""

from __future__ import annotations

import os
from collections.abc import Mapping

from orchestration.operation.alerts import listed_message
from orchestration.operation.once import tell_once
from orchestration.settings import Settings

_TOLD = "sauvegardes_annoncees.json"


def tell_unsaved(
    settings: Settings, place: str, reason: str, environment: Mapping[str, str] = os.environ
) -> str | None:
    """Sends an alert that a backup was not made, unless somebody was told of it with this reason already.

    Args:
        settings: the programme's folders.
        place: where it was to be written.
        reason: why it was not, in French, with the remedy.
        environment: who is to be told.

    Returns:
        what became of the alert, in a French sentence; None where there is nothing new, or nobody to be told.
    """
    file = settings.warehouse.parent / _TOLD
    return tell_once(
        file, {place: reason}, lambda new: listed_message("sauvegarde", new, settings, environment), environment
    )


def tell_saved(settings: Settings) -> None:
    """Notes that a backup was made: the next one that is not is told again."""
    tell_once(settings.warehouse.parent / _TOLD, {}, lambda new: listed_message("sauvegarde", new, settings), {})
