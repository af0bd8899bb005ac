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
from orchestration.operation.alerts import Message, problem, sending, ways


@dataclass(frozen=True)
class Told:
    """What is known of the alerts.

    Attributes:
        reasons: by name of what somebody was told of, the reason that was told.
        owed: by way of telling, the names that somebody heard of by another way, and nobody by this one yet.
        failure: what became of the last alert, as a sentence, where it could not be sent; empty otherwise.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    owed: Mapping[str, list[str]] = field(default_factory=dict)
    failure: str = ""


def read_told(path: Path) -> Told:
    """Returns what was told; nothing before the first time, or where that is lost."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        owed = {str(way): list(map(str, names)) for way, names in body.get("owed", {}).items()}
        return Told(dict(body["reasons"]), owed, str(body["failure"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
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
    fresh = {name for name, reason in now.items() if before.reasons.get(name) != reason}
    chosen = ways(environment)
    if fresh and not chosen:
        return None
    problems: dict[str, str] = {}
    heard: set[str] = set()
    owed: dict[str, list[str]] = {}
    for way in chosen:
        # What could not be sent is tried again, by the way that failed alone: the others have told it.
        due = [name for name in now if name in fresh or name in before.owed.get(way, ())]
        if not due:
            continue
        problems[way] = problem(way, message({name: now[name] for name in due}), environment)
        if problems[way]:
            owed[way] = due
        else:
            heard.update(due)
    reasons = {name: reason for name, reason in now.items() if name not in fresh or name in heard}
    owed = {way: left for way, names in owed.items() if (left := [name for name in names if name in reasons])}
    came = sending(problems)
    after = Told(reasons, owed, "" if came is None or came.sent else came.sentence)
    if after != before:
        with suppress(OSError):
            write_json({"reasons": dict(after.reasons), "owed": owed, "failure": after.failure}, path)
    return came.sentence if came else None
