"""From the warehouse's rows to the tables that are judged, and back to rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from disclosure.admission import Rules, Table, held_back
from disclosure.leeway import Floats

TOTALS = "ensemble"
# what is asked of the certificate beyond what is promised: it does not know that an option has no more answers than its
# question, nor a question than there were interviews, and it takes rounding intervals to lie around the figures
PRUDENCE = 1.05
# questions × organismes² that are judged side by side: their tables should stay in the processor's cache
_TOGETHER = 5000
_TEXTS = ("vague", "ensemble", "axe", "segment", "question_code", "organisme_code")
_SCHEMA = pa.schema([(n, pa.string()) for n in ("vague", "ensemble", "axe", "segment", "question_code", "motif")])

Codes = NDArray[np.intp]
# columns of the same length, texts as positions among names
Rows = Mapping[str, NDArray[np.generic]]
Names = Mapping[str, NDArray[np.object_]]


def suppressions(
    cases: pa.Table,
    contributions: pa.Table,
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> pa.Table:
    """Returns the secondary suppressions: `vague`, `ensemble`, `axe`, `segment`, `question_code` and their `motif`.

    Args:
        cases: the cells of the regional tables, by the same columns, those without answers left out. `rang` is their
            order, `base` their answers; `primaire` says that a cell is masked for its own sake, `secrete` that it is a
            secret itself; `jeu` is half of the interval in which rounding leaves what it tells, as a share of the cell.
        contributions: everything they add up: the weight of answers, `poids`, by `vague`, `organisme_code`, `axe`,
            `segment` and `question_code`.
        members: (wave, ensemble) → its organismes.
        rules: what the programme asks for.
    """
    names = {name: _names(name, (cases, contributions)) for name in _TEXTS}
    listed, brought = (
        {
            name: _codes(column, names[name]) if name in names else column.to_numpy()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
        for table in (cases, contributions)
    )
    rules = replace(rules, level=PRUDENCE * rules.level)
    found = []
    for vague in np.unique(listed["vague"]):
        of_wave, theirs = (_only(rows, rows["vague"] == vague) for rows in (listed, brought))
        # the questions of most cells first, so that the others need not be looked at when they have no more
        questions = np.argsort(-np.bincount(of_wave["question_code"], ~of_wave["primaire"]), kind="stable")
        questions = questions[np.isin(questions, of_wave["question_code"])]
        together = max(1, _TOGETHER // len(np.unique(theirs["organisme_code"])) ** 2)
        for some in np.split(questions, range(together, len(questions), together)):
            parts = (_only(rows, np.isin(rows["question_code"], some)) for rows in (of_wave, theirs))
            found += _questions(some, *parts, names, members, rules)
    return pa.concat_tables([_SCHEMA.empty_table(), *found])


def _names(name: str, tables: Iterable[pa.Table]) -> NDArray[np.object_]:
    """Returns the texts of a column that some of the tables have, in order."""
    texts = {text for one in tables if name in one.column_names for text in one[name].unique().to_pylist()}
    return np.array(sorted(texts), dtype=object)


def _codes(column: pa.ChunkedArray, names: NDArray[np.object_]) -> Codes:
    """Returns the place of each text among the names."""
    encoded = column.dictionary_encode().combine_chunks()
    places = {text: place for place, text in enumerate(names)}
    return np.array([places[text] for text in encoded.dictionary.to_pylist()], dtype=np.intp)[encoded.indices]


def _only(rows: Rows, kept: NDArray[np.bool_]) -> Rows:
    return {name: column[kept] for name, column in rows.items()}


def _questions(
    questions: Codes,
    cases: Rows,
    contributions: Rows,
    names: Names,
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
) -> list[pa.Table]:
    """Returns what is held back of some questions of one wave, a table for each axis."""
    vague = names["vague"][cases["vague"][0]]
    ensembles, organismes = np.unique(cases["ensemble"]), np.unique(contributions["organisme_code"])
    those = [members[vague, one] for one in names["ensemble"][ensembles]]
    counted = np.array([[float(one in inside) for one in names["organisme_code"][organismes]] for inside in those])
    tables, segments, ranks = {}, {}, {}
    [total] = np.flatnonzero(names["axe"] == TOTALS)
    for axe in np.unique(cases["axe"]):
        own = _only(cases, cases["axe"] == axe)
        brought = _only(contributions, contributions["axe"] == axe)
        name = str(names["axe"][axe])
        segments[name] = np.unique(brought["segment"])
        ranks[name] = np.zeros(len(ensembles), dtype=np.intp)
        ranks[name][np.searchsorted(ensembles, own["ensemble"])] = own["rang"]
        poids = np.zeros((len(questions), len(organismes), len(segments[name])))
        poids[
            _places(brought["question_code"], questions),
            np.searchsorted(organismes, brought["organisme_code"]),
            np.searchsorted(segments[name], brought["segment"]),
        ] = brought["poids"]
        # totals stand in the first column of every axis
        shown = _only(cases, (cases["axe"] == axe) | (cases["axe"] == total))
        column = np.where(shown["axe"] == total, 0, 1 + np.searchsorted(segments[name], shown["segment"]))
        at = _places(shown["question_code"], questions), np.searchsorted(ensembles, shown["ensemble"]), column
        base, primary, secret, hidden = (
            _filled(at, (len(questions), len(ensembles), 1 + len(segments[name])), shown[what])
            for what in ("base", "primaire", "secrete", "jeu")
        )
        slack = hidden * (counted @ np.concatenate([poids.sum(axis=2, keepdims=True), poids], axis=2))
        tables[name] = Table(poids, primary, base, primary & secret, slack)
    found = []
    for axe, reasons in held_back(counted, ranks[TOTALS], tables, rules, ranks).items():
        # a total is held back under every axis, and told once
        kept = reasons[:, :, :1] if axe == TOTALS else np.where(np.arange(reasons.shape[2]) > 0, reasons, "")
        question, ensemble, column = np.nonzero(kept != "")
        segment = names["segment"][segments[axe][np.maximum(column - 1, 0)]]
        columns = [
            [vague] * len(question), names["ensemble"][ensembles[ensemble]], [axe] * len(question), segment,
            names["question_code"][questions[question]], kept[question, ensemble, column].astype(object),
        ]  # fmt: skip
        found.append(pa.table(columns, schema=_SCHEMA))
    return found


def _places(codes: Codes, among: Codes) -> Codes:
    """Returns where each code is among some that are in no order."""
    order = np.argsort(among)
    return order[np.searchsorted(among, codes, sorter=order)]


def _filled(at: tuple[Codes, Codes, Codes], shape: tuple[int, int, int], values: NDArray[np.generic]) -> Floats:
    """Returns an array of zeros with these values at these places."""
    array = np.zeros(shape, dtype=values.dtype)
    array[at] = values
    return array
