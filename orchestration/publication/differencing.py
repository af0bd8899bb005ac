"""What two editions, read together, say of the organismes that changed between them.

A published total less the one before is what the organismes that came, went, moved or were delivered anew have changed.
Two of them are each other's secret, one is everybody's reading; and a difference made of a few answers tells these
answers, however many organismes they come from. An edition is held to every edition that can still be read (ADR 58).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from orchestration.extracts.differences import changed_interviews
from orchestration.extracts.election import Key
from orchestration.extracts.lake import Lake
from orchestration.publication.losses import Standing
from orchestration.publication.memory import REGION, Rules

# how many answers changed, where both standings are known or one of them is missing
Changed = Callable[[Key, Standing | None, Standing | None], int]
# a wave, and the organismes of which figures are published together
_Set = tuple[str, str]


@dataclass(frozen=True)
class Isolated:
    """The few organismes that alone changed in a set that both editions know, or the few answers that did."""

    wave: str
    organismes: tuple[str, ...]
    perimeter: str = REGION

    def within(self, other: Isolated) -> bool:
        """Tells whether another case names these organismes in this wave already."""
        return self.wave == other.wave and {*self.organismes} <= {*other.organismes}

    def __str__(self) -> str:
        where = "" if self.perimeter == REGION else f" ({self.perimeter})"
        return f"{', '.join(self.organismes)} en {self.wave}{where}"


def isolated(
    before: Mapping[Key, Standing],
    after: Mapping[Key, Standing],
    least: int,
    dominance: float,
    answers: int = 0,
    changed: Changed | None = None,
) -> Iterator[Isolated]:
    """Yields the sets in which the difference of two editions isolates organismes, or a few answers.

    A set is a wave's region or one of its perimeters. An organisme changed in it if it brings something else, or came
    or left. A set that was not there before has nothing to be subtracted from. A set of too few organismes to be
    published in either edition tells nothing; one that a single edition publishes does, because this edition may also
    publish what the other one withheld to hide it. The same organismes are told once a wave, of the region if possible.

    Args:
        before: what the older edition consolidates.
        after: what the next one would.
        least: organismes under which a figure is masked.
        dominance: share of the interviews at which one organisme dominates a figure.
        answers: answers under which a figure is masked.
        changed: interviews that came, went or changed in an organisme; without it, all of them.
    """
    count = changed or _all_interviews
    moved: dict[_Set, dict[str, int]] = defaultdict(dict)
    sizes: dict[_Set, dict[str, int]] = defaultdict(dict)
    members: tuple[Counter[_Set], Counter[_Set]] = (Counter(), Counter())
    for key in sorted({*before, *after}):
        wave, organisme = key
        old, new = before.get(key), after.get(key)
        there, here = _sets(old, new)
        for counter, sets in zip(members, (there, here), strict=True):
            counter.update((wave, perimeter) for perimeter in sets)
        other = {} if _same(old, new) else dict.fromkeys(there & here, count(key, old, new))
        everything = _all_interviews(key, old, new)
        for perimeter, interviews in (other | dict.fromkeys(there ^ here, everything)).items():
            moved[wave, perimeter][organisme] = interviews
            sizes[wave, perimeter][organisme] = everything
    told: list[Isolated] = []
    for wave, perimeter in sorted(sizes, key=lambda each: (each[0], each[1] != REGION, each[1])):
        whole, number = sizes[wave, perimeter], [counter[wave, perimeter] for counter in members]
        few = len(whole) < least or max(whole.values()) >= dominance * sum(whole.values())
        few |= sum(moved[wave, perimeter].values()) < answers
        looked_at = least > 1 and number[0] > 0 and max(number) >= least
        case = Isolated(wave, tuple(whole), perimeter)
        if looked_at and few and not any(case.within(other) for other in told):
            told.append(case)
            yield case


def other_rules(
    before: Mapping[Key, Standing], after: Mapping[Key, Standing], rules_before: Rules, rules_after: Rules
) -> list[str]:
    """Returns the names of the rules under which answers that both editions have are published otherwise.

    Two roundings, two maskings or two scorings of the same answers bound a figure more closely than one. A line that is
    added to a table of rules is about something else; one that is gone or reads otherwise is a change.

    Args:
        before: what the older edition consolidates.
        after: what the next one would.
        rules_before: the rules of the older edition, as far as they are known.
        rules_after: those of the next one.
    """
    if not any(_delivered_alike(old, after[key]) for key, old in before.items() if key in after):
        return []
    return sorted(
        name for name, lines in rules_before.items() if name in rules_after and not {*lines} <= {*rules_after[name]}
    )


def _sets(old: Standing | None, new: Standing | None) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the sets an organisme was in and those it is in: the region alone, if an edition does not know them."""
    known = all(standing.perimeters is not None for standing in (old, new) if standing)
    region = frozenset({REGION})
    of_old, of_new = (
        frozenset() if standing is None else standing.perimeters or frozenset() if known else region
        for standing in (old, new)
    )
    return of_old, of_new


def _same(old: Standing | None, new: Standing | None) -> bool:
    """Tells whether an organisme brings the same to both editions.

    Where both fingerprints are known they decide: the same answers delivered anew are no change, other weights are.
    """
    if old and new and old.brought and new.brought:
        return old.brought == new.brought
    return bool(old and new and _delivered_alike(old, new))


def _delivered_alike(old: Standing, new: Standing) -> bool:
    return (old.interviews, old.delivery) == (new.interviews, new.delivery)


def _all_interviews(_key: Key, old: Standing | None, new: Standing | None) -> int:
    return max(standing.interviews for standing in (old, new) if standing)


def changed_in(lake: Lake) -> Changed:
    """Returns the count of interviews that came, went or changed, from the versions that the lake keeps.

    Where a version is gone or damaged, or holds counts and no interviews, only the difference of their numbers is sure.
    """

    def count(key: Key, old: Standing | None, new: Standing | None) -> int:
        if old is None or new is None or (old.delivery == new.delivery and old.interviews == new.interviews):
            # come, gone, or the same answers under other weights
            return _all_interviews(key, old, new)
        if old.delivery != new.delivery:
            try:
                frames = [pl.read_parquet(lake.version(standing.delivery, *key)) for standing in (old, new)]
            except (OSError, pl.exceptions.PolarsError):
                frames = []
            if frames and all("entretien" in frame.columns for frame in frames):
                return sum(changed_interviews(*frames))
        return abs(new.interviews - old.interviews)

    return count
