"""A passage at the depots as terminal and schedule make it: it fetches, and tells once what could not be fetched."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.depots.fetching import Passage, fetch
from orchestration.files import write_json
from orchestration.operation.alerts import listed_message
from orchestration.operation.once import tell_once
from orchestration.operation.outcomes import now as moment
from orchestration.programme import Programme
from orchestration.settings import Settings

# beside the outcome of the last run: what the last passage found, and what somebody was told of it
_STATE, _TOLD = "depots.json", "depots_annonces.json"


@dataclass(frozen=True)
class Collected:
    """What a passage came to.

    Attributes:
        passages: what came of each depot.
        alert: what became of the alert, in a French sentence; None where there is nothing new, or nobody to be told.
    """

    passages: Sequence[Passage]
    alert: str | None

    @property
    def failed(self) -> bool:
        """Whether a depot was not read to its end."""
        return any(passage.failures for passage in self.passages)


def collect(programme: Programme, environment: Mapping[str, str] = os.environ) -> Collected:
    """Fetches what is new in the depots of a programme, and tells what could not be fetched and nobody was told of.

    Args:
        programme: whose depots they are.
        environment: where accounts and secrets are, and who is to be told.

    Raises:
        PublicationRefused: another process fetches.
        OSError: `landing/` cannot be written.
    """
    passages, settings = fetch(programme, environment), programme.settings
    now = {name: reason for passage in passages for name, reason in troubles(passage).items()}
    write_json({"le": moment(), "ennuis": now}, settings.warehouse.parent / _STATE)
    told = settings.warehouse.parent / _TOLD
    said = tell_once(told, now, lambda new: listed_message("depots", new, settings, environment), environment)
    return Collected(passages, said)


def troubles(passage: Passage) -> dict[str, str]:
    """Returns what asks for a person: by depot, why it was not read; by depot and place, why a file was not fetched."""
    refused = {f"{passage.depot} : {place}": reason for place, reason in passage.refused.items()}
    return ({passage.depot: " ".join(passage.failures)} if passage.failures else {}) | refused


def last_troubles(settings: Settings) -> dict[str, str]:
    """Returns what the last passage found that asks for a person; nothing before the first one."""
    try:
        found = json.loads((settings.warehouse.parent / _STATE).read_text(encoding="utf-8"))["ennuis"]
        return {str(name): str(reason) for name, reason in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
