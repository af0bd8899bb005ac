"""How precise a published number is, as the numbers of its column show."""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

# A number that shows no last decimal is a computed one, and HiGHS holds a line to about this relative precision.
FULL = 1e-7
# The steps that the guide announces, with the number of answers from which each holds: anybody may read them.
SHARES = ((10_000.0, 0.001), (1_000.0, 0.01), (500.0, 0.02), (200.0, 0.05), (0.0, 0.1))
GAPS = ((1_000.0, 0.01), (0.0, 0.1))
NOTES = ((10_000.0, 0.01), (0.0, 0.1))
# A published number of answers stands for any within half its own step.
UNSURE = 5
GRAINS = sorted((m * 10.0**e for e in range(-7, 4) for m in (1, 2, 5)), reverse=True)


def multiple(value: float, step: float) -> bool:
    """Whether a number is a whole number of steps, as far as its own precision tells."""
    turns = value / step
    return abs(turns) < 1e9 and abs(turns - round(turns)) < 1e-6


def announced(table: str, column: str, published: bool = True) -> tuple[tuple[float, float], ...]:
    """The steps that the guide announces of a column; none if it does not speak of it plainly.

    `published`: from one published wave to another, where a gap of notes has finer steps than at a constant panel.
    """
    starts = {"taux": SHARES, "part": SHARES, "ecart_taux": SHARES, "note_": NOTES}
    if table == "fct_evolution":
        starts["ecart_note"] = GAPS if published else NOTES
    return next((steps for start, steps in starts.items() if column.startswith(start)), ())


@dataclass
class Decimals:
    """The step (0.001, 5, 10…) that a column's numbers are multiples of, by the number of answers behind them.

    A number made of more answers may be published finer. In the order of their bases, numbers follow a step until one does not:
    when enough did, the step changes there; when too few did to tell, the step was finer from their start. A base where the step
    changes keeps the coarser one, as an attacker must who wants to be sure. Where all numbers are as the guide announces, they are
    read as it says: a few numbers may all be multiples of another step by chance.
    """

    bases: list[float] = field(default_factory=list)
    steps: list[float | None] = field(default_factory=list)
    digits: int | None = None
    """How many significant digits all the column's numbers have at most, if so few that they may be rounded to these."""
    guide: tuple[tuple[float, float], ...] = ()
    """The announced steps, if all the column's numbers keep to them."""

    @classmethod
    def read(
        cls, rows: Iterable[tuple[float, float]], guide: tuple[tuple[float, float], ...] = (), enough: int = 15
    ) -> Decimals:
        """From the base and the value of each number of a column, and what the guide says of it."""
        groups: dict[float, list[float]] = defaultdict(list)
        for base, value in rows:
            if value:
                groups[base].append(value)
        found, at, seen = cls(), 0, 0
        told = (multiple(v, _held(guide, b + UNSURE)) for b, values in groups.items() for v in values if guide)
        found.guide = guide if all(told) else ()
        shown = [
            len(f"{abs(v):.9e}".split("e")[0].replace(".", "").rstrip("0")) for held in groups.values() for v in held
        ]
        found.digits = max(shown) if shown and max(shown) <= 3 else None
        for base in sorted(groups):
            needed = at
            while needed < len(GRAINS) and not all(multiple(value, GRAINS[needed]) for value in groups[base]):
                needed += 1
            if needed > at and seen >= enough:
                seen = 0  # the step changes: this base may hold numbers of both
                at = 0
            else:
                if not seen:
                    found.bases.append(base)
                    found.steps.append(None)
                at, seen = needed, seen + len(groups[base])
                found.steps[-1] = GRAINS[at] if at < len(GRAINS) else None
        return found

    def step(self, base: float, value: float) -> float | None:
        """The step of a number made of so many answers; None if the numbers show none."""
        if self.guide:
            return _held(self.guide, base - UNSURE)
        at = max(0, bisect.bisect_right(self.bases, base) - 1)
        step = self.steps[at] if self.steps else None
        if step is not None and self.digits and value:
            step = max(step, 10.0 ** (math.floor(math.log10(abs(value))) - self.digits + 1))
        return step


def _held(guide: tuple[tuple[float, float], ...], base: float) -> float:
    """The announced step of a number made of so many answers."""
    return next((step for least, step in guide if base >= least), guide[-1][1])


def half_step(step: float | None, value: float, *, whole: bool) -> float:
    """How far from its value a published number may stand; a count printed to the unit is exact."""
    if step is None:
        return FULL * max(abs(value), 1e-3)
    if whole and step <= 1:
        return 0.0
    return step / 2
