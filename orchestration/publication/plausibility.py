"""Runs the Great Expectations suites of `expectations/` on a publication candidate.

The suites are data; the frames are pandas, what this library validates. It is imported where it runs: 3 to 6 s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.settings import PROJECT, Settings

SUITES = PROJECT / "expectations"


@dataclass(frozen=True)
class Expectation:
    """One expectation and what became of it.

    Attributes:
        suite: name of its suite.
        severity: `critical` (refuses the publication) or `warning`.
        passed: whether the candidate meets it.
        reason: why it is expected, in French.
        unexpected: number of rows that do not meet it, where it is about rows.
        examples: up to three of those values.
    """

    suite: str
    severity: str
    passed: bool
    reason: str
    unexpected: int
    examples: list[Any]


def check_plausibility(settings: Settings, suites: Path = SUITES) -> list[Expectation]:
    """Validates the candidate against every suite.

    Args:
        settings: whose candidate and warehouse are read.
        suites: folder of the suites.

    Returns:
        one entry per expectation, in the order of the files.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with duckdb.connect() as session:
        session.execute(f"attach '{_quoted(settings.candidate)}' as publication (read_only)")
        session.execute(f"attach '{_quoted(settings.warehouse)}' as entrepot (read_only)")
        return [
            entry
            for path in sorted(suites.glob("*.yaml"))
            for entry in _validate(
                yaml.safe_load(path.read_text(encoding="utf-8")), lambda sql: session.execute(sql).df()
            )
        ]


def _validate(suite: dict[str, Any], query: Callable[[str], Any]) -> Iterator[Expectation]:
    import great_expectations as gx
    from great_expectations import expectations as catalogue

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    frame = query(suite["requete"])
    asset = context.data_sources.add_pandas(suite["suite"]).add_dataframe_asset("candidat")
    batch = asset.add_batch_definition_whole_dataframe("entier").get_batch({"dataframe": frame})
    for rule in suite["attentes"]:
        kind = getattr(catalogue, "".join(part.capitalize() for part in rule["type"].split("_")))
        outcome = batch.validate(kind(**rule["arguments"], severity=rule["severity"]))
        details = outcome.result or {}
        yield Expectation(
            suite["suite"],
            rule["severity"],
            bool(outcome.success),
            rule["raison"],
            int(details.get("unexpected_count", 0) or 0),
            list(details.get("partial_unexpected_list", []))[:3],
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
