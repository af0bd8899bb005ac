"""Turns an organisme's raw rows into the questionnaire's codes, as its contract says; judges nothing.

A value that the contract does not know stays visible as `?value`: validation rejects the row and names it.
Everything here is expressions, evaluated together: a column at a time costs ten times more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_body import AxisRule, DateRule
from orchestration.extracts.contract_questions import ListQuestion, Question, YesNoQuestion, bands_of, columns_of
from orchestration.extracts.contract_titles import yes_values
from orchestration.extracts.draft.codes import question_options
from orchestration.extracts.indices import with_indices
from orchestration.extracts.readers import LINE, parse_dates, plain_number
from orchestration.programme import Programme

UNKNOWN = "?"
# between the columns of an identifier
_BETWEEN = "\x1f"
STATUS_FILTERED, STATUS_NO_ANSWER, STATUS_NOT_ASKED = "filtre", "sans_reponse", "non_pose"


@dataclass(frozen=True)
class Mapped:
    """Canonical rows, still unjudged.

    Attributes:
        frame: `__ligne`, entretien (as delivered; the line where the contract has no identifier) and unite_primaire
            (as delivered; null where the contract has none), date_entretien (null where the contract has none),
            strate, poids, one column per axis (text or null) and per question (code, or list of codes),
            in the order of the questionnaire. Same rows and order as the raw frame.
        asked: for each question with a filter, whether the filter holds; null where it cannot be known.
        sources: source columns of each canonical column, to quote in a reject; none where nothing is delivered.
    """

    frame: pl.DataFrame
    asked: pl.DataFrame
    sources: dict[str, tuple[str, ...]]


def map_rows(raw: pl.DataFrame, contract: Contract, programme: Programme, organisme: str) -> Mapped:
    """Maps one organisme's raw rows.

    Args:
        raw: text columns and `__ligne`; every column of the contract is present.
        contract: how to read them.
        programme: the questionnaire and axes.
        organisme: whose exceptions apply.

    Returns:
        the canonical rows.
    """
    body = contract.interview_rules
    sources: dict[str, tuple[str, ...]] = {"entretien": contract.interview_columns}
    sources["date_entretien"] = tuple(filter(None, [contract.date_column]))
    weight = pl.lit(1.0)
    if body.ponderation is not None:
        column = body.ponderation.colonne
        sources["poids"] = (column,)
        weight = plain_number(pl.col(column), contract.form.decimale).cast(pl.Float64, strict=False)

    unit = pl.lit(None, pl.String)
    if body.unite_primaire is not None:
        column = body.unite_primaire.colonne
        sources["unite_primaire"] = (column,)
        # two spellings of a building that differ by case only would count for two
        unit = pl.col(column).str.to_lowercase()

    axes, delivered = {}, contract.axes(organisme)
    for axis in programme.axes:
        axes[axis] = pl.lit(None, pl.String)
        if axis in delivered:
            text = pl.col(delivered[axis].colonne)
            axes[axis] = axis_codes(text, delivered[axis], contract, programme, axis)
            sources[axis] = (delivered[axis].colonne,)
    strata, sources["strate"] = _strata(contract, axes, sources)

    questions, maps = {}, contract.questions(organisme)
    for code, question in programme.questions.items():
        if code in maps:
            sources[code] = columns_of(maps[code])
            codes = contract.codes(maps[code])
            labels = question_options(programme, question.scale).labels
            several = question.multiple
            questions[code] = _said(maps[code], codes, labels) if several else coded(pl.col(sources[code][0]), codes)
        else:
            questions[code] = pl.lit(None, pl.List(pl.String) if question.multiple else pl.String)
    frame = raw.select(
        LINE,
        _identifier(contract.interview_columns).alias("entretien"),
        _date(body.date_entretien).alias("date_entretien"),
        strata.alias("strate"),
        unit.alias("unite_primaire"),
        weight.alias("poids"),
        *(expression.alias(name) for name, expression in {**axes, **questions}.items()),
    )
    multiple = [q for q in programme.questions.values() if q.multiple and q.code in maps]
    frame = frame.with_columns(
        _in_order(frame[q.code], [*programme.options[q.scale], *programme.statuses]) for q in multiple
    )
    filled, asked = fill_blanks(frame, programme, contract.wave)
    return Mapped(with_indices(filled, programme, contract.wave), asked, sources)


def _identifier(columns: tuple[str, ...]) -> pl.Expr:
    """Returns what tells an interview from the others: its columns together, or its line where there are none."""
    if not columns:
        return pl.col(LINE).cast(pl.String)
    # The separator stands in no cell: « 1 » and « 23 » must not become the same text as « 12 » and « 3 ».
    return pl.concat_str(columns, separator=_BETWEEN)


def _date(rule: DateRule | None) -> pl.Expr:
    if rule is None:
        return pl.lit(None, pl.Date)
    if rule.valeur is not None:
        return pl.lit(rule.valeur, pl.Date)
    return parse_dates(pl.col(rule.colonne or ""), rule.format)


def fill_blanks(frame: pl.DataFrame, programme: Programme, wave: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gives every blank answer its status: not asked in the wave, filtered, or no answer.

    A question's condition is evaluated on the answers already resolved, in order of dependence; a value that the
    contract does not know decides nothing there, and a blank behind it counts as filtered.

    Returns:
        the rows without blanks, and for each question with a filter whether it holds.
    """
    code_of = {status: code for code, status in programme.statuses.items()}
    no_answer, filtered = pl.lit(code_of[STATUS_NO_ANSWER]), pl.lit(code_of[STATUS_FILTERED])
    conditions = programme.conditions
    looked_at = sorted({name for c in conditions.values() for name in c.names})
    known = frame.select(_without_unknown(frame, name) for name in looked_at)
    asked = pl.DataFrame()
    for level in programme.question_levels:
        holds = known.select(pl.sql_expr(conditions[name].sql).alias(name) for name in level if name in conditions)
        asked = pl.concat([asked, holds], how="horizontal")
        fills = []
        for name in level:
            if wave not in programme.questions[name].waves:
                blank = pl.lit(code_of[STATUS_NOT_ASKED])
            elif name in conditions:
                blank = pl.when(pl.lit(holds[name].fill_null(False))).then(no_answer).otherwise(filtered)
            else:
                blank = no_answer
            fills.append(pl.col(name).fill_null(pl.concat_list(blank) if programme.questions[name].multiple else blank))
        frame = frame.with_columns(fills)
        resolved = frame.select(_without_unknown(frame, name) for name in level if name in looked_at)
        known = known.with_columns(resolved.get_columns())
    return frame, asked


