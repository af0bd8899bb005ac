"""Puts together the columns that answer one question: a column, a column per option, mentions, or a list in a cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import polars as pl

from orchestration.extracts.draft.lexicon import lexicon, speaks
from orchestration.extracts.draft.marks import Marks, column_mark, ways
from orchestration.extracts.draft.meaning import no_answer
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.titles import bare, is_rank, readings_of
from orchestration.programme.texts import normalise

_INDEX = re.compile(r"^(.*?)(\d+)(\D*)$")
# Parts of lists that come back: fewer are a person's own words.
_BACK = 3
_LISTED, _OPTIONS = 0.9, 30
SEPARATORS = ("|", ";", "/", ",")


@dataclass(frozen=True)
class Answers:
    """The columns of one question.

    Attributes:
        kind: `unique`, `oui_non`, `mentions` or `liste`, as in a contract.
        columns: source columns, in order.
        frame: all columns as text.
        separator: for `liste`, what separates options.
        stem: what the titles of its columns share, where they tell the parts of one question.
    """

    kind: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    separator: str = ""
    stem: str = ""

    @property
    def name(self) -> str:
        """First header."""
        return self.columns[0].name

    @property
    def header(self) -> str:
        """First header as it is shown."""
        return self.columns[0].header

    @property
    def label(self) -> str:
        """What the file says the question is: the label, without a rank of mention."""
        return self.stem or self.columns[0].label

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The ways to read what the file says the question is."""
        return readings_of(self.stem) if self.stem else self.columns[0].titles

    @cached_property
    def own(self) -> Mapping[str, str]:
        """What tells each column from the others, by name, where their titles do."""
        return {c.name: c.part.own for c in self.columns if c.part} if self.stem else {}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Rows by value, the elements of lists counted apart."""
        total: Counter[str] = Counter()
        for column in self.columns:
            for value, n in column.counts.items():
                for part in _elements(value, self.separator):
                    total[part] += n
        return total

    @cached_property
    def value_labels(self) -> Mapping[str, str]:
        """Label by value, over the columns."""
        return {v: label for c in self.columns for v, label in c.value_labels.items()}

    @cached_property
    def labelled(self) -> bool:
        """Whether the file says what its values mean: more than they show by themselves."""
        return any(label != bare(v) for v, label in self.value_labels.items())

    @cached_property
    def blank_codes(self) -> frozenset[str]:
        """Negative numbers: no answer has one, so they may stand for a question that was not put."""
        return frozenset(v for v in self.counts if re.fullmatch(r"-\d+", v))

    @cached_property
    def silences(self) -> frozenset[str]:
        """Those numbers, and what a cell says instead of being empty: in columns of options, if it is not a no."""
        said = {v for c in self.columns for v in c.blanks if v.strip()}
        if self.kind == "oui_non":
            return self.blank_codes | {v for v in said if no_answer(v)}
        return self.blank_codes | said if self.kind == "unique" else self.blank_codes

    @cached_property
    def cells(self) -> Mapping[str, int]:
        """Rows by value over the columns, with those that say nothing without being empty."""
        found = Counter(self.counts)
        for column in self.columns:
            found.update({v: n for v, n in column.blanks.items() if v in self.silences})
        return found

    @cached_property
    def marks(self) -> Sequence[Marks]:
        """The ways to read the values of columns of options, the usual one first."""
        return ways(self.columns, self.frame, self.blank_codes) if self.kind == "oui_non" else ()

    @cached_property
    def filled(self) -> pl.Series:
        """Whether each row has an answer."""
        found = self._said([*self.blank_codes, *lexicon()["blancs"]])
        if self.kind == "oui_non" and bool(found.all()):
            # a tool that writes « no » even where nothing was asked tells who answered by what they chose
            left = [v.lower() for v in self.marks[0].left] if self.marks else lexicon()["non"]
            found = self._said([*self.blank_codes, *lexicon()["blancs"], *left])
        return found

    def _said(self, nothing: Sequence[str]) -> pl.Series:
        """Returns whether each row says something else than some values."""
        return self.frame.select(
            pl.any_horizontal(
                (pl.col(c.name).is_not_null() & ~pl.col(c.name).str.to_lowercase().is_in(nothing)) for c in self.columns
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

    def together(pair: tuple[int, Column]) -> str:
        part = pair[1].part
        return f"{part.stem}\n" if part else ""

    def family(pair: tuple[int, Column]) -> str:
        stem = _stem(pair[1].header)
        return f"{pair[0]}" if stem is None else f"{stem}#"

    found = []
    for stem, run in groupby(enumerate(columns), key=together):
        listed = list(run)
        members = [column for _, column in listed]
        kind = _parted(members, frame) if stem and len(members) > 1 else ""
        if kind:
            found.append(Answers(kind, tuple(members), frame, stem=stem.strip()))
            continue
        families = groupby(listed, key=family)
        found += [answers for _, own in families for answers in _split([column for _, column in own], frame)]
    return found


def option_columns(columns: Sequence[Column]) -> set[str]:
    """Returns the columns that are options of a question, by their titles and cells."""
    runs = groupby(columns, key=lambda column: column.part.stem if column.part else "")
    listed = [list(run) for stem, run in runs if stem]
    return {c.name for members in listed if len(members) > 1 and _all_marked(members) for c in members}


def _all_marked(members: Sequence[Column]) -> bool:
    return any(c.counts for c in members) and all(map(_marked, members))


def _parted(members: Sequence[Column], frame: pl.DataFrame) -> str:
    """Tells what the parts of a question are by their cells: options, mentions; empty for questions of their own."""
    if all(is_rank(c.part.own) for c in members if c.part):
        masks = [Answers("unique", (c,), frame).filled for c in members]
        nested = all(int((later & ~earlier).sum()) <= 0.01 * len(later) for earlier, later in pairwise(masks))
        return "mentions" if nested else ""
    return "oui_non" if _all_marked(members) else ""


def _marked(column: Column) -> bool:
    """Returns whether a column only says that its option is chosen, by yes or by its own title, or says nothing yet."""
    said = [v for v, n in column.counts.items() if n > 0.03 * column.filled]
    marks = {*lexicon()["oui"], *lexicon()["non"], *({"2"} if "1" in said else ())}
    return all(normalise(v) in marks or column_mark(column, v) is not None for v in said) and len(said) < 3


def _split(members: list[Column], frame: pl.DataFrame) -> list[Answers]:
    ranks = [int(m.group(2)) for c in members if (m := _INDEX.match(c.header))]
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
    one_label = len({c.label for c in members}) == 1 or re.search(r"\d", _stem(members[0].header) or "") is not None
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
    # « Q1 One text », « Q2 Another text » are numbered alike, and are two questions
    texts = {text for c in members if (m := _INDEX.match(c.header)) and speaks(text := m.group(3))}
    return "mentions" if nested and falling and distinct and len(texts) < 2 else ""


def _stem(name: str) -> str | None:
    """Returns what stands before the last number of a header; None where it has no number."""
    match = _INDEX.match(name)
    return match.group(1) if match else None


def _single(column: Column, frame: pl.DataFrame) -> Answers:
    for separator in SEPARATORS:
        several = {v: n for v, n in column.counts.items() if separator in v}
        if column.filled and sum(several.values()) > 0.02 * column.filled:
            parts = {p for v in several for p in _elements(v, separator)}
            alone = {p for v in column.counts if len(said := _elements(v, separator)) == 1 for p in said} & parts
            if len(parts) <= 15 and len(alone) >= 0.6 * len(parts):
                return Answers("liste", (column,), frame, separator)
    return Answers("unique", (column,), frame)


def is_list(column: Column) -> bool:
    """Returns whether the cells of a column are made of few things that come back, in one order or another."""
    for separator in (s for s in SEPARATORS if any(s in v for v in column.counts)):
        parts = Counter[str]()
        for value, rows in column.counts.items():
            parts.update(dict.fromkeys(_elements(value, separator), rows))
        back = [n for n in parts.values() if n >= _BACK]
        if len(back) <= _OPTIONS and sum(back) >= _LISTED * parts.total():
            return True
    return False


def _elements(cell: str, separator: str) -> list[str]:
    """Returns what a cell holds; some tools close a list with its separator, and nothing stands behind it."""
    return [p for part in cell.split(separator) if (p := part.strip())] if separator else [cell.strip()]


def uncut(answers: Answers, labels: Iterable[str]) -> str:
    """Returns why a list of answers cannot be cut into them, in French; empty where it can.

    Args:
        answers: the columns of a question with several answers.
        labels: what its options are called.
    """
    if answers.kind not in ("unique", "liste"):
        return ""
    signs = [answers.separator] if answers.separator else [s for s in SEPARATORS if any(s in v for v in answers.counts)]
    for sign in signs:
        for label in labels:
            if sign in label:
                told = "redemander une colonne par option, ou un autre séparateur"
                return f"couper à chaque « {sign} » couperait aussi « {label} » ; {told}"
    if answers.separator:
        return ""
    return "question à plusieurs réponses, et aucune cellule ne montre ce qui les sépare"
