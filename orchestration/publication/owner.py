"""Whose `published/` is: one installation's, which leaves its own folder in it as a mark.

Two installations that publish into one folder would undo each other's decisions before the readers, and neither would
remember what the other's editions are made of. An installation that was moved, or restored elsewhere, is no second one:
its mark leads to a folder that is not there any more, or that publishes elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from orchestration.errors import PublicationRefused
from orchestration.files import write_text
from orchestration.settings import PROGRAMME_FILE, Settings

# not hidden: what is hidden there is what a killed run left, and is swept
MARK = "installation.txt"


def other_owner(settings: Settings) -> Path | None:
    """Returns the programme folder of another installation that publishes into the same folder; None without one."""
    try:
        other = Path((settings.published / MARK).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None
    if not other.is_absolute() or other == settings.root.resolve() or not (other / PROGRAMME_FILE).is_file():
        return None
    return other if Settings(other).published.resolve() == settings.published.resolve() else None


def shared(settings: Settings) -> str | None:
    """Returns that another installation publishes into the same folder, as a sentence with the remedy."""
    if (other := other_owner(settings)) is None:
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
    write_text(f"{settings.root.resolve()}\n", settings.published / MARK)
