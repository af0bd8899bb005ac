"""Judges readings by the filters of the questionnaire: who was asked a question tells an earlier answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import polars as pl

from orchestration.extracts.draft.codes import BANDS, Options, Reading
from orchestration.extracts.draft.groups import Answers, share
from orchestration.programme import Programme

_COMBINATIONS = 64
HOLDS = 0.93  # a filter foretells who answered, but for slips


@dataclass(frozen=True)
class Source:
    """A question or axis that filters look at, and the ways to read its columns."""

    answers: Answers
    options: Options
    readings: Sequence[Reading]
    multiple: bool


@dataclass(frozen=True)
class Support:
    """How well the filters support a reading: who was asked what, as it foretells.

    Attributes:
        fit: share of rows asked or not asked as it foretells, the worse of the two.
        filters: questions whose filter was looked at.
        options: options that the filters which hold look at.
    """

    fit: float
    filters: tuple[str, ...]
    options: frozenset[str] = frozenset()


def coded(source: Source, reading: Reading) -> pl.Series:
    """Returns the codes of a source under a reading; null for what it does not know."""
    answers, codage = source.answers, reading.guessed
    names = [c.name for c in answers.columns]
    if reading.origin == BANDS:
        value = pl.col(names[0]).str.replace(",", ".").cast(pl.Float64, strict=False)
        band = pl.when(value.is_null()).then(pl.lit(None, pl.String))
        for code, (low, high) in source.options.bands.items():
            band = band.when((value >= low) & (value < high + 1)).then(pl.lit(code))  # type: ignore[assignment]
        expression: pl.Expr = band.otherwise(None)
    elif not source.multiple:
        expression = _replace(pl.col(names[0]), codage)
    elif answers.kind == "oui_non":
        yes = reading.marks.chosen if reading.marks else ()
        expression = pl.concat_list(
            pl.when(pl.col(n).str.strip_chars().is_in(yes)).then(pl.lit(codage.get(n), pl.String)) for n in names
        ).list.drop_nulls()
    elif answers.kind == "mentions":
        expression = pl.concat_list(_replace(pl.col(n), codage) for n in names).list.drop_nulls()
    else:
        expression = (
            pl.col(names[0])
            .str.split(answers.separator or "|")
            .list.eval(_replace(pl.element().str.strip_chars(), codage))
        ).list.drop_nulls()
    if source.multiple:
        expression = pl.when(pl.Series(answers.filled)).then(expression)
    return answers.frame.select(expression.alias("code"))["code"]


def _replace(text: pl.Expr, codage: Mapping[str, str]) -> pl.Expr:
    return text.replace_strict(list(codage), list(codage.values()), default=None, return_dtype=pl.String)


def agreement(asked: pl.Series, filled: pl.Series) -> float | None:
    """Returns how well a condition foretells who answered: the worse of « asked, said » and « not asked, silent ».

    None where too few were asked, or not asked, to tell.
    """
    known = pl.DataFrame({"asked": asked, "filled": filled}).drop_nulls()
    inside, outside = known.filter("asked")["filled"], known.filter(~pl.col("asked"))["filled"]
    if len(inside) < 5 or len(outside) < 5:
        return None
    return min(share(inside), 1 - share(outside))


def judge_readings(
    sources: Mapping[str, Source], filled: Mapping[str, pl.Series], programme: Programme
) -> tuple[dict[str, list[Support]], dict[str, tuple[float, pl.Series]]]:
    """Looks at every filter whose question and sources have columns.

    Args:
        sources: questions and axes, with their readings.
        filled: who answered each question.
        programme: the filters.

    Returns:
        for each source, the support of each reading; for each filtered question, the best fit, and whom it says was
        asked.
    """
    values: dict[tuple[str, int], pl.Series] = {}
    best: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    questions: dict[str, tuple[float, pl.Series]] = {}
    for question, condition in programme.conditions.items():
        names = sorted(condition.names)
        if question not in filled or any(n not in sources or not sources[n].readings for n in names):
            continue
        for choice in islice(product(*(range(len(sources[n].readings)) for n in names)), _COMBINATIONS):
            for name, i in zip(names, choice, strict=True):
                if (name, i) not in values:
                    values[name, i] = coded(sources[name], sources[name].readings[i])
            frame = pl.DataFrame({n: values[n, i] for n, i in zip(names, choice, strict=True)})
            asked = frame.select(pl.sql_expr(condition.sql).alias("asked"))["asked"]
            fit = agreement(asked, filled[question])
            if fit is None:
                continue
            if question not in questions or fit > questions[question][0]:
                questions[question] = fit, asked
            for name, i in zip(names, choice, strict=True):
                best[name, i][question] = max(fit, best[name, i].get(question, 0.0))

    def looked_at(fits: Mapping[str, float]) -> frozenset[str]:
        held = [programme.conditions[question].sql for question, fit in fits.items() if fit >= HOLDS]
        return frozenset(option for sql in held for option in re.findall(r"'([^']*)'", sql))

    support = {
        name: [
            Support(_middling(fits := best[name, i]), tuple(fits), looked_at(fits)) for i in range(len(source.readings))
        ]
        for name, source in sources.items()
    }
    return support, questions


def _middling(fits: Mapping[str, float]) -> float:
    """Returns the lower median: one question put to the wrong column must not condemn a reading."""
    return sorted(fits.values())[(len(fits) - 1) // 2] if fits else 0.0
