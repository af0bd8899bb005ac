"""The comments of published tables in another language than the warehouse's French.

`dictionary/<language>.yaml` gives each French sentence its translation; the reference language has no such file. A
comment is translated sentence by sentence, as tables share many of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

# a sentence ends at a full stop that a capital letter follows; names of files and columns have a stop within them
_END = re.compile(r"(?<=\.) (?=[A-ZÀ-ÖØ-Þ])")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def sentences(comment: str) -> list[str]:
    """The sentences of a comment, in their order, each on one line."""
    told = " ".join(comment.split())
    return _END.split(told) if told else []


@cache
def translations(path: Path) -> Mapping[str, str]:
    """Each French sentence of a file with its translation; nothing where there is no such file."""
    if not path.is_file():
        return {}
    told: Mapping[str, str] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    return told


def translated(comment: str, told: Mapping[str, str]) -> str | None:
    """Returns a comment in the language of `told`; None where one of its sentences is not there."""
    found = [told.get(sentence) for sentence in sentences(comment)]
    return None if None in found else " ".join(str(sentence) for sentence in found)
