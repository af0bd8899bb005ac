"""Small tables of the product's own: a question, an axis and the perimeters of a few organismes, as a warehouse judged them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
from disclosure.admission import Rules, Table, held_back
from disclosure.cube import PRUDENCE
from numpy.typing import NDArray

from tests.oracle.optimum import Cell, Drawn, Floats

# a table of more can hardly be solved exactly
ORGANISMES, SEGMENTS = (4, 6), 6
TOTAL = ("ensemble", "tous")


class Place(NamedTuple):
    """Where a table is from."""

    wave: str
    question: str
    axis: str
    group: int


@dataclass(frozen=True)
class Own(Drawn):
    """A table with what the product knows of it besides.

    Attributes:
        place: where it is from.
        answers: (perimeters, 1 + segments): how many answered.
        themselves: (perimeters, 1 + segments): which of the masked cells are secrets themselves.
        play: (perimeters, 1 + segments): half of what rounding hides, as a share of the cell.
        least: the floor, in answers.
    """

    place: Place
    answers: Floats
    themselves: NDArray[np.bool_]
    play: Floats
    least: float

    @cached_property
    def secret(self) -> NDArray[np.bool_]:
        """Which of the masked cells are secrets themselves."""
        return self.themselves

    @cached_property
    def slack(self) -> Floats:
        """Half of the weight within which rounding leaves each cell."""
        return self.play * self.base

    @cached_property
    def floor(self) -> float:
        """The floor in the weight of answers."""
        return self.least * float(self.base.max()) / max(1.0, float(self.answers.max()))

    @cached_property
    def open(self) -> list[Cell]:
        """The cells that could be published: a segment only where its total could."""
        return [(e, c) for e, c in super().open if not self.primary[e, 0]]


def withheld(table: Own, level: float) -> set[Cell]:
    """Returns the open cells that our own admission holds back, from public and members."""
    one = Table(
        table.brought[None], table.primary[None], table.answers[None],
        (table.primary & table.secret)[None], table.slack[None],
    )  # fmt: skip
    rules = Rules(level=level, floor=table.least, organismes=True, members=True)
    held = held_back(table.members, table.ranks, {"axe": one}, rules)
    return {(int(e), int(c)) for e, c in np.argwhere(held["axe"][0] != "")} & set(table.open)


def tables(warehouse: Path, step: int) -> Iterator[tuple[Own, float]]:
    """Yields one table of the warehouse in so many, and the level that its admission was asked for.

    Each is of the perimeters that lie within one of four to six organismes: its own, its panels, those of head offices.
    """
    with duckdb.connect(str(warehouse), read_only=True) as file:
        groups = _groups(file)
        axes = "select distinct vague, question_code, axe from intermediaire.int_secret_primaire where axe <> 'ensemble' order by all"
        places = [
            Place(wave, question, axis, number)
            for wave, question, axis in file.execute(axes).fetchall()
            for number in range(len(groups[wave]))
        ]
        asked = "select protection, plancher from preparation.stg_parametres"
        [(protection, floor)] = file.execute(asked).fetchall()
        for place in places[::step]:
            found = _table(file, place, groups[place.wave][place.group], floor)
            if found is not None and len(found.open) > 2:
                yield found, PRUDENCE * protection


def _groups(file: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, frozenset[str]]]]:
    """By wave, the perimeters (by their organismes) within each of the largest that are small enough."""
    rows = file.execute(
        "select vague_mesuree, ensemble, list(distinct organisme_code order by organisme_code)"
        " from intermediaire.int_perimetres where perimetre_type <> 'organisme' group by all order by all"
    ).fetchall()
    found: dict[str, list[dict[str, frozenset[str]]]] = {}
    for wave in {row[0] for row in rows}:
        members = {ensemble: frozenset(codes) for w, ensemble, codes in rows if w == wave}
        least, most = ORGANISMES
        outer = sorted({whom for whom in members.values() if least <= len(whom) <= most}, key=sorted)
        found[wave] = [{e: whom for e, whom in members.items() if whom <= one} for one in outer]
    return found


def _table(
    file: duckdb.DuckDBPyConnection, place: Place, members: dict[str, frozenset[str]], floor: float
) -> Own | None:
    """A table, or None where too few answered or too many segments are."""
    names = sorted(members)
    codes = sorted(frozenset().union(*members.values()))
    where = "vague = ? and question_code = ? and axe = ?"
    keys = [place.wave, place.question, place.axis]
    brought = {
        (o, s): w
        for o, s, w in file.execute(
            f"select organisme_code, segment, poids from intermediaire.int_secret_contributions where mesure = 'base' and {where}",
            keys,
        ).fetchall()
        if o in codes
    }
    segments = sorted({s for _, s in brought})
    if not 2 <= len(segments) <= SEGMENTS:
        return None
    shape = len(names), 1 + len(segments)
    primary, answers, secret, play = (
        np.ones(shape, dtype=bool),
        np.zeros(shape),
        np.zeros(shape, dtype=bool),
        np.zeros(shape),
    )
    ranks = [0] * len(names)
    for ensemble, axis, segment, base, status, own, half, rank in file.execute(
        "select ensemble, axe, segment, base_brute, statut, secrete, jeu, rang from intermediaire.int_secret_primaire"
        " where vague = ? and question_code = ? and axe in (?, 'ensemble')",
        keys,
    ).fetchall():
        if ensemble in members and ((axis, segment) == TOTAL or segment in segments):
            at = names.index(ensemble), 0 if (axis, segment) == TOTAL else 1 + segments.index(segment)
            primary[at], answers[at], secret[at], play[at] = status != "V", base, own, half
            if at[1] == 0:
                ranks[at[0]] = rank
    counted = np.array([[float(code in members[name]) for code in codes] for name in names])
    amounts = np.array([[brought.get((code, segment), 0.0) for segment in segments] for code in codes])
    return Own(amounts, counted, ranks, primary, place, answers, secret, play, floor)
