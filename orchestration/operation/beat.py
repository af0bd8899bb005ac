"""The heartbeat: after a night that held, a monitor elsewhere is told so; when it hears nothing, it tells somebody.

It is for what cannot tell of itself: a machine that is off, a daemon that stopped. The alert tells of a run that fails.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from orchestration.extracts.ingest import failed
from orchestration.extracts.inventory import Inventory
from orchestration.files import write_json
from orchestration.operation import web
from orchestration.operation.locks import holder
from orchestration.operation.outcomes import moment, now
from orchestration.patience import in_time
from orchestration.programme import Programme
from orchestration.settings import Settings

BEAT = "OBSERVATOIRE_ALERTE_BATTEMENT"
_FILE = "battement.json"
_TRIES, _PAUSE_SECONDS = 3, 5
# what came since the night began may be under way
_NIGHT = dt.timedelta(hours=3)


def night_held(programme: Programme, inventory: Inventory, unchanged: str | None) -> bool:
    """Returns whether all that came before the night is published, or was refused and told of.

    Args:
        programme: the programme.
        inventory: its deliveries as they stand.
        unchanged: why there is nothing to publish; None where there is something.
    """
    since = dt.datetime.now(dt.UTC) - _NIGHT
    if holder(programme.settings) or any(d.received > since for d in inventory.deliveries):
        return True
    return unchanged is not None and all(failed(d, programme) for d in inventory.stale)


def beat(
    settings: Settings, environment: Mapping[str, str] = os.environ, pause: Callable[[float], None] = time.sleep
) -> str | None:
    """Tells the monitor that the night held, trying some times; never raises.

    Args:
        settings: the programme's folders.
        environment: where the monitor's address is.
        pause: waits between two tries.

    Returns:
        what became of it, in a French sentence; None where there is no monitor.
    """
    if not environment.get(BEAT):
        return None
    problem = ""
    for attempt in range(_TRIES):
        try:
            in_time(lambda: web.call(environment[BEAT]), web.WHOLE)
            problem = ""
            break
        except Exception as error:
            # Whatever keeps a heartbeat from going keeps nothing else. The address holds the monitor's token: the
            # variable is named, not its value.
            problem = web.told(error)
        if attempt < _TRIES - 1:
            pause(_PAUSE_SECONDS)
    said = f"Battement non envoyé : {BEAT} ({problem}) ; corriger cette variable, ou ce qu'elle désigne."
    with suppress(OSError):
        write_json({"le": now(), "ennui": said if problem else ""}, settings.warehouse.parent / _FILE)
    return said if problem else f"Battement envoyé le {moment(now())}."


def address_fault(environment: Mapping[str, str]) -> str | None:
    """Returns why no heartbeat can reach the monitor that the environment names, in a few words; nothing is sent."""
    try:
        if environment.get(BEAT):
            web.hold(environment[BEAT])
    except web.Unusable as error:
        return f"{BEAT} ({error})"
    return None


def beat_fault(settings: Settings) -> str | None:
    """Returns why the last heartbeat was not sent, as a sentence; None where it was, or where there was none."""
    try:
        return json.loads((settings.warehouse.parent / _FILE).read_text(encoding="utf-8"))["ennui"] or None
    except (OSError, ValueError, TypeError, KeyError):
        return None
