"""Tells somebody of each trouble once: what was told is kept in a small file, by the name of what it is about.

What is no longer so is forgotten: come back, it is told again. Where the file is lost, what still is so is told once
more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.files import write_json
from orchestration.operation.alerts import Message, send


@dataclass(frozen=True)
class Told:
    """What is known of the alerts.

    Attributes:
        reasons: by name of what was told of, the reason that was told.
        failure: what became of the last alert, as a sentence, where it could not be sent; empty otherwise.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


def read_told(path: Path) -> Told:
    """Returns what was told; nothing before the first time, or where that is lost."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return Told(dict(body["reasons"]), str(body["failure"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Told()


def tell_once(
    path: Path, now: Mapping[str, str], message: Callable[[Mapping[str, str]], Message], environment: Mapping[str, str]
) -> str | None:
    """Sends an alert about what nobody was told of yet, with the reason of now.

    Args:
        path: the file that keeps what was told.
        now: what there is to tell, by name.
        message: makes a message of what is new.
        environment: who is to be told.

    Returns:
        what became of the alert, in a French sentence; None where there is nothing new, or nobody to be told.
    """
    before = read_told(path)
    fresh = {name: reason for name, reason in now.items() if before.reasons.get(name) != reason}
    sending = send(message(fresh), environment) if fresh else None
    if fresh and sending is None:
        return None
    # What could not be sent is tried again.
    sent = sending is None or sending.sent
    reasons = now if sent else {name: reason for name, reason in now.items() if name not in fresh}
    after = Told(reasons, "" if sending is None or sent else sending.sentence)
    if after != before:
        with suppress(OSError):
            write_json({"reasons": dict(after.reasons), "failure": after.failure}, path)
    return sending.sentence if sending else None
