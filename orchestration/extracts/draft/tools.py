"""The survey tool that wrote an export, known by the columns that every export of it has (outils.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.extracts.draft.lexicon import plain
from orchestration.programme.texts import clean

_USES = ("entretien", "date_entretien", "gestion", "personnel")


@cache
def tools() -> Mapping[str, Any]:
    """Returns outils.yaml."""
    return yaml.safe_load(Path(__file__).with_name("outils.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Tool:
    """A tool whose export a header is.

    Attributes:
        name: its name.
        traits: what outils.yaml says of it.
    """

    name: str
    traits: Mapping[str, Any]

    @property
    def header_rows(self) -> int:
        """Rows that titles take."""
        return int(self.traits.get("lignes_entete", 1))

    @property
    def below(self) -> Sequence[str]:
        """Patterns of the rows below the titles that are no answers, in the column of the first sign."""
        return self.traits.get("sous_entete", ())  # type: ignore[no-any-return]

    @property
    def chosen(self) -> Sequence[str]:
        """Values that it writes in the column of an option that was chosen."""
        return tuple(map(str, self.traits.get("choisi", ())))

    def is_first_sign(self, title: str) -> bool:
        """Returns whether a title is the first of the tool's signs."""
        return _is(title, self.traits["signes"][0], self.traits)

    def uses(self, title: str) -> list[tuple[str, int]]:
        """Returns what a column of this title is for, and how preferred it is for that, 0 first; nothing for others."""
        return [
            (use, rank)
            for use in _USES
            for rank, own in enumerate(self.traits.get(use, ()))
            if _is(title, own, self.traits)
        ]


def tool_of(titles: Sequence[str]) -> Tool | None:
    """Returns the tool all of whose signs are among some titles; where several are, the one with the most."""
    found = [
        Tool(name, traits)
        for name, traits in tools()["outils"].items()
        if all(any(_is(title, sign, traits) for title in titles) for sign in traits["signes"])
    ]
    return max(found, key=lambda tool: len(tool.traits["signes"]), default=None)


def _is(title: str, own: str, traits: Mapping[str, Any]) -> bool:
    """Returns whether a title is one of the tool's: as it names it, as it words it, or « name. words »."""
    return bool(title) and (
        _written(own, tuple(traits.get("ecrits", {}).get(own, ()))).fullmatch(plain(title)) is not None
    )


@cache
def _written(own: str, words: tuple[str, ...]) -> re.Pattern[str]:
    name = (r"\S.* " if own.startswith("*") else "") + re.escape(plain(own))
    said = "|".join(re.escape(plain(word)) for word in words)
    return re.compile(f"{name}|{said}|{name} (?:{said})" if said else name)


def mute(part: str) -> bool:
    """Returns whether a part of a title says nothing of the question."""
    return plain(part) in {plain(text) for text in tools()["parts_muettes"]}


def other_text(title: str) -> bool:
    """Returns whether a column holds what people wrote beside an option « other »."""
    return any(re.search(pattern, clean(title)) for pattern in tools()["texte_autre"])
