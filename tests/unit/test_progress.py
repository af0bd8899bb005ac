"""What a run tells of itself while it works."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

from orchestration.operation.progress import CONSOLIDATING, PUBLISHING, DbtSteps, RunSteps


def _success(step: str) -> Any:
    return SimpleNamespace(dagster_event=SimpleNamespace(is_step_success=True, step_key=step))


def test_steps_of_dbt_are_counted_in_whatever_order_they_end() -> None:
    told: list[tuple[str, int, int]] = []
    begun: list[str] = []
    file = io.StringIO()
    steps = DbtSteps(file, lambda *said: told.append(said), lambda: begun.append("dbt"))
    steps.write("12:00:00  1 of 3 START sql table model un\n")
    steps.write("12:00:00  3 of 3 OK created sql table model trois\n12:00:01  1 of 3 OK created sql table model un\n")
    steps.write("12:00:02  2 of 3 PASS controle\n")
    assert told == [(CONSOLIDATING, n, 3) for n in (1, 2, 3)]
    assert begun == ["dbt"]
    assert file.getvalue().count("\n") == 4


def test_what_follows_dbt_is_counted_once_dbt_is_done() -> None:
    told: list[tuple[str, int, int]] = []
    listen = RunSteps(["lots", "entrepot", "controle", "edition"], "entrepot", lambda *said: told.append(said))
    for step in ("lots", "entrepot", "controle", "edition"):
        listen(_success(step))
    listen(SimpleNamespace(dagster_event=None))  # type: ignore[arg-type]
    assert told == [(PUBLISHING, n, 2) for n in (0, 1, 2)]


def test_a_job_without_dbt_is_counted_from_its_first_step() -> None:
    told: list[tuple[str, int, int]] = []
    listen = RunSteps(["rapport", "lettre"], "entrepot", lambda *said: told.append(said))
    listen(_success("rapport"))
    assert told == [(PUBLISHING, 1, 2)]
