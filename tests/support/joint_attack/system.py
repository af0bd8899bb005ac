"""All that is published on a wave's answers to a question: counts and shares, organismes' figures, gaps; and what must stay unknown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.support.joint_attack import errors, readings, said, statuses
from tests.support.joint_attack.counts import Cell, Counts
from tests.support.joint_attack.filters import Opening, openings, routed
from tests.support.joint_attack.findings import Target

# How near a number computed elsewhere in the same way may be.
HAIR = 1e-7
# What ties the means of more organismes together singles nobody out.
MANY = 8


@dataclass
class System(Counts):
    """Everything that is published on a wave's answers to a question, and what a reader makes of it."""

    attacker: str | None = None
    filters: bool = False
    """Whether the questions that lead to this one, and those that it leads to, are read with it: it takes five times as long."""
    verdicts: bool = False
    """Whether verdicts and p-values are read too, those of figures that are held back among them."""
    errors: bool = False
    """Whether errors are read too, as what they say of squares."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.beside: list[Counts] = []
        if self.filters and not self.axis:
            self.write_filters()
        self.write_rates()
        self.write_links()
        readings.write_profiles(self)
        statuses.write(self)
        if self.verdicts:
            said.write(self)
        self.programme.load()
        self.common = len(self.programme.lines)

    def read_by(self, attacker: str | None) -> bool:
        """Lets an organisme know its own answers, in all editions, or nobody; whether any answers fit all that is read."""
        self.programme.forget(self.common)
        bounds: dict[int, tuple[float, float]] = {}
        for edition in self.together():
            for organisme in {self.attacker, attacker}:
                if organisme in edition.cells:
                    bounds |= self.own(edition, organisme, known=organisme == attacker)
        self.attacker = attacker
        if bounds:
            self.programme.bind(bounds)
        if attacker:
            for edition in self.together():
                readings.write_own(edition, attacker)
            self.programme.add(self.common)
        if self.errors:
            start = len(self.programme.lines)
            errors.write(self)
            self.programme.add(start)
        return self.programme.feasible()

    def together(self) -> Iterator[Counts]:
        """What is read together: the question in all editions, and those that it is read beside."""
        edition: Counts | None = self
        while edition:
            yield edition
            yield from edition.beside if isinstance(edition, System) else ()
            edition = edition.before

    @staticmethod
    def own(edition: Counts, organisme: str, *, known: bool) -> dict[int, tuple[float, float]]:
        """The bounds of an organisme's variables in an edition: its own answers and figures, or all that they may be."""
        bounds: dict[int, tuple[float, float]] = {}
        heavy = edition.known.weighed(edition.wave, edition.question, organisme, edition.axis or "strate")
        for cell in edition.cells[organisme]:
            pairs = {code: (column, cell.weighted[code]) for code, column in cell.answers.items()}
            if not edition.single:
                pairs["*"] = cell.whole, cell.weighted_whole
            for code, (column, weight) in pairs.items():
                true = edition.truth.get((organisme, cell.place, code), 0)
                if weight != column:
                    exact = heavy.get((cell.place, code), 0.0)
                    bounds[weight] = (exact - HAIR, exact + HAIR) if known else (0.0, math.inf)
                bounds[column] = (true, true) if known else (0, cell.most)
        for (whose, measure), column in edition.rates.items():
            if whose == organisme:
                value = edition.own_figure(organisme, measure)
                top = 10.0 if measure == "score" else 1.0
                bounds[column] = (value - HAIR, value + HAIR) if known else (0.0, top)
        return bounds

    def write_filters(self) -> None:
        """Nobody answers a question but those whom their answers to others led to it."""
        led = openings(self.known, self.question)
        before = [self.read_beside(opening.question) for opening in led]
        if led:
            self.write_led(self, list(zip(before, led, strict=True)))
        for question in routed(self.known, self.question, self.wave):
            [opening] = openings(self.known, question)
            self.write_led(self.read_beside(question, bases=True), [(self, opening)])

    def read_beside(self, question: str, *, bases: bool = False) -> Counts:
        """Another question of the same tenants, whose lines are read together with this one's."""
        found = Counts(self.reader, self.wave, question, among=self.programme, bases=bases)
        self.beside.append(found)
        return found

    def write_led(self, routed: Counts, led: Sequence[tuple[Counts, Opening]]) -> None:
        """In each stratum, no more answer a question than gave an answer that leads to it."""
        for organisme in self.takers:
            for cell in routed.cells[organisme]:
                places = [next((c for c in of.cells[organisme] if c.place == cell.place), None) for of, _ in led]
                if None in places:
                    continue
                base = dict.fromkeys(self.whole(routed, cell), -1.0)
                if not any(opening.silent for _, opening in led):
                    leading = [
                        place.answers[code]
                        for place, (_, opening) in zip(places, led, strict=True)
                        for code in opening.codes
                    ]
                    self.programme.line(dict.fromkeys(leading, 1.0) | base, 0, math.inf, "filtre")
                if len(led) == 1:
                    [(of, opening)], [place] = led, places
                    for code in opening.closing:
                        most = dict.fromkeys(() if opening.silent else self.whole(of, place), 1.0)
                        line = most | {place.answers[code]: most.get(place.answers[code], 0.0) - 1.0} | base
                        self.programme.line(line, -cell.most if opening.silent else 0, math.inf, "filtre")

    @staticmethod
    def whole(of: Counts, cell: Cell) -> list[int]:
        """The variables that add up to how many answered."""
        return list(cell.answers.values()) if of.single else [cell.whole]

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
        # How many answered is no answer; it is one to another question, where those who gave it are the ones who are asked.
        first = "answers" if self.known.asked(self.question) is not None else "routed answers"
        for organisme, cells in self.cells.items():
            if organisme == self.attacker:
                continue
            asked = sum(s.interviews for s in self.known.plan[self.wave, organisme])
            for measure in ("satisfied", "score"):
                if (organisme, measure) in self.rates:
                    yield Target(organisme, "figure", measure, {self.rates[organisme, measure]: 1.0}, asked)
            if cells:
                yield from self.numbers(organisme, cells, (first, "satisfied", "count"))
            for cell in cells if len(cells) > 1 else ():
                yield from self.numbers(organisme, [cell], (f"{first} of a part", "part", "part"), f"{cell.place}/")

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

    def numbers(
        self, organisme: str, cells: list[Cell], kinds: tuple[str, str, str], prefix: str = ""
    ) -> Iterator[Target]:
        """How many of an organisme's respondents answered, are satisfied, and gave each answer, in some of its cells."""
        asked = sum(cell.most for cell in cells)
        answers = self.over("base", cells)
        yield Target(organisme, kinds[0], f"{prefix}answers", answers, asked, self.true(cells, ["*"]))
        satisfied = self.worth_of("satisfied", organisme)
        if satisfied:
            form = self.over("satisfied", cells)
            yield Target(organisme, kinds[1], f"{prefix}satisfied", form, asked, self.true(cells, satisfied), answers)
        for code in self.codes:
            form = self.over(f"option:{code}", cells)
            yield Target(organisme, kinds[2], f"{prefix}{code}", form, asked, self.true(cells, [code]), answers)

    def is_own(self, name: str, low: float, high: float) -> bool:
        """Whether the figure of a rank may be the reader's own."""
        measure = name.split()[0]
        if self.attacker is None or (self.attacker, measure) not in self.rates:
            return False
        return low - 1e-4 <= self.own_figure(self.attacker, measure) <= high + 1e-4

    def over(self, worth: str, cells: list[Cell]) -> dict[int, float]:
        """A number of an organisme's respondents, as a combination of variables."""
        if worth == "base" and not self.single:
            return {cell.whole: 1.0 for cell in cells}
        worths = self.worth_of(worth, cells[0].organisme) or {}
        return {cell.answers[code]: 1.0 for cell in cells for code in worths}

    def true(self, cells: list[Cell], codes: Iterable[str]) -> int:
        """How many of the respondents of some cells really gave one of these answers."""
        return sum(self.truth.get((cell.organisme, cell.place, code), 0) for cell in cells for code in codes)
