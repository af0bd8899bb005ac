"""What published errors and bounds say of answers: a variance is a sum of squares of the answers that it is made of.

With m the published mean of a cell, W its weight and c the factor of each stratum, the variance of the mean is
(Σ c w² (x − m)² − Σ c z² / n) / W², where z is what a stratum's respondents add up to, of w (x − m). The first sum is linear in
numbers of respondents. The second is not, but lies between nothing and the chords of its squares: two lines for each error.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.joint_attack import degrees
from tests.support.joint_attack.columns import wilson_middle

if TYPE_CHECKING:
    from tests.support.joint_attack.system import System

Ends = tuple[float, float]
# Student's quantile at 95 %, for as many degrees of freedom as one likes.
NORMAL = 1.959
# Errors of more organismes than these are of too many unknowns to single anybody out.
MANY = 8
# Wilson's bounds come from the variance where so many answers of each sort are expected, of as many as there are degrees of freedom;
# where fewer are, from the variance or from what it would be if all were as divided, whichever is more.
BOTH_SORTS = 5
# What the published table rounds away beside its digits.
HAIR = 1e-9


@dataclass(frozen=True)
class Spread:
    """Between what and what the variance of a published mean lies."""

    whom: frozenset[str]
    axis: str
    segment: str
    worth: str
    low: float
    high: float


def spreads(system: System) -> Iterator[Spread]:
    """The variances that errors, and bounds around figures, tell of a wave's cells of few organismes."""
    table, reader = "fct_satisfaction", system.reader
    for line in reader.rows(table, system.wave, system.question):
        whom = reader.whom(system.wave, line)
        if len(whom) > MANY or line["axe"] not in system.axes:
            continue
        least = degrees.of_line(reader, table, line, system.wave, whom)
        error = reader.interval(table, "note_erreur_type", line)
        bounds = [reader.interval(table, f"note_ic_{end}", line) for end in ("bas", "haut")]
        if ends := of_note(error, bounds[0], bounds[1], least):
            yield Spread(whom, line["axe"], line["segment"], "score", *ends)
        bounds = [reader.interval(table, f"taux_ic_{end}", line) for end in ("bas", "haut")]
        if ends := of_rate(bounds[0], bounds[1], least):
            yield Spread(whom, line["axe"], line["segment"], "satisfied", *ends)
    yield from of_gaps(system)


def of_note(error: Ends | None, least: Ends | None, most: Ends | None, freedom: int) -> Ends | None:
    """The variance of a mean, from its error and from how far apart its bounds are, of so many degrees of freedom at least."""
    low, high = (max(error[0], 0.0), error[1]) if error else (0.0, math.inf)
    if least and most:
        low = max(low, (most[0] - least[1]) / 2 / degrees.quantile(freedom))
        high = min(high, (most[1] - least[0]) / 2 / NORMAL)
    return (low**2 - HAIR, high**2 + HAIR) if math.isfinite(high) and low <= high else None


def of_rate(least: Ends | None, most: Ends | None, freedom: int) -> Ends | None:
    """The variance of a rate, from Wilson's bounds: their product and sum give t² V / p (1 − p), or no less than that."""
    if not least or not most or least[0] <= 0 or most[1] >= 1:
        return None
    found, rates = [], []
    for low in least:
        for high in most:
            if low < high:
                rate = wilson_middle(low, high)
                rates.append(rate)
                found.append((rate**2 / (low * high) - 1) * rate * (1 - rate))
    if not found:
        return None
    enough = freedom * min(min(rates), 1 - max(rates)) >= BOTH_SORTS
    # bounds so coarse that they may be one and the same number tell of no least variance
    apart = least[1] < most[0]
    low = max(0.0, min(found)) / degrees.quantile(freedom) ** 2 if enough and apart else 0.0
    return low - HAIR, max(found) / NORMAL**2 + HAIR


