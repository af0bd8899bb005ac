"""Suites of expectations, as data: read from `expectations/`, with the thresholds that a programme sets otherwise.

A suite has, for each expectation, the rule it stands for, its severity and its arguments. What a suite looks at and why
something is expected are words: they stand in the catalogues of languages (`suites`, `attentes`).
An argument `{seuil: nom, defaut: x}` is a threshold that `programme.yaml` may set under `plausibilite`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import ProgrammeError
from orchestration.programme import Programme
from orchestration.settings import PROJECT

SUITES = PROJECT / "expectations"
CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True)
class Suite:
    """A suite file.

    Attributes:
        name: its name.
        frame: name of the frame of measures it runs on; empty where it has a query.
        query: SQL on the publication candidate; empty where it has a frame.
        expectations: type, rule, severity, arguments of each expectation.
    """

    name: str
    frame: str
    query: str
    expectations: tuple[Mapping[str, Any], ...]


@cache
def suites(folder: Path = SUITES) -> tuple[Suite, ...]:
    """Returns the suites of a folder, in the order of their file names."""
    bodies = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))]
    return tuple(Suite(b["suite"], b.get("cadre", ""), b.get("requete", ""), tuple(b["attentes"])) for b in bodies)


def thresholds(folder: Path = SUITES) -> dict[str, float]:
    """Returns the thresholds that suites leave to the programme, with their defaults."""
    return {
        value["seuil"]: value["defaut"]
        for suite in suites(folder)
        for rule in suite.expectations
        for value in rule["arguments"].values()
        if isinstance(value, dict)
    }


def own_thresholds(programme: Programme) -> Mapping[str, float]:
    """Returns the thresholds that a programme sets otherwise than the suites.

    Raises:
        ProgrammeError: no suite has one of that name.
    """
    own = programme.config.plausibilite
    known = thresholds()
    for name in own:
        if name not in known:
            raise ProgrammeError(
                f"{programme.root / 'programme.yaml'}, plausibilite.{name} : seuil inconnu ;"
                f" les suites ont {', '.join(sorted(known))}."
            )
    return own
