"""All that is published on a wave's answers to a question, as lines of a linear programme over whole numbers of respondents."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import Target
from tests.support.joint_attack.programme import Programme

# Delivered weights are not published. An attacker knows by how much an institute's weights usually vary around their mean.
USUAL_DISPERSION = 0.2
# What ties the means of more organismes together singles nobody out.
MANY = 8


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
class System:
    """Everything that is published on a wave's answers to a question, read by an attacker."""

    reader: Reader
    wave: str
    question: str
    attacker: str | None = None
    axis: str | None = None
    """An axis whose segments are the unknowns, in place of the strata."""

    def __post_init__(self) -> None:
        self.programme = Programme()
        self.known = self.reader.known
        self.codes = [str(o["modalite_code"]) for o in self.known.options[self.question]]
        self.single = not self.reader_is_multiple
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

    def gathered(self) -> dict[tuple, tuple[float, float, str]]:
        """The narrowest interval said of each form, and what says it."""
        found: dict[tuple, tuple[float, float, str]] = {}
        axes = {"ensemble", self.axis} if self.axis else {"ensemble", *self.known.strata_axes}
        for f in self.reader.figures(self.wave, self.question):
            if f.axis not in axes:
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
        return [Cell(organisme, s.code, s.interviews, mean if delivered else s.weight, 0.0, delivered) for s in strata]

    def write(self) -> None:
        """Variables, then a line for each published number."""
        programme = self.programme
        for organisme, cells in self.cells.items():
            mine = organisme == self.attacker
            for cell in cells:
                for code in self.codes:
                    true = self.truth.get((organisme, cell.place, code), 0)
                    bounds = (true, true) if mine else (0, cell.most)
                    cell.answers[code] = programme.variable(*bounds)
                    cell.weighted[code] = self.weighted(cell, code, cell.answers[code])
                if self.single:
                    whole = dict.fromkeys(cell.answers.values(), 1.0)
                    programme.line(whole, 0, cell.most)
                else:
                    true = self.truth.get((organisme, cell.place, "*"), 0)
                    bounds = (true, true) if mine else (0, cell.most)
                    cell.whole = programme.variable(*bounds)
                    cell.weighted_whole = self.weighted(cell, "*", cell.whole)
                    for column in cell.answers.values():
                        programme.line({cell.whole: 1.0, column: -1.0}, 0, math.inf)
            if self.axis:
                everybody = self.form("n", "base", [organisme], None)
                programme.line(everybody, 0, sum(s.interviews for s in self.known.plan[self.wave, organisme]))
        for (whom, axis, segment, way, worth), (low, high, source) in self.published.items():
            if not self.implied(whom, axis, segment, way, worth):
                self.say(whom, axis, segment, way, worth, low, high, source)
        self.write_rates()
        self.write_links()
        programme.load()
        self.fits = programme.feasible()

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
            stray = 3 * USUAL_DISPERSION / (2 * math.sqrt(usual))
        slope = cell.spread + stray
        self.programme.line({weight: 1.0, column: -(1 - slope)}, -stray * usual, math.inf)
        self.programme.line({weight: 1.0, column: -(1 + slope)}, -math.inf, stray * usual)
        return weight

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
        if worth == "satisfied":
            return {str(o["modalite_code"]): 1.0 for o in options if o["est_satisfait"]}
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

    def places(self, organisme: str, axis: str, segment: str) -> list[Cell]:
        """The cells of an organisme that make a segment."""
        cells = self.cells[organisme]
        if axis == "ensemble":
            return cells
        if axis == self.axis:
            return [c for c in cells if c.place == segment]
        decided = self.known.strata_axes[axis]
        return [c for c in cells if decided.get(c.place, "NR") == segment]

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

    def write_rates(self) -> None:
        """Each organisme's own rate and note, and the averages and quartiles of them that are published."""
        for measure, top in (("satisfied", 1.0), ("score", 10.0)):
            if not any(self.worth_of(measure, o) for o in self.takers):
                continue
            used = [
                (key, ends)
                for key, ends in self.published.items()
                if key[3] in ("mean_o", "mean_p") and key[4] == measure and key[1] == "ensemble"
            ]
            quartiles = self.reader.rows("fct_quartile", self.wave, self.question)
            quartiles = [q for q in quartiles if (q["mesure"] == "note") == (measure == "score")]
            if not used and not quartiles:
                continue
            for organisme in self.takers:
                self.rates[organisme, measure] = self.rate(organisme, measure, top)
            for (whom, _, _, way, _), (low, high, source) in used:
                share = {o: 1.0 if way == "mean_o" else float(self.takers[o]["parc"]) for o in whom}
                total = sum(share.values())
                form = {self.rates[o, measure]: v / total for o, v in share.items()}
                self.programme.line(form, low, high, source)
            for line in quartiles:
                self.quartile(line, measure, top)

    def write_links(self) -> None:
        """Gaps between means, where they are published finer than the means."""
        axes = {"ensemble", self.axis} if self.axis else {"ensemble", *self.known.strata_axes}
        useful = []
        for link in self.reader.links(self.wave, self.question):
            ends = [self.published.get((*key[:3], "mean_w", key[3])) for key in (link.here, link.there)]
            around = [ends[0], link.other or ends[1]]
            widths = [end[1] - end[0] for end in around if end]
            few = len(link.here[0]) <= MANY  # what ties the means of many organismes together singles nobody out
            if few and link.here[1] in axes and len(widths) == 2 and 1e-5 < min(widths) > 2 * (link.high - link.low):
                useful.append(link)
        if not useful:
            return
        self.programme.load()
        means: dict[tuple, int] = {}
        for link in useful:
            here = self.mean(means, link.here)
            if link.other is None:
                there = self.mean(means, link.there)
            else:
                there = means.setdefault((link.wave, *link.there), self.programme.size)
                if there == self.programme.size:
                    self.programme.variable(*link.other)
            self.programme.line({here: 1.0, there: -1.0}, link.low, link.high, link.source)

    def mean(self, means: dict[tuple, int], key: tuple) -> int:
        """A variable for a published mean, tied to the answers it is made of."""
        if key in means:
            return means[key]
        whom, axis, segment, worth = key
        low, high, source = self.published[whom, axis, segment, "mean_w", worth]
        middle, half = (low + high) / 2, (high - low) / 2
        means[key] = column = self.programme.variable(low, high)
        over, under = self.form("w", worth, whom, (axis, segment)), self.form("w", "base", whom, (axis, segment))
        least, most = self.programme.range(under)
        if math.isfinite(least) and math.isfinite(most):
            # over − middle·under = (mean − middle)·under, with under between its least and its most
            base, slack = (least + most) / 2, half * (most - least) / 2
            line = {k: over.get(k, 0.0) - middle * under.get(k, 0.0) for k in {*over, *under}}
            self.programme.line(line | {column: -base}, -middle * base - slack, -middle * base + slack, source)
        return column

    def rate(self, organisme: str, measure: str, top: float) -> int:
        """A variable for an organisme's figure: the weighed answers over the weighed base."""
        over, under = self.form("w", measure, [organisme], None), self.form("w", "base", [organisme], None)
        if organisme == self.attacker:
            value = self.own_figure(measure)
            return self.programme.variable(value, value)
        figure = self.programme.variable(0.0, top)
        # What an organisme's respondents weigh in all lies between what the question leaves out at most and its dwellings.
        most = float(self.takers[organisme]["parc"])
        least = self.least_base(organisme, most)
        # over = figure × base, with the base between least and most: McCormick's envelope, of which the two sides that hold
        # whatever the answers are enough.
        self.programme.line(over | {figure: -most}, -math.inf, 0.0)
        if least > 0:
            self.programme.line(over | {figure: -least}, 0.0, math.inf)
        gap = {k: over.get(k, 0.0) - top * under.get(k, 0.0) for k in {*over, *under}}
        # (top − figure)·base = top·base − over, likewise.
        if least > 0:
            self.programme.line(gap | {figure: least}, -math.inf, top * least)
        self.programme.line(gap | {figure: most}, top * most - math.inf if most == 0 else -math.inf, math.inf)
        return figure

    def least_base(self, organisme: str, most: float) -> float:
        """The least that an organisme's base can weigh: the smallest published base around it, less all the others'."""
        least = 0.0
        for (whom, axis, _, way, worth), (low, _, _) in self.published.items():
            if organisme in whom and (axis, way, worth) == ("ensemble", "w", "base"):
                least = max(least, low - sum(float(self.takers[o]["parc"]) for o in whom if o != organisme))
        return min(least, most)

    def own_figure(self, measure: str) -> float:
        """The attacker's own rate or note, with its own weights."""
        rows = self.known.answers.filter((pl.col("vague") == self.wave) & (pl.col("organisme_code") == self.attacker))
        worths = self.worth_of(measure, str(self.attacker)) or {}
        strata = {s.code: 1.0 if s.delivered else s.weight for s in self.known.plan[self.wave, str(self.attacker)]}
        over = under = 0.0
        for code, weight, answer in rows.select("strate", "poids", self.question).iter_rows():
            if answer in self.codes:
                weight *= strata[code]
                over += weight * worths.get(answer, 0.0)
                under += weight
        return over / under if under else 0.0

    def group(self, line: dict) -> list[str]:
        """The organismes among which quartiles are taken."""
        if line["groupe_type"] == "region":
            return list(self.takers)
        if line["groupe_type"] == "taille":
            starts = sorted(
                {
                    int(q["groupe"])
                    for q in self.reader.rows("fct_quartile", self.wave, self.question)
                    if q["groupe_type"] == "taille"
                }
                | {0}
            )
            later = [s for s in starts if s > int(line["groupe"])]
            top = min(later, default=math.inf)
            return [o for o, said in self.takers.items() if int(line["groupe"]) <= said["parc"] < top]
        return [o for o, said in self.takers.items() if said.get(line["groupe_type"]) == line["groupe"]]

    def quartile(self, line: dict, measure: str, top: float) -> None:
        """The quartiles of a group: averages of its figures once ranked."""
        group = self.group(line)
        if len(group) != line["nb_organismes"]:
            return
        ranked = [self.programme.variable(0.0, top) for _ in group]
        self.ranks[line["groupe_type"], line["groupe"], measure] = ranked
        for lower, upper in itertools.pairwise(ranked):
            self.programme.line({upper: 1.0, lower: -1.0}, 0, math.inf)
        figures = [self.rates[o, measure] for o in group]
        self.programme.line(dict.fromkeys(ranked, 1.0) | dict.fromkeys(figures, -1.0), 0, 0)
        for figure in figures:
            self.programme.line({figure: 1.0, ranked[0]: -1.0}, 0, math.inf)
            self.programme.line({figure: 1.0, ranked[-1]: -1.0}, -math.inf, 0)
        for column, share in (("quartile_1", 0.25), ("mediane", 0.5), ("quartile_3", 0.75)):
            if found := self.reader.interval("fct_quartile", column, line):
                near = [v for i, v in enumerate(ranked) if abs(i - share * (len(ranked) - 1)) <= 1.5]
                self.programme.line(dict.fromkeys(near, 1 / len(near)), *found, f"fct_quartile.{column}")

    # ---- Targets -----------------------------------------------------------------------------------------------------------

    def targets(self) -> Iterator[Target]:
        """What must stay unknown: each other organisme's figures, and its counts, whole and by stratum or segment."""
        for organisme, cells in self.cells.items():
            if organisme == self.attacker:
                continue
            asked = sum(s.interviews for s in self.known.plan[self.wave, organisme])
            for measure in ("satisfied", "score"):
                if (organisme, measure) in self.rates:
                    yield Target(organisme, "figure", measure, {self.rates[organisme, measure]: 1.0}, asked)
            for code in self.codes:
                form = {cell.answers[code]: 1.0 for cell in cells}
                true = sum(self.truth.get((organisme, c.place, code), 0) for c in cells)
                yield Target(organisme, "count", code, form, asked, true)
                for cell in cells:
                    if len(cells) > 1:
                        true = self.truth.get((organisme, cell.place, code), 0)
                        yield Target(
                            organisme, "part", f"{cell.place}/{code}", {cell.answers[code]: 1.0}, cell.most, true
                        )

        # A group's mean that is not published, and the figures of a group once ranked: nobody's by name, somebody's all the same.
        for (kind, code, measure), ranked in self.ranks.items():
            group = self.group({"groupe_type": kind, "groupe": code})
            asked = {o: sum(s.interviews for s in self.known.plan[self.wave, o]) for o in group}
            key = frozenset(group), "ensemble", "tous", "mean_o", measure
            if key not in self.published:
                mean = dict.fromkeys(ranked, 1 / len(ranked))
                yield Target(f"{kind} {code}", "mean", measure, mean, sum(asked.values()))
            for rank, column in enumerate(ranked, start=1):
                yield Target(f"{kind} {code}", "ranked", f"{measure} {rank}", {column: 1.0}, max(asked.values()))
