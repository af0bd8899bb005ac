"""The publication candidate held to its suites, and the Data Docs of everything that was checked."""

from __future__ import annotations

import duckdb

from orchestration.files import write_json
from orchestration.plausibility.deliveries import frames
from orchestration.plausibility.expectation import Expectation, Suite
from orchestration.plausibility.suites import Validator, own_thresholds, suites
from orchestration.programme import Programme
from orchestration.settings import Settings
from orchestration.sql import literal


def check_candidate(
    programme: Programme, settings: Settings, found: tuple[Suite, ...] | None = None
) -> list[Expectation]:
    """Validates the candidate, and documents it together with the deliveries it was made from.

    Args:
        programme: whose thresholds and measures are read.
        settings: whose candidate and warehouse are read; the documentation goes beside them.
        found: the suites; by default those of the project.

    Returns:
        one entry per expectation on the candidate, in the order of the files.
    """
    found = suites() if found is None else found
    validator = Validator(own_thresholds(programme))
    entries: list[Expectation] = []
    with duckdb.connect() as session:
        session.execute(f"attach {literal(settings.candidate)} as publication (read_only)")
        session.execute(f"attach {literal(settings.warehouse)} as entrepot (read_only)")
        for suite in (s for s in found if s.query):
            entries += validator.run(suite, session.execute(suite.query).df())
    measured = frames(programme)
    for suite in (s for s in found if s.frame and not measured[s.frame].is_empty()):
        # what an organisme's answers measure stays in the warehouse: these pages go beside the report
        validator.run(suite, measured[suite.frame].to_pandas(), values=False)
    validator.document(settings.checks)
    write_json(
        [{"suite": e.suite, "regle": e.rule, "gravite": e.severity, "tenue": e.passed, "raison": e.reason,
          "cas": e.unexpected} for e in entries],
        settings.checks / "candidat.json",
    )  # fmt: skip
    return entries
