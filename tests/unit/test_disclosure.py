"""What secondary suppression lets out and holds back, on tables small enough to see why."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from orchestration.settings import PROJECT

sys.path.insert(0, str(PROJECT / "dbt_project" / "python"))

from disclosure.admission import Held, Rules, Table, held_back
from disclosure.cube import Case, Contribution, suppressions
from disclosure.leeway import Leeway

RULES = Rules(level=0.1, organismes=True, members=True)
OUTSIDERS = Rules(level=0.1, organismes=False, members=False)


def _table(contributions: list[list[float]], members: NDArray[np.float64], masked: set[tuple[int, int]]) -> Table:
    """A table of one measure; `masked` names (ensemble, column) cells, column 0 being the total."""
    brought = np.array(contributions, dtype=float)
    segments = members @ brought
    base = np.column_stack([segments.sum(axis=1), segments])
    primary = np.zeros(base.shape, dtype=bool)
    for cell in masked:
        primary[cell] = True
    return Table([brought], primary, base)


def test_one_masked_segment_takes_a_second_with_it_the_smallest() -> None:
    """Three segments of one perimeter: 5 masked, of 5 + 40 + 60. The total and the largest go out, 40 does not."""
    everyone = np.ones((1, 1))
    table = _table([[5, 40, 60]], everyone, {(0, 1)})
    assert held_back(everyone, [0], {"axe": table}, OUTSIDERS) == {("axe", 0, 2): Held.CELL}


def test_an_empty_segment_needs_no_second() -> None:
    everyone = np.ones((1, 1))
    assert held_back(everyone, [0], {"axe": _table([[0, 40, 60]], everyone, set())}, OUTSIDERS) == {}


def test_a_perimeter_of_two_organismes_takes_another_of_its_partition_with_it() -> None:
    """A region of two families, one of which has two organismes: publishing the other would give it."""
    members = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]], dtype=float)
    table = _table([[30.0], [40.0], [50.0], [30.0], [35.0]], members, {(2, 0), (2, 1)})
    held = held_back(members, [0, 10, 10], {"ensemble": table}, RULES)
    assert held[("ensemble", 1, 0)] is Held.CELL
    assert ("ensemble", 0, 0) not in held


def test_two_overlapping_perimeters_do_not_isolate_an_organisme() -> None:
    """A panel is the region without one organisme, a second one without two: neither goes out, one without three does."""
    members = np.ones((4, 7))
    members[1, :1] = members[2, :2] = members[3, :3] = 0
    sizes = [[30.0], [31.0], [32.0], [33.0], [34.0], [35.0], [36.0]]
    held = held_back(members, [0, 1, 1, 1], {"ensemble": _table(sizes, members, set())}, RULES)
    assert set(held) - {("ensemble", e, 1) for e in range(4)} == {("ensemble", 1, 0), ("ensemble", 2, 0)}
    assert held[("ensemble", 1, 0)] is Held.ORGANISME
    # nobody reads who is in the cells: a difference of two is then no one's
    outsiders = Rules(level=0.1, organismes=True, members=False)
    left = held_back(members, [0, 1, 1, 1], {"ensemble": _table(sizes, members, set())}, outsiders)
    assert ("ensemble", 1, 0) in left


def test_a_segment_goes_out_only_where_its_total_does() -> None:
    everyone = np.ones((1, 1))
    table = _table([[40, 60]], everyone, {(0, 0)})
    assert set(held_back(everyone, [0], {"axe": table}, OUTSIDERS).values()) == {Held.TOTAL}


def test_no_level_holds_nothing_back() -> None:
    everyone = np.ones((1, 1))
    table = _table([[5, 40, 60]], everyone, {(0, 1)})
    assert held_back(everyone, [0], {"axe": table}, Rules(level=0.0, organismes=True, members=True)) == {}


@pytest.mark.parametrize("seed", range(3))
def test_the_leeway_is_never_more_than_what_a_linear_programme_finds(seed: int) -> None:
    """The certificate against HiGHS, for an outsider and for each organisme, on random tables and publications."""
    random = np.random.default_rng(seed)
    contributions = random.integers(0, 40, (5, 3)).astype(float)
    cells = np.concatenate([random.integers(0, 2, (6, 5, 3)), np.eye(15).reshape(15, 5, 3)]).astype(float)
    secrets = np.flatnonzero((cells * contributions).sum(axis=(1, 2)) > 0)
    table = Leeway(contributions, cells, secrets, members=True)
    flat = cells.reshape(len(cells), -1)
    published: list[int] = []
    checked = 0
    for cell in range(3):
        rows = flat[[*published, cell]]
        for level in () if table.fixes(cell) else (0.02, 0.2):
            endangered = set(table.endangered(cell, level).tolist())
            # once an outsider endangers a secret, members are not asked
            for reader in [-1] if endangered else range(-1, 5):
                known = np.arange(15) // 3 == reader
                limits = [(x, x) if k else (0, None) for k, x in zip(known, contributions.reshape(-1), strict=True)]
                for secret in set(range(len(secrets))) - endangered:
                    row = flat[secrets[secret]] * ~known
                    width = _width(row, rows, rows @ contributions.reshape(-1), limits)
                    assert width >= level * (row @ contributions.reshape(-1)) - 1e-6
                    checked += 1
        table.publish(cell)
        published.append(cell)
        assert table.fixes(cell)
    assert checked


def _width(
    row: NDArray[np.float64],
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    limits: list[tuple[float, float | None]],
) -> float:
    low, high = (linprog(sign * row, A_eq=rows, b_eq=values, bounds=limits) for sign in (1, -1))
    return float("inf") if high.status == 3 else -high.fun - low.fun


def _rows(question: str, axe: str, segment: str, brought: dict[str, float]) -> list[Contribution]:
    return [
        Contribution("V", o, axe, segment, question, m, n) for o, n in brought.items() for m in ("reponses", "poids")
    ]


def test_rows_come_back_with_their_codes_whatever_order_they_came_in() -> None:
    contributions = _rows("Q", "ensemble", "tous", {"A": 105.0})
    for segment, n in (("x", 5.0), ("y", 40.0), ("z", 60.0)):
        contributions += _rows("Q", "axe", segment, {"A": n})
    cases = [Case("V", "E", "axe", s, "Q", 0, n, n < 30) for s, n in (("x", 5.0), ("y", 40.0), ("z", 60.0))]
    cases.append(Case("V", "E", "ensemble", "tous", "Q", 0, 105.0, False))
    members = {("V", "E"): frozenset("A")}
    found = list(suppressions(cases, contributions, members, OUTSIDERS))
    assert [(f.axe, f.segment, f.ensemble) for f in found] == [("axe", "y", "E")]
    assert list(suppressions(cases[::-1], contributions[::-1], members, OUTSIDERS)) == found


def test_an_option_that_only_one_segment_may_hold_is_not_given_away() -> None:
    """Answers alone would let 40 out beside 60; one option has its answers in the masked segment and in 60 only."""
    everyone = np.ones((1, 1))
    table = _table([[5, 40, 60, 80]], everyone, {(0, 1)})
    option = np.array([[2.0, 0.0, 9.0, 0.0]])
    held = held_back(everyone, [0], {"axe": Table([*table.measures, option], table.primary, table.base)}, OUTSIDERS)
    assert ("axe", 0, 3) in held
