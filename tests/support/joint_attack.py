"""The attacker: everything that is published, all at once, against what must stay unknown.

Nothing here is shared with the admission that chooses what is published: only the published files, their comments, and what
an outsider knows (the sampling plan, who took part, scales and scoring) are read. Run it on a programme that has published:

    python -m tests.support.joint_attack FOLDER [--attacker CODE] [--wave 2022] [--questions 10]

The unknowns are whole numbers: respondents per organisme, stratum (or segment of one axis) and answer. Each published number
is an interval, its value give or take half of its last decimal, and each interval is a line of a linear programme. What the
programme lets a secret be, at least and at most, is what the attacker knows of it. A secret known within less than the
protection (a share of its value) and less than a floor of respondents is a finding.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import flint
import highspy
import numpy as np
import polars as pl

PROTECTION = 0.10
FLOOR = 5.0
# A number that shows no last decimal is a computed one, and HiGHS holds a line to about this relative precision.
FULL = 1e-7
# Delivered weights are not published. An attacker knows by how much an institute's weights usually vary around their mean.
USUAL_DISPERSION = 0.2
MANY = 8


# ---- What the attacker reads -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stratum:
    """A stratum of the plan: interviews, dwellings that they stand for, and whether their weights were delivered."""

    code: str
    interviews: int
    population: int
    delivered: bool

    @property
    def weight(self) -> float:
        """What an interview stands for, on average."""
        return self.population / self.interviews


@dataclass(eq=False)
class Known:
    """A published edition and what anybody knows beside it."""

    folder: Path
    edition: str = "courante"
    database: Path | None = None
    """The regional file, where it is not the edition's."""

    @cached_property
    def reader(self) -> Reader:
        """What reads the edition's numbers."""
        return Reader(self)

    @cached_property
    def published(self) -> duckdb.DuckDBPyConnection:
        """The regional file."""
        file = self.database or self.folder / "published" / self.edition / "edition.duckdb"
        return duckdb.connect(str(file), read_only=True)

    def table(self, name: str, where: str = "true") -> pl.DataFrame:
        """A published table, or no line of it if the file has none of that name."""
        try:
            return self.published.sql(f"select * from observatoire.{name} where {where}").pl()
        except duckdb.CatalogException:
            return pl.DataFrame()

    def reference(self, name: str) -> pl.DataFrame:
        """A file of the programme's references, all text."""
        return pl.read_csv(self.folder / f"reference/{name}.csv", infer_schema=False)

    @cached_property
    def answers(self) -> pl.DataFrame:
        """The interviews themselves: the truth, and what a member knows of its own tenants."""
        files = str(self.folder / "lake/reponses/*/*.parquet")
        query = "select * replace (vague::varchar as vague) from read_parquet(?, union_by_name = true)"
        return duckdb.sql(query, params=[files]).pl()

    @cached_property
    def takers(self) -> dict[str, dict[str, dict[str, str]]]:
        """Wave, organisme, and what is said of it, for those whose interviews are in the edition."""
        lines: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for line in self.table("obs_couverture", "nb_entretiens > 0").to_dicts():
            lines[line["vague"]][line["organisme_code"]] = line
        return lines

    @cached_property
    def plan(self) -> dict[tuple[str, str], list[Stratum]]:
        """The strata of each wave and organisme: a stratum without an interview gives its dwellings to the next."""
        dwellings = {
            (line["vague"], line["organisme_code"], line["strate"]): int(line["population"])
            for line in self.reference("plan_sondage").to_dicts()
        }
        counts = self.answers.group_by("vague", "organisme_code", "strate").agg(
            n=pl.len(), weights=pl.col("poids").n_unique()
        )
        made = {(r["vague"], r["organisme_code"], r["strate"]): r for r in counts.to_dicts()}
        plan: dict[tuple[str, str], list[Stratum]] = {}
        for wave, takers in self.takers.items():
            for organisme in takers:
                codes = sorted({key[2] for key in (*dwellings, *made) if key[:2] == (wave, organisme)})
                strata, waiting = [], 0
                for code in codes:
                    waiting += dwellings.get((wave, organisme, code), 0)
                    if interviews := made.get((wave, organisme, code)):
                        delivered = interviews["weights"] > 1
                        strata.append(Stratum(code, interviews["n"], waiting, delivered))
                        waiting = 0
                if strata and waiting:
                    last = strata.pop()
                    strata.append(Stratum(last.code, last.interviews, last.population + waiting, last.delivered))
                plan[wave, organisme] = strata
        return plan

    @cached_property
    def strata_axes(self) -> dict[str, dict[str, str]]:
        """The axes that a stratum decides: axis, stratum, segment."""
        found = {}
        for axis in self.reference("axes")["axe"]:
            if axis not in self.answers.columns:
                continue
            pairs = self.answers.select("strate", axis).unique().drop_nulls()
            if pairs["strate"].n_unique() == len(pairs) > 1:
                found[axis] = dict(pairs.iter_rows())
        return found

    @cached_property
    def options(self) -> dict[str, list[dict[str, object]]]:
        """The answers that count, question by question."""
        rows: dict[str, list[dict[str, object]]] = defaultdict(list)
        for line in self.table("dim_modalite", "statut_reponse = 'exprime'").sort("ordre").to_dicts():
            rows[line["question_code"]].append(line)
        return rows

    @cached_property
    def scores(self) -> dict[tuple[str, str], dict[tuple[str, str], float]]:
        """Scoring and version, then scale and option: the score."""
        rows: dict[tuple[str, str], dict[tuple[str, str], float]] = defaultdict(dict)
        for line in self.reference("baremes").to_dicts():
            rows[line["bareme"], line["version"]][line["echelle"], line["modalite_code"]] = float(line["note"])
        return rows

    def scoring(self, wave: str, organisme: str) -> tuple[str, str]:
        """The scoring that an organisme's institute uses in a wave: the most particular line that speaks of it."""
        institute = self.takers[wave][organisme]["institut"]
        best: tuple[int, tuple[str, str]] = (-1, ("", ""))
        for line in self.reference("baremes_usages").to_dicts():
            fits = [line["institut"] in ("*", institute), line["vague"] in ("*", wave)]
            rank = (line["institut"] != "*") * 2 + (line["vague"] != "*")
            if all(fits) and rank > best[0]:
                best = rank, (line["bareme"], line["version"])
        return best[1]

    @cached_property
    def heirs(self) -> list[tuple[str, str, str]]:
        """Who took over from whom, and when."""
        lines = self.reference("filiations").filter(pl.col("predecesseur") != pl.col("successeur"))
        return [(r["predecesseur"], r["successeur"], r["date_effet"]) for r in lines.sort("date_effet").to_dicts()]

    @cached_property
    def starts(self) -> dict[str, str]:
        """The first day of each wave."""
        return {r["vague"]: str(r["terrain_debut"]) for r in self.table("dim_vague").to_dicts()}

    def today(self, organisme: str, wave: str) -> str:
        """What an organisme has become at a wave."""
        for before, after, day in self.heirs:
            if before == organisme and day <= self.starts[wave]:
                organisme = after
        return organisme

    def within(self, wave: str, kind: str, code: str) -> set[str]:
        """The organismes of a perimeter, as a wave is published."""
        return {o for o, said in self.takers[wave].items() if kind == "region" or said.get(kind) == code}

    def compared(self, method: str, wave: str, before: str, kind: str, code: str) -> tuple[set[str], set[str]]:
        """The organismes of a perimeter in each of two waves, as a method compares them."""
        now = self.within(wave, kind, code)
        if method == "publie":
            return now, self.within(before, kind, code)
        was = set(self.takers[before])
        if method == "panel_constant":
            return now & was, now & was
        became = {o: self.today(o, wave) for o in was}
        return now & set(became.values()), {o for o in was if became[o] in now}

    def counted(self, wave: str, question: str, by: Sequence[str]) -> dict[tuple[str, ...], int]:
        """The truth: respondents of a wave by organisme, other columns, and answer (``*``: any that counts)."""
        codes = [str(o["modalite_code"]) for o in self.options[question]]
        frame = self.answers.filter(pl.col("vague") == wave).select("entretien", "organisme_code", *by, a=question)
        if isinstance(frame.schema["a"], pl.List):
            frame = frame.explode("a")
        frame = frame.filter(pl.col("a").is_in(codes)).with_columns(pl.col(by).fill_null("NR"))
        each = frame.group_by("organisme_code", *by, "a").len()
        whole = frame.unique(["organisme_code", "entretien"]).group_by("organisme_code", *by).len()
        found = {tuple(row[:-1]): int(row[-1]) for row in each.iter_rows()}
        return found | {(*row[:-1], "*"): int(row[-1]) for row in whole.iter_rows()}


