"""Makes one row per respondent of a long table, which has one row per respondent, question and answer.

The contract's columns are then those of the plain table: a code of the question column is the name of one of them.
A respondent of whom something contradicts itself is kept, with what is wrong: validation rejects the whole interview.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import LongForm
from orchestration.extracts.readers.lookup import without_time
from orchestration.extracts.readers.tables import LINE, Flaw, RawTable, place, unreadable
from orchestration.programme.texts import counted

_GROUP, _SEPARATOR = "__repondant", "__separateur"
# values quoted of a contradiction
_QUOTED = 4


@dataclass(frozen=True)
class Expected:
    """What the contract knows of the rows of a long table.

    Attributes:
        keys: columns that together tell a respondent.
        whose: column of the organisme, if there is one: numbers may be the same in two organismes.
        known: columns of the plain table, in the order of the contract.
        ignored: columns, or codes of the question column, that are left out.
        separators: of each column that may hold several answers, what stands between them in one cell.
        date: column of the date, which may carry a time of its own on each row; empty where there is none.
    """

    keys: tuple[str, ...]
    whose: str
    known: tuple[str, ...]
    ignored: Collection[str]
    separators: Mapping[str, str]
    date: str


def pivoted(table: RawTable, rule: LongForm, expected: Expected, name: str) -> RawTable:
    """Returns a long table as one row per respondent, in the order in which they first appear.

    Args:
        table: the rows as delivered.
        rule: the columns of questions and answers.
        expected: what the contract knows of the others.
        name: how messages name the file.

    Returns:
        the table: `__ligne` is the first line of the respondent; a known column that nobody has is not there. `flaws`
        has what makes a respondent's lines contradict one another, `optional` the columns made of answers.

    Raises:
        DeliveryError: a column of questions, answers or respondents is not there, or a code is also a column.
    """
    where, frame = place(name, table.sheet), table.frame
    _check_columns(frame, rule, expected, where)
    present = [c for c in (expected.whose, *expected.keys) if c in frame.columns]
    # a line that does not say whose it is cannot be put with another
    nameless = pl.any_horizontal(pl.col(c).is_null() for c in expected.keys)
    group = pl.when(nameless).then(pl.col(LINE)).otherwise(pl.col(LINE).first().over(present))
    frame = frame.with_columns(group.alias(_GROUP))
    said = frame.filter(pl.col(rule.reponse).is_not_null() | pl.col(rule.question).is_not_null())
    wanted = said.filter(~pl.col(rule.question).is_in(sorted(expected.ignored)) | pl.col(rule.question).is_null())
    usable = wanted.filter(pl.col(rule.question).is_in(expected.known))
    flaws = [
        *_ragged(frame, table),
        *_unplaced(wanted, rule, expected),
        *_contradicted(frame, rule, expected, present),
        *_repeated(usable, rule, expected),
    ]
    attributes = [c for c in frame.columns if c not in (LINE, _GROUP, rule.question, rule.reponse)]
    rows = frame.group_by(_GROUP, maintain_order=True).agg(pl.col(c).drop_nulls().first() for c in attributes)
    rows = rows.join(_answers(usable, rule, expected), on=_GROUP, how="left", maintain_order="left")
    rows = rows.rename({_GROUP: LINE})
    met = f"{where} : {counted(frame.height, 'ligne')} réunies en {counted(rows.height, 'entretien')}"
    answered = frozenset(c for c in rows.columns if c not in (LINE, *attributes))
    return table.put_together(rows, flaws, met, answered)


def _check_columns(frame: pl.DataFrame, rule: LongForm, expected: Expected, where: str) -> None:
    absent = [c for c in (*expected.keys, rule.question, rule.reponse) if c not in frame.columns]
    if absent:
        raise DeliveryError(
            "colonnes_absentes",
            f"{where} : colonnes de la forme longue absentes du fichier : {', '.join(absent)} ; corriger"
            " « forme_longue » ou « entretien » dans le contrat, ou redemander le fichier.",
        )
    codes = set(frame[rule.question].unique()) & set(expected.known)
    if both := sorted(codes & set(frame.columns)):
        raise unreadable(
            f"{where} : {', '.join(both)} est à la fois une colonne et une valeur de la colonne {rule.question}",
            "faire renommer l'une des deux",
        )


def _ragged(frame: pl.DataFrame, table: RawTable) -> Iterator[tuple[int, Flaw]]:
    """Yields the lines without the header's cells: nothing tells what their respondent answered there."""
    for line, group in frame.filter(pl.col(LINE).is_in(list(table.ragged))).select(LINE, _GROUP).iter_rows():
        yield group, ("", f"ligne {line} : {table.ragged[line]}", "ligne_irreguliere")


def _unplaced(wanted: pl.DataFrame, rule: LongForm, expected: Expected) -> Iterator[tuple[int, Flaw]]:
    """Yields the answers to no question of the contract."""
    code = pl.col(rule.question)
    for group, said in wanted.filter(code.is_null() | ~code.is_in(expected.known)).select(_GROUP, code).iter_rows():
        yield group, (rule.question, said or "", "valeur_inconnue")


def _contradicted(
    frame: pl.DataFrame, rule: LongForm, expected: Expected, keys: list[str]
) -> Iterator[tuple[int, Flaw]]:
    """Yields what is repeated on each line of a respondent and is not the same on all of them."""
    judged = [c for c in frame.columns if c in expected.known and c not in (*keys, rule.question, rule.reponse)]
    days = frame.with_columns(without_time(pl.col(c)) for c in judged if c == expected.date)
    several = days.group_by(_GROUP).agg(pl.col(c).drop_nulls().unique(maintain_order=True) for c in judged)
    for column in judged:
        for group, values in several.filter(pl.col(column).list.len() > 1).select(_GROUP, column).iter_rows():
            yield group, (column, ", ".join(values[:_QUOTED]), "donnees_contraires")


def _repeated(usable: pl.DataFrame, rule: LongForm, expected: Expected) -> Iterator[tuple[int, Flaw]]:
    """Yields the questions of one answer that a respondent answered twice: nothing tells which answer holds."""
    alone = usable.filter(~pl.col(rule.question).is_in(list(expected.separators)) & pl.col(rule.reponse).is_not_null())
    twice = alone.group_by(_GROUP, rule.question, maintain_order=True).agg(rule.reponse, LINE)
    for group, code, values, lines in twice.filter(pl.col(LINE).list.len() > 1).iter_rows():
        pairs = list(zip(values, lines, strict=True))[:_QUOTED]
        yield group, (code, ", ".join(f"{value} (ligne {line})" for value, line in pairs), "reponse_en_double")


def _answers(usable: pl.DataFrame, rule: LongForm, expected: Expected) -> pl.DataFrame:
    """Returns one row per respondent who answered, one column per question; several answers stand in one cell."""
    between = pl.col(rule.question).replace_strict(expected.separators, default=", ", return_dtype=pl.String)
    cells = (
        usable.drop_nulls(rule.reponse)
        .group_by(_GROUP, rule.question, maintain_order=True)
        .agg(rule.reponse)
        .with_columns(between.alias(_SEPARATOR))
        .with_columns(pl.col(rule.reponse).list.join(pl.col(_SEPARATOR)))
        .drop(_SEPARATOR)
    )
    return cells.pivot(rule.question, index=_GROUP, values=rule.reponse)
