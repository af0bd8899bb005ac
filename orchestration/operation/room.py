"""The room that is left on the disks of a programme, and what the next run may need of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestration.publication.editions import Editions
from orchestration.settings import Settings

# with less than so many times what one run writes, somebody should see to it
_COMFORT = 3
# of a programme that has published nothing yet
_AT_LEAST = 512 << 20
# what a run needs in the folder of temporary files: small files, which go with it
_TEMPORARY = 32 << 20


@dataclass(frozen=True)
class Room:
    """The disk with the least room of those that a run writes to.

    Attributes:
        dossier: the folder it is the disk of.
        libre: bytes that are free.
        total: bytes of the disk.
        besoin: what a run writes there, by what the last one left: warehouse, edition, reports; of the disk of
            temporary files, what those take.
    """

    dossier: str
    libre: int
    total: int
    besoin: int

    @property
    def short(self) -> bool:
        """Whether the next run may find the disk full."""
        return self.libre < self.besoin

    @property
    def tight(self) -> bool:
        """Whether room is left for the next run, but not for many."""
        return self.libre < _COMFORT * self.besoin

    @property
    def temporary(self) -> bool:
        """Whether it is the disk of temporary files, where nothing of the programme lies that could go."""
        return self.dossier == tempfile.gettempdir()


def room(settings: Settings) -> Room:
    """Returns the room on the disk that has the least for what a run writes there."""
    editions = Editions(settings.published)
    edition = editions.current()
    written = [settings.warehouse.parent]
    written += [editions.folder(edition), settings.reports / edition] if edition else []
    need = max(_AT_LEAST, sum(map(_size, written)))
    needs = {folder: need for folder in settings.written if folder.is_dir()}
    temporary = Path(tempfile.gettempdir())
    usages = [(folder, shutil.disk_usage(folder), need) for folder, need in ({temporary: _TEMPORARY} | needs).items()]
    folder, usage, need = min(usages, key=lambda one: one[1].free / one[2])
    return Room(str(folder), usage.free, usage.total, need)


def _size(folder: Path) -> int:
    return sum(os.lstat(Path(at) / name).st_size for at, _, names in os.walk(folder) for name in names)