# ---- How precise a published number is -------------------------------------------------------------------------------------

GRAINS = sorted((m * 10.0**e for e in range(-7, 4) for m in (1, 2, 5)), reverse=True)


def multiple(value: float, step: float) -> bool:
    """Whether a number is a whole number of steps, as far as its own precision tells."""
    turns = value / step
    return abs(turns) < 1e9 and abs(turns - round(turns)) < 1e-6


@dataclass
class Decimals:
    """The step (0.001, 5, 10…) that a column's numbers are multiples of, by the number of answers behind them.

    A number made of more answers may be published finer. In the order of their bases, numbers follow a step until one does not:
    when enough did, the step changes there; when too few did to tell, the step was finer from their start. A base where the step
    changes keeps the coarser one, as an attacker must who wants to be sure.
    """

    bases: list[float] = field(default_factory=list)
    steps: list[float | None] = field(default_factory=list)
    digits: int | None = None
    """How many significant digits all the column's numbers have at most, if so few that they may be rounded to these."""

    @classmethod
    def read(cls, rows: Iterable[tuple[float, float]], enough: int = 15) -> Decimals:
        """From the base and the value of each number of a column."""
        groups: dict[float, list[float]] = defaultdict(list)
        for base, value in rows:
            if value:
                groups[base].append(value)
        found, at, seen = cls(), 0, 0
        shown = [
            len(f"{abs(v):.9e}".split("e")[0].replace(".", "").rstrip("0")) for held in groups.values() for v in held
        ]
        found.digits = max(shown) if shown and max(shown) <= 3 else None
        for base in sorted(groups):
            needed = at
            while needed < len(GRAINS) and not all(multiple(value, GRAINS[needed]) for value in groups[base]):
                needed += 1
            if needed > at and seen >= enough:
                seen = 0  # the step changes: this base may hold numbers of both
                at = 0
            else:
                if not seen:
                    found.bases.append(base)
                    found.steps.append(None)
                at, seen = needed, seen + len(groups[base])
                found.steps[-1] = GRAINS[at] if at < len(GRAINS) else None
        return found

    def step(self, base: float, value: float) -> float | None:
        """The step of a number made of so many answers; None if the numbers show none."""
        at = max(0, bisect.bisect_right(self.bases, base) - 1)
        step = self.steps[at] if self.steps else None
        if step is not None and self.digits and value:
            step = max(step, 10.0 ** (math.floor(math.log10(abs(value))) - self.digits + 1))
        return step


