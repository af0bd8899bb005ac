"""Judges mapped rows: the shape and domains of one delivery, with pandera, every reject with its line and rule.

What compares a delivery with the sampling plan or an earlier wave is plausibility and stands in `expectations/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from orchestration.extracts.mapping import UNKNOWN, Mapped
from orchestration.extracts.readers import LINE, RawTable
from orchestration.extracts.records import QualityRow
from orchestration.programme import Programme

if TYPE_CHECKING:
    import pandera.polars as pa

# The square of a smaller weight would be lost in a sum of squares; no tool writes more than six decimals.
_LEAST_WEIGHT = 1e-6

# statuses that say the question was put to the respondent
_ASKED = frozenset({"exprime", "ne_sait_pas", "refus"})

REJECTS_SCHEMA = {"ligne": pl.Int64, "colonne": pl.String, "valeur": pl.String, "regle": pl.String}


@dataclass(frozen=True)
class ColumnRule:
    """One rule on one column; `holds` is true for the rows that keep it."""

    column: str
    name: str
    holds: pl.Expr


@dataclass(frozen=True)
class Judged:
    """The outcome of validation.

    Attributes:
        accepted: the mapped rows that break no rule; or the counts made of the lines that break none.
        rejects: one row per (line, column, rule): ligne, colonne (source), valeur (as delivered), regle.
        refusal: why nothing can be made of the rows, whatever they are; empty where something can.
        remarks: what is to be told of rows that are accepted.
        interviews: interviews behind the accepted lines of counts; None where a row is an interview.
        populations: people by stratum, where the rows tell them.
    """

    accepted: pl.DataFrame
    rejects: pl.DataFrame
    refusal: str = ""
    remarks: tuple[QualityRow, ...] = ()
    interviews: int | None = None
    populations: dict[str, int] | None = None

    @property
    def rejected(self) -> int:
        """How many rows break a rule."""
        return self.rejects["ligne"].n_unique()

    def adding(self, rejects: pl.DataFrame) -> Judged:
        """Returns the outcome with the rejects of other rows."""
        return replace(self, rejects=pl.concat([self.rejects, rejects]).sort("ligne", "regle", "colonne"))


def rejects_frame(rejects: Iterable[tuple[int, str, str | None, str]]) -> pl.DataFrame:
    """Returns rejects (line, column, value, rule) as a table, in the order of the file."""
    return pl.DataFrame(list(rejects), schema=REJECTS_SCHEMA, orient="row").sort("ligne", "regle", "colonne")


def all_rejected(rows: pl.DataFrame, column: str, rule: str, elsewhere: str | None = None) -> Judged:
    """Returns rows that all break one rule.

    Args:
        rows: the rows.
        column: the column that says why; empty where none does.
        rule: the rule.
        elsewhere: what says why where no column does: the name of a sheet, or a part of the file's name.
    """
    said = rows[column] if column else [elsewhere] * rows.height
    found = zip(rows[LINE], [column] * rows.height, said, [rule] * rows.height, strict=True)
    return Judged(rows.clear(), rejects_frame(found))


def irregular(rows: pl.DataFrame, table: RawTable) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the rows that reading found whole, and the rejects of the others.

    What stands in the cells of a line that has not the header's cells, or in lines that contradict one another, may be
    wrong anywhere: nothing else is judged of it.
    """
    flaws = {line: (("", said, "ligne_irreguliere"),) for line, said in table.ragged.items()} | dict(table.flaws)
    lines = [line for line in rows[LINE] if line in flaws]
    found = rejects_frame((line, *flaw) for line in lines for flaw in dict.fromkeys(flaws[line]))
    return rows.filter(~pl.col(LINE).is_in(lines)) if lines else rows, found


def judge(mapped: Mapped, raw: pl.DataFrame, programme: Programme, wave: str, organisme: str) -> Judged:
    """Validates mapped rows.

    Args:
        mapped: the rows, aligned with `raw`.
        raw: the rows as delivered, to quote values from.
        programme: domains, windows and filters.
        wave: wave of the delivery.
        organisme: organisme of the rows.

    Returns:
        accepted rows and rejects; every row is in exactly one of them.
    """
    frame = mapped.frame
    cases = _cases(_rules(mapped, programme, wave, organisme), frame)
    bad = {index for index, _, _ in cases}
    sound = (
        frame.with_row_index("__rang").filter(~pl.col("__rang").is_in(bad)) if bad else frame.with_row_index("__rang")
    )
    # Only a repeat of an accepted interview is a duplicate: the first one may have been rejected.
    repeated = sound.filter(~pl.col("entretien").is_first_distinct())["__rang"].to_list()
    cases += [(index, "entretien", "doublon") for index in repeated]
    accepted = sound.filter(~pl.col("__rang").is_in(repeated)).drop("__rang") if repeated else sound.drop("__rang")
    return Judged(accepted, _rejects(cases, mapped, raw))


