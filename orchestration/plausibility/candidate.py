"""The publication candidate held to its suites, and the page that tells everything that was checked."""

from __future__ import annotations

import shutil

import duckdb

from orchestration.files import write_json
from orchestration.plausibility.deliveries import frames
from orchestration.plausibility.run import Expectation, run, write_page
from orchestration.plausibility.suites import Suite, own_thresholds, suites
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
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
    own, words = own_thresholds(programme), words_of(programme.config)
    reasons = words.texts["attentes"]
    with duckdb.connect() as session:
        session.execute(f"attach {literal(settings.candidate)} as publication (read_only)")
        session.execute(f"attach {literal(settings.warehouse)} as entrepot (read_only)")
        runs = [run(suite, session.execute(suite.query).df(), own, reasons) for suite in found if suite.query]
    entries = [entry for ran in runs for entry in ran.expectations]
    measured = frames(programme)
    # what an organisme's answers measure stays in the warehouse: this page goes beside the report
    runs += [
        run(suite, measured[suite.frame].to_pandas(), own, reasons, values=False)
        for suite in found
        if suite.frame and not measured[suite.frame].is_empty()
    ]
    shutil.rmtree(settings.checks, ignore_errors=True)
    notice = words.say("demonstration") if programme.config.demonstration else ""
    write_page(runs, settings.checks / "index.html", words, notice)
    write_json(
        [{"suite": e.suite, "regle": e.rule, "gravite": e.severity, "tenue": e.passed, "raison": e.reason,
          "cas": e.unexpected} for e in entries],
        settings.checks / "candidat.json",
    )  # fmt: skip
    return entries
