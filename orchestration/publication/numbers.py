"""The names of editions: `<wave>-<major>.<minor>`."""

from __future__ import annotations

import re
from collections.abc import Iterable

# A hidden folder is an edition that a killed run was making.
NAME = re.compile(r"^(?P<wave>[^.].*)-(?P<major>\d+)\.(?P<minor>\d+)$")


def order(name: str) -> tuple[str, int, int]:
    """Returns wave, major and minor number of an edition, from its name."""
    match = NAME.match(name)
    assert match is not None
    return match["wave"], int(match["major"]), int(match["minor"])


def wave_of(edition: str) -> str:
    """Returns the wave that an edition is of, from its name."""
    return order(edition)[0]


def is_final(edition: str) -> bool:
    """Returns whether an edition was made once its wave was declared final, from its name."""
    return order(edition)[1] > 0


def in_order(names: Iterable[str]) -> list[str]:
    """Returns editions by wave and number; the names of waves say nothing of which was first."""
    return sorted(names, key=order)
