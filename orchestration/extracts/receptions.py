"""When each delivery was first seen: what decides which of two versions is the newer.

A file's own time does not: copies keep it, archives round it, and two files may share it. The register stands in
`landing/receptions.csv`, lines are only ever added, and it survives the deletion of everything produced. Without it
(lost, or a landing folder that cannot be written) deliveries count as seen in the order of their files' times.
"""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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


def receptions(landing: Path, seen: Sequence[Seen], now: dt.datetime | None = None) -> dict[Key, dt.datetime]:
    """Returns when each of the present files was first seen, and registers those that were not yet.

    Files first seen together follow one another by their own time, then by name. A file that comes later with an
    older time was received when it was seen. No two receptions have the same time.

    Args:
        landing: the landing folder.
        seen: the files in it.
        now: by default the clock's.

    Returns:
        by wave and SHA-256, the time of reception (UTC).
    """
    path = landing / REGISTER
    known = _read(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if all((s.wave, s.sha256) in known for s in seen):
        return known
    try:
        with path.open("a+", encoding="utf-8", newline="") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            known, fresh = _completed(_read(text), seen, now)
            # a line cut short by a full disk is ended, and passed over by the next reader
            lead = "" if text.endswith("\n") else (",".join(_COLUMNS) + "\n" if not text else "\n")
            file.write(lead + fresh)
    except OSError:
        known, _ = _completed(known, seen, now)
    return known


def _read(text: str) -> dict[Key, dt.datetime]:
    known: dict[Key, dt.datetime] = {}
    for row in csv.reader(io.StringIO(text)):
        if len(row) == len(_COLUMNS) and row[0] != _COLUMNS[0]:
            try:
                known.setdefault((row[1], row[2]), dt.datetime.fromisoformat(row[0]))
            except ValueError:
                continue
    return known


def _completed(
    known: dict[Key, dt.datetime], seen: Sequence[Seen], now: dt.datetime | None
) -> tuple[dict[Key, dt.datetime], str]:
    """Returns the register with every file in it, and the lines that it lacked."""
    now = now or dt.datetime.now(tz=dt.UTC)
    before = last = max(known.values(), default=dt.datetime.min.replace(tzinfo=dt.UTC))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    found, previous = dict(known), None
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
