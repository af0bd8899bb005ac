"""Makes one line of counts per organisme, stratum and segment of a frequency table: a line per question and answer.

The columns are then those of a plain table of counts: « question / réponse ». A group whose lines contradict one
another is kept with what is wrong, and rejected as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.contract_counts import LongCounts
from orchestration.extracts.readers.tables import LINE, Flaw, RawTable, check_size, place
from orchestration.programme.texts import counted

_GROUP, _CELL = "__groupe", "__case"
# values quoted of a contradiction
_QUOTED = 4


@dataclass(frozen=True)
class CountsTable:
    """What the contract knows of a frequency table.

    Attributes:
        rule: its columns.
        keys: columns that tell a line of counts: organisme, stratum, axis, segment.
        repeated: columns that must say the same on each line of a group: how many interviews, which population.
        between: what stands between question, answer and number in the name of a column.
        named: columns of counts that the contract names in full.
    """

    rule: LongCounts
    keys: tuple[str, ...]
    repeated: tuple[str, ...]
    between: str
    named: tuple[str, ...]


def spread(table: RawTable, counts: CountsTable, name: str) -> RawTable:
    """Returns a frequency table as one line per group, in the order in which they first appear.

    Args:
        table: the rows as delivered.
        counts: what the contract knows of them.
        name: how messages name the file.

    Raises:
        DeliveryError: a column is not there, or there are more questions and answers than a table has columns.
    """
    rule, where = counts.rule, place(name, table.sheet)
    needed = [*counts.keys, rule.question, rule.reponse, *rule.nombres]
    if absent := [c for c in needed if c not in table.frame.columns]:
        raise DeliveryError(
            "colonnes_absentes",
            f"{where} : colonnes du tableau de fréquences absentes du fichier : {', '.join(absent)} ; corriger"
            " « comptages.forme_longue » dans le contrat, ou redemander le fichier.",
        )
    group = pl.col(LINE).first().over(list(counts.keys)) if counts.keys else pl.col(LINE).min()
    frame = table.frame.with_columns(group.alias(_GROUP))
    flaws = [*_ragged(frame, table), *_nameless(frame, rule), *_repeats(frame, rule), *_contradictions(frame, counts)]
    others = [c for c in table.frame.columns if c not in (LINE, rule.question, rule.reponse, *rule.nombres)]
    rows = frame.group_by(_GROUP, maintain_order=True).agg(pl.col(c).drop_nulls().first() for c in others)
    cells = _cells(frame, counts, where)
    rows = rows.join(cells, on=_GROUP, how="left", maintain_order="left").rename({_GROUP: LINE})
    met = f"{where} : {counted(frame.height, 'ligne')} réunies en {counted(rows.height, 'ligne')} de comptes"
    return table.put_together(rows, flaws, met)


def _ragged(frame: pl.DataFrame, table: RawTable) -> Iterator[tuple[int, Flaw]]:
    for line, group in frame.filter(pl.col(LINE).is_in(list(table.ragged))).select(LINE, _GROUP).iter_rows():
        yield group, ("", f"ligne {line} : {table.ragged[line]}", "ligne_irreguliere")


def _nameless(frame: pl.DataFrame, rule: LongCounts) -> Iterator[tuple[int, Flaw]]:
    """Yields the counts of which no question or no answer is said."""
    counted_lines = frame.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in rule.nombres))
    for column in (rule.question, rule.reponse):
        for line, group in counted_lines.filter(pl.col(column).is_null()).select(LINE, _GROUP).iter_rows():
            yield group, (column, f"ligne {line}", "valeur_inconnue")


def _repeats(frame: pl.DataFrame, rule: LongCounts) -> Iterator[tuple[int, Flaw]]:
    """Yields the answers that a group counts twice: nothing tells which count holds."""
    lines = frame.drop_nulls([rule.question, rule.reponse]).group_by(
        _GROUP, rule.question, rule.reponse, maintain_order=True
    )
    twice = lines.agg(pl.col(LINE).alias("lignes")).filter(pl.col("lignes").list.len() > 1)
    for group, question, answer, at in twice.iter_rows():
        said = f"{answer} (lignes {', '.join(map(str, at[:_QUOTED]))})"
        yield group, (question, said, "reponse_en_double")


def _contradictions(frame: pl.DataFrame, counts: CountsTable) -> Iterator[tuple[int, Flaw]]:
    judged = [c for c in counts.repeated if c in frame.columns]
    several = frame.group_by(_GROUP).agg(pl.col(c).drop_nulls().unique(maintain_order=True) for c in judged)
    for column in judged:
        for group, values in several.filter(pl.col(column).list.len() > 1).select(_GROUP, column).iter_rows():
            yield group, (column, ", ".join(values[:_QUOTED]), "donnees_contraires")


def _cells(frame: pl.DataFrame, counts: CountsTable, where: str) -> pl.DataFrame:
    """Returns one row per group, one column per question, answer and number."""
    rule, pair = counts.rule, [counts.rule.question, counts.rule.reponse]
    told = frame.drop_nulls(pair).select(_GROUP, *pair, *rule.nombres)
    answers = pl.concat([told.select(pair), _named(told, counts)]).unique(maintain_order=True)
    check_size(told[_GROUP].n_unique(), answers.height * len(rule.nombres), where)
    # A count without a line stays blank, unless the contract says that it is zero. A group that has no line at all of a
    # question was not counted for it.
    grid = told.select(_GROUP, rule.question).unique(maintain_order=True).join(answers, on=rule.question)
    blank = pl.lit("0" if rule.absente == "zero" else None, pl.String)
    absent = grid.join(told, on=[_GROUP, *pair], how="anti").with_columns(blank.alias(n) for n in rule.nombres)
    whole = pl.concat([told, absent.select(told.columns)])
    wide = told.select(_GROUP).unique(maintain_order=True)
    for number in rule.nombres:
        parts = [*map(pl.col, pair), *([pl.lit(number)] if len(rule.nombres) > 1 else [])]
        named = whole.select(_GROUP, pl.concat_str(parts, separator=counts.between).alias(_CELL), number)
        pivoted = named.pivot(_CELL, index=_GROUP, values=number, aggregate_function="first")
        wide = wide.join(pivoted, on=_GROUP, how="left", maintain_order="left")
    return wide


def _named(told: pl.DataFrame, counts: CountsTable) -> pl.DataFrame:
    """Returns the answers that the contract names, of the questions that have lines: nobody may have given them."""
    rule, pairs = counts.rule, []
    for question in told[rule.question].unique(maintain_order=True):
        for column in counts.named:
            answer = column.removeprefix(question + counts.between)
            if answer != column:
                pairs.append((question, answer.rsplit(counts.between, 1)[0] if len(rule.nombres) > 1 else answer))
    return pl.DataFrame(pairs, schema={rule.question: pl.String, rule.reponse: pl.String}, orient="row")
