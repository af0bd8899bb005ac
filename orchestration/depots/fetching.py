"""Fetches what is new in the depots of a programme into `landing/`: whole files, added beside what is there.

A file is taken once it has not changed for some time. It is downloaded under a hidden name in the folder of its wave,
so that nothing reads it, and given its name in one step. What a cut left of it is gone on with, as long as the file in
the depot is the same. Nothing is ever changed or deleted in a depot, nor replaced in `landing/`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.depots.journal import Arrival, Looks, alone, arrivals, register
from orchestration.depots.landing import named
from orchestration.depots.looking import Found, look
from orchestration.depots.places import Place, open_place
from orchestration.errors import DepotError
from orchestration.extracts.lake import Lake
from orchestration.extracts.readers.received import shown
from orchestration.files import file_sha256
from orchestration.programme import Programme
from orchestration.programme.depots import Depot

# hexadecimal digits that tell the part of one file from that of another
_DIGITS = 32


@dataclass
class Passage:
    """What came of one passage at a depot.

    Attributes:
        depot: its name.
        arrived: the new files, `<wave>/<file>`.
        moving: places of the files that still change.
        known: how many of its files had arrived before.
        refused: by place, why a file is not fetched, in French.
        failures: why the depot was not read to its end, in French; nothing where it was.
    """

    depot: str
    arrived: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    known: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def fetch(
    programme: Programme,
    environment: Mapping[str, str] = os.environ,
    wait: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> list[Passage]:
    """Fetches what is new in each depot; one that does not answer does not keep the others from being read.

    Where files are new, the passage waits, once for all depots, until it can tell that they no longer change.

    Args:
        programme: whose depots they are.
        environment: where accounts and secrets are.
        wait: waits for seconds.
        clock: gives seconds since the epoch.

    Returns:
        what came of each depot, in the order of programme.yaml.

    Raises:
        PublicationRefused: another process fetches.
        OSError: `landing/` cannot be written.
    """
    if not programme.config.depots:
        return []
    landing = Lake(programme.root).landing
    with alone(landing):
        looks, known = Looks(landing), arrivals(landing)
        visits = [_Visit(depot, programme, environment, looks, known, clock) for depot in programme.config.depots]
        for visit in visits:
            visit.look()
        # Kept before the wait: a passage that is interrupted there has looked.
        looks.keep()
        if pause := max(visit.pause() for visit in visits):
            wait(pause)
            for visit in visits:
                if visit.pause():
                    visit.look()
        for visit in visits:
            visit.take()
            looks.keep()
    return [visit.passage for visit in visits]


class _Visit:
    """One depot during a passage."""

    def __init__(
        self,
        depot: Depot,
        programme: Programme,
        environment: Mapping[str, str],
        looks: Looks,
        known: dict[tuple[str, str], Arrival],
        clock: Callable[[], float],
    ) -> None:
        self.depot, self.passage = depot, Passage(depot.nom)
        self._programme, self._environment, self._clock = programme, environment, clock
        self._landing = Lake(programme.root).landing
        self._looks, self._known = looks, known
        self._place: Place | None = None
        self._fresh: list[Found] = []
        self._steady: dict[str, float] = {}

    def look(self) -> None:
        """Lists the depot: what has not arrived yet, and for how long it has been as it is."""
        self._fresh = []
        try:
            self._place = self._place or open_place(self.depot, self._programme.root, self._environment)
            seen = look(self._place, self.depot, self._programme)
        except DepotError as error:
            self._place = None
            self.passage.failures.append(str(error))
            return
        self.passage.refused = seen.refused
        self._fresh = [found for found in seen.found if not self._arrived(found)]
        self.passage.known = len(seen.found) - len(self._fresh)
        marks = {found.key: found.entry.mark for found in self._fresh}
        self._steady = self._looks.note(self.depot.nom, marks, self._clock())

    def pause(self) -> float:
        """Returns in how many seconds the last of its files may be taken; 0 where all may be now."""
        return max((self._left(found) for found in self._fresh), default=0.0)

    def take(self) -> None:
        """Downloads and lands the files that no longer change."""
        if self._place is None:
            return
        self._sweep()
        for found in self._fresh:
            if self._left(found) > 0:
                self._moves(found)
                continue
            try:
                self._land(found)
            except DepotError as error:
                if error.gone:
                    continue
                self.passage.failures.append(f"{shown(found.source)} : {error}")
                # The connection may be lost, or this file alone may be at fault: the others are tried over another one.
                try:
                    self._place = open_place(self.depot, self._programme.root, self._environment)
                    self._place.entries(self._place.root)
                except DepotError:
                    return

    def _land(self, found: Found) -> None:
        folder = self._landing / found.wave
        if folder.is_symlink():
            raise DepotError(f"landing/{found.wave} est un lien, jamais suivi ; le remplacer par un dossier.")
        folder.mkdir(exist_ok=True)
        part = folder / self._part(found)
        try:
            whole = self._download(found, part)
        except DepotError:
            # of a file that the depot does not give, nothing is there to go on from
            if not part.stat().st_size:
                part.unlink()
            raise
        if not whole:
            part.unlink()
            self._moves(found)
            return
        sha256 = file_sha256(part)
        before = self._known.get((self.depot.nom, found.key))
        if before is not None and (before.vague, before.sha256) == (found.wave, sha256):
            # deposited again as it was
            name = before.fichier
            part.unlink()
        else:
            name = named(part, folder, found.name, sha256)
            self.passage.arrived.append(f"{found.wave}/{shown(name)}")
        arrival = Arrival(
            recue_le=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            depot=self.depot.nom,
            serveur=_server(self.depot),
            source=found.source,
            marque=found.entry.mark,
            vague=found.wave,
            fichier=name,
            taille=str(found.entry.size),
            sha256=sha256,
        )
        register(self._landing, arrival)
        self._known[self.depot.nom, found.key] = arrival
        self._looks.forget(self.depot.nom, found.key)

    def _download(self, found: Found, part: Path) -> bool:
        """Downloads a file, from where a cut left it; returns whether it is whole and was the same all along."""
        assert self._place is not None
        size = found.entry.size or 0
        with part.open("ab") as file:
            if file.tell() > size:
                file.truncate(0)
                file.seek(0)
            for chunk in self._place.read(found.entry, file.tell()) if file.tell() < size else ():
                file.write(chunk)
                if file.tell() > size:
                    return False
            file.flush()
            os.fsync(file.fileno())
            whole = file.tell() == size
        same = self._place.mark(found.entry) == found.entry.mark
        if same and not whole:
            raise DepotError("le dépôt n'en a donné qu'une partie ; la suite viendra au prochain passage.")
        return same

    def _arrived(self, found: Found) -> bool:
        last = self._known.get((self.depot.nom, found.key))
        return last is not None and last.marque == found.entry.mark

    def _left(self, found: Found) -> float:
        return max(0.0, self.depot.stable_secondes - self._steady[found.key])

    def _moves(self, found: Found) -> None:
        self.passage.moving.append(shown(found.source))

    def _part(self, found: Found) -> str:
        identity = hashlib.sha256(f"{found.key}\0{found.entry.mark}".encode()).hexdigest()[:_DIGITS]
        return f".depot-{self.depot.nom}-{identity}.part"

    def _sweep(self) -> None:
        """Deletes what cuts left of files that have changed or gone since."""
        wanted = {self._part(found) for found in self._fresh}
        for part in self._landing.glob(f"*/.depot-{self.depot.nom}-{'?' * _DIGITS}.part"):
            if part.name not in wanted:
                part.unlink()


def _server(depot: Depot) -> str:
    parts = urlsplit(depot.url)
    return f"{parts.scheme}://{parts.netloc}"
