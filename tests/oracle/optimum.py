"""The fewest cells that must be held back, found exactly: small tables drawn at random, an attacker with linear programming, a hitting set.

Nothing here is shared with `disclosure`. Publishing fewer cells never tells a reader more, so a set of published cells
that endangers a secret endangers it in every larger set: one cell of each smallest such set must be held back, and the
fewest cells that meet all of them are the optimum (M. Fischetti and J. J. Salazar 2001 solve cell suppression in this
way, a master programme and an attacker who answers with cuts).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Floats = NDArray[np.float64]
Cell = tuple[int, int]

_ROUNDING = 1e-7
# what a masked cell that is no secret keeps, as a share of it
_FILLED = 1e-3
# cuts for each answer of the attacker
_CUTS = 12
# the thresholds of the delivered programme
_ANSWERS, _ORGANISMES, _DOMINANT = 30, 3, 0.85


@dataclass(frozen=True)
class Drawn:
    """One axis of one question in one wave.

    Attributes:
        brought: (organismes, segments), answers.
        members: (perimeters, organismes), 1 where an organisme is counted; the region first.
        ranks: how useful each perimeter is, the smallest first.
        primary: (perimeters, 1 + segments), total first: the cells masked for their own sake.
    """

    brought: Floats
    members: Floats
    ranks: list[int]
    primary: NDArray[np.bool_]

    @cached_property
    def base(self) -> Floats:
        """(perimeters, 1 + segments): answers, total first."""
        return self.members @ totalled(self.brought)

    @cached_property
    def open(self) -> list[Cell]:
        """The cells that could be published."""
        return [(int(e), int(c)) for e, c in np.argwhere(~self.primary & (self.base > 0))]

    @cached_property
    def secret(self) -> NDArray[np.bool_]:
        """Which of the masked cells are secrets themselves."""
        return self.primary

    @cached_property
    def slack(self) -> Floats:
        """Half of the interval in which rounding leaves each cell."""
        return np.zeros(self.base.shape)

    @cached_property
    def floor(self) -> float:
        """What a secret keeps at least, unless it is less than twice as much: then half of it."""
        return 0.0

    def row(self, cell: Cell) -> Floats:
        """What a cell adds up, among all that was brought."""
        ensemble, column = cell
        return np.outer(self.members[ensemble], _columns(self.brought.shape[1])[column]).reshape(-1)


def drawn(seed: int) -> Drawn:
    """Draws a table of 5 to 8 organismes and 3 to 5 segments; at least one answer in each.

    Perimeters are, in turn, a region with a family and a constant panel, with two families, with all three.
    """
    random = np.random.default_rng(seed)
    organismes, segments = int(random.integers(5, 9)), int(random.integers(3, 6))
    region, family, panel = np.ones((3, organismes))
    family[int(random.integers(2, organismes - 1)) :] = 0
    panel[random.choice(organismes, int(random.integers(1, 4)), replace=False)] = 0
    others = [(family, panel), (family, 1 - family), (family, 1 - family, panel)][seed % 3]
    members = np.array([region, *others])
    ranks = [0, *([1 if one is panel else 10 for one in others])]
    sizes = random.lognormal(4, 0.6, (organismes, 1)) * random.lognormal(-1.2, 0.7, segments)
    brought = np.maximum(random.poisson(sizes * random.lognormal(0, 0.4, sizes.shape)), 1).astype(float)
    base = members @ totalled(brought)
    largest = (members[:, :, None] * totalled(brought)).max(axis=1)
    few = members.sum(axis=1, keepdims=True) < _ORGANISMES
    return Drawn(brought, members, ranks, (base < _ANSWERS) | few | (largest >= _DOMINANT * base))


class Attack:
    """What readers of a set of published cells find out about cells masked for their own sake and organismes' results.

    Args:
        table: what is under attack.
        level: the interval that every secret keeps, as a share of it.
        members: whether organismes, who know their own answers, are readers.
        sides: whether the interval must reach half the level on each side of the truth, as τ-ARGUS asks.
    """

    def __init__(self, table: Drawn, *, level: float, members: bool, sides: bool = False) -> None:
        self.table, self._level, self._sides = table, level, sides
        count, segments = table.brought.shape
        own = [np.outer(one, column).reshape(-1) for one in np.eye(count) for column in _columns(segments)]
        masked = [table.row((int(e), int(c))) for e, c in np.argwhere(table.primary & (table.base > 0))]
        self._secrets = np.array([*masked, *own])
        # a masked cell that is no secret itself must only not be filled in, from outside
        self._soft = np.array([not secret for secret in self._strict()] + [False] * len(own))
        self._readers = [np.ones(count * segments, dtype=bool)]
        if members:
            self._readers += [np.repeat(np.arange(count) != one, segments) for one in range(count)]

    def _strict(self) -> list[bool]:
        """Which of the masked cells are secrets themselves."""
        table = self.table
        return [bool(table.secret[int(e), int(c)]) for e, c in np.argwhere(table.primary & (table.base > 0))]

    def found(self, published: Iterable[Cell]) -> list[tuple[int, int]]:
        """Returns the (secret, reader) where a reader bounds secrets too tightly: the first such reader's."""
        cells = list(published)
        for reader in range(len(self._readers)):
            secrets = self._tight(cells, reader)
            if len(secrets):
                return [(int(secret), reader) for secret in secrets]
        return []

    def smallest(self, cells: list[Cell], secret: int, reader: int) -> list[Cell]:
        """Returns cells among these that endanger the secret together, and no longer when any is held back."""
        kept = list(cells)
        for cell in sorted(cells, key=lambda one: self.table.base[one]):
            fewer = [one for one in kept if one != cell]
            if len(self._tight(fewer, reader, [secret])):
                kept = fewer
        return kept

    def _tight(self, cells: list[Cell], reader: int, among: list[int] | None = None) -> NDArray[np.intp]:
        free = self._readers[reader]
        x = self.table.brought.reshape(-1)[free]
        known = np.array([self.table.row(cell) for cell in cells]).reshape(len(cells), -1 if cells else len(free))[
            :, free
        ]
        secrets = self._secrets[:, free]
        needed = self._needed(secrets @ x, reader)
        slack = np.array([self.table.slack[cell] for cell in cells])
        # what is left of each secret, among contributions in units of their own, when the published cells are taken out
        # and what rounding may add to each of these
        _, sizes, directions = np.linalg.svd(np.hstack([known * x, np.diag(slack)]), full_matrices=False)
        span = directions[sizes > 1e-9 * sizes.max(initial=1)]
        moved = np.hstack([secrets * x, np.zeros((len(secrets), len(cells)))])
        left = np.linalg.norm(moved - moved @ span.T @ span, axis=1)
        # an answer for most, without a linear programme: nothing is left, or the ellipsoid of Dikin is wide enough
        told, safe = (left < 1e-7 * (secrets @ x)) & (needed > 0), 2 * left >= needed
        asked = [s for s in (range(len(secrets)) if among is None else among) if not safe[s]]
        found = [s for s in asked if told[s] or not self._keeps(secrets[s], known, slack, x, needed[s])]
        return np.array(found, dtype=np.intp)

    def _needed(self, values: Floats, reader: int) -> Floats:
        """How wide each secret must stay to a reader, the first of whom is from outside."""
        needed = np.maximum(self._level * values, np.minimum(self.table.floor, values / 2))
        return np.where(self._soft, min(self._level, _FILLED) * values if reader == 0 else 0.0, needed)

    def _keeps(self, secret: Floats, known: Floats, slack: Floats, x: Floats, needed: float) -> bool:
        truth, reach = float(secret @ x), []
        exact = slack == 0
        rounded, sums = np.vstack([known[~exact], -known[~exact]]), known @ x
        ends = np.concatenate([(sums + slack)[~exact], (slack - sums)[~exact]])
        for sign in (-1, 1):
            found = linprog(
                sign * secret,
                A_eq=known[exact] if exact.any() else None, b_eq=sums[exact] if exact.any() else None,
                A_ub=rounded if len(rounded) else None, b_ub=ends if len(rounded) else None,
            )  # fmt: skip
            reach.append(np.inf if found.status == 3 else abs(found.fun * sign - truth))
        if self._sides:
            return min(reach) >= needed / 2 * (1 - _ROUNDING)
        return sum(reach) >= needed * (1 - _ROUNDING)


