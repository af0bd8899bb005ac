"""What secondary suppression lets out and holds back, on tables small enough to see why."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from orchestration.settings import PROJECT

sys.path.insert(0, str(PROJECT / "dbt_project" / "python"))

from disclosure import admission
from disclosure.admission import Held, Rules, Table
from disclosure.leeway import Kinds, Leeway, Secret

RULES = Rules(level=0.1, organismes=True, members=True)
OUTSIDERS = Rules(level=0.1, organismes=False, members=False)


def _table(contributions: list[list[float]], members: NDArray[np.float64], masked: set[tuple[int, int]]) -> Table:
    """A table of one question; `masked` names (ensemble, column) cells, column 0 being the total."""
    brought = np.array(contributions, dtype=float)
    segments = members @ brought
    base = np.column_stack([segments.sum(axis=1), segments])
    primary = np.zeros(base.shape, dtype=bool)
    for cell in masked:
        primary[cell] = True
    return Table(brought[None], primary[None], base[None])


def held_back(
    members: NDArray[np.float64],
    ranks: list[int],
    axes: dict[str, Table],
    rules: Rules,
    segment_ranks: dict[str, list[int]] | None = None,
) -> dict[tuple[str, int, int], Held]:
    """(axis, ensemble, column) → why it is held back, of tables of one question."""
    held = admission.held_back(members, ranks, axes, rules, segment_ranks)
    return {
        (axis, int(ensemble), int(column)): Held(reasons[0, ensemble, column])
        for axis, reasons in held.items()
        for ensemble, column in np.argwhere(reasons[0] != "")
    }


class One:
    """The leeway of the cells of one question, a cell at a time."""

    def __init__(
        self, contributions: NDArray[np.float64], kinds: Kinds, masked: NDArray[np.bool_], **asked: Any
    ) -> None:
        for name in ("slack", "secret"):
            asked[name] = None if asked.get(name) is None else asked[name][None]
        asked["floor"] = np.array([asked.get("floor", 0.0)])
        self._table = Leeway(contributions[None], kinds, masked[None], **asked)

    def fixes(self, ensemble: int, column: int) -> bool:
        return bool(self._table.fixes(self._at(ensemble, column))[0])

    def tells(self, ensemble: int, column: int) -> bool:
        return bool(self._table.tells(self._at(ensemble, column))[0])

    def endangered(self, ensemble: int, column: int) -> list[Secret]:
        [found] = self._table.endangered(self._at(ensemble, column))
        return [self._table.secrets[position] for position in np.flatnonzero(found)]

    def publish(self, ensemble: int, column: int) -> None:
        self._table.endangered(self._at(ensemble, column))
        self._table.publish(np.array([True]))

    def _at(self, ensemble: int, column: int) -> NDArray[np.intp]:
        return np.array([ensemble * self._table.columns + column])


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
    assert held[("ensemble", 1, 1)] is Held.TOTAL
    # nobody reads who is in the cells: a difference of two is then no one's
    outsiders = Rules(level=0.1, organismes=True, members=False)
    left = held_back(members, [0, 1, 1, 1], {"ensemble": _table(sizes, members, set())}, outsiders)
    assert ("ensemble", 1, 0) in left


def test_a_single_answer_of_an_organisme_is_a_result_of_its_own() -> None:
    """A panel is the region without an organisme of one answer: both together would tell that answer."""
    members = np.array([[1, 1, 1], [0, 1, 1]], dtype=float)
    table = _table([[1.0], [40.0], [50.0]], members, set())
    held = held_back(members, [0, 1], {"axe": table}, Rules(level=0.1, organismes=True, members=False))
    assert held[("axe", 1, 0)] is Held.ORGANISME
    assert ("axe", 0, 0) not in held


def test_a_segment_goes_out_only_where_its_total_does() -> None:
    everyone = np.ones((1, 1))
    table = _table([[40, 60]], everyone, {(0, 0)})
    assert set(held_back(everyone, [0], {"axe": table}, OUTSIDERS).values()) == {Held.TOTAL}


def test_a_segment_that_the_region_publishes_anyway_is_not_held_with_its_total() -> None:
    """A family whose total is masked is alone in the first segment: the region's is the family's, and holding it protects nobody."""
    members = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], dtype=float)
    table = _table([[20, 20], [30, 10], [0, 40], [0, 50]], members, {(1, 0)})
    assert held_back(members, [0, 1], {"axe": table}, OUTSIDERS) == {("axe", 1, 2): Held.TOTAL}


def test_segments_that_the_programme_ranks_early_go_out_before_other_totals() -> None:
    """The two cells of a perimeter would each tell a masked segment if both went out: the first judged goes."""
    members = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], dtype=float)
    table = _table([[40, 20], [50, 25], [60, 30], [5, 2]], members, set())
    late = held_back(members, [0, 1], {"axe": table}, RULES)
    early = held_back(members, [0, 10], {"axe": table}, RULES, {"axe": [1, 11]})
    assert ("axe", 1, 0) in late and ("axe", 1, 0) in early
    assert {key for key in early if key[1] == 0} <= {key for key in late if key[1] == 0}
    # ranked before the total that it needs, a segment stays in
    assert held_back(members, [5, 6], {"axe": table}, RULES, {"axe": [0, 0]})["axe", 0, 1] is Held.TOTAL


def test_a_cell_of_two_organismes_is_no_secret_but_cannot_be_filled_in() -> None:
    """Of 30, 40 and 50, the first two make a masked perimeter: the third may be seen by its own organisme, who so learns 70."""
    members = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], dtype=float)
    strict = _table([[30.0], [40.0], [50.0], [60.0]], members, {(1, 0), (1, 1)})
    brought, primary = strict.brought[0], strict.primary[0]
    assert One(brought, Kinds(members), primary, level=0.1, organismes=True, readers=True).endangered(0, 0) == []
    none = np.zeros_like(primary)
    soft = One(brought, Kinds(members), primary, level=0.1, organismes=True, readers=True, secret=none)
    # the cell itself is not to be published beside what would fix it
    soft.publish(0, 0)
    assert not soft.fixes(1, 0)
    assert soft.endangered(1, 0)


def test_no_level_holds_nothing_back() -> None:
    everyone = np.ones((1, 1))
    table = _table([[5, 40, 60]], everyone, {(0, 1)})
    assert held_back(everyone, [0], {"axe": table}, Rules(level=0.0, organismes=True, members=True)) == {}


@pytest.mark.parametrize("rounding", [0.0, 4.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_leeway_is_never_more_than_what_a_linear_programme_finds(seed: int, rounding: float) -> None:
    """The certificate against HiGHS, for an outsider and for each organisme, on random tables and publications."""
    random, contributions, members, cells = _random(seed)
    segments = contributions.shape[1]
    masked = members @ _columns(contributions) > 0
    slack = random.choice([0.0, rounding], masked.shape)
    rows = {Secret(False, *at): cells[at] for at in np.ndindex(*masked.shape)}
    for at in np.ndindex(len(contributions), 1 + segments):
        own = np.zeros_like(contributions)
        own[at[0]] = np.vstack([np.ones(segments), np.eye(segments)])[at[1]]
        rows[Secret(True, *at)] = own
    checked = 0
    for level in (0.02, 0.2):
        table = One(contributions, Kinds(members), masked, level=level, organismes=True, readers=True, slack=slack)
        published: list[tuple[int, int]] = []
        for number in random.permutation(masked.size)[:4]:
            cell = divmod(int(number), 1 + segments)
            if table.fixes(*cell):
                continue
            known = np.array([cells[at].reshape(-1) for at in [*published, cell]])
            give = np.array([slack[at] for at in [*published, cell]])
            endangered = set(table.endangered(*cell))
            # once an outsider endangers a secret, members are not asked
            for reader in [-1] if endangered else range(-1, len(contributions)):
                theirs = np.repeat(np.arange(len(contributions)) == reader, segments)
                limits = [(x, x) if k else (0, None) for k, x in zip(theirs, contributions.reshape(-1), strict=True)]
                for secret in set(rows) - endangered:
                    row = rows[secret].reshape(-1) * ~theirs
                    width = _width(row, known, known @ contributions.reshape(-1), limits, give)
                    assert width >= level * (row @ contributions.reshape(-1)) - 1e-6
                    checked += 1
            table.publish(*cell)
            published.append(cell)
            assert table.fixes(*cell) == (slack[cell] == 0)
            assert table.tells(*cell)
    assert checked


@pytest.mark.parametrize("rounding", [0.0, 4.0])
@pytest.mark.parametrize("seed", range(6))
def test_kinds_of_organismes_leave_the_leeway_what_it_is_organisme_by_organisme(seed: int, rounding: float) -> None:
    """Against the projection among all contributions, a least squares fit for each secret and reader."""
    random, contributions, members, cells = _random(seed, organismes=9)
    segments = contributions.shape[1]
    values = members @ _columns(contributions)
    masked = (random.random(values.shape) < 0.4) & (values > 0)
    slack = random.choice([0.0, rounding], values.shape)
    kinds = Kinds(members)
    assert kinds.counted.shape[1] < len(contributions)
    scaled = {at: (cells[at] * contributions) for at in np.ndindex(*values.shape)}
    secrets = {Secret(False, *map(int, at)): scaled[tuple(at)] for at in np.argwhere(masked)}
    for o, column in np.ndindex(len(contributions), 1 + segments):
        own = np.zeros_like(contributions)
        own[o] = contributions[o] * (np.arange(segments) == column - 1 if column else 1)
        if own.any():
            secrets[Secret(True, o, column)] = own
    told = 0
    for level, floor in ((0.05, 0.0), (0.3, 0.0), (1.2, 0.0), (0.05, 6.0)):
        table = One(contributions, kinds, masked, level=level, floor=floor, organismes=True, readers=True, slack=slack)
        published: list[tuple[int, int]] = []
        for number in random.permutation(values.size)[:6]:
            cell = divmod(int(number), 1 + segments)
            if table.fixes(*cell):
                continue
            out = np.array([scaled[at].reshape(-1) for at in [*published, cell]]).T
            give = np.array([slack[at] for at in [*published, cell]])
            expected = {s for s, row in secrets.items() if _tight(row.reshape(-1), out, give, level, floor)}
            if not expected:
                for reader in range(len(contributions)):
                    others = np.repeat(np.arange(len(contributions)) != reader, segments)
                    for secret, row in secrets.items():
                        rest = row.reshape(-1)[others]
                        if rest.any() and _tight(rest, out[others], give, level, floor):
                            expected.add(secret)
            assert set(table.endangered(*cell)) == expected
            told += len(expected)
            table.publish(*cell)
            published.append(cell)
    assert told


def test_readers_who_bring_little_are_not_followed_but_paid_for() -> None:
    """Forty-one organismes alike, their sum published: an outsider leaves each 2 √(40/41) of its value, another of them 2 √(39/40)."""
    contributions = np.full((41, 1), 10.0)
    members, nothing = np.ones((1, 41)), np.zeros((1, 2), dtype=bool)
    level = np.sqrt(40 / 41) + np.sqrt(39 / 40)

    def endangered(*, readers: bool) -> list[Secret]:
        table = One(contributions, Kinds(members), nothing, level=level, organismes=True, readers=readers)
        return table.endangered(0, 0)

    assert endangered(readers=False) == []
    assert {secret.row for secret in endangered(readers=True)} == set(range(41))


def _random(
    seed: int, organismes: int = 5
) -> tuple[np.random.Generator, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Contributions, members of four ensembles, and (ensemble, 1 + segment, organisme, segment), 1 where a cell counts."""
    random = np.random.default_rng(seed)
    contributions = random.integers(0, 40, (organismes, 3)).astype(float)
    members = np.vstack([np.ones(organismes), random.integers(0, 2, (3, organismes))])
    columns = np.vstack([np.ones(3), np.eye(3)])
    return random, contributions, members, members[:, None, :, None] * columns[None, :, None, :]


