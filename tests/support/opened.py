"""What lies open after a run: the regional file and the organismes' files, with the truth that they must not give away.

A figure is known to within the interval that its rounding leaves, by the steps of docs/confidentialite.md. The warehouse is read for what
is published before it is rounded, for the composition of perimeters, which is common knowledge, and for the truth the bounds
of an attack are judged by. Every count of a published cell is taken to be given away, as a share of its base, though only its base, shares
and means are published: an attack is stronger than the files.
"""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml

TOTAL = ("ensemble", "tous")
BASES = ("base_brute", "base_ponderee")
WEIGHTED = ("base_ponderee", "poids_satisfaits")


# answers from which on a share goes out in a step, for a `plancher` of five
_STEPS = ((10_000, 0.001), (1_000, 0.01), (500, 0.02), (200, 0.05), (0, 0.1))
_TENS = 10


class Interval(NamedTuple):
    """What is known of a figure."""

    low: float
    high: float


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
    published: dict[Cell, dict[str, Interval]] = field(default_factory=lambda: defaultdict(dict))
    # (organisme, axe, segment) → measure → value
    truth: dict[tuple[str, str, str], dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    # organisme → the least and the greatest weight of one of its interviews, which the sampling plan gives
    weights: dict[str, Interval] = field(default_factory=dict)
    # organismes in a cell from which its weight goes out in two digits
    in_digits: int = 12

    def value(self, cell: Cell, measure: str) -> float:
        """Returns the true value of a cell."""
        return sum(
            self.truth[o, cell.axe, cell.segment].get(measure, 0)
            for o in cell.organismes
            if (o, cell.axe, cell.segment) in self.truth
        )

    def publish(self, cell: Cell, *, full: bool) -> None:
        """Makes every figure of a cell known, to within what rounding leaves where it does not go out in full."""
        base = self.value(cell, "base_brute")
        weight = self.value(cell, "base_ponderee")
        step = next(step for least, step in _STEPS if base >= least)
        bases = {"base_brute": _around(base, _TENS)}
        if len(cell.organismes) >= self.in_digits:
            bases["base_ponderee"] = _around(weight, 10 ** (math.floor(math.log10(weight)) - 1))
        else:
            # what goes out as the weight is the base once more; a reader knows what an interview weighs, at most and at least
            known = [self.weights[organisme] for organisme in cell.organismes if organisme in self.weights]
            least, most = min(low for low, _ in known), max(high for _, high in known)
            bases["base_ponderee"] = Interval(max(0, bases["base_brute"].low) * least, bases["base_brute"].high * most)
        for measure in self.measures:
            value = self.value(cell, measure)
            of = "base_ponderee" if measure in WEIGHTED else "base_brute"
            if full:
                told = Interval(value, value)
            elif measure in BASES:
                told = bases[measure]
            else:
                share = _around(value / (weight if measure in WEIGHTED else base), step)
                told = Interval(max(share.low, 0) * bases[of].low, share.high * bases[of].high)
            self.published[cell][measure] = told

    @cached_property
    def measures(self) -> list[str]:
        """The linear quantities of the question."""
        return sorted({m for values in self.truth.values() for m in values})


@dataclass(frozen=True)
class Files:
    """What lies open after a run."""

    questions: Mapping[tuple[str, str], Question]
    interviews: Mapping[tuple[str, str], int]
    protection: float

    @property
    def in_full(self) -> Files:
        """The same files, had nothing been rounded."""
        questions = {key: copy.deepcopy(question) for key, question in self.questions.items()}
        for question in questions.values():
            for cell in list(question.published):
                question.publish(cell, full=True)
        return replace(self, questions=questions)

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
    secret = yaml.safe_load((root / "programme.yaml").read_text("utf-8")).get("secret", {})
    unrounded = not secret.get("protection", protection)
    with duckdb.connect() as session:
        session.execute(f"attach '{_quoted(root / 'published' / 'observatoire.duckdb')}' as edition (read_only)")
        session.execute(f"attach '{_quoted(root / 'warehouse' / 'observatoire.duckdb')}' as entrepot (read_only)")
        for vague, code, organisme, axe, segment, measure, value in session.execute(_TRUTH).fetchall():
            digits = secret.get("organismes_plein_chiffre", 12)
            question = questions.setdefault((vague, code), Question(vague, code, in_digits=digits))
            question.truth[organisme, axe, segment][measure] = float(value)
        for vague, organisme, least, most in session.execute(_WEIGHTS).fetchall():
            for question in (q for q in questions.values() if q.vague == vague):
                question.weights[organisme] = Interval(float(least), float(most))
        for vague, code, kind, organismes, axe, segment, statut, motif in session.execute(_SATISFACTION).fetchall():
            if (vague, code) in questions:
                question, cell = questions[vague, code], Cell(frozenset(organismes), axe, segment)
                question.status[cell] = statut, motif or ""
                in_full = kind == "region" and (axe, segment) == TOTAL
                in_full &= len(organismes) >= secret.get("organismes_plein_chiffre", 12)
                if statut == "V" and (in_full or cell not in question.published):
                    question.publish(cell, full=in_full or unrounded)
        for vague, code, organismes, axe, segment, statut, base in session.execute(_EVOLUTION).fetchall():
            question, cell = questions.get((vague, code)), Cell(frozenset(organismes), axe, segment)
            if question and statut == "V" and cell not in question.published:
                assert round(question.value(cell, "base_brute")) == base, (vague, code, cell)
                question.publish(cell, full=unrounded)
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
    select f.vague, f.question_code, f.perimetre_type, p.organismes, f.axe, f.segment, f.statut, f.motif_code
    from (from entrepot.intermediaire.int_satisfaction where perimetre_type <> 'organisme') as f
    inner join ({_PERIMETERS}) as p using (vague, perimetre_type, perimetre)
    where p.methode = 'publie' and f.statut in ('V', 'S', 'D')
"""
_EVOLUTION = f"""
    select p.vague_mesuree, f.question_code, p.organismes, f.axe, f.segment, f.statut,
        case when p.vague_mesuree = f.vague then f.base_brute else f.base_brute_precedente end
    from (from entrepot.intermediaire.int_evolution where perimetre_type <> 'organisme') as f
    inner join ({_PERIMETERS}) as p using (methode, vague, vague_precedente, perimetre_type, perimetre)
    where f.statut = 'V'
"""
_TRUTH = """
    with reponses as (
        select c.vague, c.question_code, c.organisme_code, c.axe, c.segment, c.modalite_code, c.n, m.type,
            m.est_satisfait, c.w
        from entrepot.intermediaire.int_comptage_extrapole as c
        inner join entrepot.intermediaire.int_modalites as m using (question_code, modalite_code)
        where m.statut_reponse = 'exprime'
    )
    select vague, question_code, organisme_code, axe, segment, modalite_code as mesure, sum(n) from reponses group by all
    union all
    select vague, question_code, organisme_code, axe, segment, 'base_brute', n
    from entrepot.intermediaire.int_moments where mesure = 'base' and n > 0
    union all
    select vague, question_code, organisme_code, axe, segment, 'base_ponderee', w
    from entrepot.intermediaire.int_moments where mesure = 'base' and n > 0
    union all
    select vague, question_code, organisme_code, axe, segment, 'effectif_satisfaits', sum(n) from reponses
    where est_satisfait group by all
    union all
    select vague, question_code, organisme_code, axe, segment, 'poids_satisfaits', sum(w) from reponses
    where est_satisfait group by all
"""
# A cell weighs what its interviews do: what one weighs on average, in the rows that make it up, bounds it.
_WEIGHTS = """
    select vague, organisme_code, min(w / n), max(w / n)
    from entrepot.intermediaire.int_comptage_extrapole where n > 0 group by all
"""


def unguarded(files: Files) -> Files:
    """Returns the files as they would be without secondary suppression: every cell held back is published."""
    questions = {key: copy.deepcopy(question) for key, question in files.questions.items()}
    for question in questions.values():
        for cell, (status, _) in question.status.items():
            if status == "D":
                question.status[cell] = "V", ""
                question.publish(cell, full=False)
    return replace(files, questions=questions)


def together(now: Files, before: Files) -> Files:
    """Returns what a reader of two editions has, when organismes only came in between: both sets of figures."""
    questions = {key: copy.deepcopy(question) for key, question in now.questions.items()}
    for key, question in before.questions.items():
        for cell, figures in question.published.items():
            questions[key].published.setdefault(cell, figures)
    return replace(now, questions=questions)


def _around(value: float, step: float) -> Interval:
    """The interval in which a figure lies that goes out rounded to a step."""
    middle = round(value / step) * step
    return Interval(middle - step / 2, middle + step / 2)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
