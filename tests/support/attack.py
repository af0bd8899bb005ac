"""An attacker with linear programming: how tightly do the published files bound what they mask?

The attacker reads the regional file, and may be an organisme that has its own file too. It knows the perimeters, hence
which organismes each cell adds up, the number of interviews of each, the thresholds, and that counts are not negative.
Every published figure is a linear equation on the contributions of organismes to segments; every axis cuts the same
interviews. HiGHS then finds the least and the greatest value a secret may have. The warehouse is read only for the
composition of perimeters, which is common knowledge, and for the truth the bounds are judged by.

A cell of a panel or pro forma perimeter is taken to give away every count of the cell, though only its base and means are
published: the attack is stronger than the files.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

Floats = NDArray[np.float64]
TOTAL = ("ensemble", "tous")
BASES = ("base_brute", "base_ponderee")
COUNTS = ("effectif_satisfaits", "poids_satisfaits")
WEIGHTED = ("base_ponderee", "poids_satisfaits")


class Cell(NamedTuple):
    """A figure of the regional tables: a sum over organismes in one segment."""

    organismes: frozenset[str]
    axe: str
    segment: str


@dataclass
class Question:
    """All that is published, and all that is true, about one question in one wave."""

    vague: str
    code: str
    status: dict[Cell, tuple[str, str]] = field(default_factory=dict)
    published: dict[Cell, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    # (organisme, axe, segment) → measure → value
    truth: dict[tuple[str, str, str], dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def value(self, cell: Cell, measure: str) -> float:
        """Returns the true value of a cell."""
        return sum(
            self.truth[o, cell.axe, cell.segment].get(measure, 0)
            for o in cell.organismes
            if (o, cell.axe, cell.segment) in self.truth
        )

    @cached_property
    def measures(self) -> list[str]:
        """The linear quantities of the question."""
        return sorted({m for values in self.truth.values() for m in values})


class Bound(NamedTuple):
    """What the attacker found out about a secret: it lies between `low` and `high`."""

    question: str
    vague: str
    cell: Cell
    measure: str
    status: str
    low: float
    high: float
    truth: float
    reader: str

    @property
    def width(self) -> float:
        """How much is left unknown, as a share of what the reader did not know to begin with."""
        return (self.high - self.low) / self.truth


@dataclass(frozen=True)
class Files:
    """What lies open after a run."""

    questions: Mapping[tuple[str, str], Question]
    interviews: Mapping[tuple[str, str], int]
    protection: float

    @property
    def organismes(self) -> list[str]:
        """The organismes that took part."""
        return sorted({organisme for _, organisme in self.interviews})


def read(root: Path, protection: float) -> Files:
    """Reads what a programme has published.

    Args:
        root: a programme that was run.
        protection: how much of its value a secret must leave unknown.
    """
    questions: dict[tuple[str, str], Question] = {}
    with duckdb.connect() as session:
        session.execute(f"attach '{_quoted(root / 'published' / 'observatoire.duckdb')}' as edition (read_only)")
        session.execute(f"attach '{_quoted(root / 'warehouse' / 'observatoire.duckdb')}' as entrepot (read_only)")
        for vague, code, organisme, axe, segment, measure, value in session.execute(_TRUTH).fetchall():
            question = questions.setdefault((vague, code), Question(vague, code))
            question.truth[organisme, axe, segment][measure] = float(value)
        for vague, code, organismes, axe, segment, statut, motif, *values in session.execute(_SATISFACTION).fetchall():
            if (vague, code) in questions:
                question, cell = questions[vague, code], Cell(frozenset(organismes), axe, segment)
                question.status[cell] = statut, motif or ""
                if statut == "V":
                    named = zip(BASES + COUNTS, values, strict=True)
                    question.published[cell] |= {m: float(v) for m, v in named if v is not None}
        for vague, code, organismes, axe, segment, modalite, effectif in session.execute(_DISTRIBUTION).fetchall():
            questions[vague, code].published[Cell(frozenset(organismes), axe, segment)][modalite] = float(effectif)
        for vague, code, organismes, axe, segment, statut, base in session.execute(_EVOLUTION).fetchall():
            question, cell = questions.get((vague, code)), Cell(frozenset(organismes), axe, segment)
            if question and statut == "V" and cell not in question.published:
                assert round(question.value(cell, "base_brute")) == base, (vague, code, cell)
                question.published[cell] = {m: question.value(cell, m) for m in question.measures}
                question.status[cell] = "V", ""
            elif question and base is not None:
                question.status.setdefault(cell, (statut, ""))
        interviews = session.execute(
            "select vague, organisme_code, nb_entretiens from edition.observatoire.obs_couverture"
            " where statut in ('inclus', 'reserve')"
        ).fetchall()
    return Files(questions, {(vague, organisme): int(n) for vague, organisme, n in interviews}, protection)


# Perimeters are common knowledge; so is the set of organismes a figure adds up.
_PERIMETERS = """
    select methode, vague, vague_precedente, vague_mesuree, perimetre_type, perimetre, list(distinct organisme_code) as organismes
    from entrepot.intermediaire.int_perimetres
    where perimetre_type <> 'organisme' group by all
