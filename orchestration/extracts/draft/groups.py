"""Puts together the columns that answer one question: a column, a column per option, mentions, or a list in a cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import polars as pl

from orchestration.extracts.draft.lexicon import lexicon
from orchestration.extracts.draft.profile import Column
from orchestration.programme.texts import normalise

_INDEX = re.compile(r"^(.*?)(\d+)(\D*)$")
_SEPARATORS = ("|", ";", "/", ",")


@dataclass(frozen=True)
class Answers:
    """The columns of one question.

    Attributes:
        kind: `unique`, `oui_non`, `mentions` or `liste`, as in a contract.
        columns: source columns, in order.
        frame: all columns as text.
        separator: for `liste`, what separates options.
    """

    kind: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    separator: str = ""

    @property
    def name(self) -> str:
        """First header."""
        return self.columns[0].name

    @property
    def label(self) -> str:
        """What the file says the question is: the label, without a rank of mention."""
        return self.columns[0].label

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Rows by value, the elements of lists counted apart."""
        total: Counter[str] = Counter()
        for column in self.columns:
            for value, n in column.counts.items():
                parts = value.split(self.separator) if self.separator else [value]
                for part in parts:
                    total[part.strip()] += n
        return total

    @cached_property
    def value_labels(self) -> Mapping[str, str]:
        """Label by value, over the columns."""
        return {v: label for c in self.columns for v, label in c.value_labels.items()}

    @cached_property
    def blank_codes(self) -> frozenset[str]:
        """Negative numbers: no answer has one, so they may stand for a question that was not put."""
        return frozenset(v for v in self.counts if re.fullmatch(r"-\d+", v))

    @cached_property
    def filled(self) -> pl.Series:
        """Whether each row has an answer."""
        blanks = [*self.blank_codes, *lexicon()["blancs"]]
        return self.frame.select(
            pl.any_horizontal(
                (pl.col(c.name).is_not_null() & ~pl.col(c.name).str.to_lowercase().is_in(blanks)) for c in self.columns
            ).alias("filled")
        )["filled"]

    @cached_property
    def fill(self) -> float:
        """Share of rows with an answer."""
        return share(self.filled)


def share(flags: pl.Series) -> float:
    """Returns the share of a Boolean series that is true; 0 of an empty one."""
    known = flags.drop_nulls()
    return int(known.sum()) / len(known) if len(known) else 0.0


def group(columns: Sequence[Column], frame: pl.DataFrame) -> list[Answers]:
    """Groups columns, in the order of the file."""

    def family(pair: tuple[int, Column]) -> str:
        stem = _stem(pair[1].name)
        return f"{pair[0]}" if stem is None else f"{stem}#"

    families = groupby(enumerate(columns), key=family)
    return [answers for _, run in families for answers in _split([column for _, column in run], frame)]


def _split(members: list[Column], frame: pl.DataFrame) -> list[Answers]:
    ranks = [int(m.group(2)) for c in members if (m := _INDEX.match(c.name))]
    numbered = len(ranks) == len(members) and ranks == list(range(ranks[0], ranks[0] + len(ranks))) and ranks[0] < 2
    if len(members) > 1 and numbered:
        kind = _kind(members, frame)
        if kind:
            return [Answers(kind, tuple(members), frame)]
    return _runs(members, frame)


def _runs(members: Sequence[Column], frame: pl.DataFrame) -> list[Answers]:
    """Finds neighbours of one yes-or-no form answered by the same rows, whatever their headers; others stand alone."""
    yes, no = set(lexicon()["oui"]), set(lexicon()["non"])

    def binary(column: Column) -> bool:
        top = {normalise(v) for v, n in column.counts.items() if n > 0.03 * column.filled}
        return len(top) <= 2 and bool({normalise(v) for v in column.counts} & yes and top & no)

    runs: list[list[Column]] = []
    for column in members:
        before = runs[-1][-1] if runs else column
        if runs and binary(before) and binary(column) and _same_rows(before, column, frame):
            runs[-1].append(column)
        else:
            runs.append([column])
    return [
        answers
        for run in runs
        for answers in ([Answers("oui_non", tuple(run), frame)] if len(run) > 2 else [_single(c, frame) for c in run])
    ]


def _same_rows(one: Column, other: Column, frame: pl.DataFrame) -> bool:
    masks = [Answers("unique", (c,), frame).filled for c in (one, other)]
    return share(masks[0] == masks[1]) > 0.99


def _kind(members: Sequence[Column], frame: pl.DataFrame) -> str:
    """Tells options from mentions by their cells; ordinary neighbours (Q1, Q2, Q3, …) are neither."""
    masks = [Answers("unique", (c,), frame).filled for c in members]
    same: bool = all(share(m == masks[0]) > 0.98 for m in masks[1:])
    said = Counter[str]()
    for column in members:
        said.update(column.counts)
    yes, no = set(lexicon()["oui"]), set(lexicon()["non"])
    top = {normalise(v) for v, n in said.items() if n > 0.02 * sum(said.values())}
    binary = {normalise(v) for v, _ in said.most_common(2)}
    one_label = len({c.label for c in members}) == 1 or re.search(r"\d", _stem(members[0].name) or "") is not None
    if same and one_label and ((binary & yes and binary & no) or (binary == {"1", "2"} and not top & set("03456"))):
        return "oui_non"
    sums = [int(m.sum()) for m in masks]
    nested = all(int((later & ~earlier).sum()) <= 0.01 * len(later) for earlier, later in pairwise(masks))
    falling = all(after < before for before, after in pairwise(sums))
    rows = frame.select(pl.concat_list([pl.col(c.name) for c in members]).list.drop_nulls().alias("v"))["v"]
    several = rows.filter(rows.list.len() > 1)
    distinct = several.is_empty() or share(several.list.n_unique() == several.list.len()) > 0.9
    # a column per option, where only the chosen ones are filled
    if one_label and len(said) == 1 and binary <= yes:
        return "oui_non"
    return "mentions" if nested and falling and distinct else ""


def _stem(name: str) -> str | None:
    """Returns what stands before the last number of a header; None where it has no number."""
    match = _INDEX.match(name)
    return match.group(1) if match else None


def _single(column: Column, frame: pl.DataFrame) -> Answers:
    for separator in _SEPARATORS:
        several = {v: n for v, n in column.counts.items() if separator in v}
        if column.filled and sum(several.values()) > 0.02 * column.filled:
            parts = {p.strip() for v in several for p in v.split(separator)}
            alone = parts & {v.strip() for v in column.counts}
            if len(parts) <= 15 and len(alone) >= 0.6 * len(parts):
                return Answers("liste", (column,), frame, separator)
    return Answers("unique", (column,), frame)
