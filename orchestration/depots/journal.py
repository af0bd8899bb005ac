"""What is remembered of depots: in `landing/depots.csv` what arrived, and in a hidden file what still moves.

The register tells of each delivery where it came from, when, and its SHA-256; lines are only ever added. A file that
stands in it with the same mark is not fetched again, whatever became of it in `landing/`.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from orchestration.depots.looking import alike
from orchestration.errors import DepotError, PublicationRefused
from orchestration.extracts.inventory import ARRIVALS
from orchestration.files import write_json

# hidden, so no delivery
_LOOKS = ".depots.json"
_LOCK = ".depots.verrou"


@dataclass(frozen=True)
class Arrival:
    """A line of the register.

    Attributes:
        recue_le: when it was there, whole; ISO 8601, UTC.
        depot: name of the depot.
        serveur: kind and name of its server, without account nor folder.
        source: place in the depot.
        marque: what told that the file did not change.
        vague: the wave whose folder it went to.
        fichier: its name there.
        taille: bytes.
        sha256: of its bytes.
    """

    recue_le: str
    depot: str
    serveur: str
    source: str
    marque: str
    vague: str
    fichier: str
    taille: str
    sha256: str


_COLUMNS = tuple(column.name for column in fields(Arrival))


def arrivals(landing: Path) -> dict[tuple[str, str], Arrival]:
    """Returns the last arrival of each file, by depot and key; a line that a crash cut short is passed over.

    Raises:
        DepotError: the register is no text in UTF-8.
    """
    path = landing / ARRIVALS
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        raise DepotError(
            f"{path} : illisible, ce n'est pas de l'UTF-8 ; le reprendre d'une sauvegarde, ou le réenregistrer en"
            " UTF-8, séparé par des virgules. Sans lui, tout ce que tiennent les dépôts serait relevé à nouveau."
        ) from None
    rows = (row for row in csv.reader(io.StringIO(text)) if len(row) == len(_COLUMNS) and row[0] != _COLUMNS[0])
    return {(found.depot, alike(found.source)): found for found in (Arrival(*row) for row in rows)}


def register(landing: Path, arrival: Arrival) -> None:
    """Adds a line to the register."""
    with (landing / ARRIVALS).open("a+", encoding="utf-8", newline="") as file:
        file.seek(0)
        text = file.read()
        # A crash may have left a partial last line: start on a new one.
        lead = "" if text.endswith("\n") else (",".join(_COLUMNS) + "\n" if not text else "\n")
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(astuple(arrival))
        file.write(lead + line.getvalue())


class Looks:
    """Since when each file that did not arrive yet has been as it is, depot by depot."""

    def __init__(self, landing: Path) -> None:
        self._path = landing / _LOOKS
        self._kept: dict[str, dict[str, tuple[str, float]]] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            told = json.loads(self._path.read_text(encoding="utf-8"))
            self._kept = {d: {s: (str(m), float(t)) for s, (m, t) in files.items()} for d, files in told.items()}
        self._found = self._plain()

    def note(self, depot: str, marks: Mapping[str, str], now: float) -> dict[str, float]:
        """Notes how the files of a depot are now; returns for how many seconds each has been so.

        Files that are not named are forgotten. A clock that was put back begins anew.

        Args:
            depot: name of the depot.
            marks: by key of the file, the mark.
            now: seconds since the epoch.
        """
        before = self._kept.get(depot, {})
        kept = {}
        for key, mark in marks.items():
            known, since = before.get(key, ("", now))
            kept[key] = (mark, since if known == mark and since <= now else now)
        self._kept[depot] = kept
        return {key: now - since for key, (_, since) in kept.items()}

    def forget(self, depot: str, key: str) -> None:
        """Forgets a file: it arrived."""
        self._kept.get(depot, {}).pop(key, None)

    def keep(self) -> None:
        """Writes what changed; while nothing does, the folder looks the same to the sensor."""
        if (now := self._plain()) != self._found:
            write_json(now, self._path)
            self._found = now

    def _plain(self) -> dict[str, dict[str, list[str | float]]]:
        return {d: {s: [*look] for s, look in files.items()} for d, files in self._kept.items() if files}


@contextmanager
def alone(landing: Path) -> Iterator[None]:
    """Lets one process at a time fetch into a landing folder; the kernel ends it with the process.

    Raises:
        PublicationRefused: another process does.
    """
    landing.mkdir(parents=True, exist_ok=True)
    with (landing / _LOCK).open("a") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublicationRefused("Les dépôts sont déjà en train d'être relevés ; attendre la fin.") from None
        yield
