"""What lies open after a run: the regional file and the organismes' files, with the truth that they must not give away.

The figures are those of the published cells before they are rounded: what masks hold back must stay unknown even to who has
them in full. The warehouse is read for these, for the composition of perimeters, which is common knowledge, and for the
truth the bounds of an attack are judged by. A cell of a panel or pro forma perimeter is taken to give away every count of the cell, though only its
base and means are published: an attack is stronger than the files.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb

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
    select f.vague, f.question_code, p.organismes, f.axe, f.segment, f.statut, f.motif_code,
        f.base_brute, f.base_ponderee, f.effectif_satisfaits, f.poids_satisfaits
    from (from entrepot.intermediaire.int_satisfaction where perimetre_type <> 'organisme') as f
    inner join ({_PERIMETERS}) as p using (vague, perimetre_type, perimetre)
    where p.methode = 'publie' and f.statut in ('V', 'S', 'D')
"""
_DISTRIBUTION = f"""
    select f.vague, f.question_code, p.organismes, f.axe, f.segment, f.modalite, f.effectif
    from (
        select vague, perimetre_type, perimetre, axe, segment, question_code, modalite_code as modalite, effectif
        from entrepot.intermediaire.int_distribution where statut = 'V' and perimetre_type <> 'organisme'
        union all
        select vague, perimetre_type, perimetre, axe, segment, question_code, motif, effectif
        from entrepot.intermediaire.int_motif where statut = 'V' and perimetre_type <> 'organisme'
    ) as f
    inner join ({_PERIMETERS}) as p using (vague, perimetre_type, perimetre)
    where p.methode = 'publie'
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
