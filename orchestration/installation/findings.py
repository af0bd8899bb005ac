"""What `observatoire doctor` finds: one thing that was looked at, how it is, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from orchestration.settings import Settings
from orchestration.words import Words

_LISTED = 5


class Health(StrEnum):
    """What a finding says of what it is about."""

    SOUND = "bien"
    WATCH = "a_surveiller"
    FAULT = "faute"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        controle: code of the check.
        etat: a `Health`.
        constat: what was found, in the programme's language.
        remede: what to do; empty where there is nothing to do.
    """

    controle: str
    etat: Health
    constat: str
    remede: str = ""


Check = Callable[[Settings, Words], Iterator[Finding]]


def some(names: list[str]) -> str:
    """Returns the first of some names; an ellipsis stands for the others."""
    return ", ".join(map(str, names[:_LISTED])) + (", …" if len(names) > _LISTED else "")
