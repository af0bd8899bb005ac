"""The database that dbt builds: made ready before a build, checked for damage after one that failed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from orchestration.errors import PublicationRefused
from orchestration.machine import machine_refusal
from orchestration.settings import Settings

# what the warehouse keeps in memory for its computations
MEMORY_VARIABLE = "OBSERVATOIRE_MEMOIRE"
# How long an orphaned dbt or somebody's query is waited for; one that takes longer needs a person.
_PATIENCE_SECONDS = 180.0
_POLL_SECONDS = 0.5


def make_ready(settings: Settings, waiting: Callable[[str], None], patience: float = _PATIENCE_SECONDS) -> None:
    """Deletes the last candidate, and a warehouse that DuckDB cannot open: dbt makes both again from the lake.

    Args:
        settings: the programme's folders.
        waiting: called once with a sentence when another process has the warehouse open, whose end is then waited for.
        patience: seconds to wait at most.

    Raises:
        PublicationRefused: it is still open after that, or the machine refuses to open it.
    """
    deadline, said = time.monotonic() + patience, False
    while (holder := _holder(settings.warehouse)) is not None:
        sentence = f"L'entrepôt {settings.warehouse} est ouvert par un autre programme (processus {holder})"
        if time.monotonic() >= deadline:
            raise PublicationRefused(f"{sentence} ; le fermer, puis relancer.")
        if not said:
            waiting(f"{sentence} ; sa fin est attendue.")
            said = True
        time.sleep(_POLL_SECONDS)
    _delete(settings.candidate)


def discard_unreadable(warehouse: Path) -> bool:
    """Deletes the warehouse if one of its tables can no longer be read, and returns whether it did.

    DuckDB notices a damaged block only when the block is read, so every table is read.
    """
    try:
        with duckdb.connect(str(warehouse)) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                connection.execute(f'select max(hash(t)) from "{schema}"."{table}" as t').fetchall()
    except duckdb.Error as error:
        if machine_refusal(error) is None and _lock(error) is None:
            _delete(warehouse)
            return True
    return False


def _holder(warehouse: Path) -> str | None:
    """Returns the process that has the warehouse open; None if it is free. A damaged one is deleted, and so free."""
    try:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("select count(*) from duckdb_tables()")
    except duckdb.Error as error:
        if (holder := _lock(error)) is not None:
            return holder
        if (told := machine_refusal(error)) is not None:
            raise PublicationRefused(told) from None
        _delete(warehouse)
    return None


def _lock(error: duckdb.Error) -> str | None:
    if not re.search(r"\b(?:set|conflicting) lock\b", str(error), re.IGNORECASE):
        return None
    found = re.search(r"\(PID (\d+)\)", str(error))
    return found[1] if found else "inconnu"


def _delete(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)


def memory_fault(environment: Mapping[str, str] = os.environ) -> str | None:
    """Returns what is wrong with the memory that the warehouse is given, a sentence; None where nothing is."""
    said = environment.get(MEMORY_VARIABLE)
    if not said:
        return None
    try:
        duckdb.connect(config={"memory_limit": said}).close()
    except duckdb.Error:
        return (
            f"{MEMORY_VARIABLE} vaut « {said} » : une quantité de mémoire est attendue, par exemple 4GB ; la corriger,"
            " ou l'ôter."
        )
    return None