def half_step(step: float | None, value: float, *, whole: bool) -> float:
    """How far from its value a published number may stand; a count printed to the unit is exact."""
    if step is None:
        return FULL * max(abs(value), 1e-3)
    if whole and step <= 1:
        return 0.0
    return step / 2


# ---- The linear programme --------------------------------------------------------------------------------------------------


@dataclass
class Programme:
    """Variables with bounds, lines with bounds, solved for the least and the most of any combination."""

    size: int = 0
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    lines: list[tuple[dict[int, float], float, float, str]] = field(default_factory=list)
    solver: highspy.Highs | None = None

    def variable(self, low: float, high: float) -> int:
        """A new variable; its number."""
        self.low.append(low)
        self.high.append(high)
        self.size += 1
        return self.size - 1

    def line(self, form: dict[int, float], low: float, high: float, source: str = "") -> None:
        """What is known of a combination of variables. Lines are brought to a largest coefficient of one."""
        largest = max((abs(v) for v in form.values()), default=0.0)
        if largest:
            scaled = {k: v / largest for k, v in form.items() if abs(v) > 1e-12 * largest}
            self.lines.append((scaled, low / largest, high / largest, source))

    def load(self) -> None:
        """Hands the lines to HiGHS."""
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, len(self.lines)
        model.col_cost_ = np.zeros(self.size)
        model.col_lower_, model.col_upper_ = np.array(self.low), np.array(self.high)
        model.row_lower_ = np.array([low for _, low, _, _ in self.lines])
        model.row_upper_ = np.array([high for _, _, high, _ in self.lines])
        starts = np.cumsum([0] + [len(form) for form, _, _, _ in self.lines])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = starts
        model.a_matrix_.index_ = np.array([k for form, _, _, _ in self.lines for k in form], dtype=np.int32)
        model.a_matrix_.value_ = np.array([v for form, _, _, _ in self.lines for v in form.values()])
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("simplex_strategy", 4)  # from one target to the next, the last answer still fits
        self.solver.passModel(model)

    def feasible(self) -> bool:
        """Whether anything fits all lines."""
        assert self.solver is not None
        self.solver.run()
        return self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def range(self, form: dict[int, float]) -> tuple[float, float]:
        """The least and the most that a combination can be."""
        assert self.solver is not None
        columns = np.array(list(form), dtype=np.int32)
        self.solver.changeColsCost(len(form), columns, np.array(list(form.values())))
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self.solver.changeObjectiveSense(sense)
            ends.append(self.solve(-math.inf if sense == highspy.ObjSense.kMinimize else math.inf))
        self.solver.changeColsCost(len(form), columns, np.zeros(len(form)))
        return ends[0], ends[1]

    def solve(self, unknown: float) -> float:
        """The best value of what was asked; the given one if it cannot be told."""
        assert self.solver is not None
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:  # lost its way: from the start again
            self.solver.clearSolver()
            self.solver.run()
        found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self.solver.getObjectiveValue()) if found else unknown


