"""How many lines a person touched: those of a folder's text files that were written, changed or removed between two looks."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

TEXTS = {".csv", ".yaml", ".md"}


def look(root: Path) -> dict[str, list[str]]:
    """Returns the lines of each text file that a person may write in a programme."""
    files = [p for p in sorted(root.rglob("*")) if p.is_file() and p.suffix in TEXTS and "landing" not in p.parts]
    return {str(p.relative_to(root)): p.read_text(encoding="utf-8").splitlines() for p in files}


def touched(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> int:
    """Returns the number of lines that differ: a changed line counts once, as does a new or a removed one."""
    total = 0
    for name in {*before, *after}:
        matcher = difflib.SequenceMatcher(None, before.get(name, []), after.get(name, []), autojunk=False)
        total += sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")
    return total
