"""Suites run by Great Expectations on pandas frames, and told on one page.

The library is imported where it runs (3 to 6 s). Its site builder is not used: it builds pages that fetch styles,
scripts and pictures from the network. The same renderers give the same tables to a page of ours, which opens from disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.files import write_text
from orchestration.plausibility.suites import Suite
from orchestration.programme.texts import decimal
from orchestration.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext


@dataclass(frozen=True)
class Expectation:
    """One expectation and what became of it.

    Attributes:
        suite: name of its suite.
        rule: code of the rule it stands for.
        severity: `critical` or `warning`.
        reason: why it is expected, in the programme's words.
        column: the column looked at; empty where the expectation is about the whole frame.
        expected: the least and the most that were expected, None where there is no such bound.
        passed: whether every row meets it.
        rows: positions of the rows that do not meet it.
        unexpected: how many there are.
        looked_at: how many rows have something to look at; None where the expectation is about the whole frame.
        examples: up to three of their values.
    """

    suite: str
    rule: str
    severity: str
    reason: str
    column: str
    expected: tuple[float | None, float | None]
    passed: bool
    rows: tuple[int, ...]
    unexpected: int
    looked_at: int | None
    examples: tuple[Any, ...]


@dataclass(frozen=True)
class Run:
    """A suite that was run: what became of each expectation, in the order of the file, and the library's own result."""

    suite: Suite
    expectations: list[Expectation]
    result: ExpectationSuiteValidationResult


def run(
    suite: Suite,
    frame: pd.DataFrame,
    own: Mapping[str, float],
    reasons: Mapping[str, str],
    *,
    values: bool = True,
) -> Run:
    """Validates a frame.

    Args:
        suite: the expectations.
        frame: one row per thing looked at, as the suite names its columns.
        own: thresholds set otherwise than the suites do.
        reasons: by rule, why it is expected.
        values: whether rows, examples and the library's result may hold values; without, they only hold counts.
    """
    import great_expectations as gx

    arguments = {
        rule["regle"]: {
            name: own.get(value["seuil"], value["defaut"]) if isinstance(value, dict) else value
            for name, value in rule["arguments"].items()
        }
        for rule in suite.expectations
    }
    made = gx.ExpectationSuite(
        suite.name,
        [
            {"type": rule["type"], "kwargs": arguments[rule["regle"]], "meta": {"regle": rule["regle"]}}
            for rule in suite.expectations
        ],
    )
    counts_only = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
    result = (
        _context()
        .data_sources.pandas_default.read_dataframe(frame)
        .validate(made, result_format={"result_format": "COMPLETE"} if values else counts_only)
    )
    # the library gives results in an order of its own
    found = {r.expectation_config.meta["regle"]: r for r in result.results if r.expectation_config}
    expectations = []
    for rule in suite.expectations:
        code, outcome = rule["regle"], found[rule["regle"]]
        expectations.append(
            Expectation(
                suite=suite.name,
                rule=code,
                severity=rule["severity"],
                reason=reasons[code],
                column=str(arguments[code].get("column", "")),
                expected=(arguments[code].get("min_value"), arguments[code].get("max_value")),
                passed=bool(outcome.success),
                rows=tuple(outcome.result.get("unexpected_index_list") or ()),
                unexpected=outcome.result.get("unexpected_count", 0),
                looked_at=_looked_at(outcome.result),
                examples=tuple(outcome.result.get("partial_unexpected_list", ()))[:3],
            )
        )
    return Run(suite, expectations, result)


def _looked_at(result: Mapping[str, Any]) -> int | None:
    if "element_count" not in result:
        return None
    return int(result["element_count"]) - int(result.get("missing_count") or 0)


def write_page(runs: Sequence[Run], page: Path, words: Words, notice: str = "") -> None:
    """Writes what became of the suites on one page: a table, and below it the library's Data Docs, in English.

    Args:
        runs: the suites that were run.
        page: the file to write.
        words: those of the programme.
        notice: what stands above all of it; nothing where it is empty.
    """
    from great_expectations.render.components import RenderedDocumentContent
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    renderer = ValidationResultsPageRenderer()
    # the first section counts what the table tells, and leads to pages that only the site builder makes
    told = [(r.suite, r.expectations, renderer.render(r.result).to_json_dict()["sections"][1:]) for r in runs]
    view = DefaultJinjaPageView(custom_views_directory=str(Path(__file__).parent))
    said = {"t": words.say, "texts": words.texts, "language": words.language, "notice": notice}
    mark = words.texts["nombres"]["decimale"]

    def bounds(expected: tuple[float | None, float | None]) -> str:
        low, high = (None if bound is None else decimal(bound).replace(",", mark) for bound in expected)
        if low == high:
            return str(low)
        return f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"

    document = RenderedDocumentContent(sections=[])
    written = view.render(document, template="page.html.j2", runs=told, bounds=bounds, **said)  # type: ignore[no-untyped-call]
    write_text(written, page)


@cache
def _context() -> EphemeralDataContext:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    quiet = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=quiet)
