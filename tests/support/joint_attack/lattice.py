"""Counts read off weight sums at full precision, by lattice reduction."""

from __future__ import annotations

import math
from collections.abc import Iterator

import flint

from tests.support.joint_attack.counts import Cell
from tests.support.joint_attack.decimals import FULL
from tests.support.joint_attack.findings import Target
from tests.support.joint_attack.system import System

# A weight sum at full precision is one equation that few whole numbers solve. Weights are multiplied by this before they
# are rounded to whole numbers.
SCALE = 10**15


def decoded(system: System, most: int = 4) -> Iterator[tuple[Target, float, float]]:
    """Counts read off exact weight sums, where a published perimeter has few organismes whose weights the plan gives."""
    groups = {key[0] for key in system.published if key[1:4] == ("ensemble", "tous", "w")}
    for whom in sorted(groups, key=lambda g: (len(g), sorted(g))):
        unknown = sorted(whom - {system.attacker or ""})
        cells = [c for o in unknown for c in system.cells[o]]
        if not 1 < len(unknown) <= most or any(c.spread or c.delivered for c in cells):
            continue
        for code in system.codes:
            counts = nearest(system, whom, cells, code)
            if counts is None:
                continue
            for organisme in unknown:
                own = [(c, n) for c, n in zip(cells, counts, strict=True) if c.organisme == organisme]
                asked = sum(c.most for c, _ in own)
                true = sum(system.truth.get((organisme, c.place, code), 0) for c, _ in own)
                number = sum(n for _, n in own)
                yield Target(organisme, "count", code, {}, asked, true), number, number
                for cell, n in own:
                    true = system.truth.get((organisme, cell.place, code), 0)
                    yield Target(organisme, "part", f"{cell.place}/{code}", {}, cell.most, true), n, n


def nearest(system: System, whom: frozenset[str], cells: list[Cell], code: str) -> list[int] | None:
    """The only whole numbers, near what is usual, that make the published sums; None if there are none, or others too."""
    sums: list[tuple[list[int], int, int]] = []
    for axis in ("ensemble", *system.known.strata_axes):
        segments = {key[2] for key in system.published if key[0] == whom and key[1] == axis}
        for segment in sorted(segments):
            inside = [c in system.places(c.organisme, axis, segment) for c in cells]
            for way in ("n", "w"):
                found = system.published.get((whom, axis, segment, way, f"option:{code}"))
                if found is None or found[1] - found[0] > 3 * FULL * max(1.0, found[1]):
                    continue
                value = (found[0] + found[1]) / 2
                if system.attacker in whom:
                    for cell in system.places(str(system.attacker), axis, segment):
                        if cell.delivered:
                            return None
                        own = system.truth.get((cell.organisme, cell.place, code), 0)
                        value -= own * (cell.weight if way == "w" else 1.0)
                scale = SCALE if way == "w" else 4 * SCALE
                factors = [round(c.weight * scale) if way == "w" else scale for c in cells]
                sums.append(([f * i for f, i in zip(factors, inside, strict=True)], round(value * scale), scale))
    if not any(scale == SCALE for _, _, scale in sums):
        return None
    share = system.shares.get(code, 0.5)
    usual = [c.most * share for c in cells]
    steps = [max(1, round(10**4 / math.sqrt(max(u * (1 - share), 0.3)))) for u in usual]
    rows = []
    for i in range(len(cells)):
        unit = [steps[j] if i == j else 0 for j in range(len(cells))]
        rows.append([*unit, *(factors[i] for factors, _, _ in sums), 0])
    middle = [round(u) for u in usual]
    aim = [step * m for step, m in zip(steps, middle, strict=True)]
    rows.append([*aim, *(value for _, value, _ in sums), 10**4])
    reduced = flint.fmpz_mat(rows).lll().tolist()

    def fits(counts: list[int]) -> bool:
        if any(not 0 <= n <= c.most for n, c in zip(counts, cells, strict=True)):
            return False
        gaps = (abs(sum(f * n for f, n in zip(fs, counts, strict=True)) - value) / scale for fs, value, scale in sums)
        return all(gap < 1e-12 * max(1.0, value / scale) for gap, (_, value, scale) in zip(gaps, sums, strict=True))

    solutions: set[tuple[int, ...]] = set()
    moves: list[list[int]] = []
    for row in reduced:
        parts = [int(x) for x in row]
        if abs(parts[-1]) == 10**4:
            sign = 1 if parts[-1] > 0 else -1
            counts = [m - sign * x // step for m, x, step in zip(middle, parts, steps, strict=False)]
            if fits(counts):
                solutions.add(tuple(counts))
        elif parts[-1] == 0:
            moves.append([x // step for x, step in zip(parts, steps, strict=False)])
    for counts in tuple(solutions):
        for move in moves:
            for sign in (1, -1):
                other = [n + sign * x for n, x in zip(counts, move, strict=True)]
                if fits(other):
                    solutions.add(tuple(other))
    return list(solutions.pop()) if len(solutions) == 1 else None
