"""Editions that readers saw and that nothing pruned, and that are gone: what is left of them, and who gives them up.

An edition leaves traces outside the store: what the lake remembers of it, its report, its leaflets, lists of names. Its
number stays taken as long as there is one. Where the edition that readers saw is lost, nothing is published until a
backup is restored or a person gives it up: what was published before could not be held against what comes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from orchestration.errors import PublicationRefused, putting_back, taken_back
from orchestration.extracts.receptions import REGISTER
from orchestration.files import removed, write_json
from orchestration.ignored import is_ignored
from orchestration.publication.aside import unwanted
from orchestration.publication.editions import Editions
from orchestration.publication.numbers import NAME, in_order
from orchestration.settings import Settings

# folder of the leaflets, in the published folder, and of what the lake remembers of editions, in the programme's
LEAFLETS = "livrets"
APPORTS = Path("lake", "apports")
# in the published folder: the editions that were given up
RENOUNCED = "renoncees.json"
_ENTRY = ("renoncee_le", "motif")
_NAMED = 5


def traces(settings: Settings) -> set[str]:
    """Returns the editions of which anything is left outside the store; one that readers never saw leaves nothing."""
    editions = Editions(settings.published)
    found = {path.stem for path in (settings.root / APPORTS).glob("*.json")}
    found |= _folders(settings.reports) | _folders(editions.root / LEAFLETS)
    found |= {*editions.seen(), *unwanted(editions.root), *renounced(settings), _led_to(editions)}
    return {name for name in found if NAME.match(name) and name != editions.unshown()}


def lost(settings: Settings) -> list[str]:
    """Returns the editions that are gone without a publication having deleted them, nor anybody having given them up.

    Where the store holds no edition any more, they are all those of which a trace is left. Otherwise they are what
    `courante` leads to, and those that have leaflets: publishing deletes an edition's leaflets with it.
    """
    editions = Editions(settings.published)
    there = {path.name for path in editions.store.glob("[!.]*")}
    if any(map(NAME.match, there)):
        left = _folders(editions.root / LEAFLETS) | {_led_to(editions)}
        found = {name for name in left if NAME.match(name)}
    else:
        found = traces(settings)
    return in_order(found - there - renounced(settings).keys())


def told(editions: list[str]) -> str:
    """Returns the names of lost editions, the last first, in a sentence; a number stands for those beyond a few."""
    more = f" et {len(editions) - _NAMED} autres" if len(editions) > _NAMED else ""
    return ", ".join(editions[::-1][:_NAMED]) + more


def is_lost(settings: Settings) -> bool:
    """Returns whether the edition that readers saw is lost, and nobody gave it up."""
    return Editions(settings.published).current() is None and bool(lost(settings))


def hold_not_lost(settings: Settings) -> None:
    """Raises a PublicationRefused where the edition that readers saw is lost, and nobody gave it up."""
    if not is_lost(settings):
        return
    editions, gone = Editions(settings.published), lost(settings)
    back = ", revenir à une édition qui reste par « observatoire rollback »" if editions.names() else ""
    raise PublicationRefused(
        f"Dans {editions.store} manquent des éditions que des lecteurs ont vues ({told(gone)}), dont la courante : rien"
        " n'est publié, car rien ne dirait ce qui se perd, ni ce que la différence révèle, et rien de ce qui en reste"
        f" n'est effacé ; restaurer une sauvegarde{back}, ou, s'il n'y en a pas, y renoncer par « observatoire renounce"
        " --motif … » : l'édition suivante prend un numéro neuf."
    )


def landing_lost(settings: Settings) -> bool:
    """Returns whether all of `landing/` is gone while editions stand.

    A disk that is not mounted leaves an empty folder. What there is then says nothing of what was delivered: it has no
    register and no folder of a wave.
    """
    landing = settings.root / "landing"
    if not Editions(settings.published).names() or (os.path.lexists(landing) and not landing.is_dir()):
        return False
    if (landing / REGISTER).exists():
        return False
    there = landing.iterdir() if landing.is_dir() else ()
    # a disk that is mounted and empty has a folder for what its repair finds
    return not any(path.is_dir() for path in there if not is_ignored(path.name) and path.name != "lost+found")


def hold_landing(settings: Settings) -> None:
    """Raises a PublicationRefused where all of `landing/` is gone while editions stand."""
    if landing_lost(settings):
        raise PublicationRefused(
            f"{settings.root / 'landing'} est vide ou n'est plus là, alors que des éditions en sont venues : monter le"
            f" disque ; s'il est perdu, reprendre le dossier d'une sauvegarde ({putting_back('landing')})."
        )


def renounce(settings: Settings, reason: str) -> tuple[list[str], list[Path]]:
    """Gives up the editions that are lost: publication goes on, under numbers that none of them had.

    Their memory in the lake and their leaflets are deleted, as those of an edition that is pruned; reports stay.

    Returns:
        the editions, and the folders of leaflets that could not be deleted.

    Raises:
        PublicationRefused: none is lost.
    """
    gone, published = lost(settings), settings.published
    if not gone:
        raise PublicationRefused("Aucune édition n'est perdue : il n'y a à renoncer à rien.")
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    entry = {"renoncee_le": now, "motif": reason.strip()}
    # written first: their numbers stay taken whatever is deleted after
    write_json(renounced(settings) | dict.fromkeys(gone, entry), published / RENOUNCED)
    for name in gone:
        forget(settings, name)
    folders = [published / LEAFLETS / name for name in gone]
    return gone, [folder for folder in folders if not removed(folder)]


def forget_renounced(settings: Settings, edition: str) -> None:
    """Forgets that an edition was given up: it was put back, and is to be missed where it is lost again."""
    given_up = renounced(settings)
    if given_up.pop(edition, None) is not None:
        write_json(given_up, settings.published / RENOUNCED)


def keep_taken(settings: Settings, names: set[str], reason: str) -> list[str]:
    """Keeps the numbers of editions taken that readers saw and that a backup put back does not know.

    Args:
        settings: the programme, as it was put back.
        names: editions that were seen before.
        reason: what took them away, in French.

    Returns:
        those that are gone, in order.
    """
    there = {path.name for path in Editions(settings.published).store.glob("[!.]*")}
    gone = in_order(names - there - renounced(settings).keys())
    if gone:
        entry = {"renoncee_le": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "motif": reason}
        write_json(renounced(settings) | dict.fromkeys(gone, entry), settings.published / RENOUNCED)
    return gone


def forget(settings: Settings, edition: str) -> None:
    """Deletes what the lake remembers of an edition that is deleted."""
    (settings.root / APPORTS / f"{edition}.json").unlink(missing_ok=True)


def renounced(settings: Settings) -> dict[str, dict[str, str]]:
    """Returns the editions that were given up, each with when and why.

    Raises:
        PublicationRefused: the list is damaged.
    """
    path = settings.published / RENOUNCED
    try:
        body: Any = json.loads(path.read_text(encoding="utf-8"))
        return {name: {key: str(entry[key]) for key in _ENTRY} for name, entry in body.items()}
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise  # it may be whole: who reads it has not the right to
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        raise PublicationRefused(
            f"{path} est abîmé : les éditions auxquelles on a renoncé ne sont plus connues ;"
            f" {taken_back(f'published/{RENOUNCED}')}, ou l'ôter."
        ) from None


def _folders(folder: Path) -> set[str]:
    """Returns the names of the folders in a folder: a file is no print of an edition, whatever its name."""
    return {path.name for path in folder.glob("*") if path.is_dir()}


def _led_to(editions: Editions) -> str:
    return editions.link.readlink().name if editions.link.is_symlink() else ""