# ---- What each published column says ---------------------------------------------------------------------------------------

# Column: how the answers are added up, and what an answer is worth. `n` counts respondents, `w` weighs them, `mean_w` and
# `mean_n` divide by all who answered, `mean_o` and `mean_p` average the organismes' own figures (alike, or by their dwellings),
# `kish` is the effective base.
SATISFACTION = {
    "base_brute": ("n", "base"),
    "base_ponderee": ("w", "base"),
    "base_efficace": ("kish", "base"),
    "effectif_satisfaits": ("n", "satisfied"),
    "poids_satisfaits": ("w", "satisfied"),
    "note_somme": ("w", "score"),
    "note_moyenne": ("mean_w", "score"),
    "note_non_ponderee": ("mean_n", "score"),
    "note_moyenne_organismes": ("mean_o", "score"),
    "note_moyenne_parc": ("mean_p", "score"),
    "taux_satisfaits": ("mean_w", "satisfied"),
    "taux_non_pondere": ("mean_n", "satisfied"),
    "taux_moyenne_organismes": ("mean_o", "satisfied"),
    "taux_moyenne_parc": ("mean_p", "satisfied"),
    "note_imprimee": ("printed", "score"),
    "taux_imprime": ("printed", "satisfied"),
    "part_tres_satisfaits": ("mean_w", "est_tres_satisfait"),
    "part_tres_satisfaits_non_ponderee": ("mean_n", "est_tres_satisfait"),
    "part_tres_insatisfaits": ("mean_w", "est_tres_insatisfait"),
    "part_tres_insatisfaits_non_ponderee": ("mean_n", "est_tres_insatisfait"),
    "part_promoteurs": ("mean_w", "promoteur"),
    "part_passifs": ("mean_w", "passif"),
    "part_detracteurs": ("mean_w", "detracteur"),
    "nps": ("mean_w", "nps"),
    "nps_non_pondere": ("mean_n", "nps"),
}
OPTIONS = {
    "base_brute": ("n", "base"),
    "base_ponderee": ("w", "base"),
    "effectif": ("n", "option"),
    "poids": ("w", "option"),
    "part": ("mean_w", "option"),
}
# Sums that may be no more than the product of the rounded figures beside them.
PRODUCTS = {
    "poids": ("part", "base_ponderee"),
    "poids_satisfaits": ("taux_satisfaits", "base_ponderee"),
    "note_somme": ("note_moyenne", "base_ponderee"),
}
# Two bounds whose middle is the figure: a Student interval. Wilson's bounds give their figure by their own formula.
STUDENT = {
    ("note_ic_bas", "note_ic_haut"): ("mean_w", "score"),
    ("note_imprimee_ic_bas", "note_imprimee_ic_haut"): ("printed", "score"),
    ("nps_ic_bas", "nps_ic_haut"): ("mean_w", "nps"),
}
WILSON = {
    ("taux_ic_bas", "taux_ic_haut"): ("mean_w", "satisfied"),
    ("taux_imprime_ic_bas", "taux_imprime_ic_haut"): ("printed", "satisfied"),
}
# Evolutions: a column for each side, and the gap between them.
EVOLUTION = (
    ("base_brute", "base_brute_precedente", None, "n", "base"),
    ("note_moyenne", "note_precedente", "ecart_note", "printed", "score"),
    ("taux_satisfaits", "taux_precedent", "ecart_taux", "printed", "satisfied"),
)
COMPARISON = (
    ("base_brute", "base_brute_comparee", None, "n", "base"),
    ("note_moyenne", "note_comparee", "ecart_note", "mean_w", "score"),
    ("taux_satisfaits", "taux_compare", "ecart_taux", "mean_w", "satisfied"),
)


