"""The name of a file that came again under a name that is taken: « extrait.csv », then « extrait (2).csv ».

It is the number that browsers and file managers give. A contract reads such a file as the one that it repeats.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import count
from pathlib import PurePath

# of a name, what disks take; of what follows its last dot, what can be the kind of a file
_NAME_BYTES, _SUFFIX_BYTES = 255, 32
_NUMBER = re.compile(r" \((\d{1,4})\)(?=(?:\.[^.]*)?$)")


def as_sent(filename: str) -> str:
    """Returns the name that a file was sent under: its own, without such a number."""
    return _NUMBER.sub("", filename)


def rank(filename: str) -> int:
    """Returns the number in a file's name; 1 where there is none."""
    found = _NUMBER.search(filename)
    return int(found[1]) if found else 1


def names_again(filename: str) -> Iterator[str]:
    """Yields the names that a file may take: its own, then numbered from 2 on; one too long for a disk is shortened."""
    yield filename
    path = PurePath(filename)
    short = len(os.fsencode(path.suffix)) <= _SUFFIX_BYTES
    stem, suffix = (path.stem, path.suffix) if short else (filename, "")
    for n in count(2):
        end = f" ({n}){suffix}"
        while len(os.fsencode(stem + end)) > _NAME_BYTES:
            stem = stem[:-1]
        yield stem + end


def answers(filename: str, patterns: Iterable[str]) -> bool:
    """Returns whether a file's name, or the one it was sent under, is of one of these patterns."""
    names = {filename, as_sent(filename)}
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)
