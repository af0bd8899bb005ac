"""What came to `landing/` since a backup was made, and what people decided there: a restoration keeps both.

A delivery that the backup has under the same name with other bytes is kept beside it, under the number that a second
copy has: nobody can tell here which of the two is the sender's last word, and both are read. The rest of the programme
has moved by then, so nothing here may depend on what a file holds: what cannot be added to is kept beside.
"""

from __future__ import annotations

import csv
import filecmp
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ProgrammeError
from orchestration.extracts.again import names_again
from orchestration.extracts.decision_lists import LISTS
from orchestration.extracts.inventory import ARRIVALS
from orchestration.extracts.receptions import REGISTER, completed
from orchestration.ignored import is_ignored
from orchestration.settings import UNDERWAY

# a copy that is being made: what is cut short there is no delivery
_PARTIAL = ".garde.part"


@dataclass(frozen=True)
class Since:
    """What came since, by its place in `landing/`.

    Attributes:
        deliveries: the files that are kept, under the name they have now.
        decisions: the lists to which lines were added.
    """

    deliveries: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def keep_since(landing: Path, before: Path, *, rehearsing: bool = False) -> Since:
    """Puts back what came after a backup, which nobody sends or decides twice.

    Args:
        landing: the folder as the backup has it; it is written to.
        before: the folder as it was until then; it may be missing.
        rehearsing: whether it is only read all through, to learn what will be kept and what cannot be.

    Returns:
        what was kept; what an interrupted call has kept is not told again by the next one.

    Raises:
        OSError: something cannot be read or written; it stays where it is.
    """
    deliveries, decisions = [], []
    for path in _files(before):
        place = path.relative_to(before)
        there, name = landing / place, place.as_posix()
        if name == REGISTER and there.is_file():
            _register(there, path, rehearsing=rehearsing)
            continue
        if name in (*LISTS, ARRIVALS) and there.is_file() and (known := _both(there, path)) is not None:
            # the titles are of use where the list has none
            if fresh := [line for line in known[1][bool(known[0]) :] if line not in known[0]]:
                if not rehearsing:
                    _add(there, fresh)
                if name in LISTS:
                    decisions.append(name)
            continue
        if (free := _free(landing, place, path)) is not None:
            if not rehearsing:
                free.parent.mkdir(parents=True, exist_ok=True)
                _move(path, free)
            kept = free.relative_to(landing).as_posix()
            if kept in LISTS:
                decisions.append(kept)
            elif kept not in (ARRIVALS, REGISTER):
                deliveries.append(kept)
    return Since(tuple(deliveries), tuple(decisions))


def _files(folder: Path) -> list[Path]:
    """Returns the files that somebody may have sent; a folder that cannot be read is an error, and not empty."""
    return sorted(_walked(folder)) if folder.is_dir() else []


def _walked(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for at, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not is_ignored(name) and name != UNDERWAY]
        paths = (Path(at) / name for name in names if not is_ignored(name))
        yield from (path for path in paths if not path.is_symlink() and path.is_file())


def _register(saved: Path, there: Path, *, rehearsing: bool) -> None:
    if rehearsing:
        there.read_bytes()
        return
    with suppress(ProgrammeError):  # of a register that was saved damaged, `doctor` tells
        completed(saved, there)


def _both(saved: Path, there: Path) -> tuple[list[list[str]], list[list[str]]] | None:
    """Returns the lines of a list in the backup and here; None where one of them is no table."""
    try:
        return _rows(saved), _rows(there)
    except csv.Error:
        return None


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(_text(path))))


def _text(path: Path) -> str:
    """Returns the text of a list; what is not UTF-8 was saved by a spreadsheet, in the characters of its country."""
    body = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return body.decode(encoding)
    return body.decode("latin-1")


def _add(saved: Path, lines: list[list[str]]) -> None:
    """Adds lines to a list of the backup, which is UTF-8 from then on."""
    text = _text(saved)
    added = io.StringIO()
    csv.writer(added, lineterminator="\n").writerows(lines)
    partial = saved.with_name(_PARTIAL)
    partial.write_text(
        text + ("\n" if text and not text.endswith("\n") else "") + added.getvalue(), encoding="utf-8", newline=""
    )
    shutil.copymode(saved, partial)
    partial.replace(saved)


def _free(landing: Path, place: Path, path: Path) -> Path | None:
    """Returns where a file can be kept: in its place, or under the next free number; None where it is kept already.

    A folder too has the next number, where the backup has a file in its place.
    """
    folder = landing
    for part in place.parts[:-1]:
        ways = (folder / name for name in names_again(part))
        folder = next(way for way in ways if way.is_dir() or not os.path.lexists(way))
    for name in names_again(place.name):
        there = folder / name
        if not os.path.lexists(there):
            return there
        if there.is_file() and filecmp.cmp(there, path, shallow=False):
            return None
    raise AssertionError("numbers do not end")


def _move(path: Path, target: Path) -> None:
    """Moves a file; where it cannot be taken away (`chattr +i`), it is copied."""
    try:
        path.rename(target)
    except OSError:
        partial = target.with_name(_PARTIAL)
        shutil.copy2(path, partial)
        partial.replace(target)
        with suppress(OSError):
            path.unlink()
