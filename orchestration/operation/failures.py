"""Why a run failed, in sentences a person can act on: a gate's own, a step's, dbt's, the refused deliveries'."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import NothingAccepted, ObservatoireError, PublicationRefused
from orchestration.machine import machine_refusal
from orchestration.operation.outcomes import Ending, RunState
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# The name of an exception's class means nothing to the person who repairs a run.
_CLASS = re.compile(r"^(?:\w+\.)+\w+:\s*")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STAMP = re.compile(r"^\d\d:\d\d:\d\d\s+")
_WORDS = 600
_SHOWN = 5
# the step that runs dbt
DBT_STEP = "entrepot"
# A run with one of these steps changes what readers see; a run without them has nothing to publish.
PUBLISHING_STEPS = ("edition", "rapport_regional", "lettre_regionale", "livrets_organismes")
_TOLD = 3


def consolidation_log(settings: Settings) -> Path:
    """Returns the file that keeps dbt's output of the last run."""
    return settings.dbt_target / "consolidation.log"


def ending(events: Iterable[dg.DagsterEvent], settings: Settings, before: str | None) -> Ending:
    """Returns how a run ended and why it did not publish; None if its events do not say, as when it was terminated.

    Args:
        events: the run's.
        settings: the programme's folders.
        before: the edition that was current when the run began.
    """
    told = list(events)
    failed = [event for event in told if event.is_step_failure]
    if any(map(interrupted, failed)):
        return RunState.INTERRUPTED, ""
    if failed:
        return RunState.REFUSED, refusal(told, settings, before)
    publishing = [event for event in told if event.step_key in PUBLISHING_STEPS]
    if any(event.is_step_success for event in publishing):
        return RunState.PUBLISHED, ""
    # a step that is skipped had nothing new to publish
    return (RunState.UNCHANGED, "") if any(event.is_step_skipped for event in publishing) else None


def interrupted(event: dg.DagsterEvent) -> bool:
    """Returns whether an event of a run says that it was interrupted (Ctrl-C)."""
    error = _error(event)
    while error is not None:
        if error.cls_name in ("KeyboardInterrupt", "DagsterExecutionInterruptedError"):
            return True
        error = error.cause
    return False


def refusal(events: Iterable[dg.DagsterEvent], settings: Settings, before: str | None) -> str:
    """Returns what readers see after a failed run, why it failed, and which deliveries were refused.

    Args:
        events: the run's.
        settings: the programme's folders.
        before: the edition that was current when the run began.
    """
    from orchestration.publication.editions import Editions

    events = list(events)
    now, reason = Editions(settings.published).current(), reason_of(events, settings)
    if now != before:
        return f"L'édition {now} est publiée, mais la suite a échoué. {reason}"
    # Where nothing is accepted, the reason names the deliveries already.
    named = any(_root(event) == NothingAccepted.__name__ for event in events)
    return " ".join(["Rien n'a été publié.", reason, *([] if named else _refused_deliveries(settings))])


def reason_of(events: Iterable[dg.DagsterEvent], settings: Settings) -> str:
    """Returns why a run failed, in sentences a person can act on."""
    reasons: list[str] = []
    steps: list[str] = []
    for event in events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking and check.severity.value == "ERROR":
                reasons.append(check.description or check.check_name)
        elif event.is_step_failure or (event.is_job_failure and not reasons and not steps):
            steps += _said(event, settings)
    return " ".join(dict.fromkeys(reasons + steps))


def _said(event: dg.DagsterEvent, settings: Settings) -> Iterator[str]:
    """Yields why a step failed, or a run before its first step: resources that could not be made, the lock taken."""
    error = _error(event)
    while error is not None and error.cause is not None:
        error = error.cause
    # the error that caused the others, without the name of its class
    message = _CLASS.sub("", " ".join(error.message.split())) if error else "échec sans message"
    kind = error.cls_name if error else ""
    if kind == "DagsterAssetCheckFailedError":
        return  # the check's own description says it already
    if kind == PublicationRefused.__name__:
        yield message
        return
    if kind == NothingAccepted.__name__:
        # one line per delivery
        yield _CLASS.sub("", error.message.strip()) if error else ""
        return
    said = list(dbt_failures(settings)) if event.step_key == DBT_STEP else []
    # A full disk or a missing permission explains the rest: it is told alone.
    told = machine_refusal(" ".join([*said, message]), settings.written)
    where = f"étape {event.step_key} : " if event.step_key else ""
    if told or said:
        yield from [told] if told else said
    elif error or where:
        yield f"{where}{_shortened(message)}"


