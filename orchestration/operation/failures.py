"""Why a run failed, in sentences a person can act on: a gate's own, a step's, dbt's, the refused deliveries'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import ObservatoireError, PublicationRefused
from orchestration.operation.machine import machine_refusal
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# What an exception is called says nothing to who repairs a night.
_CLASS = re.compile(r"^(?:\w+\.)+\w+:\s*")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STAMP = re.compile(r"^\d\d:\d\d:\d\d\s+")
_WORDS = 600
_SHOWN = 5
# the step of a run that is dbt
DBT_STEP = "entrepot"
_TOLD = 3


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


def refusal(events: Iterable[dg.DagsterEvent], settings: Settings, before: str | None) -> str:
    """Returns what a failed run leaves behind, why it failed, and which deliveries were refused.

    Args:
        events: the run's.
        settings: the programme's folders.
        before: the edition in force when it began.
    """
    from orchestration.publication.editions import Editions

    now, reason = Editions(settings.published).current(), reason_of(events, settings)
    if now != before:
        return f"L'édition {now} est publiée, mais la suite a échoué. {reason}"
    return " ".join(["Rien n'a été publié.", reason, *_refused_deliveries(settings)])


def reason_of(events: Iterable[dg.DagsterEvent], settings: Settings) -> str:
    """Returns why a run failed, in sentences a person can act on."""
    reasons: list[str] = []
    steps: list[str] = []
    for event in events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking and check.severity.value == "ERROR":
                reasons.append(check.description or check.check_name)
        elif event.is_step_failure:
            steps += _said_by_step(event, settings)
    return " ".join(dict.fromkeys(reasons + steps))


def _said_by_step(event: dg.DagsterEvent, settings: Settings) -> Iterator[str]:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
        return  # the gate has said its sentence
    message = _CLASS.sub("", " ".join(error.message.split())) if error else "échec sans message"
    if error is not None and error.cls_name == PublicationRefused.__name__:
        yield message
        return
    said = list(dbt_failures(settings)) if event.step_key == DBT_STEP else []
    # what the machine refuses is no fault of the data, whatever else is said of it
    told = machine_refusal(" ".join([*said, message]))
    yield from [told] if told else said or [f"étape {event.step_key} : {_shortened(message)}"]


def _refused_deliveries(settings: Settings) -> Iterator[str]:
    """Yields what was refused of the deliveries, the last received first: often why a publication is."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.records import REFUSED
    from orchestration.programme import load_programme

    try:
        inventory = take_inventory(load_programme(settings.root))
    except (ObservatoireError, ValueError, KeyError, OSError):
        return  # a programme that cannot be read is the reason, and has been said
    found = [r for r in inventory.records if r.statut == REFUSED and r.sha256 not in inventory.withdrawn]
    newest = sorted(found, key=lambda r: r.recue_le, reverse=True)
    if newest:
        more = f" Et {len(newest) - _TOLD} autres : « observatoire status »." if len(newest) > _TOLD else ""
        yield f"Livraisons refusées : {' '.join(r.motif for r in newest[:_TOLD])}{more}"


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
