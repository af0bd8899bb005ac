"""What an installation has lost or damaged that nothing makes again: a backup of it has not got it either."""

from __future__ import annotations

from pathlib import Path

from orchestration.extracts.decision_lists import LISTS
from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import REGISTER
from orchestration.publication.currency import is_whole
from orchestration.publication.editions import Editions
from orchestration.publication.lists import vanished
from orchestration.publication.lost import APPORTS, landing_lost, lost
from orchestration.publication.memory import forgotten
from orchestration.publication.numbers import NAME
from orchestration.settings import Settings


def lacking(settings: Settings) -> list[str]:
    """Returns what is lost or damaged: editions and what they are compared by, deliveries, their order, decisions.

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
    found += [Path("landing", name) for name in LISTS if _is_damaged(lake.landing / name)]
    if landing_lost(settings):
        found.append(Path("landing"))
    elif editions.names() and not (lake.landing / REGISTER).is_file():
        found.append(Path("landing", REGISTER))
    found += map(Path, vanished(settings))
    if editions.names() and editions.current() is None:
        found.append(editions.link.relative_to(root))
    return [path.as_posix() for path in dict.fromkeys(found)]


def _is_damaged(path: Path) -> bool:
    """Returns whether a list of decisions is no text any more; what its lines say, `doctor` looks at."""
    try:
        path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except UnicodeDecodeError:
        return True
    return False
