"""How far Student's quantile of a published cell may be from the normal one: its degrees of freedom are not published.

They follow from the sampling plan and from how many answered in each stratum (docs/methode.md). The plan is known; of the answers,
only how many there are in all. A few strata of a small survey may carry nearly all of the variance: degrees are then few.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from scipy.stats import t as student

from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.known import Known

# of the published intervals
CONFIDENCE = 0.95
# what published cells of a survey of the ordinary size have at least
USUAL = 16


def quantile(degrees: float, confidence: float = CONFIDENCE) -> float:
    """Student's two-sided quantile."""
    return float(student.ppf((1 + confidence) / 2, degrees))


def of_line(reader: Reader, table: str, line: dict, wave: str, whom: Iterable[str], base: str = "base_brute") -> int:
    """The fewest degrees of freedom of the figures of a line in a wave, of some organismes, whose answers a column counts."""
    answers = reader.interval(table, base, line, whole=True) or (0.0, 0.0)
    where = line.get("axe", "ensemble"), line.get("segment", "tous")
    return fewest(reader.known, wave, line["question_code"], whom, where, math.ceil(answers[0]))


def of_gap(reader: Reader, table: str, line: dict, waves: Sequence[str], sides: Sequence[Iterable[str]]) -> int:
    """The fewest degrees of freedom of a gap between two waves: no fewer than those of the side that has fewer (Welch)."""
    bases = ("base_brute", "base_brute_precedente")
    return min(of_line(reader, table, line, *side) for side in zip(waves, sides, bases, strict=True))


def fewest(known: Known, wave: str, question: str, whom: Iterable[str], where: tuple[str, str], answers: float) -> int:
    """The fewest degrees of freedom that an error may have.

    Args:
        known: the edition and its plan.
        wave: the wave.
        question: the question.
        whom: the organismes of the cell.
        where: axis and segment of the cell.
        answers: how many answered in the cell, at least.

    Returns:
        a number that the degrees are never under. Where the plan does not give the weights (they are delivered, a stratum has
        one interview, strata do not decide the axis), it is what published cells usually have at least.
    """
    axis, segment = where
    if axis != "ensemble" and axis not in known.strata_axes:
        return USUAL
    asked = known.asked(question)
    strata = [
        stratum
        for organisme in sorted(whom)
        for stratum in known.plan[wave, organisme]
        if (asked is None or stratum.code in asked)
        and (axis == "ensemble" or known.strata_axes[axis].get(stratum.code, "NR") == segment)
    ]
    if any(stratum.delivered or stratum.interviews < 2 for stratum in strata):
        return USUAL
    # what an answer of a stratum adds to the variance, if all are as divided
    each = [(1 - s.interviews / s.population) * s.interviews / (s.interviews - 1) * s.weight**2 for s in strata]
    # (Σ v)² / Σ v² / (m − 1), where v is m times what an answer adds: the least of the one over the most of the other
    total, missing = 0.0, sum(s.interviews for s in strata) - answers
    for value, stratum in sorted(zip(each, strata, strict=True), key=lambda pair: pair[0], reverse=True):
        lost = min(max(missing, 0.0), stratum.interviews)
        total += value * (stratum.interviews - lost)
        missing -= lost
    squares = sum(v**2 * s.interviews**2 / (s.interviews - 1) for v, s in zip(each, strata, strict=True))
    degrees = total**2 / squares if squares else 0.0
    return max(1, int(min(degrees, answers - len(strata)) + 1e-6))