@dataclass(frozen=True)
class Figure:
    """A published number: whom it is about, what it adds up, and between what and what it lies."""

    organismes: frozenset[str]
    axis: str
    segment: str
    way: str
    worth: str
    low: float
    high: float
    source: str
    whole_segment: bool = True


def wilson_middle(low: float, high: float) -> float:
    """The rate that Wilson's bounds are about."""
    product, total = low * high, low + high
    if abs(total - 1) < 1e-9:
        return 0.5
    # product = p² / (1 + c) and total = (2p + c) / (1 + c): with k = 1 + c, p = √(product·k), and total·k = 2p + k − 1
    # gives (1 − total)·k + 2·√(product·k) − 1 = 0, an equation of the second degree in √k.
    a, b = 1 - total, 2 * math.sqrt(product)
    root = (-b + math.sqrt(b * b + 4 * a)) / (2 * a)
    return root * math.sqrt(product)


# What places a figure, and the value where a table has no such column; the columns that say how many answers it is made of.
PLACE = {"vague": "", "perimetre_type": "", "perimetre": "", "axe": "ensemble", "segment": "tous", "question_code": ""}
BASES = ("base_brute", "base_brute_precedente", "base_brute_comparee")


@dataclass(frozen=True)
class Link:
    """A published gap between two means: one of this wave, the other of a wave that may be another."""

    here: tuple
    wave: str
    there: tuple
    low: float
    high: float
    other: tuple[float, float] | None
    source: str


