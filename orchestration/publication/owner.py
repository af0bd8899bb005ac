"""Whose `published/` is: one installation's, which leaves its own folder and its machine in it as a mark.

Two installations that publish into one folder would undo each other's decisions before the readers, and neither would
remember what the other's editions are made of. An installation that was moved, or restored elsewhere, is no second one:
its mark leads to a folder that is not there any more, or that publishes elsewhere. Of another machine nobody here can
tell whether it still works: a person says so, by deleting the mark; a restoration writes it anew.
"""

from __future__ import annotations

import hashlib
import stat
from contextlib import suppress
from pathlib import Path

from orchestration.errors import PublicationRefused
from orchestration.files import write_text
from orchestration.publication.editions import Editions
from orchestration.settings import PROGRAMME_FILE, Settings

# not hidden: what is hidden there is what a killed run left, and is swept
MARK = "installation.txt"
# machine-id(5): one for each installed system, kept as long as it is; containers may have none
MACHINE = Path("/etc/machine-id")


def shared(settings: Settings) -> str | None:
    """Returns that another installation publishes into the same folder, as a sentence with the remedy."""
    path = settings.published / MARK
    if _is_no_file(path):
        return f"{path} n'est pas la marque d'une installation, qui est un fichier ; l'ôter, puis relancer."
    said, machine = _said(path)
    if _is_elsewhere(machine):
        return (
            f"{settings.published} sert déjà à l'installation de {said} sur une autre machine, et deux installations"
            " s'y déferaient l'une l'autre ; donner à celle-ci un dossier published/ à elle ou, si l'autre machine ne"
            f" sert plus, effacer {path}, puis relancer."
        )
    if said is None or (other := _other(said, settings)) is None:
        return None
    return (
        f"{settings.published} sert déjà à l'installation de {other}, et deux installations s'y déferaient l'une"
        " l'autre ; donner à celle-ci un dossier published/ à elle, ou arrêter l'autre et ôter son lien."
    )


def hold_alone(settings: Settings) -> None:
    """Raises a PublicationRefused where another installation publishes into the same folder."""
    if (said := shared(settings)) is not None:
        raise PublicationRefused(said)


def mark(settings: Settings) -> None:
    """Marks `published/` as this installation's, as it publishes there."""
    write_text(_own(settings), settings.published / MARK)


def mark_again(settings: Settings) -> None:
    """Marks `published/` anew where an edition stands there without a mark that names a folder: it was lost.

    The caller has held it to be alone. Where the mark cannot be written, that is told by what publishes next.
    """
    with suppress(OSError):
        if Editions(settings.published).current() is not None and _said(settings.published / MARK)[0] is None:
            mark(settings)


def take_over(settings: Settings) -> None:
    """Marks `published/` as this machine's where it came back, from a backup, with the mark of another machine."""
    if _is_elsewhere(_said(settings.published / MARK)[1]):
        with suppress(OSError):
            mark(settings)


def _own(settings: Settings) -> str:
    return "".join(f"{line}\n" for line in (settings.root.resolve(), _machine()) if line)


def _machine() -> str:
    """Returns what tells this machine from others and says nothing else of it; empty where it has no number."""
    number = _text(MACHINE).strip()
    return hashlib.sha256(f"observatoire {number}".encode()).hexdigest()[:16] if number else ""


def _is_elsewhere(machine: str) -> bool:
    """Returns whether a mark's machine is another than this one; where either has no number, nobody knows."""
    return bool(machine and _machine()) and machine != _machine()


def _said(path: Path) -> tuple[Path | None, str]:
    """Returns the folder and the machine that a mark names, as far as it does."""
    lines = [*_text(path).splitlines(), "", ""]
    folder = Path(lines[0].strip())
    return (folder, lines[1].strip()) if folder.is_absolute() else (None, "")


def _other(said: Path, settings: Settings) -> Path | None:
    if said == settings.root.resolve() or not (said / PROGRAMME_FILE).is_file():
        return None
    return said if Settings(said).published.resolve() == settings.published.resolve() else None


def _is_no_file(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _text(path: Path) -> str:
    """Returns a file's text; nothing of one that is not there, or that is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
