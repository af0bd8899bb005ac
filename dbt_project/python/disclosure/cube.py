"""From the warehouse's rows to the tables that are judged, and back to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from disclosure.admission import Rules, Table, held_back
from disclosure.leeway import Floats

ENSEMBLE = ("ensemble", "tous")
# what is asked of the certificate beyond what is promised: it does not know that an option has no more answers than its
# question, nor a question than there were interviews, and it takes rounding intervals to lie around the figures
PRUDENCE = 1.05

Codes = NDArray[np.int32]


class Case(NamedTuple):
    """A cell that would be published: `primaire` when masked for its own sake, `secrete` when it is a secret itself.

    `jeu` is half of the interval in which rounding leaves what it tells, as a share of the cell.
    """

    vague: str
    ensemble: str
    axe: str
    segment: str
    question: str
    rang: int
    base: float
    primaire: bool
    secrete: bool = True
    jeu: float = 0.0


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
        contributions: everything they add up: the weight of answers, `poids`, by `vague`, `organisme_code`, `axe`,
            `segment` and `question_code`.
        members: (wave, ensemble) → its organismes.
        rules: what the programme asks for.
    """
    by_question: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        by_question[case.vague, case.question].append(case)
    brought = _by_question(contributions)
    rules = replace(rules, level=PRUDENCE * rules.level)
    for key in sorted(by_question):
        yield from _question(by_question[key], brought[key], members, rules)


@dataclass(frozen=True)
class _Brought:
    """What organismes bring to one axis of a question, a row for each organisme and segment.

    Attributes:
        axe: its code.
        organismes, segments: positions in `names`.
        poids: the weight of their answers.
        names: codes of all organismes and of all segments, in order.
    """

    axe: str
    organismes: Codes
    segments: Codes
    poids: Floats
    names: tuple[Sequence[str], Sequence[str]]


def _by_question(contributions: pa.Table) -> dict[tuple[str, str], list[_Brought]]:
    """Parts the rows by wave and question, without an object for each: a national wave has millions."""
    columns = ("vague", "question_code", "axe", "organisme_code", "segment")
    codes, names = zip(*(_numbered(contributions[name]) for name in columns), strict=True)
    poids = contributions["poids"].to_numpy()
    order = np.lexsort(codes[2::-1])
    starts = np.any([np.diff(one[order], prepend=-1) != 0 for one in codes[:3]], axis=0)
    found: dict[tuple[str, str], list[_Brought]] = defaultdict(list)
    for rows in np.split(order, np.flatnonzero(starts)[1:]) if len(order) else []:
        vague, question, axe = (names[i][codes[i][rows[0]]] for i in range(3))
        found[vague, question].append(_Brought(axe, codes[3][rows], codes[4][rows], poids[rows], names[3:]))
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
    brought: list[_Brought],
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> Iterator[Suppression]:
    vague, question = cases[0].vague, cases[0].question
    organismes = np.unique(np.concatenate([b.organismes for b in brought]))
    names = [brought[0].names[0][i] for i in organismes]
    ensembles = _positions(c.ensemble for c in cases)
    counted = np.array([[float(name in members[vague, e]) for name in names] for e in ensembles])
    ranked = {(c.axe, c.ensemble): c.rang for c in cases}
    totals = [ranked.get((ENSEMBLE[0], ensemble), 0) for ensemble in ensembles]
    tables, segments, ranks = {}, {}, {}
    by_axis: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_axis[case.axe].append(case)
    for axe in sorted(by_axis):
        ranks[axe] = [ranked.get((axe, ensemble), 0) for ensemble in ensembles]
        [one] = [b for b in brought if b.axe == axe]
        listed = by_axis[axe] + (by_axis[ENSEMBLE[0]] if axe != ENSEMBLE[0] else [])
        tables[axe], segments[axe] = _table(one, listed, ensembles, counted, organismes)
    sets, seen = list(ensembles), set()
    for (axe, ensemble, column), why in held_back(counted, totals, tables, rules, ranks).items():
        axe, segment = (axe, segments[axe][column - 1]) if column else ENSEMBLE
        if (axe, ensemble, segment) not in seen:
            seen.add((axe, ensemble, segment))
            yield Suppression(vague, sets[ensemble], axe, segment, question, str(why))


def _table(
    one: _Brought, cases: list[Case], ensembles: dict[str, int], counted: Floats, organismes: Codes
) -> tuple[Table, list[str]]:
    """Returns the table of one axis from its cases and the totals, and its segments."""
    there = np.unique(one.segments)
    segments = [one.names[1][i] for i in there]
    brought = np.zeros((len(organismes), len(segments)))
    brought[np.searchsorted(organismes, one.organismes), np.searchsorted(there, one.segments)] = one.poids
    base = np.zeros((len(ensembles), 1 + len(segments)))
    slack, primary, secret = np.zeros_like(base), np.zeros(base.shape, dtype=bool), np.zeros(base.shape, dtype=bool)
    places = {segment: 1 + i for i, segment in enumerate(segments)}
    for case in cases:
        where = ensembles[case.ensemble], 0 if (case.axe, case.segment) == ENSEMBLE else places[case.segment]
        base[where], primary[where], secret[where] = case.base, case.primaire, case.primaire and case.secrete
        slack[where] = case.jeu
    cells = counted @ np.column_stack([brought.sum(axis=1), brought])
    return Table(brought, primary, base, secret, slack * cells), segments


def _positions(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names)))}
