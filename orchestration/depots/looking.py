"""What a depot has for `landing/`: its files wave by wave, and the names that cannot become those of deliveries.

A name comes from whoever writes to the depot. One that could leave its folder, mislead a reader or be another file on
another machine is refused with a sentence, and the others come.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pathvalidate import ErrorReason, ValidationError, validate_filename

from orchestration.depots.places import FILE, FOLDER, LINK, Entry, Place
from orchestration.extracts.readers import received
from orchestration.ignored import is_ignored
from orchestration.programme import Programme
from orchestration.programme.depots import Depot
from orchestration.programme.texts import capped

# bytes of a name in UTF-8: a disk takes 255, and one that comes again is given a number
_LONGEST = 200
# characters of a refused name that a sentence quotes
_QUOTED = 60
_ABOVE = (".", "..")
_FAULTS = {
    ErrorReason.NULL_NAME: "le nom est vide ; le renommer dans le dépôt",
    ErrorReason.RESERVED_NAME: "Windows réserve ce nom ; le renommer dans le dépôt",
    ErrorReason.INVALID_LENGTH: "le nom est trop long ; le renommer dans le dépôt",
}
_FAULT = "le nom a un signe interdit, ou finit par une espace ou un point ; le renommer dans le dépôt"
_TWICE = "plusieurs fichiers ont ce nom, aux accents ou aux majuscules près ; n'en laisser qu'un"


@dataclass(frozen=True)
class Found:
    """A file of a depot that may become a delivery.

    Attributes:
        entry: the file as the depot tells it.
        wave: the wave whose folder it goes to.
        name: its name there.
        source: its place in the depot.
    """

    entry: Entry
    wave: str
    name: str
    source: str

    @property
    def key(self) -> str:
        """What tells it from the other files of the depot."""
        return alike(self.source)


@dataclass
class Seen:
    """What a look at a depot gave: the files, and by place, why others are refused, in French."""

    found: list[Found] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def refuse(self, place: str, reason: str) -> None:
        """Adds a refusal; of two places that look the same once they can be shown, each keeps its own."""
        told, n = _quoted(place), 1
        while (name := told if n == 1 else f"{told} [{n}]") in self.refused:
            n += 1
        self.refused[name] = f"{reason}."


def look(place: Place, depot: Depot, programme: Programme) -> Seen:
    """Lists what a depot has.

    Args:
        place: the depot, open.
        depot: its declaration.
        programme: whose waves its folders are named for.

    Raises:
        DepotError: the depot does not answer.
    """
    seen = Seen()
    if depot.vague is not None:
        _look_into(place, place.root, depot.vague, "", depot, seen)
        return seen
    known = capped(programme.waves)
    for entry in place.entries(place.root):
        if entry.kind == FOLDER and entry.name in programme.waves:
            _look_into(place, entry.path, entry.name, f"{entry.name}/", depot, seen)
        elif entry.kind == FOLDER and not _ignored(entry):
            seen.refuse(entry.name, f"ce dossier n'est pas celui d'une vague ; dossiers admis : {known}")
        elif _wanted(entry, depot):
            # what has the name of a wave and is no folder, such as a link, is told to be that
            fault = next(_faults(entry), None) if entry.name in programme.waves else None
            seen.refuse(entry.name, fault or f"hors du dossier d'une vague ; dossiers admis : {known}")
    return seen


def _look_into(place: Place, folder: str, wave: str, lead: str, depot: Depot, seen: Seen) -> None:
    entries = [entry for entry in place.entries(folder) if _wanted(entry, depot)]
    same = Counter(alike(entry.name) for entry in entries)
    for entry in entries:
        twice = same[alike(entry.name)] > 1
        if fault := _TWICE if twice else next(_faults(entry), None):
            seen.refuse(lead + entry.name, fault)
        else:
            name = unicodedata.normalize("NFC", entry.name)
            seen.found.append(Found(entry, wave, name, lead + name))
    # Seen together, deliveries are in the order in which they arrive: the oldest comes first.
    seen.found.sort(key=lambda found: (found.entry.modified, found.source))


def _wanted(entry: Entry, depot: Depot) -> bool:
    return not _ignored(entry) and fnmatchcase(entry.name, depot.motif)


def _ignored(entry: Entry) -> bool:
    """Returns whether nobody deposited it: what systems leave, and the empty object that S3 has for a folder."""
    if entry.name in _ABOVE or "/" in entry.name:
        return False
    return is_ignored(entry.name) or (not entry.name and entry.kind == FILE)


def _faults(entry: Entry) -> Iterator[str]:
    """Yields why something cannot become a delivery."""
    if entry.name in _ABOVE or not entry.name.isprintable():
        yield _FAULT
    else:
        try:
            validate_filename(entry.name, platform="universal", max_len=_LONGEST, fs_encoding="utf-8")
        except ValidationError as error:
            yield _FAULTS.get(error.reason, _FAULT)
    if entry.kind == LINK:
        yield received.LINK
    elif entry.kind == FOLDER:
        yield received.FOLDER
    elif entry.kind != FILE:
        yield received.SPECIAL
    elif entry.size is None:
        yield "le serveur n'en dit pas la taille ; vérifier ce serveur"
    elif said := received.oversize(entry.size):
        yield said


def alike(name: str) -> str:
    """Returns what two names have in common that a person, or a disk, may take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _quoted(name: str) -> str:
    text = received.shown(name)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