@dataclass
class Reader:
    """Every published number about one wave and question, as intervals."""

    known: Known
    precision: dict[str, float] = field(default_factory=dict)
    shown: dict[tuple[str, str], dict[tuple[str, ...], Decimals]] = field(default_factory=dict)
    frames: dict[str, dict[tuple[str, ...], pl.DataFrame]] = field(default_factory=dict)

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

    def size(self, line: dict) -> float:
        """How many answers a line's figures are made of, the smaller side's; none are said of quartiles."""
        held = [line[name] for name in BASES if line.get(name) is not None]
        place = tuple(line.get(name, default) for name, default in PLACE.items())
        return min(held) if held else self.sizes.get(place, 0.0)

    def decimals(self, table: str, column: str, kind: tuple[str, ...]) -> Decimals:
        """What the numbers of a column show of their precision, where they may be expected to have the same."""
        if (table, column) not in self.shown:
            rows: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
            for frame in self.tables(table).values():
                for line in frame.filter(pl.col(column).is_not_null()).to_dicts() if column in frame.columns else []:
                    rows[self.sort(line)].append((self.size(line), float(line[column])))
            self.shown[table, column] = {key: Decimals.read(held) for key, held in rows.items()}
        return self.shown[table, column][kind]

    def sort(self, line: dict) -> tuple[str, ...]:
        """Lines that are published alike: the region's own figures, wave by wave and method by method, or all others."""
        measured = tuple(str(line.get(name)) for name in ("mesure", "unite"))
        if line["perimetre_type"] == "region" and line.get("axe", "ensemble") == "ensemble":
            return line["vague"], str(line.get("methode")), *measured
        return measured

    def interval(self, table: str, column: str, line: dict, *, whole: bool = False) -> tuple[float, float] | None:
        """Between what and what a published number lies; None if it is not there."""
        value = line.get(column)
        if value is None:
            return None
        half = self.precision.get(f"{table}.{column}")
        if half is None and column in PRODUCTS:
            factors = [self.interval(table, name, line) for name in PRODUCTS[column]]
            if all(factors):
                middles = [(f[0] + f[1]) / 2 for f in factors if f]
                rounded = any(f[1] - f[0] > 1e-5 * f[1] for f in factors if f)
                if rounded and abs(middles[0] * middles[1] - value) < 1e-6 * max(1.0, abs(value)):
                    return tuple(a * b for a, b in zip(*factors, strict=True))  # type: ignore[return-value, arg-type]
        if half is None:
            step = self.decimals(table, column, self.sort(line)).step(self.size(line), value)
            half = half_step(step, value, whole=whole)
        return value - half, value + half

    def figures(self, wave: str, question: str) -> Iterator[Figure]:
        """All numbers about a wave's answers to a question."""
        yield from self.of_cells(wave, question)
        yield from self.of_options(wave, question)
        yield from self.of_scorings(wave, question)
        yield from self.of_evolutions(wave, question)
        yield from self.of_comparisons(wave, question)
        yield from self.of_references(wave, question)

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
                least, most = self.interval(table, low, line), self.interval(table, high, line)
                if least and most and least[0] > 0 and most[1] < 1:
                    corners = [wilson_middle(a, b) for a, b in itertools.product(least, most)]
                    yield Figure(whom, *where, self.way(way), worth, min(corners), max(corners), f"{table}.{low}")

    def of_options(self, wave: str, question: str) -> Iterator[Figure]:
        """How many gave each answer."""
        for table, option in (("fct_distribution", "modalite_code"), ("fct_motif", "motif")):
            for line in self.rows(table, wave, question):
                for column, (way, worth) in OPTIONS.items():
                    if found := self.interval(table, column, line, whole=way == "n"):
                        name = f"option:{line[option]}" if worth == "option" else worth
                        yield Figure(
                            self.whom(wave, line), line["axe"], line["segment"], way, name, *found, f"{table}.{column}"
                        )

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
                step = self.interval(table, gap, line) if gap else None
                if other and step:
                    sign = 1 if wave == line["vague"] else -1
                    ends = sorted(sign * s for s in step)
                    ends = [other[0] + ends[0], other[1] + ends[1]]
                    yield Figure(mine, line["axe"], line["segment"], self.way(way), worth, *ends, f"{table}.{gap}")

    def of_comparisons(self, wave: str, question: str) -> Iterator[Figure]:
        """Both sides of each comparison of segments."""
        table = "fct_comparaison"
        for line in self.rows(table, wave, question):
            if line["comparaison"] != "segment":
                continue
            whom = self.whom(wave, line)
            for first, second, gap, way, worth in COMPARISON:
                pair = [self.interval(table, name, line, whole=way == "n") for name in (first, second)]
                step = self.interval(table, gap, line) if gap else None
                places = line["segment"], line["segment_compare"]
                for place, found, name in zip(places, pair, (first, second), strict=True):
                    if found:
                        yield Figure(whom, line["axe"], place, way, worth, *found, f"{table}.{name}")
                if step and pair[0] and pair[1]:
                    ends = pair[1][0] + step[0], pair[1][1] + step[1]
                    yield Figure(whom, line["axe"], places[0], way, worth, *ends, f"{table}.{gap}")
                    ends = pair[0][0] - step[1], pair[0][1] - step[0]
                    yield Figure(whom, line["axe"], places[1], way, worth, *ends, f"{table}.{gap}")

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
                step = self.interval("fct_evolution", gap, line) if gap else None
                other = self.interval("fct_evolution", before if first else now, line)
                if step and other:
                    low, high = sorted((1 if first else -1) * s for s in step)
                    here, there = ((w, line["axe"], line["segment"], worth) for w in (mine, others))
                    elsewhere = line["vague_precedente"] if first else line["vague"]
                    yield Link(here, elsewhere, there, low, high, other, f"fct_evolution.{gap}")
        for line in self.rows("fct_comparaison", wave, question):
            if line["comparaison"] == "segment":
                whom = self.whom(wave, line)
                for _, _, gap, _, worth in COMPARISON:
                    if gap and (step := self.interval("fct_comparaison", gap, line)):
                        here, there = ((whom, line["axe"], line[s], worth) for s in ("segment", "segment_compare"))
                        yield Link(here, wave, there, *step, None, f"fct_comparaison.{gap}")

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


# ---- The system of one wave and question -----------------------------------------------------------------------------------


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

    known: Known
    wave: str
    question: str
    attacker: str | None = None
    axis: str | None = None
    """An axis whose segments are the unknowns, in place of the strata."""

    def __post_init__(self) -> None:
        self.programme = Programme()
        self.reader = self.known.reader
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


