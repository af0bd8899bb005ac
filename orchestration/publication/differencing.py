"""What two editions, read together, say of the organismes that changed between them.

A regional total less the one before is what the organismes that came, went or were delivered anew have changed. Two of
them are each other's secret, one is everybody's reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestration.extracts.election import Key
from orchestration.publication.losses import Standing


@dataclass(frozen=True)
class Isolated:
    """The few organismes that alone changed in a wave both editions consolidate."""

    wave: str
    organismes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.organismes)} en {self.wave}"


def isolated(
    before: Mapping[Key, Standing], after: Mapping[Key, Standing], least: int, dominance: float
) -> Iterator[Isolated]:
    """Yields the waves in which the difference of two editions isolates organismes.

    Args:
        before: what the current edition consolidates.
        after: what the next one would.
        least: organismes under which a regional figure is masked.
        dominance: share of the interviews at which one organisme dominates a figure.
    """
    changed: dict[str, dict[str, int]] = defaultdict(dict)
    for wave, organisme in sorted({*before, *after}):
        old, new = before.get((wave, organisme)), after.get((wave, organisme))
        if old != new:
            changed[wave][organisme] = max(standing.interviews for standing in (old, new) if standing)
    known = {wave for wave, _ in before}
    for wave, interviews in changed.items():
        total = sum(interviews.values())
        few = len(interviews) < least or (least > 1 and max(interviews.values()) >= dominance * total)
        # a wave that was not there before has nothing to be subtracted from
        if wave in known and few:
            yield Isolated(wave, tuple(interviews))
