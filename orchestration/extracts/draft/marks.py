"""Which values of a column per option say that its option was chosen: by their words, or by what else proves it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import equal
from orchestration.extracts.draft.profile import Column
from orchestration.programme.texts import normalise

_FREQUENT = 0.03  # a rarer value is a slip of the keyboard
_LEFT_EMPTY = 0.2  # share of the cells of those who answered that must be empty where one value alone is written
_ROWS, _ONE = 30, 0.3  # rows that answered, and share of them that chose one option alone
_ALONE = 10  # rows that chose an option which excludes the others: fewer prove nothing


@dataclass(frozen=True)
class Marks:
    """One way to read the values of a column per option.

    Attributes:
        chosen: values that say that the option was chosen.
        left: values that say that it was not.
        told: what says so, in French; empty where only usage does, which proves nothing.
    """

    chosen: tuple[str, ...]
    left: tuple[str, ...]
    told: str = ""

    @property
    def doubt(self) -> str:
        """Why a person has to say it, in French."""
        values = " ou ".join(f"« {v} »" for v in (*self.chosen, *self.left))
        return f"rien ne prouve laquelle des valeurs dit que l'option est choisie : {values}"


def mark(text: str, own: str = "") -> bool | None:
    """Returns whether a text says that an option was chosen, or that it was not; None where no word of it says so.

    Args:
        text: a value, or its label.
        own: title of the option.
    """
    if own and equal(text, own):
        return True
    words = plain(text)
    if not words or words in map(str, lexicon()["codes_muets"]):
        return None
    if words in map(plain, lexicon()["non"]):
        return False
    if words in map(plain, lexicon()["oui"]):
        return True
    first, _, rest = words.partition(" ")
    negated = first in lexicon()["sens"]["negation"] and rest in map(plain, lexicon()["oui"])
    return False if negated else None


def column_mark(column: Column, value: str) -> bool | None:
    """Returns the same of a value of a column: by its label where the file has one, by its own text otherwise."""
    label = column.value_labels.get(value, "").strip()
    return mark(label or value, column.part.own if column.part else "")


def ways(columns: Sequence[Column], frame: pl.DataFrame, statuses: Collection[str]) -> list[Marks]:
    """Returns the ways to read the values of columns of options, the usual one first; one alone is sure if it is told.

    Args:
        columns: the columns.
        frame: all columns as text.
        statuses: values that stand for a question that was not put.
    """
    said: dict[str, set[bool | None]] = {}
    rows: dict[str, int] = {}
    for column in columns:
        for value, n in column.counts.items():
            if value not in statuses:
                said.setdefault(value, set()).add(column_mark(column, value))
                rows[value] = rows.get(value, 0) + n
    if any({True, False} <= found for found in said.values()):
        return []
    chosen = tuple(sorted(v for v, found in said.items() if True in found))
    left = tuple(sorted(v for v, found in said.items() if False in found))
    total = sum(rows.values())
    silent = {normalise(v): v for v in said if v not in (*chosen, *left) and rows[v] > _FREQUENT * total}
    codes = set(silent) & {*map(str, lexicon()["codes_muets"])}
    if chosen or left:
        # of two values, the one without a word says what the other does not
        other = tuple(silent.values()) if len(silent) == len(codes) == 1 else ()
        if chosen:
            return [Marks(chosen, left or other, "libellés")]
        return [Marks(other, left, "libellés")] if other else []
    if len(silent) == 1 and codes and not codes & {*map(str, lexicon()["non"])}:
        [value] = silent.values()
        if _left_empty(columns, frame, value) >= _LEFT_EMPTY:
            return [Marks((value,), (), "seule valeur écrite, à côté de cellules vides")]
    usual = sorted(codes & {*map(str, lexicon()["oui"])})
    others = sorted(codes - set(usual))
    # other codes beside the two may be those of a person who did not answer
    if len(usual) != 1 or len(others) > 1:
        return []
    yes, no = (silent[usual[0]],), tuple(silent[v] for v in others)
    return [Marks(yes, no), Marks(no, yes)] if no else [Marks(yes, no)]


def _left_empty(columns: Sequence[Column], frame: pl.DataFrame, value: str) -> float:
    """Returns the share of cells without the value among those of the rows that have it in one column at least."""
    held = frame.select((pl.col(c.name) == value).fill_null(False) for c in columns)
    rows = held.filter(pl.any_horizontal(pl.all()))
    cells = rows.height * rows.width
    return 1 - sum(rows.sum().row(0)) / cells if cells else 0.0


def proved_alone(
    found: Sequence[Marks], codage: Mapping[str, str], alone: Collection[str], frame: pl.DataFrame
) -> list[Marks]:
    """Keeps the only way in which an option that excludes the others stands with none of them, where there is one.

    Args:
        found: the ways to read the values.
        codage: option by column.
        alone: options that exclude the others.
        frame: all columns as text.
    """
    exclusive = [name for name, code in codage.items() if code in alone]
    others = [name for name, code in codage.items() if code not in alone]
    if len(found) != 2 or len(exclusive) != 1 or len(others) < 2:
        return list(found)
    shares = []
    for way in found:
        rows = frame.filter(pl.col(exclusive[0]).is_in(way.chosen))
        both = rows.filter(pl.any_horizontal(pl.col(name).is_in(way.chosen) for name in others))
        shares.append((both.height / rows.height, rows.height) if rows.height else (1.0, 0))
    for way, (share, rows_chosen), (inverse, _) in zip(found, shares, reversed(shares), strict=True):
        if rows_chosen >= _ALONE and share <= 0.01 and inverse >= 0.5:
            told = "valeurs : l'option qui exclut les autres n'est avec aucune d'elles que dans ce sens"
            return [Marks(way.chosen, way.left, told)]
    return list(found)


def each_chose(way: Marks, columns: Sequence[Column], frame: pl.DataFrame) -> bool:
    """Returns whether, read this way, everyone who answered chose an option, and many of them one alone.

    Read the other way, many would have chosen all options but one, and nobody all of them.
    """
    if len(columns) < 3:
        return False
    names = [c.name for c in columns]
    answered = frame.filter(pl.any_horizontal(pl.col(n).is_in([*way.chosen, *way.left]) for n in names))
    chosen = answered.select(n=pl.sum_horizontal(pl.col(n).is_in(way.chosen).fill_null(False) for n in names))["n"]
    return len(chosen) >= _ROWS and int((chosen == 0).sum()) == 0 and int((chosen == 1).sum()) >= _ONE * len(chosen)


def same_values(one: Marks, other: Marks) -> int:
    """Returns 1 where two questions' values mean the same, -1 where they mean the contrary, 0 where they differ."""
    if set(one.chosen) & set(other.left) or set(one.left) & set(other.chosen):
        return -1
    return int(bool(set(one.chosen) & set(other.chosen)) and bool(set(one.left) & set(other.left)))
