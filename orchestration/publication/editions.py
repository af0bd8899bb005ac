"""The store of editions: immutable folders, one link that says which is current, and the way back.

`published/courante` is the only thing that ever changes for a reader; everything else is reached through it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.errors import PublicationRefused
from orchestration.files import point, removed, write_text
from orchestration.publication.numbers import NAME, order, wave_of
from orchestration.publication.whole import (
    DATA,
    MANIFEST,
    DamagedEdition,
    closed,
    hold_file,
    hold_files,
    hold_nothing_added,
    is_closed,
)

# DuckDB names a catalog after its file, links resolved (1.4 does not resolve them): in a file called as its schema,
# `observatoire.dim_vague` is ambiguous, and two-part names are what BI tools write. So the file has another name than
# the entrance, and there is a second entrance for DuckDB 1.4.
DATABASE = "edition.duckdb"
ENTRANCE = "observatoire.duckdb"
# what an edition changes, and why
NOTE = "changements.md"
# folder of the plausibility checks, in an edition and beside its report
CHECKS = "controles"
_ENTRANCES = {ENTRANCE: DATABASE, "bi.duckdb": DATABASE, "organismes": "organismes", DATA: DATA}
# what each manifest says, whatever the version that wrote it, and of which kind it is
_MANIFEST = {"empreinte": str, "tables": dict, "fichiers": dict}
# how many digits of the fingerprint in a manifest tell what the figures are made from
FIGURES = 32
# called with an edition that is deleted, perhaps twice
Parting = Callable[[str], object]


@dataclass(frozen=True)
class Editions:
    """The published folder of a programme."""

    root: Path

    @property
    def store(self) -> Path:
        """Folder of the editions, one folder each."""
        return self.root / "editions"

    @property
    def link(self) -> Path:
        """The link to the current edition."""
        return self.root / "courante"

    def folder(self, edition: str) -> Path:
        """Returns the folder of an edition."""
        return self.store / edition

    def names(self) -> list[str]:
        """Returns the complete editions in the store, in the order in which readers saw them, then those never seen.

        The names of waves say no order: « automne » comes before « printemps », and « V10 » before « V9 ».
        """
        found = [p.parent.name for p in self.store.glob(f"*/{MANIFEST}")]
        seen = {name: place for place, name in enumerate(self.seen())}
        return sorted((n for n in found if NAME.match(n)), key=lambda n: (seen.get(n, len(seen)), order(n)))

    def current(self) -> str | None:
        """Returns the edition readers see, or None before the first."""
        if not self.link.is_symlink():
            return None
        name = self.link.readlink().name
        return name if (self.store / name / MANIFEST).is_file() else None

    def manifest(self, edition: str) -> dict[str, Any]:
        """Returns an edition's manifest.

        Raises:
            PublicationRefused: there is no such edition, or its manifest is damaged.
        """
        if self.folder(edition) in self.closed():
            raise closed(self.folder(edition))
        if edition not in self.names():
            known = ", ".join(self.names()) or "aucune"
            raise PublicationRefused(
                f"L'édition « {edition} » n'est pas dans {self.store} ; éditions gardées : {known}."
            )
        path = self.folder(edition) / MANIFEST
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except PermissionError:
            raise closed(path) from None
        except (OSError, ValueError):
            body = None
        if not isinstance(body, dict) or not all(isinstance(body.get(k), kind) for k, kind in _MANIFEST.items()):
            raise DamagedEdition(f"{path} est abîmé")
        return body

    def check(self, edition: str) -> None:
        """Holds the published file of an edition to its manifest.

        Raises:
            PublicationRefused: there is no such edition, or it is no longer what was published.
        """
        hold_file(self.folder(edition) / DATABASE, self.manifest(edition)["fichiers"].get(DATABASE))

    def check_files(self, edition: str) -> None:
        """Holds every file of an edition to its manifest, and the manifest to the edition.

        Raises:
            PublicationRefused: there is no such edition, or a file or the manifest is not what was published.
        """
        # the code location, which imports no table engine, imports this module
        from orchestration.publication.agreement import hold_agreement

        manifest, folder = self.manifest(edition), self.folder(edition)
        hold_files(folder, manifest["fichiers"])
        if manifest.get("edition", edition) != edition:
            raise DamagedEdition(f"{folder / MANIFEST} est celui d'une autre édition")
        hold_agreement(folder / DATABASE, manifest)

    def check_all(self, edition: str) -> None:
        """Holds an edition to its manifest as `check_files` does, and to holding nothing else.

        Raises:
            PublicationRefused: there is no such edition, or a file of it is not what was published, or was added.
        """
        self.check_files(edition)
        hold_nothing_added(self.folder(edition), self.manifest(edition)["fichiers"])

    def next_number(self, wave: str, *, final: bool, taken: Iterable[str] = ()) -> str:
        """Returns the number the next edition takes.

        Args:
            wave: current wave of the programme.
            final: whether the wave was declared final: 0.n before, 1.0 then, 1.n for each correction after.
            taken: editions of which something is left elsewhere; no number is given twice.
        """
        major = 1 if final else 0
        minors = [
            int(m["minor"])
            for m in map(NAME.match, (*self._all_names(), *taken))
            if m and m["wave"] == wave and int(m["major"]) == major
        ]
        return f"{wave}-{major}.{max(minors) + 1 if minors else 0}"

    def hold_links(self, others: Iterable[Path] = ()) -> None:
        """Holds `courante` and the entrances to being links, as a tool that follows links does not leave them.

        Args:
            others: what else is to be a link, or not to be there yet.

        Raises:
            PublicationRefused: one of them is a file or a folder.
        """
        wanted = [self.link, *(self.root / name for name in _ENTRANCES), *others]
        copied = [path for path in wanted if path.exists() and not path.is_symlink()]
        if copied:
            # without a number, a rollback finds the edition that readers saw
            back = f"rollback {current}" if (current := self.current()) else "rollback" if self.names() else "run"
            raise PublicationRefused(
                f"{copied[0]} n'est pas un lien : un outil qui suit les liens l'a copié ; restaurer un fichier de"
                f" « observatoire backup », ou supprimer {', '.join(map(str, copied))}, puis « observatoire {back} »."
            )

    def stray_entrances(self) -> dict[Path, Path]:
        """Returns the links that do not lead to the current edition, each with what it is to say."""
        wanted = {self.root / name: Path("courante") / target for name, target in _ENTRANCES.items()}
        if current := self.current():
            wanted[self.link] = self._shown_by(current)
        return {path: said for path, said in wanted.items() if not path.is_symlink() or path.readlink() != said}

    def switch(self, edition: str) -> None:
        """Makes an edition the current one, in one step: a reader sees the whole old or the whole new.

        Raises:
            PublicationRefused: there is no such complete edition, or what is to be a link, or the list, is none.
            OSError: the list cannot be written; readers see what they saw.
        """
        self.hold_links()
        self.hold_list()
        self.try_list()
        self.manifest(edition)
        # first the entrances: were it killed in between, the first edition would be nowhere to be seen
        for entrance, target in self.stray_entrances().items():
            point(entrance, target)
        point(self.link, self._shown_by(edition))
        self._remember(edition)
        if self.unshown() == edition:
            self._unshown.unlink()

    def prune(
        self, keep: int, replaced: str | None = None, unwanted: Collection[str] = (), parting: Parting = str
    ) -> list[str]:
        """Deletes editions beyond `keep`, none of `lasting`; returns their names. One that cannot be moved stays whole.

        First those whose figures a later edition has too: there is nothing in them to come back to. Then the oldest.

        Args:
            keep: how many are to stay beside the lasting ones, the current one among them.
            replaced: the edition that was current a moment ago. It stays, as the current one does: DuckDB follows the
                links first and opens what they led to after.
            unwanted: the editions that a rollback set aside.
            parting: deletes what is kept of an edition elsewhere.
        """
        lasting = self.lasting(unwanted)
        names = [n for n in self.names() if n not in lasting]
        kept = {self.current(), replaced} & set(names)
        spare = sorted((n for n in names if n not in kept), key=self._is_last_of_its_figures)
        surplus = spare[: max(0, len(spare) - max(keep - len(kept), 0))]
        gone = []
        for name in surplus:
            # hidden first: were it killed in between, nobody takes what is left for an edition
            hidden = self.store / f".{name}"
            with suppress(OSError):
                self.folder(name).replace(hidden)
                parting(name)
                removed(hidden)
                gone.append(name)
        return gone

    def figures(self, edition: str) -> str:
        """Returns what tells the figures of an edition: two editions with the same figures have it alike."""
        try:
            return str(self.manifest(edition)["empreinte"])[:FIGURES]
        except PublicationRefused:
            return edition  # damaged, so nothing says that another has its figures

    def _is_last_of_its_figures(self, edition: str) -> bool:
        names = self.names()
        return self.figures(edition) not in map(self.figures, names[names.index(edition) + 1 :])

    def lasting(self, unwanted: Collection[str] = ()) -> set[str]:
        """Returns the editions that are kept for good: the last one of each wave that the current edition is not of.

        Args:
            unwanted: the editions that a rollback set aside; one of them is what a wave came to only where the wave has
                no other left.
        """
        current = self.current()
        last = {wave_of(name): name for name in sorted(self.names(), key=lambda n: n not in unwanted)}
        return {name for wave, name in last.items() if current is not None and wave != wave_of(current)}

    def announce(self, edition: str) -> None:
        """Notes that an edition is being made: `tidy` deletes what there is of it until `switch` shows it."""
        write_text(edition, self._unshown)

    def add(self, edition: str, folder: Path) -> None:
        """Puts a folder into the store as an edition, which is announced.

        Args:
            edition: its number, which no other has.
            folder: all of it, its manifest too; it is moved.
        """
        self.announce(edition)
        folder.replace(self.folder(edition))

    def tidy(self, parting: Parting = str) -> None:
        """Deletes what a killed run left in the store: editions half made, half deleted, or whole and never shown.

        Only what says so of itself is one of these: a hidden folder, and the edition that was announced. What lost
        its manifest, or is in no list of what readers saw, may be the last one of its wave, and stays.
        """
        current, unshown = self.current(), self.unshown()
        if NAME.match(unshown) and unshown != current:
            removed(self.folder(unshown))
            parting(unshown)
        if current is not None:
            if self.link.readlink() != self._shown_by(current):
                point(self.link, self._shown_by(current))
            if current not in self.seen():
                # a list that lacks the current edition is damaged: all that is there is taken for seen
                for name in [*(name for name in self.names() if name != current), current]:
                    self._remember(name)
        for left in self.store.glob(".*"):
            if left.is_dir():
                parting(left.name[1:])
            removed(left)

    def incomplete(self) -> list[Path]:
        """Returns the folders of the store that are no edition, for want of a manifest or of an edition's name."""
        folders = (path for path in self.store.glob("[!.]*") if path.is_dir())
        return sorted(path for path in folders if path.name not in self.names())

    def closed(self) -> list[Path]:
        """Returns the folders of the store that cannot be opened: without its rights, an edition looks like none."""
        return sorted(path for path in self.store.glob("[!.]*") if path.is_dir() and is_closed(path))

    def own_names(self) -> set[str]:
        """Returns what the published folder holds of the store's: its folder, its links, its list."""
        return {self.store.name, self.link.name, self._list.name, *_ENTRANCES}

    def hold_list(self) -> None:
        """Raises a PublicationRefused where the list of what readers saw is no file, and cannot be kept."""
        if self._list.exists() and not self._list.is_file():
            said = f"{self._list} n'est pas un fichier : la liste des éditions vues ne peut y être tenue ; l'ôter."
            raise PublicationRefused(said)

    def try_list(self) -> None:
        """Raises the OSError that adding to the list of what readers saw would meet."""
        if self._list.exists():
            self._list.open("ab").close()

    @property
    def _unshown(self) -> Path:
        """Says which edition is in the store and was not shown to readers yet."""
        return self.store / ".a-montrer"

    def unshown(self) -> str:
        """Returns the edition that was announced and that readers have not seen; empty where there is none."""
        return self._unshown.read_text(encoding="utf-8") if self._unshown.is_file() else ""

    @staticmethod
    def _shown_by(edition: str) -> Path:
        return Path("editions") / edition

    @property
    def _list(self) -> Path:
        return self.root / "historique.txt"

    def seen(self) -> list[str]:
        """Returns the editions that readers have seen, in that order; as far as the list can be read."""
        if not self._list.is_file():
            return []
        lines = self._list.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _remember(self, edition: str) -> None:
        if edition not in self.seen():
            self.hold_list()
            text = self._list.read_bytes() if self._list.is_file() else b""
            # after a line that a crash cut short, a line of its own
            lead = "" if text.endswith(b"\n") or not text else "\n"
            with self._list.open("a", encoding="utf-8") as history:
                history.write(f"{lead}{edition}\n")

    def _all_names(self) -> list[str]:
        return [*self.seen(), *(path.name for path in self.store.glob("[!.]*"))]
