"""When each file of the landing folder was first seen: the register `landing/receptions.csv`.

The time of reception decides which of two versions is the newer. A file's own time does not: copies keep it, archives
round it, and two files may share it. Lines are only ever added to the register, which survives the deletion of
everything produced. A line that it lost is made again from what the lake remembers of the delivery. What neither knows
counts as seen in the order of the files' times. Where it cannot be written, a run refuses to read what it could not
remember.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import fcntl
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ProgrammeError, taken_back
from orchestration.files import naming

REGISTER = "receptions.csv"
_COLUMNS = ("recue_le", "vague", "sha256", "fichier")
# apart by less than a millisecond: of the same time, ordered by name
_TOGETHER, _NEXT = dt.timedelta(microseconds=1), dt.timedelta(seconds=1)

Key = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """A file that stands in the landing folder now: wave, SHA-256, name fit to be stored, time of the file."""

    wave: str
    sha256: str
    name: str
    modified: dt.datetime


def receptions(
    landing: Path,
    seen: Sequence[Seen],
    now: dt.datetime | None = None,
    *,
    looking: bool = False,
    registering: bool = True,
    remembered: Callable[[], Mapping[Key, dt.datetime]] = dict,
) -> dict[Key, dt.datetime]:
    """Returns when each of the present files was first seen, and registers those that were not yet.

    Files first seen together follow one another by their own time, then by name. A file that comes later with an
    older time was received when it was seen. No two receptions have the same time.

    Args:
        landing: the landing folder.
        seen: the files in it.
        now: by default the clock's.
        looking: whether a register that cannot be written costs nothing: the times are then those of now.
        registering: whether the register is written at all; where it is not, the times are those of now too.
        remembered: called where the register lacks a file; returns when files were received, as remembered elsewhere.

    Returns:
        by wave and SHA-256, the time of reception (UTC).

    Raises:
        ProgrammeError: a file was never seen before, and the register cannot be written.
        OSError: the disk is full.
    """
    path = landing / REGISTER
    try:
        known = _read(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except UnicodeDecodeError:
        raise ProgrammeError(
            f"{path} n'est plus de l'UTF-8 : on ne saurait plus quelle livraison est arrivée en dernier ;"
            f" {taken_back(f'landing/{REGISTER}')}."
        ) from None
    if all((s.wave, s.sha256) in known for s in seen):
        return known
    told = remembered()
    if not registering:
        return _completed(known, seen, now, told)[0]
    try:
        with naming(path), path.open("a+", encoding="utf-8", newline="") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            known, fresh = _completed(_read(text), seen, now, told)
            # a line cut short by a full disk is ended, and passed over by the next reader
            lead = "" if text.endswith("\n") else (",".join(_COLUMNS) + "\n" if not text else "\n")
            file.write(lead + fresh)
    except OSError as error:
        if not looking:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise ProgrammeError(
                f"{path} ne peut pas être écrit : on ne saurait plus quelle livraison est arrivée en dernier ;"
                " le rendre inscriptible, et landing/, au compte qui exécute (« observatoire doctor » dit ce qui les"
                " ferme), puis relancer."
            ) from None
        known, _ = _completed(known, seen, now, told)
    return known


def completed(saved: Path, there: Path) -> int:
    """Adds to an older register, taken from a backup, the receptions that the present one has and it has not.

    Lines of the present one that do not read as receptions are passed over: it is what is being replaced.

    Args:
        saved: the older register, which is written to.
        there: the present one; it may be missing, or damaged.

    Returns:
        how many were added.

    Raises:
        ProgrammeError: the older register cannot be read.
    """
    known = receptions(saved.parent, [])
    text = there.read_text(encoding="utf-8", errors="replace") if there.is_file() else ""
    rows = [row for key, _, row in _lines(text) if key not in known]
    before = saved.read_text(encoding="utf-8")
    with saved.open("a", encoding="utf-8", newline="") as file:
        if rows and before and not before.endswith("\n"):
            file.write("\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
    return len(rows)


def read_time(text: str) -> dt.datetime:
    """Returns a time of reception, ISO 8601; one without its distance from UTC, as spreadsheets write it, is of UTC.

    Raises:
        ValueError: it is no time.
    """
    time = dt.datetime.fromisoformat(text)
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)


def _read(text: str) -> dict[Key, dt.datetime]:
    known: dict[Key, dt.datetime] = {}
    for key, time, _ in _lines(text):
        known.setdefault(key, time)
    return known


def _lines(text: str) -> Iterator[tuple[Key, dt.datetime, list[str]]]:
    """Yields the lines of a register that read as receptions; one that a full disk cut short does not."""
    for row in csv.reader(io.StringIO(text)):
        if len(row) == len(_COLUMNS) and row[0] != _COLUMNS[0]:
            try:
                time = read_time(row[0])
            except ValueError:
                continue
            yield (row[1], row[2]), time, [time.isoformat(timespec="microseconds"), *row[1:]]


def _completed(
    known: dict[Key, dt.datetime], seen: Sequence[Seen], now: dt.datetime | None, told: Mapping[Key, dt.datetime]
) -> tuple[dict[Key, dt.datetime], str]:
    """Returns the register with every file in it, and the lines that it lacked."""
    now = now or dt.datetime.now(tz=dt.UTC)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    found, previous = dict(known), None
    for entry in sorted(seen, key=lambda s: (s.modified, s.name)):
        key = (entry.wave, entry.sha256)
        if key not in found and key in told:
            found[key] = told[key]
            writer.writerow([told[key].isoformat(timespec="microseconds"), *key, entry.name])
    before = last = max(found.values(), default=dt.datetime.min.replace(tzinfo=dt.UTC))
    for entry in sorted(seen, key=lambda s: (s.modified, s.name)):
        if (entry.wave, entry.sha256) not in found:
            own = min(entry.modified, now)
            time = own if own > before else now
            if time <= last:
                time = last + (_TOGETHER if entry.modified == previous else _NEXT)
            last, previous = time, entry.modified
            found[entry.wave, entry.sha256] = time
            writer.writerow([last.isoformat(timespec="microseconds"), entry.wave, entry.sha256, entry.name])
    return found, lines.getvalue()
