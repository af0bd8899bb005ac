"""What the attacker of the tests reads in a verdict and its p-value: a gap, between two ends that hold the true one."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

from tests.support.joint_attack.columns import EVOLUTION
from tests.support.joint_attack.said import ANY, Said

NOTABLE, FREEDOM = 0.15, 60


def _said() -> Said:
    edition = pl.DataFrame({"materialite_note": [NOTABLE], "materialite_taux": [0.02]})
    return Said(cast(Any, SimpleNamespace(known=SimpleNamespace(table=lambda *_: edition))), "V", "Q")


def _line(gap: float, error: float) -> dict[str, object]:
    """What is published of a gap: its verdict, one digit of its p-value and of its error, and itself at 0.1."""
    p = 2 * float(student.sf(abs(gap) / error, FREEDOM))
    if p < 0.05:
        verdict = ("hausse" if gap > 0 else "baisse") + ("" if abs(gap) >= NOTABLE else " légère")
    elif abs(gap) + float(student.isf(0.025, FREEDOM)) * error <= NOTABLE:
        verdict = "stable"
    else:
        verdict = "non significatif"
    shown = {
        "p_valeur": max(float(f"{p:.0e}"), 0.001),
        "erreur_type": float(f"{error:.0e}"),
        "ecart_note": round(gap, 1),
    }
    return {"mesure": "note", "verdict": verdict, **shown}


@pytest.mark.parametrize("published", [True, False])
def test_the_true_gap_is_never_left_out(published: bool) -> None:
    random, said, widths = np.random.default_rng(1), _said(), []
    for gap, error in zip(random.normal(0, 0.3, 400), random.uniform(0.02, 0.3, 400), strict=True):
        line = _line(gap, error) if published else {"mesure": None, "verdict": _line(gap, error)["verdict"]}
        low, high = said.gap(line | {"mesure": "note"}, EVOLUTION)
        assert low <= gap <= high
        widths.append(high - low)
    # a verdict alone bounds the gaps that it calls slight or equal, an error and a p-value all but the most certain ones
    bounded = np.isfinite(widths).mean()
    assert bounded > 0.5 if published else 0 < bounded < 0.2


def test_each_verdict_places_the_gap_beside_what_is_notable() -> None:
    said = _said()
    read = {
        verdict: said.gap({"mesure": "note", "verdict": verdict}, EVOLUTION)
        for verdict in ("hausse", "baisse légère", "stable")
    }
    assert read == {"hausse": (NOTABLE, math.inf), "baisse légère": (-NOTABLE, 0.0), "stable": (-NOTABLE, NOTABLE)}
    assert said.gap({"mesure": "taux", "verdict": "légèrement au-dessus"}, EVOLUTION) == (0.0, 0.02)
    assert said.gap({"mesure": "note", "verdict": "non significatif"}, EVOLUTION) == ANY
