"""What desktop systems and transfers leave in folders, and what nobody delivered, published or printed."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))


def is_ignored(name: str) -> bool:
    """Returns whether a file's name is that of what a desktop system or a transfer leaves (`ignored.yaml`)."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in _patterns())