"""
_SATISFACTION = f"""
    select f.vague, f.question_code, p.organismes, f.axe, f.segment, f.statut, f.motif_statut,
        f.base_brute, f.base_ponderee, f.effectif_satisfaits, f.poids_satisfaits
    from edition.observatoire.fct_satisfaction as f
    inner join ({_PERIMETERS}) as p using (vague, perimetre_type, perimetre)
    where p.methode = 'publie' and f.statut in ('V', 'S', 'D')
"""
_DISTRIBUTION = f"""
    select f.vague, f.question_code, p.organismes, f.axe, f.segment, f.modalite, f.effectif
    from (
        select vague, perimetre_type, perimetre, axe, segment, question_code, modalite_code as modalite, effectif
        from edition.observatoire.fct_distribution where statut = 'V'
        union all
        select vague, perimetre_type, perimetre, axe, segment, question_code, motif, effectif
        from edition.observatoire.fct_motif where statut = 'V'
    ) as f
    inner join ({_PERIMETERS}) as p using (vague, perimetre_type, perimetre)
    where p.methode = 'publie'
"""
_EVOLUTION = f"""
    select p.vague_mesuree, f.question_code, p.organismes, f.axe, f.segment, f.statut,
        case when p.vague_mesuree = f.vague then f.base_brute else f.base_brute_precedente end
    from edition.observatoire.fct_evolution as f
    inner join ({_PERIMETERS}) as p using (methode, vague, vague_precedente, perimetre_type, perimetre)
    where f.statut = 'V'
"""
_TRUTH = """
    with reponses as (
        select c.vague, c.question_code, c.organisme_code, c.axe, c.segment, c.modalite_code, c.n, m.type,
            m.est_satisfait, s.facteur * c.poids_somme as w
        from entrepot.intermediaire.int_comptage_retenu as c
        inner join entrepot.intermediaire.int_strates as s using (vague, organisme_code, strate)
        inner join entrepot.intermediaire.int_modalites as m using (question_code, modalite_code)
        where m.statut_reponse = 'exprime'
    )
    select vague, question_code, organisme_code, axe, segment, modalite_code as mesure, sum(n) from reponses group by all
    union all
    select vague, question_code, organisme_code, axe, segment, 'base_brute', n
    from entrepot.intermediaire.int_moments where n > 0
    union all
    select vague, question_code, organisme_code, axe, segment, 'base_ponderee', w
    from entrepot.intermediaire.int_moments where n > 0
    union all
    select vague, question_code, organisme_code, axe, segment, 'effectif_satisfaits', sum(n) from reponses
    where est_satisfait group by all
    union all
    select vague, question_code, organisme_code, axe, segment, 'poids_satisfaits', sum(w) from reponses
    where est_satisfait group by all
