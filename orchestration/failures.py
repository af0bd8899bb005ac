"""Why a run failed, in sentences a person can act on: a gate's own, a step's, dbt's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import PublicationRefused
from orchestration.machine import refusal
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# What an exception is called says nothing to who repairs a night.
_CLASS = re.compile(r"^(?:\w+\.)+\w+:\s*")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STAMP = re.compile(r"^\d\d:\d\d:\d\d\s+")
_WORDS = 600
_SHOWN = 5
_DBT_STEP = "entrepot"


def consolidation_log(settings: Settings) -> Path:
    """Returns where dbt's output of the last run is kept."""
    return settings.dbt_target / "consolidation.log"


def interrupted(event: dg.DagsterEvent) -> bool:
    """Returns whether an event of a run says that it was interrupted (Ctrl-C)."""
    if event.is_step_failure:
        error = event.step_failure_data.error
    elif event.is_job_failure:
        error = event.job_failure_data.error
    else:
        return False
    while error is not None:
        if error.cls_name in ("KeyboardInterrupt", "DagsterExecutionInterruptedError"):
            return True
        error = error.cause
    return False


def reason_of(result: dg.ExecuteInProcessResult, settings: Settings) -> str:
    """Returns why a run failed, in sentences a person can act on."""
    reasons = [
        e.description or e.check_name
        for e in result.get_asset_check_evaluations()
        if not e.passed and e.blocking and e.severity.value == "ERROR"
    ]
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
            continue  # the gate has said its sentence
        message = _CLASS.sub("", " ".join(error.message.split())) if error else "échec sans message"
        if error is not None and error.cls_name == PublicationRefused.__name__:
            reasons.append(message)
            continue
        said = list(dbt_failures(settings)) if event.step_key == _DBT_STEP else []
        # what the machine refuses is no fault of the data, whatever else is said of it
        told = refusal(" ".join([*said, message]))
        reasons += [told] if told else said or [f"étape {event.step_key} : {_shortened(message)}"]
    return " ".join(dict.fromkeys(reasons))


def dbt_failures(settings: Settings) -> Iterator[str]:
    """Yields what dbt reproaches the warehouse with, node by node, and where the rest can be read."""
    log = consolidation_log(settings)
    failed = list(_failed_nodes(settings.dbt_target)) or list(_spoken(log))
    if not failed:
        return
    more = f" ; et {len(failed) - _SHOWN} autres" if len(failed) > _SHOWN else ""
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
    """Yields what dbt said of an error before it had results to write: a project or a database it cannot open."""
    text = _plain(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else ""
    lines = [_STAMP.sub("", line).strip() for line in text.splitlines()]
    start = next((i + 1 for i, line in enumerate(lines) if line.startswith("Encountered an error")), None)
    if start is not None:
        said = [line for line in lines[start:] if line and not re.match(r"(Runtime|Database|Compilation) Error$", line)]
        yield _shortened(" ".join(said), _WORDS)
        return
    yield from (_shortened(line, 240) for line in lines if re.search(r"\b(FAIL|ERROR)\b(?!=)", line))


def _plain(text: str) -> str:
    return _ANSI.sub("", text)


def _shortened(text: str, length: int = _WORDS) -> str:
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} […]"