def _without_unknown(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Returns a column with null for the values that the contract does not know."""
    column, unknown = pl.col(name), pl.lit(UNKNOWN)
    doubtful = (
        column.list.eval(pl.element().str.starts_with(unknown)).list.any()
        if isinstance(frame.schema[name], pl.List)
        else column.str.starts_with(unknown)
    )
    return pl.when(~doubtful).then(column).alias(name)


def coded(text: pl.Expr, codage: Mapping[str, str]) -> pl.Expr:
    """Returns the codes of a text; what the map does not know becomes `?value`."""
    unknown = pl.lit(UNKNOWN) + text
    if not codage:
        return unknown
    if bands := bands_of(codage):
        unknown = pl.coalesce(_banded(text, bands), unknown)
    return text.str.to_lowercase().replace_strict(
        list(codage), list(codage.values()), default=unknown, return_dtype=pl.String
    )


def _banded(text: pl.Expr, bands: Sequence[tuple[float, float, str]]) -> pl.Expr:
    """Returns the code of the band that a number is in; null where it is in none, or in bands of several codes."""
    number = plain_number(text).cast(pl.Float64, strict=False)
    claims = {
        code: pl.any_horizontal(number.is_between(low, high) for low, high, own in bands if own == code)
        for _, _, code in bands
    }
    alone = pl.sum_horizontal(claims.values()) == 1
    found = pl.coalesce(pl.when(claim).then(pl.lit(code)) for code, claim in claims.items())
    return pl.when(alone).then(found)


def axis_codes(text: pl.Expr, rule: AxisRule, contract: Contract, programme: Programme, axis: str) -> pl.Expr:
    """Returns the segments of a text; what is in none becomes `?value`."""
    written = coded(text, contract.codes(rule))
    if not rule.tranches:
        return written
    value = plain_number(text, contract.form.decimale).cast(pl.Float64, strict=False)
    band: Any = pl.when(text.is_null()).then(pl.lit(None, dtype=pl.String))
    for segment in programme.axes[axis]:
        if segment.numeric:
            low, high = segment.low or 0.0, math.inf if segment.high is None else segment.high + 1
            # a fraction between two whole bounds belongs to the band below it
            band = band.when((value >= low) & (value < high) & value.is_finite()).then(pl.lit(segment.code))
    # A value that is not a number may be a band that the institute wrote in words: « 65 ans et plus ».
    return band.otherwise(written)  # type: ignore[no-any-return]


def _strata(
    contract: Contract, axes: dict[str, pl.Expr], sources: dict[str, tuple[str, ...]]
) -> tuple[pl.Expr, tuple[str, ...]]:
    rule = contract.sample_rules.strate
    if rule.axes is not None:
        joined = pl.concat_str([axes[a] for a in rule.axes], separator=".")
        return joined, tuple(source for a in rule.axes for source in sources.get(a, ()))
    if rule.valeur is not None:
        return pl.lit(rule.valeur), ()
    assert rule.colonne is not None
    column, codage = pl.col(rule.colonne), contract.codes(rule)
    return (coded(column, codage) if codage else column), (rule.colonne,)


def _said(rule: Question, codage: Mapping[str, str], labels: Mapping[str, str]) -> pl.Expr:
    """Returns the codes a multiple-choice question was answered with, as they come; null where nothing is said."""
    if isinstance(rule, ListQuestion):
        cell = pl.col(rule.colonne)
        # some tools close a list with its separator: nothing is said between two of them, or behind the last
        parts = cell.str.split(rule.separateur).list.eval(pl.element().str.strip_chars())
        return parts.list.eval(coded(pl.element().filter(pl.element() != ""), codage))
    if isinstance(rule, YesNoQuestion):
        said = [chosen(rule, option, pl.col(column), codage, labels) for option, column in rule.colonnes.items()]
    else:
        said = [coded(pl.col(column), codage) for column in columns_of(rule)]
    return pl.concat_list(said).list.drop_nulls()


def _in_order(said: pl.Series, order: list[str]) -> pl.Series:
    """Returns lists of codes in the questionnaire's order, each code once, unknown values last; null when empty."""
    cells = said.alias("code").to_frame().with_row_index("cell")
    # a scale may list a status among its options
    once = list(dict.fromkeys(order))
    place = pl.col("code").replace_strict(once, range(len(once)), default=len(once), return_dtype=pl.UInt32)
    # one sort over all cells: each list sorted by itself, or looked through option by option, takes ten times as long
    codes = cells.explode("code").drop_nulls("code").unique().sort("cell", place, "code")
    lists = codes.group_by("cell", maintain_order=True).agg("code")
    return cells.select("cell").join(lists, on="cell", how="left", maintain_order="left")["code"].alias(said.name)


def chosen(
    rule: YesNoQuestion, option: str, cell: pl.Expr, codage: Mapping[str, str], labels: Mapping[str, str]
) -> pl.Expr:
    """Returns the option where a cell of its column says that it is chosen; null where it says that it is not.

    Args:
        rule: what the contract says of the question.
        option: the option.
        cell: the cells of its column.
        codage: what stands in place of a yes and a no.
        labels: the label of each option: a cell that names another one is no yes.
    """
    # A yes gives the option and a no gives nothing; `codage` reads the statuses that may stand in place of either.
    said = pl.when(~cell.str.to_lowercase().is_in(sorted(rule.non))).then(cell)
    return coded(said, {**dict.fromkeys(yes_values(rule, option, labels), option), **codage})