"""


def bounds(files: Files, question: Question, measure: str, reader: str = "") -> Iterator[Bound]:
    """Yields what a reader can bound more tightly than it should.

    A cell masked for its own sake, and a result of one organisme, keep `protection` of their value. A cell masked for
    another's sake is no secret: an outsider must not be able to fill it in, that is all.

    Args:
        files: everything published.
        question: the question under attack.
        measure: the quantity under attack.
        reader: the organisme that reads; nobody in particular when empty.
    """
    problem = _Problem(files, question, measure, reader)
    secrets = list(problem.secrets())
    if not secrets:
        return
    rows = csr_array(vstack([problem.row(cell) for cell, _ in secrets]))
    truth = rows @ problem.truth
    needed = np.array([files.protection if status == "S" else 1e-6 for _, status in secrets]) * truth
    low, high = truth.copy(), truth.copy()
    # a solution for one secret often shows that others are free as well: few have to be tried themselves
    random = np.random.default_rng(0)
    for attempt in range(3 * len(secrets)):
        tight = np.flatnonzero(high - low < needed)
        if not len(tight):
            return
        if attempt < 6:
            weights = random.choice([-1.0, 1.0], len(tight)) / truth[tight]
        else:
            tight = tight[:1]
            weights = np.ones(1)
        for sign in (1, -1):
            found = rows @ problem.solve(sign * (weights @ rows[tight]))
            low, high = np.minimum(low, found), np.maximum(high, found)
        if attempt >= 6 and high[tight[0]] - low[tight[0]] < needed[tight[0]]:
            one = tight[0]
            cell, status = secrets[one]
            yield Bound(question.code, question.vague, cell, measure, status, low[one], high[one], truth[one], reader)
            needed[one] = -1


class _Problem:
    """The polytope of the tables that publish the same figures."""

    def __init__(self, files: Files, question: Question, measure: str, reader: str) -> None:
        self._files, self._question, self._measure, self._reader = files, question, measure, reader
        cells = [key for key in question.truth if key[1:] != TOTAL]
        if not cells:
            cells = list(question.truth)
        # an axis tells where an organisme has answers at all: how many is unknown, that there are none is not protected
        self._variables = {key: i for i, key in enumerate(sorted(cells))}
        self.truth: Floats = np.array([question.truth[key].get(measure, 0.0) for key in self._variables])
        self._axes = sorted({axe for _, axe, _ in self._variables})
        self._matrix, self._values = self._equations()

    def secrets(self) -> Iterator[tuple[Cell, str]]:
        """Yields the cells the reader should not know, with the status that says how well."""
        question = self._question
        held = "SD" if self._measure in BASES and not self._reader else "S"
        for cell, (status, _) in question.status.items():
            if status in held and self._unknown(cell) > 0:
                yield cell, status
        organismes = {o for o, _, _ in self._variables}
        for organisme, axe, segment in list(question.truth):
            cell = Cell(frozenset([organisme]), axe, segment)
            known = cell in question.status or (self._measure == "base_brute" and (axe, segment) == TOTAL)
            if organisme != self._reader and len(organismes) > 1 and not known and self._unknown(cell) > 0:
                yield cell, "S"

    def row(self, cell: Cell) -> csr_array:
        """Returns a cell as a sum of variables; what the reader brings itself is no part of a secret."""
        members = cell.organismes - {self._reader}
        return self._sum(cell, members)

    def solve(self, objective: Floats) -> Floats:
        """Returns the table that minimises an objective among those that publish the same figures."""
        found = linprog(
            np.asarray(objective).reshape(-1),
            A_eq=self._matrix,
            b_eq=self._values,
            A_ub=self._limits[0],
            b_ub=self._limits[1],
            bounds=self._bounds,
            method="highs",
        )
        # unbounded: the attacker knows nothing from above
        assert found.status in (0, 3), (found.message, self._question.code, self._measure)
        return self.truth * 1e3 if found.status == 3 else found.x

    def _unknown(self, cell: Cell) -> float:
        return self._question.value(cell._replace(organismes=cell.organismes - {self._reader}), self._measure)

    def _sum(self, cell: Cell, members: Iterable[str]) -> csr_array:
        axe = self._axes[0] if (cell.axe, cell.segment) == TOTAL else cell.axe
        indices = [
            i
            for (organisme, a, segment), i in self._variables.items()
            if organisme in members and a == axe and cell.segment in ("tous", segment)
        ]
        return csr_array((np.ones(len(indices)), ([0] * len(indices), indices)), shape=(1, len(self._variables)))

    def _equations(self) -> tuple[csr_array, Floats]:
        rows, values = [], []
        for cell, figures in self._question.published.items():
            if self._measure in figures:
                rows.append(self._sum(cell, cell.organismes))
                values.append(figures[self._measure])
        for organisme in sorted({o for o, _, _ in self._variables}):
            first = self._sum(Cell(frozenset(), *TOTAL), [organisme])
            for axe in self._axes[1:]:
                rows.append(self._sum(Cell(frozenset(), axe, "tous"), [organisme]) - first)
                values.append(0.0)
        return csr_array(vstack(rows)), np.array(values)

    @cached_property
    def _bounds(self) -> list[tuple[float, float | None]]:
        """What is known of each contribution: it is not negative; the reader's own is known."""
        return [
            (value, value) if organisme == self._reader else (0.0, None)
            for (organisme, _, _), value in zip(self._variables, self.truth, strict=True)
        ]

    @cached_property
    def _limits(self) -> tuple[csr_array | None, Floats | None]:
        """No count exceeds the number of interviews, which is published."""
        if self._measure in ("base_brute", *WEIGHTED):
            return None, None
        organismes = sorted({o for o, _, _ in self._variables})
        rows = [self._sum(Cell(frozenset(), *TOTAL), [organisme]) for organisme in organismes]
        values = [self._files.interviews[self._question.vague, organisme] for organisme in organismes]
        return csr_array(vstack(rows)), np.array(values, dtype=float)


def attacked(files: Files, measures: Iterable[str] = BASES, **chosen: Any) -> list[Bound]:
    """Returns every secret that a reader bounds too tightly.

    Args:
        files: everything published.
        measures: the quantities to attack.
        chosen: `questions`, keys of those to attack, and `readers`; all, and nobody in particular, by default.
    """
    return [
        bound
        for key in chosen.get("questions", files.questions)
        for measure in measures
        if measure in files.questions[key].measures
        for reader in chosen.get("readers", [""])
        for bound in bounds(files, files.questions[key], measure, reader)
    ]


def unguarded(files: Files) -> Files:
    """Returns the files as they would be without secondary suppression: every cell held back is published."""
    questions = {key: copy.deepcopy(question) for key, question in files.questions.items()}
    for question in questions.values():
        for cell, (status, _) in question.status.items():
            if status == "D":
                question.status[cell] = "V", ""
                question.published[cell] = {m: question.value(cell, m) for m in question.measures}
    return replace(files, questions=questions)


def together(now: Files, before: Files) -> Files:
    """Returns what a reader of two editions has, when organismes only came in between: both sets of figures."""
    questions = {key: copy.deepcopy(question) for key, question in now.questions.items()}
    for key, question in before.questions.items():
        for cell, figures in question.published.items():
            questions[key].published.setdefault(cell, figures)
    return replace(now, questions=questions)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
