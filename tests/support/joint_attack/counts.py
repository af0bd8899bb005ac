"""Published sums and shares of a wave's answers to a question, as lines of a linear programme over numbers of respondents."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from tests.support.joint_attack.columns import KNOWN
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.programme import Programme

# Delivered weights are not published. An attacker knows by how much an institute's weights usually vary around their mean.
USUAL_DISPERSION = 0.2
# How many standard errors a sum of such weights is sure to stay within.
SURE = 3.0


@dataclass
class Cell:
    """Respondents of an organisme in a stratum, or in a segment of an axis: what may be unknown of them."""

    organisme: str
    place: str
    most: float
    weight: float
    spread: float
    delivered: bool
    answers: dict[str, int] = field(default_factory=dict)
    weighted: dict[str, int] = field(default_factory=dict)
    whole: int = -1
    weighted_whole: int = -1


@dataclass
class Counts:
    """Everything that is published on a wave's answers to a question."""

    reader: Reader
    wave: str
    question: str
    axis: str | None = None
    """An axis whose segments are the unknowns, in place of the strata."""
    before: Counts | None = None
    """What an edition before said of them, if somebody kept it: its lines and these are read together."""
    among: Programme | None = None
    """The programme of another question, which this one is read beside."""
    bases: bool = False
    """Whether only how many answered matters, not what."""

    def __post_init__(self) -> None:
        self.programme = self.before.programme if self.before else self.among or Programme()
        self.known = self.reader.known
        self.codes = [] if self.bases else [str(o["modalite_code"]) for o in self.known.options[self.question]]
        self.single = not (self.reader_is_multiple or self.bases)
        self.takers = self.known.takers[self.wave]
        self.scoring = {o: self.known.scoring(self.wave, o) for o in self.takers}
        self.published = self.gathered()
        self.cells: dict[str, list[Cell]] = {o: self.cells_of(o) for o in self.takers}
        self.rates: dict[tuple[str, str], int] = {}
        self.ranks: dict[tuple[str, ...], list[int]] = {}
        self.write()

    @property
    def reader_is_multiple(self) -> bool:
        """Whether the question takes several answers."""
        return self.known.answers.schema[self.question] == pl.List

    @cached_property
    def axes(self) -> set[str]:
        """The axes whose segments are sums of unknowns."""
        return {"ensemble", self.axis} if self.axis else {"ensemble", *self.known.strata_axes}

    def gathered(self) -> dict[tuple, tuple[float, float, str]]:
        """The narrowest interval said of each form, and what says it."""
        found: dict[tuple, tuple[float, float, str]] = {}
        for f in self.reader.figures(self.wave, self.question):
            if f.axis not in self.axes or (self.bases and (f.worth != "base" or f.way not in ("n", "w"))):
                continue
            key = f.organismes, f.axis, f.segment, f.way, f.worth
            low, high, source = found.get(key, (-math.inf, math.inf, ""))
            if f.low > low + 1e-12 or f.high < high - 1e-12:
                source = f.source if f.high - f.low < high - low else source
                low, high = max(low, f.low), min(high, f.high)
                if low > high:  # two roundings of the same number, a hair apart
                    low, high = high, low
                found[key] = low, high, source
        return found

    @cached_property
    def truth(self) -> dict[tuple[str, ...], int]:
        """Respondents by organisme, stratum or segment, and answer."""
        return self.known.counted(self.wave, self.question, [self.axis or "strate"])

    def cells_of(self, organisme: str) -> list[Cell]:
        """The unknowns of an organisme."""
        strata = self.known.plan[self.wave, organisme]
        total = sum(s.interviews for s in strata)
        mean = sum(s.population for s in strata) / total
        delivered = any(s.delivered for s in strata)
        if self.axis:
            weights = [s.weight for s in strata]
            spread = max(max(weights) / mean - 1, 1 - min(weights) / mean)
            places = [key[1] for key in self.truth if key[0] == organisme and key[2] == "*"]
            return [Cell(organisme, place, total, mean, spread, delivered) for place in places]
        asked = self.known.asked(self.question)
        return [
            Cell(organisme, s.code, s.interviews, mean if delivered else s.weight, 0.0, delivered)
            for s in strata
            if asked is None or s.code in asked
        ]

    def write(self) -> None:
        """Variables, then a line for each published number."""
        programme = self.programme
        for organisme, cells in self.cells.items():
            alike = self.alike(organisme)
            for cell in cells:
                self.count(cell, alike.get(cell.place))
                if self.single:
                    programme.line(dict.fromkeys(cell.answers.values(), 1.0), 0, cell.most)
                else:
                    for column in cell.answers.values():
                        programme.line({cell.whole: 1.0, column: -1.0}, 0, math.inf)
            if self.axis:
                everybody = self.form("n", "base", [organisme], None)
                programme.line(everybody, 0, sum(s.interviews for s in self.known.plan[self.wave, organisme]))
            if any(cell.delivered for cell in cells):
                self.weigh_together(organisme, cells)
        for (whom, axis, segment, way, worth), (low, high, source) in self.published.items():
            if not self.implied(whom, axis, segment, way, worth):
                self.say(whom, axis, segment, way, worth, low, high, source)

    def alike(self, organisme: str) -> dict[str, Cell]:
        """The unknowns of an edition before, where an organisme's answers come from the same delivery, by place."""
        said, former = self.takers[organisme], self.before
        while former:
            if former.takers.get(organisme, {}).get("livraison") == said["livraison"]:
                return {cell.place: cell for cell in former.cells[organisme]}
            former = former.before
        return {}

    def count(self, cell: Cell, same: Cell | None) -> None:
        """Variables for the answers of a cell, or those of an edition before, and for what they weigh."""
        for code in self.codes:
            cell.answers[code] = same.answers[code] if same else self.programme.variable(0, cell.most)
            cell.weighted[code] = self.weighted(cell, code, cell.answers[code])
        if not self.single:
            cell.whole = same.whole if same else self.programme.variable(0, cell.most)
            cell.weighted_whole = self.weighted(cell, "*", cell.whole)

    def implied(self, whom: frozenset, axis: str, segment: str, way: str, worth: str) -> bool:
        """Whether exact counts or weights of each answer already say this."""
        sums = way[-1]
        if way not in ("n", "w", "mean_n", "mean_w"):
            return False
        needed = ["base"] if not self.single else []
        needed += [worth] if worth.startswith("option:") else [f"option:{code}" for code in self.codes]
        ends = [self.published.get((whom, axis, segment, sums, name)) for name in needed]
        exact = all(end and end[1] - end[0] <= 3e-7 * max(1.0, end[1]) for end in ends)
        basis = (way, worth) == (sums, worth) and (worth.startswith("option:") or (worth == "base" and not self.single))
        return exact and not basis

    def weighted(self, cell: Cell, code: str, column: int) -> int:
        """A variable for what these respondents weigh, when their weights are not known exactly; else the same variable."""
        if not cell.spread and not cell.delivered:
            return column
        weight = self.programme.variable(0.0, math.inf)  # in respondents of average weight
        # Weights drawn alike: the sum over x respondents strays by about √x, and √x ≤ (x + m) / 2√m, close to equal near m.
        stray, usual = 0.0, 1.0
        if cell.delivered:
            usual = max(1.0, cell.most * self.shares.get(code, 0.5))
            stray = SURE * USUAL_DISPERSION / (2 * math.sqrt(usual))
        slope = cell.spread + stray
        self.programme.line({weight: 1.0, column: -(1 - slope)}, -stray * usual, math.inf)
        self.programme.line({weight: 1.0, column: -(1 + slope)}, -math.inf, stray * usual)
        return weight

    def weigh_together(self, organisme: str, cells: list[Cell]) -> None:
        """What an organisme's respondents weigh in all, whose weights were delivered: chance cancels out over many of them."""
        asked = sum(cell.most for cell in cells)
        for worth in ("base", "satisfied", *(f"option:{code}" for code in self.codes)):
            worths = self.worth_of(worth, organisme) or {}
            usual = max(1.0, asked * min(1.0, sum(self.shares.get(code, 0.5) for code in worths)))
            stray = SURE * USUAL_DISPERSION / (2 * math.sqrt(usual))
            slope = stray + max(cell.spread for cell in cells)
            heavy, count = self.form("w", worth, [organisme], None), self.form("n", worth, [organisme], None)
            mean = cells[0].weight
            for sign in (-1, 1):
                line = {k: v / mean for k, v in heavy.items()}
                for k, v in count.items():
                    line[k] = line.get(k, 0.0) - (1 + sign * slope) * v
                ends = (-stray * usual, math.inf) if sign < 0 else (-math.inf, stray * usual)
                self.programme.line(line, *ends)

    @cached_property
    def shares(self) -> dict[str, float]:
        """How often each answer is given, roughly: the region's published shares."""
        found = {}
        for (whom, axis, _, way, worth), (low, high, _) in self.published.items():
            if axis == "ensemble" and way == "mean_w" and worth.startswith("option:") and len(whom) == len(self.takers):
                found[worth.removeprefix("option:")] = (low + high) / 2
        return found

    def worth_of(self, worth: str, organisme: str) -> dict[str, float] | None:
        """What each answer counts for; None if the attacker cannot tell."""
        options = self.known.options[self.question]
        if worth == "base":
            return dict.fromkeys(self.codes, 1.0)
        if worth.startswith("option:"):
            return {worth.removeprefix("option:"): 1.0}
        if worth in ("satisfied", "others"):
            return {str(o["modalite_code"]): 1.0 for o in options if bool(o["est_satisfait"]) == (worth == "satisfied")}
        if worth.startswith("est_"):
            return {str(o["modalite_code"]): 1.0 for o in options if o[worth]}
        if worth in ("promoteur", "passif", "detracteur"):
            return {str(o["modalite_code"]): 1.0 for o in options if o["groupe_nps"] == worth}
        if worth == "nps":
            value = {"promoteur": 1.0, "detracteur": -1.0}
            return {str(o["modalite_code"]): value.get(str(o["groupe_nps"]), 0.0) for o in options}
        scoring = tuple(worth.split(":")[1:]) if worth.startswith("scoring:") else self.scoring[organisme]
        scores = self.known.scores[scoring]  # type: ignore[index]
        found = {c: scores.get((str(o["echelle"]), c)) for c, o in zip(self.codes, options, strict=True)}
        return None if None in found.values() else found  # type: ignore[return-value]

    def own_figure(self, organisme: str, measure: str) -> float:
        """An organisme's own rate or note, with its own weights."""
        rows = self.known.answers.filter((pl.col("vague") == self.wave) & (pl.col("organisme_code") == organisme))
        worths = self.worth_of(measure, organisme) or {}
        strata = {s.code: 1.0 if s.delivered else s.weight for s in self.known.plan[self.wave, organisme]}
        over = under = 0.0
        for code, weight, answer in rows.select("strate", "poids", self.question).iter_rows():
            if answer in self.codes:
                weight *= strata[code]
                over += weight * worths.get(answer, 0.0)
                under += weight
        return over / under if under else 0.0

    def columns(self) -> list[int]:
        """The variables that are numbers of respondents, which are whole."""
        cells = [cell for cells in self.cells.values() for cell in cells]
        return [
            *(c for cell in cells for c in cell.answers.values()),
            *(cell.whole for cell in cells if not self.single),
        ]

    def places(self, organisme: str, axis: str, segment: str) -> list[Cell]:
        """The cells of an organisme that make a segment."""
        cells = self.cells[organisme]
        if axis == "ensemble":
            return cells
        if axis == self.axis:
            return [c for c in cells if c.place == segment or (segment == KNOWN and c.place != "NR")]
        decided = {c.place: self.known.strata_axes[axis].get(c.place, "NR") for c in cells}
        return [c for c in cells if decided[c.place] == segment or (segment == KNOWN and decided[c.place] != "NR")]

    def form(self, way: str, worth: str, whom: Iterable[str], where: tuple[str, str] | None) -> dict[int, float]:
        """A sum over respondents, as a combination of variables. ``way``: n, w or w2."""
        form: dict[int, float] = defaultdict(float)
        for organisme in whom:
            worths = self.worth_of(worth, organisme)
            if worths is None:
                return {}
            for cell in self.places(organisme, *(where or ("ensemble", "tous"))):
                factor = {"n": 1.0, "w": cell.weight, "w2": cell.weight**2}[way]
                if worth == "base" and not self.single:
                    form[cell.whole if way == "n" else cell.weighted_whole] += factor
                    continue
                columns = cell.answers if way == "n" else cell.weighted
                for code, value in worths.items():
                    if value and code in columns:
                        form[columns[code]] += factor * value
        return form

    def say(
        self, whom: frozenset, axis: str, segment: str, way: str, worth: str, low: float, high: float, source: str
    ) -> None:
        """Writes one published number down."""
        where = (axis, segment)
        add = self.programme.line
        if way in ("n", "w"):
            if form := self.form(way, worth, whom, where):
                add(form, low, high, source)
        elif way in ("mean_n", "mean_w"):
            over, under = self.form(way[-1], worth, whom, where), self.form(way[-1], "base", whom, where)
            if over:
                # over = rate × under: within half the interval times the largest base of the middle's line.
                middle, half = (low + high) / 2, (high - low) / 2
                line = {k: over.get(k, 0.0) - middle * under.get(k, 0.0) for k in {*over, *under}}
                most = sum(
                    s.interviews if way == "mean_n" else s.population
                    for o in whom
                    for s in self.known.plan[self.wave, o]
                )
                if base := self.published.get((whom, axis, segment, way[-1], "base")):
                    most = min(most, base[1])
                add(line, -half * most, half * most, source)
        elif way == "kish" and all(not (c.spread or c.delivered) for o in whom for c in self.places(o, *where)):
            base = self.published.get((whom, axis, segment, "w", "base"))
            if base and low > 0:
                add(self.form("w2", "base", whom, where), base[0] ** 2 / high, base[1] ** 2 / low, source)
