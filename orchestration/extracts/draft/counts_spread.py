"""Spreads a frequency table as the reader of a run does: a row per group, a column per question, answer and number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.draft.counts_table import CountsTable, LongTable, same
from orchestration.extracts.draft.counts_titles import COUNT, SQUARE, TOTAL, WEIGHT, Said, Vocabulary, says_counts
from orchestration.extracts.draft.meaning import equal

BETWEEN = " / "
_ROUNDED = 0.51

Group = dict[str, str | None]


def spread_counts(
    rows: pl.DataFrame, keys: Sequence[str], where: LongTable, others: Sequence[str], known: Vocabulary
) -> CountsTable:
    """Returns a frequency table, one row per group.

    Args:
        rows: the lines as delivered, each group counting an answer once.
        keys: columns that tell a group.
        where: where questions, answers and numbers are said.
        others: the other columns.
        known: the names of questions and answers.
    """
    measures = zip(where.numbers, (COUNT, WEIGHT, SQUARE), strict=False)
    first = {"": COUNT} if len(where.numbers) == 1 else dict(measures)
    groups: dict[tuple[Any, ...], Group] = {}
    asked: dict[tuple[Any, ...], set[str]] = {}
    said: dict[str, set[Said]] = {}
    unread: dict[str, list[str]] = {}
    named: dict[tuple[str, str], str] = {}
    for row in rows.iter_rows(named=True):
        key = tuple(row[k] for k in keys)
        group = groups.setdefault(key, dict.fromkeys(others))
        for other in others:
            group[other] = group[other] or row[other]
        question, answer = row[where.question], row[where.answer]
        codes = known.question(question or "")
        if question is None or answer is None or len(codes) != 1:
            continue
        [code] = codes
        asked.setdefault(key, set()).add(code)
        read = known.answer(code, answer) or _summary(answer, known.multiple(code))
        if not read:
            unread.setdefault(code, []).extend([answer] if answer not in unread.get(code, []) else [])
            continue
        named[code, question] = answer if read in known.options[code].codes else named.get((code, question), "")
        for suffix, measure in first.items():
            column = _name(question, answer, suffix)
            group[column] = row[suffix or where.numbers[0]]
            said[column] = {Said(code, read, measure)}
    # an answer that nobody gave has no line: its name is written as those of the others are
    for (code, question), answer in named.items():
        for option, text in _unseen(code, said, answer, known) if code not in unread else ():
            said |= {_name(question, text, suffix): {Said(code, option, m)} for suffix, m in first.items()}
    columns = [*others, *said]
    cells = [[group.get(c) for c in columns] for group in groups.values()]
    frame = pl.DataFrame(cells, dict.fromkeys(columns, pl.String), orient="row")
    table = CountsTable(frame, said, list(others), None, unread)
    counts = {c: next(iter(one)) for c, one in said.items() if next(iter(one)).measure == COUNT}
    zeros = any(n == 0 for c in counts for n in table.numbers(c))
    gaps = frozenset(
        (i, code)
        for i, key in enumerate(groups)
        for code in asked.get(key, ())
        if any(frame[c][i] is None for c, one in counts.items() if one.question == code and one.answer != TOTAL)
    )
    # the numbers are weighed as if who has no line were nobody: whether they are is asked apart
    filled = [_filled(group, said, asked.get(key, set())) for key, group in groups.items()]
    cells = [[group.get(c) for c in columns] for group in filled]
    frame = pl.DataFrame(cells, dict.fromkeys(columns, pl.String), orient="row")
    repeated = tuple(c for c in where.shares if _repeats(rows, keys, where, c, known))
    long = replace(where, zeros=zeros, gaps=gaps, repeated=repeated)
    return CountsTable(frame, said, list(others), long, unread)


def _name(question: str, answer: str, number: str) -> str:
    return BETWEEN.join(filter(None, (question, answer, number)))


def _summary(text: str, multiple: bool) -> str:
    if multiple and says_counts(text, "repondants"):
        return RESPONDENTS
    return TOTAL if says_counts(text, TOTAL) else ""


def _unseen(code: str, said: Mapping[str, set[Said]], seen: str, known: Vocabulary) -> list[tuple[str, str]]:
    """Returns the options of a question that no line counts, each as the file would write it: its label or its code."""
    options = known.options[code]
    there = {one.answer for read in said.values() for one in read if one.question == code}
    coded = any(equal(seen, option) for option in options.codes)
    return [(o, o if coded else label) for o, label in options.labels.items() if o not in there]


def _filled(group: Group, said: Mapping[str, set[Said]], asked: set[str]) -> Group:
    own = {c: next(iter(one)) for c, one in said.items()}
    empty = {c: "0" for c, one in own.items() if one.question in asked and one.answer not in (TOTAL, RESPONDENTS)}
    return {**empty, **{c: text for c, text in group.items() if text is not None}}


def _repeats(rows: pl.DataFrame, keys: Sequence[str], where: LongTable, column: str, known: Vocabulary) -> bool:
    """Returns whether a column of percentages says what the counts of the same question give."""
    flat = CountsTable(rows, {}, ())
    counts, printed = flat.numbers(where.numbers[0]), flat.numbers(column)
    at = [(*(row[k] for k in keys), row[where.question]) for row in rows.iter_rows(named=True)]
    summed = [text is not None and not says_counts(text, TOTAL) for text in rows[where.answer].to_list()]
    for expressed in (False, True):
        totals: dict[tuple[Any, ...], float] = {}
        for key, count, adds, answer in zip(at, counts, summed, rows[where.answer].to_list(), strict=True):
            codes = known.question(key[-1] or "")
            status = any(known.answer(code, answer or "") in known.options[code].statuses for code in codes)
            if adds and not (expressed and status):
                totals[key] = totals.get(key, 0.0) + (count or 0.0)
        found = [
            100 * c / totals[k] if c is not None and totals.get(k) else None for k, c in zip(at, counts, strict=True)
        ]
        if same(printed, found, _ROUNDED) or same([None if p is None else 100 * p for p in printed], found, _ROUNDED):
            return True
    return False
