"""From the warehouse's rows to the tables that are judged, and back to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from disclosure.admission import Rules, Table, held_back
from disclosure.leeway import Floats

ENSEMBLE = ("ensemble", "tous")
ANSWERS = "reponses"

Codes = NDArray[np.int32]


class Case(NamedTuple):
    """A cell that would be published: `primaire` when masked for its own sake, `secrete` when it is a secret itself."""

    vague: str
    ensemble: str
    axe: str
    segment: str
    question: str
    rang: int
    base: float
    primaire: bool
    secrete: bool = True


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
    contributions: pa.Table,
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> Iterator[Suppression]:
    """Yields the secondary suppressions, question by question.

    Args:
        cases: the cells of the regional tables, one row each, those without answers left out; `rang` is their order.
        contributions: everything they add up: `valeur` by `vague`, `organisme_code`, `axe`, `segment`, `question_code`
            and `mesure` (a base or an option).
        members: (wave, ensemble) → its organismes.
        rules: what the programme asks for.
    """
    by_question: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        by_question[case.vague, case.question].append(case)
    brought = _by_question(contributions)
    for key in sorted(by_question):
        yield from _question(by_question[key], brought[key], members, rules)


@dataclass(frozen=True)
class _Measure:
    """One measure of one axis of a question, a row for each organisme and segment.

    Attributes:
        axe, mesure: codes.
        organismes, segments: positions in `names`.
        valeurs: what is brought.
        names: codes of all organismes and of all segments, in order.
    """

    axe: str
    mesure: str
    organismes: Codes
    segments: Codes
    valeurs: Floats
    names: tuple[Sequence[str], Sequence[str]]


def _by_question(contributions: pa.Table) -> dict[tuple[str, str], list[_Measure]]:
    """Parts the rows by wave and question, without an object for each: a national wave has millions."""
    codes, names = zip(
        *(
            _numbered(contributions[name])
            for name in ("vague", "question_code", "axe", "mesure", "organisme_code", "segment")
        ),
        strict=True,
    )
    valeurs = contributions["valeur"].to_numpy()
    order = np.lexsort(codes[3::-1])
    starts = np.any([np.diff(one[order], prepend=-1) != 0 for one in codes[:4]], axis=0)
    found: dict[tuple[str, str], list[_Measure]] = defaultdict(list)
    for rows in np.split(order, np.flatnonzero(starts)[1:]) if len(order) else []:
        vague, question, axe, mesure = (names[i][codes[i][rows[0]]] for i in range(4))
        one = _Measure(axe, mesure, codes[4][rows], codes[5][rows], valeurs[rows], names[4:])
        found[vague, question].append(one)
    return found


def _numbered(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Returns the position of each text among those there are, and these, in order."""
    encoded = column.dictionary_encode().combine_chunks()
    texts = encoded.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(texts), dtype=np.int32)
    rank[order] = np.arange(len(texts))
    return rank[encoded.indices.to_numpy()], [texts[i] for i in order]


def _question(
    cases: list[Case],
    brought: list[_Measure],
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> Iterator[Suppression]:
    vague, question = cases[0].vague, cases[0].question
    organismes = np.unique(np.concatenate([m.organismes for m in brought]))
    names = [brought[0].names[0][i] for i in organismes]
    ensembles = _positions(c.ensemble for c in cases)
    counted = np.array([[float(name in members[vague, e]) for name in names] for e in ensembles])
    ranked = {(c.axe, c.ensemble): c.rang for c in cases}
    totals = [ranked.get((ENSEMBLE[0], ensemble), 0) for ensemble in ensembles]
    tables, segments, ranks = {}, {}, {}
    for axe in _positions(c.axe for c in cases):
        ranks[axe] = [ranked.get((axe, ensemble), 0) for ensemble in ensembles]
        measures = [m for m in brought if m.axe == axe]
        tables[axe], segments[axe] = _table(axe, cases, measures, ensembles, organismes)
    listed = list(ensembles)
    seen = set()
    for (axe, ensemble, column), why in held_back(counted, totals, tables, rules, ranks).items():
        axe, segment = (axe, segments[axe][column - 1]) if column else ENSEMBLE
        if (axe, ensemble, segment) not in seen:
            seen.add((axe, ensemble, segment))
            yield Suppression(vague, listed[ensemble], axe, segment, question, str(why))


def _table(
    axe: str, cases: list[Case], brought: list[_Measure], ensembles: dict[str, int], organismes: Codes
) -> tuple[Table, list[str]]:
    """Returns the table of one axis, and its segments."""
    there = np.unique(np.concatenate([m.segments for m in brought]))
    segments = [brought[0].names[1][i] for i in there]
    # answers stand first, the rest in an order that does not depend on the rows'
    measures = []
    for one in sorted(brought, key=lambda m: (m.mesure != ANSWERS, m.mesure)):
        measure = np.zeros((len(organismes), len(segments)))
        measure[np.searchsorted(organismes, one.organismes), np.searchsorted(there, one.segments)] = one.valeurs
        measures.append(measure)
    base = np.zeros((len(ensembles), 1 + len(segments)))
    primary, secret = np.zeros(base.shape, dtype=bool), np.zeros(base.shape, dtype=bool)
    places = {segment: 1 + i for i, segment in enumerate(segments)}
    for case in cases:
        if (case.axe, case.segment) == ENSEMBLE:
            where = ensembles[case.ensemble], 0
        elif case.axe == axe:
            where = ensembles[case.ensemble], places[case.segment]
        else:
            continue
        base[where], primary[where], secret[where] = case.base, case.primaire, case.primaire and case.secrete
    return Table(measures, primary, base, secret), segments


def _positions(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names)))}