@dataclass
class Target:
    """Something that must stay unknown."""

    organisme: str
    kind: str
    name: str
    form: dict[int, float]
    respondents: float
    truth: float | None = None


@dataclass(frozen=True)
class Finding:
    """A target known too well."""

    wave: str
    question: str
    attacker: str
    organisme: str
    kind: str
    name: str
    low: float
    high: float
    truth: float | None
    method: str


def too_narrow(target: Target, low: float, high: float, protection: float = PROTECTION, floor: float = FLOOR) -> bool:
    """Whether an interval says more of a target than it may."""
    width = high - low
    if target.kind in ("mean", "ranked"):  # found again, not only approached
        return width * target.respondents < (10.0 if target.name.startswith("score") else 1.0)
    if target.kind == "figure":
        top = 10.0 if target.name == "score" else 1.0
        return width < max(protection * (low + high) / 2, floor * top / target.respondents) - 1e-9
    if not math.isfinite(width):
        return False
    least, most = math.ceil(low - 1e-6), math.floor(high + 1e-6)
    if target.respondents < 2 * floor:
        return most - least < 1
    return most - least < max(protection * (low + high) / 2, floor)


# ---- Lattice reduction -----------------------------------------------------------------------------------------------------

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


# ---- Words that name an organisme ------------------------------------------------------------------------------------------

COUNTS = {
    "organismes_en_hausse": ("hausse",),
    "organismes_stables": ("stable",),
    "organismes_non_significatifs": ("non_significatif",),
    "organismes_en_baisse": ("baisse",),
}
CELL = ("vague", "vague_precedente", "methode", "axe", "segment", "question_code")


def counted_verdicts(known: Known, attacker: str | None) -> Iterator[Finding]:
    """Organismes whose verdict is told by how many got each: unanimous counts, less one's own, less those of a smaller perimeter."""
    table = known.table("fct_evolution", "statut = 'V' and organismes_en_hausse is not null")
    if table.is_empty():
        return
    own = own_verdicts(known, attacker)
    sides: dict[tuple[str, ...], frozenset[str]] = {}
    for key, lines in table.group_by(*CELL):
        held: dict[frozenset[str], tuple[np.ndarray, str]] = {}
        for line in lines.to_dicts():
            name = (*key[:3], line["perimetre_type"], line["perimetre"])
            if name not in sides:
                now, _ = known.compared(key[2], key[0], key[1], line["perimetre_type"], line["perimetre"])
                sides[name] = frozenset(now)
            held[sides[name]] = np.array([line[c] for c in COUNTS]), line["perimetre"]
        mine = own.get(key)
        for whom, (counts, code) in held.items():
            if counts.sum() and counts.max() == counts.sum():
                yield told(key, "", code, "verdict: unanimous", counts)
            if attacker in whom and mine is not None:
                rest = counts - mine
                if rest.sum() > 0 and rest.max() == rest.sum():
                    yield told(key, str(attacker), code, "verdict: all others'", rest)
            for inner, (fewer, part) in held.items():
                rest = counts - fewer
                if inner < whom and rest.sum() > 0 and rest.max() == rest.sum():
                    yield told(key, "", f"{code} less {part}", "verdict: by difference", rest)


def own_verdicts(known: Known, attacker: str | None) -> dict[tuple[str, ...], np.ndarray]:
    """A member's own verdicts, from its own file."""
    if attacker is None:
        return {}
    families = {r["verdict"]: r["famille"] for r in known.table("dim_verdict").to_dicts()}
    places = {"hausse": 0, "stable": 1, "incertain": 2, "baisse": 3}
    found = {}
    with duckdb.connect(
        known.folder / f"published/{known.edition}/organismes/{attacker}.duckdb", read_only=True
    ) as file:
        query = f"select {', '.join(CELL)}, verdict from observatoire.fct_evolution where statut = 'V' and verdict is not null"
        for *key, verdict in file.sql(query).fetchall():
            place = places.get(families.get(verdict, ""))
            if place is not None:
                found[tuple(key)] = np.eye(4, dtype=int)[place]
    return found


