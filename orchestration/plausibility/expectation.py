"""A suite of expectations, and what became of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Suite:
    """A suite file.

    Attributes:
        name: its name.
        subject: what it looks at, in French.
        frame: name of the frame of measures it runs on; empty where it has a query.
        query: SQL on the publication candidate; empty where it has a frame.
        expectations: type, rule, severity, arguments, reason, of each expectation.
    """

    name: str
    subject: str
    frame: str
    query: str
    expectations: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Expectation:
    """One expectation and what became of it.

    Attributes:
        suite: name of its suite.
        rule: code of the rule it stands for.
        severity: `critical` or `warning`.
        passed: whether every row meets it.
        reason: why it is expected, in French.
        rows: positions of the rows that do not meet it.
        unexpected: how many there are.
        examples: up to three of their values.
        column: the column looked at; empty where the expectation is about the whole frame.
        expected: the least and the most that were expected, None where there is no such bound.
    """

    suite: str
    rule: str
    severity: str
    passed: bool
    reason: str
    rows: tuple[int, ...]
    unexpected: int
    examples: tuple[Any, ...]
    column: str
    expected: tuple[float | None, float | None] = (None, None)
