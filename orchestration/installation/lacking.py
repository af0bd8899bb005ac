"""What an installation has lost or damaged that nothing makes again: a backup of it has not got it either."""

from __future__ import annotations

from pathlib import Path

from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import REGISTER
from orchestration.publication.currency import is_whole
from orchestration.publication.editions import Editions
from orchestration.publication.lost import APPORTS, lost
from orchestration.publication.memory import forgotten
from orchestration.publication.numbers import NAME
from orchestration.settings import Settings


def lacking(settings: Settings) -> list[str]:
    """Returns what is lost or damaged: editions, deliveries, in what order they came, what editions are compared by.

    Returns:
        the place of each in the programme folder.

    Raises:
        PermissionError: some of it is closed to this account, so that nobody knows whether it is whole.
    """
    editions, lake, root = Editions(settings.published), Lake(settings.root), settings.root
    store = editions.store.relative_to(root)
    found = [store / name for name in lost(settings)]
    found += [store / folder.name for folder in editions.incomplete() if NAME.match(folder.name)]
    found += [store / name for name in editions.names() if not is_whole(editions, name)]
    found += [APPORTS / f"{name}.json" for name in forgotten(lake, editions)]
    if editions.names() and not lake.landing.is_dir():
        found.append(Path("landing"))
    elif editions.names() and not (lake.landing / REGISTER).is_file():
        found.append(Path("landing", REGISTER))
    if editions.names() and editions.current() is None:
        found.append(editions.link.relative_to(root))
    return [path.as_posix() for path in dict.fromkeys(found)]
