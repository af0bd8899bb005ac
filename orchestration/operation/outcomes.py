"""What the last run came to, in one small file: what `status` says, and the alert, whoever ran it.

Written when a run begins and when it ends; one that still says it is under way, and holds no lock, was killed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration.errors import ObservatoireError
from orchestration.settings import Settings

RUNNING, PUBLISHED, REFUSED, INTERRUPTED = "en_cours", "publiee", "refusee", "interrompue"


@dataclass(frozen=True)
class LastRun:
    """The last run that had something to publish or to print.

    Attributes:
        etat: `en_cours`, `publiee`, `refusee` or `interrompue`.
        debut: when it began, ISO 8601, UTC.
        execution: Dagster's identifier of it; None where it ended before Dagster had one.
        fin: when it ended.
        phrase: why it did not publish, in French.
        alerte: what became of the alert about it; None while there was none.
    """

    etat: str
    debut: str
    execution: str | None = None
    fin: str | None = None
    phrase: str = ""
    alerte: str | None = None


def last_run(settings: Settings) -> LastRun | None:
    """Returns what the last run came to; None before the first, or where the file is damaged."""
    try:
        return LastRun(**json.loads(_file(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def begin(settings: Settings, run: str | None) -> None:
    """Notes that a run begins."""
    _note(LastRun(RUNNING, now(), run), settings)


def end(settings: Settings, run: str | None, state: str, sentence: str = "") -> None:
    """Notes what a run came to."""
    last = last_run(settings)
    begun = last.debut if last and last.etat == RUNNING else now()
    _note(LastRun(state, begun, run, now(), sentence), settings)


def note_alert(settings: Settings, said: str) -> None:
    """Adds what became of the alert to the last run."""
    if last := last_run(settings):
        _note(replace(last, alerte=said), settings)


def nothing_left(settings: Settings) -> None:
    """Notes that the edition in force is made from the inputs as they stand: what was refused before is settled."""
    last = last_run(settings)
    if last is not None and last.etat != PUBLISHED:
        _note(LastRun(PUBLISHED, last.debut, last.execution, now()), settings)


@contextmanager
def noted(settings: Settings) -> Iterator[None]:
    """Notes why the block ends without publishing, unless a job inside it has noted it already."""
    try:
        yield
    except ObservatoireError as refusal:
        last = last_run(settings)
        if last is None or (last.etat, last.phrase) != (REFUSED, str(refusal)):
            end(settings, last.execution if last and last.etat == RUNNING else None, REFUSED, str(refusal))
        raise
    except KeyboardInterrupt:
        end(settings, None, INTERRUPTED)
        raise


def moment(iso: str) -> str:
    """Returns a time as a person here reads it."""
    return dt.datetime.fromisoformat(iso).astimezone().strftime("%d/%m/%Y à %H:%M")


def _file(settings: Settings) -> Path:
    return settings.warehouse.parent / "derniere_execution.json"


def now() -> str:
    """Returns the time, as it is noted."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _note(last: LastRun, settings: Settings) -> None:
    from orchestration.files import write_json

    # a full disk is why a run fails, and not a second failure
    with suppress(OSError):
        write_json(asdict(last), _file(settings))
