"""The store of editions: immutable folders, one link that says which is current, and the way back.

`published/courante` is the only thing that ever changes for a reader; everything else is reached through it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.errors import PublicationRefused
from orchestration.files import file_sha256, write_text

# DuckDB names a catalog after its file, links resolved (1.4 does not resolve them): in a file called as its schema,
# `observatoire.dim_vague` is ambiguous, and two-part names are what BI tools write. So the file has another name than
# the entrance, and there is a second entrance for DuckDB 1.4.
DATABASE = "edition.duckdb"
ENTRANCE = "observatoire.duckdb"
# what an edition changes, and why
NOTE = "changements.md"
# folder of the plausibility checks, in an edition and beside its report
CHECKS = "controles"
# folder of the answers that a programme exports: personal data, which may be deleted before its edition is
INTERVIEWS = "donnees_personnelles"
_ENTRANCES = {ENTRANCE: DATABASE, "bi.duckdb": DATABASE, "organismes": "organismes", "donnees": "donnees"}
# what each manifest says, whatever the version that wrote it, and of which kind it is
_MANIFEST = {"empreinte": str, "tables": dict, "fichiers": dict}
_REMEDY = "revenir à une autre édition, ou en refaire une par « observatoire run »"
# how many digits of the fingerprint in a manifest tell what the figures are made from
FIGURES = 32
# wave, major and minor number of an edition
# a hidden folder is an edition that a killed run was making
NAME = re.compile(r"^(?P<wave>[^.].*)-(?P<major>\d+)\.(?P<minor>\d+)$")


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
        found = [p.parent.name for p in self.store.glob("*/manifeste.json")]
        seen = {name: place for place, name in enumerate(self._history())}
        return sorted((n for n in found if NAME.match(n)), key=lambda n: (seen.get(n, len(seen)), _order(n)))

    def current(self) -> str | None:
        """Returns the edition readers see, or None before the first."""
        if not self.link.is_symlink():
            return None
        name = self.link.readlink().name
        return name if (self.store / name / "manifeste.json").is_file() else None

    def manifest(self, edition: str) -> dict[str, Any]:
        """Returns an edition's manifest.

        Raises:
            PublicationRefused: there is no such edition, or its manifest is damaged.
        """
        if edition not in self.names():
            known = ", ".join(self.names()) or "aucune"
            raise PublicationRefused(
                f"L'édition « {edition} » n'est pas dans {self.store} ; éditions gardées : {known}."
            )
        path = self.folder(edition) / "manifeste.json"
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            body = None
        if not isinstance(body, dict) or not all(isinstance(body.get(k), kind) for k, kind in _MANIFEST.items()):
            raise PublicationRefused(f"{path} est abîmé ; {_REMEDY}.")
        return body

    def check(self, edition: str) -> None:
        """Holds the published file of an edition to its manifest.

        Raises:
            PublicationRefused: there is no such edition, or it is no longer what was published.
        """
        _hold(self.folder(edition) / DATABASE, self.manifest(edition)["fichiers"].get(DATABASE))

    def check_all(self, edition: str) -> None:
        """Holds every file of an edition to its manifest, and the manifest to the edition.

        Raises:
            PublicationRefused: there is no such edition, or a file of it is not what was published, or was added.
        """
        manifest, folder = self.manifest(edition), self.folder(edition)
        for path in (folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())):
            _hold_no_link(path)
        for name, said in manifest["fichiers"].items():
            if name.startswith(f"{INTERVIEWS}/") and not (folder / INTERVIEWS).exists():
                continue
            _hold(folder / name, said)
        if manifest.get("edition", edition) != edition:
            raise PublicationRefused(f"{folder / 'manifeste.json'} est celui d'une autre édition ; {_REMEDY}.")
        for path in sorted(folder.rglob("*")):
            if not path.is_dir() and str(path.relative_to(folder)) not in {*manifest["fichiers"], "manifeste.json"}:
                raise PublicationRefused(f"{path} n'est pas de cette édition : des lecteurs le voient ; l'ôter.")

    def next_number(self, wave: str, *, final: bool) -> str:
        """Returns the number the next edition takes.

        Args:
            wave: current wave of the programme.
            final: whether the wave was declared final: 0.n before, 1.0 then, 1.n for each correction after.
        """
        major = 1 if final else 0
        taken = [
            int(m["minor"])
            for m in map(NAME.match, self._all_names())
            if m and m["wave"] == wave and int(m["major"]) == major
        ]
        return f"{wave}-{major}.{max(taken) + 1 if taken else 0}"

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
            seen = [name for name in (*self.names(), *self._history()) if name in self.names()]
            back = f"« observatoire rollback {seen[-1]} »" if seen else "« observatoire run »"
            raise PublicationRefused(
                f"{copied[0]} n'est pas un lien : un outil qui suit les liens l'a copié ; restaurer un fichier de"
                f" « observatoire backup », ou supprimer {', '.join(map(str, copied))}, puis {back}."
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
        """
        self.hold_links()
        self.hold_list()
        self.manifest(edition)
        # first the entrances: were it killed in between, the first edition would be nowhere to be seen
        for entrance, target in self.stray_entrances().items():
            _point(entrance, target)
        _point(self.link, self._shown_by(edition))
        self._remember(edition)
        if self._noted() == edition:
            self._unshown.unlink()

    def prune(self, keep: int, replaced: str | None = None, unwanted: Collection[str] = ()) -> list[str]:
        """Deletes editions beyond `keep`, none of `lasting`; returns their names.

        First those whose figures a later edition has too: there is nothing in them to come back to. Then the oldest.

        Args:
            keep: how many are to stay beside the lasting ones, the current one among them.
            replaced: the edition that was current a moment ago. It stays, as the current one does: DuckDB follows the
                links first and opens what they led to after.
            unwanted: the editions that a rollback set aside.
        """
        lasting = self.lasting(unwanted)
        names = [n for n in self.names() if n not in lasting]
        kept = {self.current(), replaced} & set(names)
        spare = sorted((n for n in names if n not in kept), key=self._is_last_of_its_figures)
        surplus = spare[: max(0, len(spare) - max(keep - len(kept), 0))]
        for name in surplus:
            # hidden first: were it killed in between, nobody takes what is left for an edition
            hidden = self.store / f".{name}"
            self.folder(name).replace(hidden)
            shutil.rmtree(hidden)
        return surplus

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

    def add(self, edition: str, folder: Path) -> None:
        """Puts a folder into the store as an edition. Until `switch` shows it to readers, `tidy` deletes it.

        Args:
            edition: its number, which no other has.
            folder: all of it, its manifest too; it is moved.
        """
        write_text(edition, self._unshown)
        folder.replace(self.folder(edition))

    def tidy(self) -> None:
        """Deletes what a killed run left in the store: editions half made, half deleted, or whole and never shown.

        Only what says so of itself is one of these: a hidden folder, and the edition that `add` noted down. What lost
        its manifest, or is in no list of what readers saw, may be the last one of its wave, and stays.
        """
        current, unshown = self.current(), self._noted()
        if NAME.match(unshown) and unshown != current:
            shutil.rmtree(self.folder(unshown), ignore_errors=True)
        if current is not None:
            if self.link.readlink() != self._shown_by(current):
                _point(self.link, self._shown_by(current))
            if current not in self._history():
                # a list that lacks the current edition is damaged: all that is there is taken for seen
                for name in [*(name for name in self.names() if name != current), current]:
                    self._remember(name)
        for left in self.store.glob(".*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def incomplete(self) -> list[Path]:
        """Returns the folders of the store that are no edition, for want of a manifest or of an edition's name."""
        folders = (path for path in self.store.glob("[!.]*") if path.is_dir())
        return sorted(path for path in folders if path.name not in self.names())

    def own_names(self) -> set[str]:
        """Returns what the published folder holds of the store's: its folder, its links, its list."""
        return {self.store.name, self.link.name, self._list.name, *_ENTRANCES}

    def hold_list(self) -> None:
        """Raises a PublicationRefused where the list of what readers saw is no file, and cannot be kept."""
        if self._list.exists() and not self._list.is_file():
            said = f"{self._list} n'est pas un fichier : la liste des éditions vues ne peut y être tenue ; l'ôter."
            raise PublicationRefused(said)

    @property
    def _unshown(self) -> Path:
        """Says which edition is in the store and was not shown to readers yet."""
        return self.store / ".a-montrer"

    def _noted(self) -> str:
        return self._unshown.read_text(encoding="utf-8") if self._unshown.is_file() else ""

    @staticmethod
    def _shown_by(edition: str) -> Path:
        return Path("editions") / edition

    @property
    def _list(self) -> Path:
        return self.root / "historique.txt"

    def _history(self) -> list[str]:
        """Returns the editions that readers have seen, in that order; as far as the list can be read."""
        if not self._list.is_file():
            return []
        lines = self._list.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _remember(self, edition: str) -> None:
        if edition not in self._history():
            self.hold_list()
            text = self._list.read_bytes() if self._list.is_file() else b""
            # after a line that a crash cut short, a line of its own
            lead = "" if text.endswith(b"\n") or not text else "\n"
            with self._list.open("a", encoding="utf-8") as history:
                history.write(f"{lead}{edition}\n")

    def _all_names(self) -> list[str]:
        current = self.current()
        kept = [path.name for path in self.store.glob("[!.]*")]
        return [*self._history(), *kept, *([current] if current else [])]


def _hold(path: Path, said: str | None) -> None:
    """Holds a file to the SHA-256 that it was published with."""
    _hold_no_link(path)
    if not path.is_file() or file_sha256(path) != said:
        raise PublicationRefused(f"{path} manque, ou n'est plus celui qui fut publié ; {_REMEDY}.")


def _hold_no_link(path: Path) -> None:
    """Holds a part of an edition to being no link: what it leads to may change or go, and is in no backup."""
    if path.is_symlink():
        raise PublicationRefused(
            f"{path} est un lien vers {path.readlink()} : une édition n'en contient aucun, et une sauvegarde ne le suit"
            " pas ; mettre à sa place ce qu'il désigne, ou l'ôter."
        )


def _point(link: Path, target: Path) -> None:
    """Makes a link say something else, in one step."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def wave_of(edition: str) -> str:
    """Returns the wave that an edition is of, from its name."""
    return _order(edition)[0]


def is_final(edition: str) -> bool:
    """Returns whether an edition was made once its wave was declared final, from its name."""
    return _order(edition)[1] > 0


def _order(name: str) -> tuple[str, int, int]:
    match = NAME.match(name)
    assert match is not None
    return match["wave"], int(match["major"]), int(match["minor"])
