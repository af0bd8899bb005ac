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
        remede: what to do; empty only where all is well.

    Raises:
        ValueError: something is not well, and nothing is said to be done about it.
    """

    controle: str
    etat: Health
    constat: str
    remede: str = ""

    def __post_init__(self) -> None:
        if self.etat != Health.SOUND and not self.remede.strip():
            raise ValueError(f"{self.controle} : {self.constat}")


Check = Callable[[Settings, Words], Iterator[Finding]]


def refused(check: str, state: Health, said: str, words: Words) -> Finding:
    """Returns the finding that a refusal makes: its sentence says what to do after a semicolon.

    Args:
        check: code of the check.
        state: how what was looked at is.
        said: the sentence.
        words: the programme's; what they say is done about a sentence without a remedy.
    """
    found, _, remedy = said.partition(" ; ")
    return Finding(check, state, f"{found.rstrip('.')}.", remedy or words.say("sante_illisible_faire"))


def taking_back(words: Words, *place: str) -> str:
    """Returns the command that puts one item of a backup back, as remedies quote it; without a place, all of it.

    Args:
        words: the programme's.
        place: the item's place in the programme folder, part by part.
    """
    return words.say("sante_reprendre", element="/".join(place)) if place else words.say("sante_reprendre_tout")


def some(names: list[str]) -> str:
    """Returns the first of some names; an ellipsis stands for the others."""
    return ", ".join(map(str, names[:_LISTED])) + (", …" if len(names) > _LISTED else "")