def _root(event: dg.DagsterEvent) -> str:
    """Returns the name of the class of the error that caused the others; empty where an event has none."""
    error = _error(event)
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.cls_name) if error else ""


def _error(event: dg.DagsterEvent) -> Any:
    """Returns the error of a failed step or run; None of another event."""
    if event.is_step_failure:
        return event.step_failure_data.error
    return event.job_failure_data.error if event.is_job_failure else None


def _refused_deliveries(settings: Settings) -> Iterator[str]:
    """Yields why deliveries were refused, the last received first: often the cause of a refused publication."""
    from orchestration.extracts.gates import refused
    from orchestration.extracts.inventory import take_inventory
    from orchestration.programme import load_programme

    try:
        inventory = take_inventory(load_programme(settings.root), looking=True)
    except (ObservatoireError, ValueError, KeyError, OSError):
        return  # The programme itself cannot be read: that is the reason, and the failed step has said it.
    reasons = refused(inventory)
    found = (record for record in inventory.records if record.fichier in reasons)
    newest = sorted(found, key=lambda record: record.recue_le, reverse=True)
    if newest:
        told = " ".join(f"{record.told(reasons[record.fichier]).rstrip('.')}." for record in newest[:_TOLD])
        more = f" Et d'autres ({len(newest) - _TOLD}) : « observatoire status »." if len(newest) > _TOLD else ""
        yield f"Livraisons refusées : {told}{more}"


def dbt_failures(settings: Settings) -> Iterator[str]:
    """Yields the models and tests of dbt that failed, with their messages and where the rest can be read."""
    log = consolidation_log(settings)
    failed = list(_failed_nodes(settings.dbt_target)) or list(_spoken(log))
    if not failed:
        return
    more = f" ; et d'autres ({len(failed) - _SHOWN})" if len(failed) > _SHOWN else ""
    yield (
        f"L'entrepôt n'est pas construit : {' ; '.join(failed[:_SHOWN])}{more}."
        f" Vérifier les données de référence par « observatoire check » ; détail dans {log}."
    )


def _failed_nodes(target: Path) -> Iterator[str]:
    """Yields the models and tests that failed, from the results that dbt wrote in the run's own folder."""
    found = sorted(target.glob("entrepot-*/run_results.json"), key=lambda p: p.stat().st_mtime)
    if not found:
        return
    try:
        results = json.loads(found[-1].read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError):
        return
    for result in results:
        if result.get("status") not in ("error", "fail"):
            continue
        kind, _, *names = str(result["unique_id"]).split(".")
        lines = [line.strip() for line in _plain(str(result.get("message") or "")).splitlines() if line.strip()]
        # dbt's first line repeats the node, its last the path of the compiled SQL
        lines = [
            line for line in lines if not re.match(r"(Runtime|Database|Compilation) Error in |compiled code at ", line)
        ]
        if result["status"] == "fail":
            lines = [f"{result.get('failures') or 0} lignes en défaut"]
        what = "contrôle" if kind == "test" else "table"
        yield f"{what} {names[0] if names else kind} ({_shortened(' '.join(lines), 240)})"


def _spoken(log: Path) -> Iterator[str]:
    """Yields dbt's error when it has no results to write: it could not open the project or the database."""
    text = _plain(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else ""
    lines = [_STAMP.sub("", line).strip() for line in text.splitlines()]
    start = next((i + 1 for i, line in enumerate(lines) if line.startswith("Encountered an error")), None)
    if start is not None:
        spoken = itertools.takewhile(lambda line: not line.startswith("Traceback"), lines[start:])
        said = [line for line in spoken if line and not re.match(r"(Runtime|Database|Compilation) Error$", line)]
        yield _shortened(" ".join(said), _WORDS)
        return
    # where dbt itself cannot be imported, Python speaks
    failing = re.compile(r"\b(FAIL|ERROR)\b(?!=)|^ModuleNotFoundError: ")
    yield from (_shortened(line, 240) for line in lines if failing.search(line))


def _plain(text: str) -> str:
    return _ANSI.sub("", text)


def _shortened(text: str, length: int = _WORDS) -> str:
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} […]"
