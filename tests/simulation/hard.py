"""Designs that are not nice: organismes of which a few interviews stand for many tenants."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import polars as pl

from tests.simulation.programme import plan

# the strata of an organisme: tenants and interviews of each
Strata = tuple[tuple[int, int], ...]

CASES: dict[str, Strata] = {
    "Un entretien pour 2 % des locataires": ((80, 1), (3920, 200)),
    "Un entretien pour 5 %": ((200, 1), (3800, 200)),
    "Un entretien pour 10 %": ((400, 1), (3600, 200)),
    "Un entretien pour 20 %": ((800, 1), (3200, 200)),
    "Un entretien pour 5 %, les autres recensés": ((110, 1), (2090, 2090)),
    "Un entretien pour 10 %, les autres recensés": ((220, 1), (1980, 1980)),
    "Un entretien pour 20 %, les autres recensés": ((500, 1), (2000, 2000)),
    "Deux entretiens pour 5 %": ((200, 2), (3800, 200)),
    "Six entretiens pour 80 %": ((3200, 6), (800, 360)),
    "Trente entretiens pour la moitié": ((20000, 30), (20000, 3000)),
    "Soixante entretiens pour la moitié": ((20000, 60), (20000, 3000)),
}


def hard_plan(cases: Mapping[str, Strata] = CASES) -> pl.DataFrame:
    """Returns the plan, as `plan` does: the cases given in turn to the organismes of the shipped programme."""
    rows = [
        (code, f"S{place}", tenants, interviews)
        for code, case in _members(cases)
        for place, (tenants, interviews) in enumerate(cases[case])
    ]
    return pl.DataFrame(rows, schema=plan().schema, orient="row").sort("organisme_code", "strate")


def case_of(cases: Mapping[str, Strata] = CASES) -> pl.DataFrame:
    """Returns the case of each organisme: perimetre, cas."""
    return pl.DataFrame(_members(cases), schema=["perimetre", "cas"], orient="row")


def _members(cases: Mapping[str, Strata]) -> list[tuple[str, str]]:
    return list(zip(plan()["organisme_code"].unique(maintain_order=True).to_list(), cycle(cases), strict=False))
