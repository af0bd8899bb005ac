"""What came to `landing/` since a backup was made, and what people decided there: a restoration keeps both.

A delivery that the backup has under the same name with other bytes is kept beside it, under the number that a second
copy has: nobody can tell here which of the two is the sender's last word, and both are read.
"""

from __future__ import annotations

import csv
import filecmp
import io
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ProgrammeError
from orchestration.extracts.again import names_again
from orchestration.extracts.decisions import EXCLUSIONS, LOSSES, WITHDRAWALS
from orchestration.extracts.inventory import ARRIVALS
from orchestration.extracts.receptions import REGISTER, completed
from orchestration.ignored import is_ignored

_DECIDED = (WITHDRAWALS, EXCLUSIONS, LOSSES)


@dataclass(frozen=True)
class Since:
    """What came since, by its place in `landing/`.

    Attributes:
        deliveries: the files that are kept, under the name they have now.
        decisions: the lists to which lines were added.
    """

    deliveries: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def keep_since(landing: Path, before: Path) -> Since:
    """Puts back what came after a backup, which nobody sends or decides twice.

    Args:
        landing: the folder as the backup has it; it is written to.
        before: the folder as it was until then; it may be missing.

    Raises:
        OSError: something cannot be put back; it stays where it is.
    """
    deliveries, decisions = [], []
    for path in sorted(before.rglob("*")) if before.is_dir() else ():
        place = path.relative_to(before)
        if path.is_symlink() or not path.is_file() or any(map(is_ignored, place.parts)):
            continue
        there = landing / place
        if place.as_posix() == REGISTER and there.is_file():
            with suppress(ProgrammeError):  # of a register that was saved damaged, `doctor` tells
                completed(there, path)
        elif place.as_posix() in (*_DECIDED, ARRIVALS, REGISTER):
            if _complete(there, path) and place.as_posix() in _DECIDED:
                decisions.append(place.as_posix())
        elif not (there.is_file() and filecmp.cmp(there, path, shallow=False)):
            free = next(name for name in names_again(place.name) if not os.path.lexists(there.with_name(name)))
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, there.with_name(free))
            deliveries.append(place.with_name(free).as_posix())
    return Since(tuple(deliveries), tuple(decisions))


def _complete(saved: Path, there: Path) -> bool:
    """Adds to a list of the backup the lines that the present one has and it has not; returns whether it has any."""
    titles, *lines = _rows(there) or [[]]
    known = _rows(saved)
    fresh = [line for line in lines if line not in known]
    if not fresh:
        return False
    before = saved.read_text(encoding="utf-8") if known else ""
    with saved.open("a", encoding="utf-8", newline="") as file:
        if before and not before.endswith("\n"):
            file.write("\n")
        csv.writer(file, lineterminator="\n").writerows(fresh if known else [titles, *fresh])
    return True


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace"))))