def _rules(mapped: Mapped, programme: Programme, wave: str, organisme: str) -> Iterator[ColumnRule]:
    """Yields every rule of a delivery; an expression is true where the rule holds."""
    window = programme.waves[wave]
    date, weight, stratum = pl.col("date_entretien"), pl.col("poids"), pl.col("strate")
    # An identifier or a date that the contract does not have, or gives once for all, cannot be wrong in one row.
    if mapped.sources["entretien"]:
        yield ColumnRule("entretien", "identifiant_absent", pl.col("entretien").is_not_null())
    if mapped.sources["date_entretien"]:
        yield ColumnRule("date_entretien", "date_illisible", date.is_not_null())
        yield ColumnRule("date_entretien", "hors_fenetre", date.is_between(window.start, window.end).fill_null(True))
    yield ColumnRule("poids", "poids_invalide", ((weight > 0) & weight.is_finite()).fill_null(False))
    # Whether weights add up to the stock or to the interviews, one interview cannot stand for more people than its
    # organisme has. A larger weight would outweigh all the others, and its square could overflow.
    populations = programme.populations(wave, organisme)
    stock = sum(populations.values())
    measured = weight.is_between(_LEAST_WEIGHT, stock) | (weight <= 0) | ~weight.is_finite()
    yield ColumnRule("poids", "poids_demesure", measured.fill_null(True) if stock else pl.lit(True))
    if "unite_primaire" in mapped.sources:
        yield ColumnRule("unite_primaire", "unite_absente", pl.col("unite_primaire").is_not_null())
    # A stratum made from an unknown axis value is not rejected again: the axis value already is.
    planned = stratum.is_in(list(populations)) | stratum.str.contains(UNKNOWN, literal=True)
    yield ColumnRule("strate", "strate_inconnue", planned.fill_null(False))
    for axis, segments in programme.axes.items():
        yield ColumnRule(axis, "valeur_inconnue", pl.col(axis).is_in([s.code for s in segments]).fill_null(True))
    asked = [code for code, status in programme.statuses.items() if status in _ASKED]
    for code, question in programme.questions.items():
        options = programme.options[question.scale]
        column, domain, told = pl.col(code), [*options, *programme.statuses], [*options, *asked]
        known = column.list.eval(pl.element().is_in(domain)).list.all() if question.multiple else column.is_in(domain)
        yield ColumnRule(code, "valeur_inconnue", known)
        if question.condition:
            answered = (
                column.list.eval(pl.element().is_in(told)).list.any() if question.multiple else column.is_in(told)
            )
            yield ColumnRule(code, "filtre_contredit", pl.lit(mapped.asked[code].fill_null(True)) | ~answered)


def _cases(rules: Iterable[ColumnRule], frame: pl.DataFrame) -> list[tuple[int, str, str]]:
    """Returns the failure cases: row, column, rule."""
    listed = list(rules)
    # Pandera takes 2 ms a check whatever the rows, and half a second to be imported: one pass tells which checks it has
    # a case to report for.
    hold = frame.select(rule.holds.all().alias(str(i)) for i, rule in enumerate(listed)).row(0)
    if all(hold):
        return []
    import pandera.polars as pa

    checks: dict[str, list[pa.Check]] = {}
    for rule, held in zip(listed, hold, strict=True):
        if not held:
            checks.setdefault(rule.column, []).append(_check(rule))
    schema = pa.DataFrameSchema(
        {c: pa.Column(frame.schema[c], nullable=True, checks=found) for c, found in checks.items()}
    )
    try:
        # a LazyFrame would only have its schema looked at: bad values would pass
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return [(int(c["index"]), str(c["column"]), str(c["check"])) for c in errors.failure_cases.to_dicts()]
    return []


def _check(rule: ColumnRule) -> pa.Check:
    import pandera.polars as pa

    def holds(data: Any) -> pl.LazyFrame:
        return data.lazyframe.select(rule.holds.alias("holds"))  # type: ignore[no-any-return]

    return pa.Check(holds, name=rule.name, error=rule.name)


def _rejects(cases: list[tuple[int, str, str]], mapped: Mapped, raw: pl.DataFrame) -> pl.DataFrame:
    lines = raw[LINE]
    rows = []
    for index, column, rule in sorted(set(cases)):
        sources = mapped.sources.get(column, ())
        values = [raw[source][index] for source in sources]
        rows.append((lines[index], ", ".join(sources), ", ".join(v for v in values if v is not None), rule))
    return rejects_frame(rows)