def told(key: tuple, attacker: str, whom: str, kind: str, counts: np.ndarray) -> Finding:
    """A finding about verdicts."""
    vague, before, method, axis, segment, question = key
    if list(COUNTS)[int(counts.argmax())] == "organismes_non_significatifs":
        kind = f"no {kind}"  # that nothing is established of any of them: hardly a result
    name = f"{before} {method} {axis} {segment}"
    return Finding(vague, question, attacker or "public", whom, kind, name, 0, 0, float(counts.sum()), "count")


# ---- The attack ------------------------------------------------------------------------------------------------------------


def attack(
    known: Known,
    wave: str,
    question: str,
    attacker: str | None,
    axis: str | None = None,
    kinds: Sequence[str] = ("figure", "count", "mean", "ranked"),
) -> tuple[list[Finding], int]:
    """Findings about one wave and question, and how many targets were tried."""
    system = System(known, wave, question, attacker, axis)
    if not system.fits:
        raise ValueError(
            f"{wave} {question} {attacker}: no answers fit all that is published: the attack misreads something"
        )
    found, tried = [], 0
    for target in system.targets():
        if target.kind not in kinds:
            continue
        low, high = system.programme.range(target.form)
        tried += 1
        if target.truth is not None and not low - 0.01 <= target.truth <= high + 0.01:
            raise ValueError(
                f"{wave} {question} {attacker} {target}: the truth is not in {low}…{high}: the attack misreads something"
            )
        if too_narrow(target, low, high):
            # So few gave this answer, in all that is published, that hardly anybody can have: less a secret than a rarity.
            rare = target.kind in ("count", "part") and low < 0.5 and high < FLOOR
            kind = f"{target.kind}, rare answer" if rare else target.kind
            found.append(Finding(wave, question, attacker or "public", target.organisme, kind, target.name,
                                 low, high, target.truth, axis or "strata"))  # fmt: skip
    for target, low, high in decoded(system):
        tried += 1
        if target.kind in kinds:
            found.append(Finding(wave, question, attacker or "public", target.organisme, f"{target.kind} decoded",
                                 target.name, low, high, target.truth, "lattice"))  # fmt: skip
    return found, tried


def main() -> None:
    """Attacks a published programme and prints what it found, by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--attacker", action="append", help="an organisme's code, or public; may be repeated")
    parser.add_argument("--wave", action="append")
    parser.add_argument("--question", action="append")
    parser.add_argument(
        "--questions", type=int, default=4, help="how many questions to try in each wave, spread over all"
    )
    parser.add_argument("--axis", action="append", help="segments of this axis in place of strata; may be repeated")
    parser.add_argument("--parts", action="store_true", help="also try each stratum or segment of each organisme")
    parser.add_argument("--figures-only", action="store_true", help="leave out the counts of verdicts")
    parser.add_argument("--show", type=int, default=3, help="examples to print of each kind")
    asked = parser.parse_args()
    known = Known(asked.folder)
    found: list[Finding] = []
    tried: Counter[str] = Counter()
    kinds = ["figure", "count", "mean", "ranked"] + (["part"] if asked.parts else [])
    for name in asked.attacker or ["public"]:
        attacker = None if name == "public" else name
        found += [] if asked.figures_only else counted_verdicts(known, attacker)
        for wave in asked.wave or sorted(known.takers):
            if attacker and attacker not in known.takers[wave]:
                continue
            posed = sorted(
                {
                    line["question_code"]
                    for line in known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'").to_dicts()
                }
            )
            chosen = asked.question or posed[:: max(1, len(posed) // asked.questions)][: asked.questions]
            for question in chosen:
                for axis in asked.axis or [None]:
                    more, number = attack(known, wave, question, attacker, axis, kinds)
                    found += more
                    tried[f"{name} {wave}"] += number
                    print(f"{name} {wave} {question} {axis or 'strata'}: {len(more)} of {number}", flush=True)
    report(found, asked.show)


def report(found: Sequence[Finding], show: int) -> None:
    """Findings by kind, with examples."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        groups[finding.attacker, finding.kind].append(finding)
    print(f"\n{'attacker':<16} {'kind':<24} findings")
    for (attacker, kind), lines in sorted(groups.items()):
        print(f"{attacker:<16} {kind:<24} {len(lines)}")
        for f in lines[:: max(1, len(lines) // show)][:show]:
            print(f"    {f.wave} {f.question} {f.organisme} {f.name}: {f.low:.6g} … {f.high:.6g} (is {f.truth})")
    print(f"{len(found)} findings")


if __name__ == "__main__":
    main()