def _columns(contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([contributions.sum(axis=1), contributions])


def _tight(
    secret: NDArray[np.float64],
    published: NDArray[np.float64],
    slack: NDArray[np.float64],
    level: float,
    floor: float,
) -> bool:
    """Whether the fit of a secret by what is published leaves it too little; what rounding hides is one unknown more."""
    unknowns = np.vstack([published, np.diag(slack)])
    whole = np.concatenate([secret, np.zeros(len(slack))])
    fit = unknowns @ np.linalg.lstsq(unknowns, whole, rcond=1e-10)[0]
    value = secret.sum()
    return bool(2 * np.linalg.norm(whole - fit) < max(level * value, min(floor, value / 2)))


def _width(
    row: NDArray[np.float64],
    rows: NDArray[np.float64],
    values: NDArray[np.float64],
    limits: list[tuple[float, float | None]],
    slack: NDArray[np.float64],
) -> float:
    limited = {"A_ub": np.vstack([rows, -rows]), "b_ub": np.concatenate([values + slack, slack - values])}
    low, high = (linprog(sign * row, bounds=limits, **limited) for sign in (1, -1))
    return float("inf") if high.status == 3 else -high.fun - low.fun


def test_a_small_reader_who_is_all_that_hides_a_large_one_is_followed() -> None:
    """A perimeter of five and one of three of them: the two others are 1,215 and 249, of which rounding hides some twenty.

    Who knows the 249 subtracts them: it is 4 % of the squares of both, and all of what hides the other.
    """
    members = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype=float)
    brought = np.array([[4580.0], [4894.0], [3055.0], [1215.0], [249.0]])
    one = _table(brought.tolist(), members, set())
    slack = np.full(one.base.shape, 10.0)
    held = admission.held_back(members, [0, 1], {"axe": replace(one, slack=slack)}, RULES)["axe"][0]
    assert held[0, 0] == ""
    assert held[1, 0] == Held.ORGANISME
    assert admission.held_back(members, [0, 1], {"axe": replace(one, slack=90.0 + slack)}, RULES)["axe"][0][1, 0] == ""
