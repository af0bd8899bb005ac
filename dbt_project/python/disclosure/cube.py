"""From the warehouse's rows to the tables that are judged, and back to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from disclosure.admission import Rules, Table, held_back
from disclosure.leeway import Floats

ENSEMBLE = ("ensemble", "tous")
ANSWERS = "reponses"


class Contribution(NamedTuple):
    """What one organisme brings to one segment of a question, in one measure: a base or an option."""

    vague: str
    organisme: str
    axe: str
    segment: str
    question: str
    mesure: str
    valeur: float


class Case(NamedTuple):
    """A cell that would be published: `primaire` when it is masked for its own sake."""

    vague: str
    ensemble: str
    axe: str
    segment: str
    question: str
    rang: int
    base: float
    primaire: bool


class Suppression(NamedTuple):
    """A cell held back to protect another."""

    vague: str
    ensemble: str
    axe: str
    segment: str
    question: str
    motif: str


def suppressions(
    cases: Iterable[Case],
    contributions: Iterable[Contribution],
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> Iterator[Suppression]:
    """Yields the secondary suppressions, question by question.

    Args:
        cases: the cells of the regional tables, one row each, those without answers left out.
        contributions: everything they add up, one row per organisme, segment, question and measure.
        members: (wave, ensemble) → its organismes.
        rules: what the programme asks for.
    """
    by_question: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        by_question[case.vague, case.question].append(case)
    brought: dict[tuple[str, str], list[Contribution]] = defaultdict(list)
    for contribution in contributions:
        brought[contribution.vague, contribution.question].append(contribution)
    for key in sorted(by_question):
        yield from _question(by_question[key], brought[key], members, rules)


def _question(
    cases: list[Case],
    contributions: list[Contribution],
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> Iterator[Suppression]:
    vague, question = cases[0].vague, cases[0].question
    organismes = _positions(c.organisme for c in contributions)
    ensembles = _positions(c.ensemble for c in cases)
    segments = {
        axe: _positions(c.segment for c in contributions if c.axe == axe) for axe in _positions(c.axe for c in cases)
    }
    counted = np.array([[float(o in members[vague, e]) for o in organismes] for e in ensembles])
    ranks = dict.fromkeys(ensembles, 0) | {c.ensemble: c.rang for c in cases}
    axes = {axe: _table(axe, cases, contributions, ensembles, organismes, segments[axe]) for axe in segments}
    names = list(ensembles)
    seen = set()
    for (axe, ensemble, column), why in held_back(counted, list(ranks.values()), axes, rules).items():
        axe, segment = (axe, list(segments[axe])[column - 1]) if column else ENSEMBLE
        if (axe, ensemble, segment) not in seen:
            seen.add((axe, ensemble, segment))
            yield Suppression(vague, names[ensemble], axe, segment, question, str(why))


def _table(
    axe: str,
    cases: list[Case],
    contributions: list[Contribution],
    ensembles: dict[str, int],
    organismes: dict[str, int],
    segments: dict[str, int],
) -> Table:
    measures: dict[str, Floats] = {ANSWERS: np.zeros((len(organismes), len(segments)))}
    for c in contributions:
        if c.axe == axe:
            measure = measures.setdefault(c.mesure, np.zeros((len(organismes), len(segments))))
            measure[organismes[c.organisme], segments[c.segment]] = c.valeur
    base = np.zeros((len(ensembles), 1 + len(segments)))
    primary = np.zeros(base.shape, dtype=bool)
    for case in cases:
        if (case.axe, case.segment) == ENSEMBLE:
            where = ensembles[case.ensemble], 0
        elif case.axe == axe:
            where = ensembles[case.ensemble], 1 + segments[case.segment]
        else:
            continue
        base[where], primary[where] = case.base, case.primaire
    # answers stand first, the rest in an order that does not depend on the rows'
    answers = measures.pop(ANSWERS)
    return Table([answers, *(measures[name] for name in sorted(measures))], primary, base)


def _positions(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names)))}