def of_gaps(system: System) -> Iterator[Spread]:
    """The variances of the means of this wave, from those of their gaps to another's, less the other's own."""
    table, reader = "fct_evolution", system.reader
    for line in reader.rows(table, None, system.question):
        waves = line["vague"], line["vague_precedente"]
        if system.wave not in waves or line["axe"] not in system.axes:
            continue
        sides = [
            frozenset(s)
            for s in reader.known.compared(line["methode"], *waves, line["perimetre_type"], line["perimetre"])
        ]
        mine = waves.index(system.wave)
        if len(sides[mine]) > MANY:
            continue
        error = reader.interval(table, "erreur_type", line)
        bounds = [reader.interval(table, f"ecart_note_ic_{end}", line) for end in ("bas", "haut")]
        if ends := of_note(error, bounds[0], bounds[1], degrees.of_gap(reader, table, line, waves, sides)):
            other = _published(system, waves[1 - mine], sides[1 - mine], line) or (0.0, math.inf)
            low = ends[0] - other[1] if math.isfinite(other[1]) else -HAIR
            yield Spread(sides[mine], line["axe"], line["segment"], "score", low, ends[1] - max(0.0, other[0]))


def _published(system: System, wave: str, whom: frozenset[str], place: dict) -> Ends | None:
    """The variance of another wave's mean, where it is published itself."""
    table, reader = "fct_satisfaction", system.reader
    for line in reader.rows(table, wave, system.question):
        if (line["axe"], line["segment"]) == (place["axe"], place["segment"]) and reader.whom(wave, line) == whom:
            bounds = [reader.interval(table, f"note_ic_{end}", line) for end in ("bas", "haut")]
            error = reader.interval(table, "note_erreur_type", line)
            return of_note(error, bounds[0], bounds[1], degrees.of_line(reader, table, line, wave, whom))
    return None


def write(system: System) -> int:
    """Writes what errors say into the system's programme; how many variances were read.

    Only of organismes whose weights are the plan's: of others, neither the weights nor their squares are known.
    """
    narrowest: dict[tuple, Ends] = {}
    for one in spreads(system):
        key = one.whom, one.axis, one.segment, one.worth
        low, high = narrowest.get(key, (-math.inf, math.inf))
        narrowest[key] = max(low, one.low), min(high, one.high)
    written = 0
    for key, ends in narrowest.items():
        written += _write_one(system, key, ends)
    return written


def _write_one(system: System, key: tuple, variance: Ends) -> bool:
    whom, axis, segment, worth = key
    told = system.published.get((whom, axis, segment, "mean_w", worth))
    parts = [(o, cell) for o in sorted(whom) for cell in system.places(o, axis, segment)]
    if not told or any(cell.delivered or cell.spread or cell.most < 2 for _, cell in parts):
        return False
    middle, half = (told[0] + told[1]) / 2, (told[1] - told[0]) / 2
    square: dict[int, float] = defaultdict(float)
    first: dict[int, float] = defaultdict(float)
    second: dict[int, float] = defaultdict(float)
    chords: dict[int, float] = defaultdict(float)
    constant = 0.0
    heavy = system.form("w", "base", whom, (axis, segment))
    least, most = system.programme.range(heavy)
    if least <= 0 or not math.isfinite(most):
        return False
    for organisme, cell in parts:
        worths = system.worth_of(worth, organisme)
        if worths is None:
            return False
        population = cell.weight * cell.most
        factor = (1 - cell.most / population) * cell.most / (cell.most - 1) * cell.weight**2
        residual = {cell.answers[code]: worths.get(code, 0.0) - middle for code in cell.answers}
        for column, apart in residual.items():
            square[column] += factor * apart**2
            first[column] += factor * apart
            second[column] += factor
        low, high = system.programme.range(residual)
        room = half * cell.most
        low, high = low - room, high + room
        # z² ≤ (low + high) z − low · high, where z strays by `room` from what the middle makes of it
        for column, apart in residual.items():
            chords[column] += factor / cell.most * (low + high) * apart
        constant += factor / cell.most * (-low * high + abs(low + high) * room)
    ends = system.programme.range(dict(first))
    stray = 2 * half * max(map(abs, ends))
    system.programme.line(
        dict(square),
        variance[0] * least**2 - stray - half**2 * system.programme.range(dict(second))[1],
        math.inf,
        "error",
    )
    form = {k: square[k] - chords[k] for k in square}
    system.programme.line(form, -math.inf, variance[1] * most**2 + stray + constant, "error")
    return True