def fewest(
    attack: Attack, cost: Callable[[Cell], float] = lambda cell: 1, *, follow: Collection[Cell] = ()
) -> set[Cell]:
    """Returns the cells to hold back that cost least, all secrets being safe.

    Args:
        attack: what readers find out.
        cost: of a cell; one unless told otherwise.
        follow: the segments that are held back with the total of their perimeter.
    """
    cells = attack.table.open
    costs = np.array([cost(cell) for cell in cells])
    at = {cell: place for place, cell in enumerate(cells)}
    segments = np.zeros((len(follow), len(cells)))
    for row, cell in enumerate(follow):
        segments[row, at[cell]], segments[row, at[cell[0], 0]] = 1, -1
    cuts: set[tuple[Cell, ...]] = set()
    held: set[Cell] = set()
    while True:
        published = [cell for cell in cells if cell not in held]
        new = {tuple(attack.smallest(published, *one)) for one in attack.found(published)[:_CUTS]}
        if not new:
            return held
        cuts |= new
        meets = np.array([[cell in cut for cell in cells] for cut in sorted(cuts)], dtype=float)
        rules = [LinearConstraint(meets, 1), LinearConstraint(segments, 0)][: 1 + bool(len(follow))]
        found = milp(costs, constraints=rules, integrality=np.ones(len(cells)), bounds=Bounds(0, 1))
        held = {cell for cell, value in zip(cells, found.x, strict=True) if value > 0.5}


def _columns(segments: int) -> Floats:
    return np.vstack([np.ones(segments), np.eye(segments)])


def totalled(brought: Floats) -> Floats:
    """Returns (organismes, 1 + segments): what was brought, total first."""
    return brought @ _columns(brought.shape[1]).T
