"""Every published number about a wave and question, as an interval and what it adds up."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from tests.support.joint_attack.columns import (
    BASES,
    COMPARISON,
    EVOLUTION,
    KNOWN,
    OPTION_BOUNDS,
    OPTIONS,
    PLACE,
    PRODUCTS,
    PROFILE,
    SATISFACTION,
    SIDES,
    STUDENT,
    WILSON,
    Figure,
    Link,
    wilson_middle,
)
from tests.support.joint_attack.decimals import Decimals, announced, half_step
from tests.support.joint_attack.known import Known


@dataclass
class Reader:
    """Every published number about one wave and question, as intervals."""

    known: Known
    precision: dict[str, float] = field(default_factory=dict)
    shown: dict[tuple[str, str], dict[tuple[str, ...], Decimals]] = field(default_factory=dict)
    frames: dict[str, dict[tuple[str, ...], pl.DataFrame]] = field(default_factory=dict)
    members: dict[str, Reader] = field(default_factory=dict)
    """Readers of organismes' own files."""

    @cached_property
    def estimator(self) -> str:
        """The way of the printed figure, read from the data: the average that it is always equal to."""
        rows = self.known.table("fct_satisfaction", "statut = 'V' and perimetre_type = 'region'")
        ways = {"taux_satisfaits": "mean_w", "taux_moyenne_parc": "mean_p", "taux_moyenne_organismes": "mean_o"}
        for column, way in ways.items():
            if (
                column in rows.columns
                and rows.filter((pl.col(column) - pl.col("taux_imprime")).abs() > 1e-9).is_empty()
            ):
                return way
        return "mean_w"

    def tables(self, table: str) -> dict[tuple[str, ...], pl.DataFrame]:
        """The published lines of a table, by question."""
        if table not in self.frames:
            frame = self.known.table(table, "statut = 'V'")
            parts = {} if frame.is_empty() else frame.partition_by("question_code", as_dict=True)
            self.frames[table] = {tuple(map(str, key)): part for key, part in parts.items()}
        return self.frames[table]

    def rows(self, table: str, wave: str | None, question: str) -> list[dict]:
        """The published lines of a table about a question, and a wave."""
        frame = self.tables(table).get((question,))
        if frame is None:
            return []
        return (frame if wave is None else frame.filter(pl.col("vague") == wave)).to_dicts()

    @cached_property
    def sizes(self) -> dict[tuple[str, ...], float]:
        """How many answers each published cell is made of."""
        rows = self.known.table("fct_satisfaction", "statut = 'V' and base_brute is not null")
        return {row[:-1]: row[-1] for row in rows.select(*PLACE, "base_brute").iter_rows()} if len(rows) else {}

    def size(self, line: dict, column: str) -> float:
        """How many answers a figure of a line is made of, its own side's or the smaller one's; none are said of quartiles."""
        if own := line.get(SIDES.get(column, "")):
            return own
        held = [line[name] for name in BASES if line.get(name) is not None]
        place = tuple(line.get(name, default) for name, default in PLACE.items())
        return min(held) if held else self.sizes.get(place, 0.0)

    def decimals(self, table: str, column: str, kind: tuple[str, ...]) -> Decimals:
        """What the numbers of a column show of their precision, where they may be expected to have the same."""
        if (table, column) not in self.shown:
            rows: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
            for frame in self.tables(table).values():
                for line in frame.filter(pl.col(column).is_not_null()).to_dicts() if column in frame.columns else []:
                    if not self.follows_from_the_plan(column, line):
                        rows[self.sort(line)].append((self.size(line, column), float(line[column])))
            self.shown[table, column] = {
                key: Decimals.read(held, announced(table, column, "publie" in key)) for key, held in rows.items()
            }
        return self.shown[table, column][kind]

    def sort(self, line: dict) -> tuple[str, ...]:
        """Lines that are published alike: the region's own figures, wave by wave and method by method, or all others."""
        measured = tuple(str(line.get(name)) for name in ("mesure", "unite"))
        if line["perimetre_type"] == "region" and line.get("axe", "ensemble") == "ensemble":
            return line["vague"], str(line.get("methode")), *measured
        return str(line.get("methode")), *measured

    def interval(self, table: str, column: str, line: dict, *, whole: bool = False) -> tuple[float, float] | None:
        """Between what and what a published number lies; None if it is not there."""
        value = line.get(column)
        if value is None:
            return None
        half = self.precision.get(f"{table}.{column}")
        if half is None and self.follows_from_the_plan(column, line):
            return None
        if half is None and column in PRODUCTS:
            factors = [self.interval(table, name, line) for name in PRODUCTS[column]]
            if all(factors):
                middles = [(f[0] + f[1]) / 2 for f in factors if f]
                rounded = any(f[1] - f[0] > 1e-5 * f[1] for f in factors if f)
                if rounded and abs(middles[0] * middles[1] - value) < 1e-6 * max(1.0, abs(value)):
                    return tuple(a * b for a, b in zip(*factors, strict=True))  # type: ignore[return-value, arg-type]
        if half is None:
            step = self.decimals(table, column, self.sort(line)).step(self.size(line, column), value)
            half = half_step(step, value, whole=whole)
        return value - half, value + half

    def follows_from_the_plan(self, column: str, line: dict) -> bool:
        """Whether a weight is the published base times what an interview of the perimeter stands for: it says no more."""
        if column not in ("base_ponderee", *PRODUCTS) or not line.get("base_brute") or not line.get("base_ponderee"):
            return False
        strata = [s for o in self.whom(line["vague"], line) for s in self.known.plan[line["vague"], o]]
        each = sum(s.population for s in strata) / max(1, sum(s.interviews for s in strata))
        if abs(line["base_brute"] * each - line["base_ponderee"]) > 0.5 + 1e-6 * line["base_ponderee"]:
            return False
        first, second = PRODUCTS.get(column, (column, None))
        told = line[first] if second is None else line[first] * line[second]
        return abs(told - line[column]) <= 1e-6 * max(1.0, abs(line[column]))

    def figures(self, wave: str, question: str) -> Iterator[Figure]:
        """All numbers about a wave's answers to a question."""
        yield from self.of_cells(wave, question)
        yield from self.of_options(wave, question)
        yield from self.of_scorings(wave, question)
        yield from self.of_evolutions(wave, question)
        yield from self.of_comparisons(wave, question)
        yield from self.of_references(wave, question)
        yield from self.of_profiles(wave, question)

    def whom(self, wave: str, line: dict) -> frozenset[str]:
        """The organismes of a line's perimeter."""
        return frozenset(self.known.within(wave, line["perimetre_type"], line["perimetre"]))

    def way(self, way: str) -> str:
        """The printed figure is one of the averages."""
        return self.estimator if way == "printed" else way

    def of_cells(self, wave: str, question: str) -> Iterator[Figure]:
        """Rates, notes and bases."""
        table = "fct_satisfaction"
        for line in self.rows(table, wave, question):
            whom, where = self.whom(wave, line), (line["axe"], line["segment"])
            for column, (way, worth) in SATISFACTION.items():
                if found := self.interval(table, column, line, whole=way == "n"):
                    scale = 100 if worth == "nps" else 1
                    yield Figure(
                        whom, *where, self.way(way), worth, found[0] / scale, found[1] / scale, f"{table}.{column}"
                    )
            for (low, high), (way, worth) in STUDENT.items():
                least, most = self.interval(table, low, line), self.interval(table, high, line)
                if least and most:
                    scale = 200 if worth == "nps" else 2
                    ends = (least[0] + most[0]) / scale, (least[1] + most[1]) / scale
                    yield Figure(whom, *where, self.way(way), worth, *ends, f"{table}.{low}")
            for (low, high), (way, worth) in WILSON.items():
                if ends := self.between(table, low, high, line):
                    yield Figure(whom, *where, self.way(way), worth, *ends, f"{table}.{low}")

    def between(self, table: str, low: str, high: str, line: dict) -> tuple[float, float] | None:
        """Between what and what the rate lies that two published bounds of Wilson's are about."""
        least, most = self.interval(table, low, line), self.interval(table, high, line)
        if not least or not most or least[0] <= 0 or most[1] >= 1:
            return None
        corners = [wilson_middle(a, b) for a, b in itertools.product(least, most)]
        return min(corners), max(corners)

    def of_options(self, wave: str, question: str) -> Iterator[Figure]:
        """How many gave each answer."""
        for table, option in (("fct_distribution", "modalite_code"), ("fct_motif", "motif")):
            for line in self.rows(table, wave, question):
                cell, chosen = (self.whom(wave, line), line["axe"], line["segment"]), f"option:{line[option]}"
                for column, (way, worth) in OPTIONS.items():
                    if found := self.interval(table, column, line, whole=way == "n"):
                        name = chosen if worth == "option" else worth
                        yield Figure(*cell, way, name, *found, f"{table}.{column}")
                if ends := self.between(table, *OPTION_BOUNDS, line):
                    yield Figure(*cell, "mean_w", chosen, *ends, f"{table}.{OPTION_BOUNDS[0]}")

    def of_scorings(self, wave: str, question: str) -> Iterator[Figure]:
        """What the note would be under each declared scoring."""
        table = "fct_sensibilite"
        for line in self.rows(table, wave, question):
            if (found := self.interval(table, "note", line)) and self.estimator == "mean_w":
                worth = f"scoring:{line['bareme']}:{line['bareme_version']}"
                yield Figure(
                    self.whom(wave, line), line["axe"], line["segment"], "mean_w", worth, *found, f"{table}.note"
                )

    def of_evolutions(self, wave: str, question: str) -> Iterator[Figure]:
        """Both sides of each evolution; a gap and one side give the other."""
        table = "fct_evolution"
        for line in self.rows(table, None, question):
            if wave not in (line["vague"], line["vague_precedente"]):
                continue
            kind = line["perimetre_type"]
            sides = self.known.compared(
                line["methode"], line["vague"], line["vague_precedente"], kind, line["perimetre"]
            )
            for now, before, gap, way, worth in EVOLUTION:
                names = (now, before) if wave == line["vague"] else (before, now)
                mine = frozenset(sides[0] if wave == line["vague"] else sides[1])
                own, other = (self.interval(table, name, line, whole=way == "n") for name in names)
                if own:
                    yield Figure(mine, line["axe"], line["segment"], self.way(way), worth, *own, f"{table}.{names[0]}")
                step = self.gap(table, gap, line)
                if other and step:
                    sign = 1 if wave == line["vague"] else -1
                    ends = sorted(sign * s for s in step)
                    ends = [other[0] + ends[0], other[1] + ends[1]]
                    yield Figure(mine, line["axe"], line["segment"], self.way(way), worth, *ends, f"{table}.{gap}")

    def of_comparisons(self, wave: str, question: str) -> Iterator[Figure]:
        """Both sides of each comparison of segments, and of those who hold a quality scheme with the others."""
        table = "fct_comparaison"
        for line in self.rows(table, wave, question):
            if not (sides := self.sides(wave, line)):
                continue
            for first, second, gap, way, worth in COMPARISON:
                pair = [self.interval(table, name, line, whole=way == "n") for name in (first, second)]
                step = self.gap(table, gap, line)
                for (whom, place), found, name in zip(sides, pair, (first, second), strict=True):
                    if found:
                        yield Figure(whom, line["axe"], place, way, worth, *found, f"{table}.{name}")
                if step and pair[0] and pair[1]:
                    ends = pair[1][0] + step[0], pair[1][1] + step[1]
                    yield Figure(sides[0][0], line["axe"], sides[0][1], way, worth, *ends, f"{table}.{gap}")
                    ends = pair[0][0] - step[1], pair[0][1] - step[0]
                    yield Figure(sides[1][0], line["axe"], sides[1][1], way, worth, *ends, f"{table}.{gap}")

    def sides(self, wave: str, line: dict) -> list[tuple[frozenset[str], str]]:
        """The organismes and the segment of each side of a comparison of the regional file; none of another one."""
        whom = self.whom(wave, line)
        if line["comparaison"] == "segment":
            return [(whom, line["segment"]), (whom, line["segment_compare"])]
        if line["comparaison"] == "demarche":
            others = frozenset(self.known.within(wave, line["perimetre_type"], "sans"))
            return [(whom, line["segment"]), (others, line["segment_compare"])]
        return []

    def gap(self, table: str, column: str | None, line: dict) -> tuple[float, float] | None:
        """Between what and what a published gap lies, by its bounds too, each of which is rounded by itself."""
        found = self.interval(table, column, line) if column else None
        return found and self.narrowed(table, found, f"{column}_ic_bas", f"{column}_ic_haut", line)

    def narrowed(
        self, table: str, found: tuple[float, float], low: str | None, high: str | None, line: dict
    ) -> tuple[float, float]:
        """An interval of a figure, and of the middle of its two published bounds, at once."""
        bounds = [self.interval(table, name, line) if name else None for name in (low, high)]
        if not bounds[0] or not bounds[1]:
            return found
        middle = [(a + b) / 2 for a, b in zip(*bounds, strict=True)]
        ends = max(found[0], middle[0]), min(found[1], middle[1])
        return ends if ends[0] <= ends[1] else (ends[1], ends[0])  # roundings of the same number, a hair apart

    def links(self, wave: str, question: str) -> Iterator[Link]:
        """Gaps published finer than the means around them tie these means together."""
        for line in self.rows("fct_evolution", None, question):
            if wave not in (line["vague"], line["vague_precedente"]) or self.estimator != "mean_w":
                continue
            kind, first = line["perimetre_type"], wave == line["vague"]
            sides = self.known.compared(
                line["methode"], line["vague"], line["vague_precedente"], kind, line["perimetre"]
            )
            mine, others = (frozenset(s) for s in (sides if first else reversed(sides)))
            for now, before, gap, _, worth in EVOLUTION:
                step = self.gap("fct_evolution", gap, line)
                other = self.interval("fct_evolution", before if first else now, line)
                if step and other:
                    low, high = sorted((1 if first else -1) * s for s in step)
                    here, there = ((w, line["axe"], line["segment"], worth) for w in (mine, others))
                    elsewhere = line["vague_precedente"] if first else line["vague"]
                    yield Link(here, elsewhere, there, low, high, other, f"fct_evolution.{gap}")
        for line in self.rows("fct_comparaison", wave, question):
            if sides := self.sides(wave, line):
                for _, _, gap, _, worth in COMPARISON:
                    if step := self.gap("fct_comparaison", gap, line):
                        here, there = ((whom, line["axe"], place, worth) for whom, place in sides)
                        yield Link(here, wave, there, *step, None, f"fct_comparaison.{gap}")

    def of_profiles(self, wave: str, question: str) -> Iterator[Figure]:
        """A perimeter's figures once more, with the answers of those whose segment is known, and the region's among these."""
        table = "fct_profil_comparable"
        for line in self.rows(table, wave, question):
            whom, everybody = self.whom(wave, line), frozenset(self.known.takers[wave])
            if found := self.interval(table, "base_brute", line, whole=True):
                yield Figure(whom, line["axe"], KNOWN, "n", "base", *found, f"{table}.base_brute")
            for own, _, _, _, region, worth in PROFILE:
                if found := self.interval(table, own, line):
                    yield Figure(whom, "ensemble", "tous", "mean_w", worth, *found, f"{table}.{own}")
                if found := self.interval(table, region, line):
                    yield Figure(everybody, line["axe"], KNOWN, "mean_w", worth, *found, f"{table}.{region}")

    def of_references(self, wave: str, question: str) -> Iterator[Figure]:
        """A gap to a national reference, which is known, gives the figure."""
        table = "fct_ecart_reference"
        for line in self.rows(table, wave, question):
            found = self.interval(table, "ecart", line)
            if found and line.get("reference") is not None:
                score = line["unite"] == "note_10"
                scale = 1 if score else 100
                ends = [(line["reference"] + f) / scale for f in found]
                worth = "score" if score else "satisfied"
                yield Figure(
                    self.whom(wave, line), "ensemble", "tous", self.way("printed"), worth, *ends, f"{table}.ecart"
                )
