"""What a run tells of itself while it works."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

from orchestration.operation.progress import CONSOLIDATING, PUBLISHING, READING, Copied, DbtSteps, RunProgress


def _event(kind: str, step: str, partition: str | None = None) -> Any:
    kinds = {f"is_step_{name}": name == kind for name in ("start", "success", "materialization")}
    return SimpleNamespace(dagster_event=SimpleNamespace(**kinds, step_key=step, partition=partition))


def test_nodes_of_dbt_are_counted_in_whatever_order_they_end() -> None:
    told: list[tuple[str, int, int]] = []
    log = io.StringIO()
    output = Copied(log, DbtSteps(lambda *said: told.append(said)))  # type: ignore[arg-type]
    output.write("12:00:00  1 of 3 START sql table model un\n")
    output.write("12:00:00  3 of 3 OK created sql table model trois\n12:00:01  1 of 3 OK created sql table model un\n")
    output.write("12:00:02  2 of 3 PASS controle\n")
    assert told == [(CONSOLIDATING, n, 3) for n in (1, 2, 3)]
    assert log.getvalue().count("\n") == 4, "the log keeps what is counted"


def test_deliveries_are_counted_as_they_are_read_and_one_that_fails_ends_the_count_all_the_same() -> None:
    told: list[tuple[str, int, int]] = []
    listen = RunProgress(["lots", "entrepot"], "lots", "entrepot", 3, lambda *said: told.append(said))
    listen(_event("start", "lots"))
    for delivery in ("un", "deux"):
        listen(_event("materialization", "lots", delivery))
    listen(_event("materialization", "lots"))
    listen(_event("success", "lots"))
    listen(_event("start", "entrepot"))
    assert told == [*((READING, n, 3) for n in (0, 1, 2, 3)), (CONSOLIDATING, 0, 1)]


def test_what_follows_dbt_is_counted_once_dbt_is_done() -> None:
    told: list[tuple[str, int, int]] = []
    steps = ("lots", "entrepot", "controle", "edition")
    listen = RunProgress(steps, "lots", "entrepot", 0, lambda *said: told.append(said))
    for step in steps:
        listen(_event("success", step))
    listen(SimpleNamespace(dagster_event=None))  # type: ignore[arg-type]
    assert told == [(PUBLISHING, n, 2) for n in (0, 1, 2)]


def test_a_job_without_dbt_is_counted_from_its_first_step() -> None:
    told: list[tuple[str, int, int]] = []
    listen = RunProgress(["rapport", "lettre"], "lots", "entrepot", 0, lambda *said: told.append(said))
    listen(_event("success", "rapport"))
    assert told == [(PUBLISHING, 1, 2)]
