"""Answers that are being drafted: what is known, what is proposed, and what is left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.authoring.scales import ScaleDraft


@dataclass
class Draft:
    """Answers drafted from an extract.

    Attributes:
        path: the extract.
        facts: what was told beforehand, and what dates and organismes say, by key.
        scales: by code.
        questions: by code, each a part of the answers.
        axes: by code, likewise.
        extract: which column is what.
        points: what a person has to decide, one sentence each.
        odd: rows by question, of each code that stands outside of a scale and that nothing explains.
        reasons: why a line is as it is, by its key.
    """

    path: Path
    facts: dict[str, Any]
    scales: dict[str, ScaleDraft] = field(default_factory=dict)
    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    axes: dict[str, dict[str, Any]] = field(default_factory=dict)
    extract: dict[str, Any] = field(default_factory=dict)
    points: list[str] = field(default_factory=list)
    odd: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
