"""What the last run came to, in one small file that `status` and the alert read, whoever started the run.

It is written when a run begins and when it ends. A file that still says `en_cours` while nobody holds the lock is that
of a run that was killed.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from orchestration.errors import ObservatoireError
from orchestration.files import write_json, write_json_over
from orchestration.machine import closed_journals, machine_refusal
from orchestration.settings import Settings

# characters of a sentence that fit, with the rest of the file, where a full disk leaves its first block only
_SHORT = 1_000


class RunState(StrEnum):
    """The states of a run, as the file has them."""

    RUNNING = "en_cours"
    PUBLISHED = "publiee"
    # it found nothing to publish, or what a rollback set aside: readers see what they saw
    UNCHANGED = "inchangee"
    REFUSED = "refusee"
    INTERRUPTED = "interrompue"


# the states of a run that failed at nothing
SETTLED = (RunState.PUBLISHED, RunState.UNCHANGED)


@dataclass(frozen=True)
class LastRun:
    """The last run that had something to publish or to print, or that settled what the one before it had failed at.

    Attributes:
        etat: a `RunState`.
        debut: when it began, ISO 8601, UTC.
        execution: Dagster's identifier of the run; None where it was refused before Dagster gave one.
        fin: when it ended, ISO 8601, UTC.
        phrase: why it did not publish, in French.
        alerte: what became of the alert about it; None while there was none.
    """

    etat: str
    debut: str
    execution: str | None = None
    fin: str | None = None
    phrase: str = ""
    alerte: str | None = None


# How a run ended, and why it did not publish; None while nothing says how it ended.
Ending = tuple[RunState, str] | None


def last_run(settings: Settings) -> LastRun | None:
    """Returns what the last run came to; None before the first one, or where the file is damaged."""
    try:
        last = LastRun(**json.loads(_file(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return last if is_moment(last.debut) and (last.fin is None or is_moment(last.fin)) else None


@contextmanager
def noted(settings: Settings, run: str | None = None, ending: Callable[[], Ending] = lambda: None) -> Iterator[None]:
    """Notes that a run begins and what it comes to, as the block ends.

    Args:
        settings: the programme's folders.
        run: Dagster's identifier of the run. None before Dagster has one: then only a refusal or an interruption of the
            block is noted.
        ending: asked when the block ends how the run ended. Dagster keeps a step's failure as an event of the run, so
            no exception reaches this block.

    Raises:
        ObservatoireError: the block's own, once it is noted.
        OSError: likewise, noted as what the machine refused.
        KeyboardInterrupt: likewise.
    """
    if run is not None:
        _write(LastRun(RunState.RUNNING, now(), run), settings)
    found: Ending = None
    try:
        yield
    except ObservatoireError as refusal:
        found = RunState.REFUSED, str(refusal)
        raise
    except OSError as error:
        if (told := machine_refusal(error, settings.written)) is not None:
            found = RunState.REFUSED, told
        raise
    except KeyboardInterrupt:
        found = RunState.INTERRUPTED, ""
        raise
    finally:
        if (found := found or ending()) is not None:
            _end(settings, run, *found)


@contextmanager
def noted_where_the_machine_refuses(settings: Settings) -> Iterator[None]:
    """Notes what the machine refuses a run before its job notes anything: Dagster's own journals find no room, say.

    A refusal of this project is the job's to note, and goes by.

    Args:
        settings: the programme's folders.

    Raises:
        Exception: the block's own.
    """
    try:
        yield
    except ObservatoireError:
        raise
    except Exception as error:
        if (told := machine_refusal(error, settings.written) or closed_journals(error)) is not None:
            _end(settings, None, RunState.REFUSED, told)
        raise


def note_alert(settings: Settings, said: str) -> None:
    """Adds what became of the alert to the last run."""
    if last := last_run(settings):
        _write(replace(last, alerte=said), settings)


def note_settled(settings: Settings) -> None:
    """Notes that a run had nothing to publish, where the last one failed: what it failed at no longer matters."""
    last = last_run(settings)
    if last is not None and last.etat not in SETTLED:
        _write(LastRun(RunState.UNCHANGED, now(), fin=now()), settings)


def moment(iso: str) -> str:
    """Returns a time of day as a person here reads it."""
    return dt.datetime.fromisoformat(iso).astimezone().strftime("%d/%m/%Y à %H:%M")


def is_moment(said: object) -> bool:
    """Returns whether a file says a moment as it was written: ISO 8601, with its offset."""
    try:
        return dt.datetime.fromisoformat(str(said)).tzinfo is not None
    except ValueError:
        return False


def now() -> str:
    """Returns the current time, as the file has it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _end(settings: Settings, run: str | None, state: RunState, sentence: str) -> None:
    last = last_run(settings)
    running = last if last and last.etat == RunState.RUNNING else None
    begun, execution = (running.debut, running.execution) if running else (now(), None)
    _write(LastRun(state, begun, run or execution, now(), sentence), settings)


def _file(settings: Settings) -> Path:
    return settings.warehouse.parent / "derniere_execution.json"


def _write(last: LastRun, settings: Settings) -> None:
    # Whatever keeps this file from being written is the run's own failure already: it must not raise a second error.
    with suppress(OSError):
        try:
            write_json(asdict(last), _file(settings))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            # A run that a full disk refused would leave no trace, and the one before would be taken for the last.
            write_json_over(asdict(replace(last, phrase=last.phrase[:_SHORT])), _file(settings))
