"""Turns an organisme's raw rows into the questionnaire's codes, as its contract says; judges nothing.

A value that the contract does not know stays visible as `?value`: validation rejects the row and names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.extracts.contract import AxisMap, Codage, Contract, QuestionMap
from orchestration.extracts.readers import LINE, parse_dates
from orchestration.programme import Programme
from orchestration.programme.texts import clean

UNKNOWN = "?"
STATUS_FILTERED, STATUS_NO_ANSWER, STATUS_NOT_ASKED = "filtre", "sans_reponse", "non_pose"


@dataclass(frozen=True)
class Mapped:
    """Canonical rows, still unjudged.

    Attributes:
        frame: `__ligne`, entretien (as delivered), date_entretien, strate, poids, one column per axis (text or
            null) and per question (code, or list of codes), in the order of the questionnaire. Same rows and
            order as the raw frame.
        sources: source columns of each canonical column, to quote in a reject.
    """

    frame: pl.DataFrame
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
    body = contract.body
    sources: dict[str, tuple[str, ...]] = {}
    date = clean(body["date_entretien"]["colonne"])
    frame = raw.select(
        LINE,
        pl.col(clean(body["entretien"])).alias("entretien"),
        parse_dates(pl.col(date), body["date_entretien"].get("format")).alias("date_entretien"),
    )
    sources |= {"entretien": (clean(body["entretien"]),), "date_entretien": (date,)}

    weight = body.get("ponderation")
    if weight:
        column = clean(weight["colonne"])
        sources["poids"] = (column,)
        poids = raw[column].str.replace(",", ".").cast(pl.Float64, strict=False)
    else:
        poids = pl.repeat(1.0, raw.height, dtype=pl.Float64, eager=True)

    axes = {}
    delivered = contract.axes(organisme)
    for axis in programme.axes:
        if axis in delivered:
            axes[axis] = _axis(raw, delivered[axis], programme, axis)
            sources[axis] = (delivered[axis].column,)
        else:
            axes[axis] = pl.repeat(None, raw.height, dtype=pl.String, eager=True).alias(axis)

    strata, sources["strate"] = _strata(raw, contract, axes, sources)
    questions = []
    maps = contract.questions(organisme)
    for code, question in programme.questions.items():
        if code in maps:
            sources[code] = maps[code].columns
            series = (
                _unique(raw, maps[code])
                if maps[code].kind == "unique"
                else _multiple(raw, maps[code], programme.options[question.scale])
            )
            questions.append(series.alias(code))
        else:
            questions.append(
                pl.repeat(
                    None, raw.height, dtype=pl.List(pl.String) if question.multiple else pl.String, eager=True
                ).alias(code)
            )
    frame = frame.with_columns(strata.alias("strate"), poids.alias("poids"), *axes.values(), *questions)
    return Mapped(fill_blanks(frame, programme, contract.wave), sources)


def fill_blanks(frame: pl.DataFrame, programme: Programme, wave: str) -> pl.DataFrame:
    """Gives every blank answer its status: not asked in the wave, filtered, or no answer.

    A question's condition is evaluated on the answers already resolved, in order of dependence; an unknown
    value there decides nothing, and a blank behind it counts as filtered.
    """
    code_of = {status: code for code, status in programme.statuses.items()}
    for name in ordered_by_dependence(programme):
        question = programme.questions[name]
        if wave not in question.waves:
            blank = pl.lit(code_of[STATUS_NOT_ASKED])
        elif question.condition:
            asked = condition(question.condition, frame).fill_null(False)
            blank = pl.when(asked).then(pl.lit(code_of[STATUS_NO_ANSWER])).otherwise(pl.lit(code_of[STATUS_FILTERED]))
        else:
            blank = pl.lit(code_of[STATUS_NO_ANSWER])
        if question.multiple:
            blank = pl.concat_list(blank)
        frame = frame.with_columns(pl.col(name).fill_null(blank))
    return frame


def condition(sql: str, frame: pl.DataFrame) -> pl.Expr:
    """Returns a filter condition as an expression over a frame, values the contract does not know being unknown."""
    expression = pl.sql_expr(sql)
    known = {}
    for name in set(expression.meta.root_names()):
        column = pl.col(name)
        if isinstance(frame.schema[name], pl.List):
            doubtful = column.list.eval(pl.element().str.starts_with(UNKNOWN)).list.any()
        else:
            doubtful = column.str.starts_with(UNKNOWN)
        known[name] = pl.when(~doubtful).then(column).alias(name)
    return pl.lit(frame.select(**known).select(expression.alias("asked"))["asked"])


def ordered_by_dependence(programme: Programme) -> list[str]:
    """Returns the questions, each after those its filter looks at."""
    needs = {
        code: {n for n in pl.sql_expr(q.condition).meta.root_names() if n in programme.questions}
        if q.condition
        else set()
        for code, q in programme.questions.items()
    }
    ordered: list[str] = []
    while len(ordered) < len(needs):
        ready = [code for code in needs if code not in ordered and needs[code] <= set(ordered)]
        if not ready:
            circular = ", ".join(sorted(set(needs) - set(ordered)))
            raise ValueError(f"questions.csv : filtres circulaires ({circular}).")
        ordered += ready
    return ordered


def _folded(series: pl.Series) -> pl.Series:
    return series.str.to_lowercase()


def _coded(series: pl.Series, codage: Codage) -> pl.Series:
    """Returns the codes of a text column; what the map does not know becomes `?value`."""
    if not codage:
        return (UNKNOWN + series).alias(series.name)
    return _folded(series).replace_strict(
        list(codage), list(codage.values()), default=UNKNOWN + series, return_dtype=pl.String
    ).alias(series.name)  # fmt: skip


def _axis(raw: pl.DataFrame, rule: AxisMap, programme: Programme, axis: str) -> pl.Series:
    series = raw[rule.column]
    if rule.codage is not None:
        return _coded(series, rule.codage).alias(axis)
    value = series.str.replace(",", ".").cast(pl.Float64, strict=False)
    band: Any = pl.when(pl.lit(False)).then(pl.lit(None, dtype=pl.String))
    for segment in programme.axes[axis]:
        if segment.low is not None and segment.high is not None:
            # a fraction between two whole bounds belongs to the band below it
            band = band.when((pl.col("v") >= segment.low) & (pl.col("v") < segment.high + 1)).then(pl.lit(segment.code))
    framed = pl.DataFrame({"v": value, "s": series})
    return framed.select(
        pl.when(pl.col("s").is_null()).then(None).otherwise(band.otherwise(UNKNOWN + pl.col("s"))).alias(axis)
    )[axis]


def _strata(
    raw: pl.DataFrame, contract: Contract, axes: dict[str, pl.Series], sources: dict[str, tuple[str, ...]]
) -> tuple[pl.Series, tuple[str, ...]]:
    rule = contract.body["strate"]
    if "axes" in rule:
        joined = pl.DataFrame([axes[a].alias(a) for a in rule["axes"]]).select(
            pl.concat_str(pl.all(), separator=".").alias("strate")
        )
        return joined["strate"], tuple(source for a in rule["axes"] for source in sources.get(a, ()))
    if "valeur" in rule:
        return pl.repeat(rule["valeur"], raw.height, dtype=pl.String, eager=True), ()
    column = clean(rule["colonne"])
    codage = contract.strata_codage()
    return (_coded(raw[column], codage) if codage else raw[column]), (column,)


def _unique(raw: pl.DataFrame, rule: QuestionMap) -> pl.Series:
    return _coded(raw[rule.columns[0]], rule.codage)


def _multiple(raw: pl.DataFrame, rule: QuestionMap, order: list[str]) -> pl.Series:
    """Returns lists of codes: options in the questionnaire's order, once each; null where nothing is said."""
    if rule.kind == "liste":
        cells = raw[rule.columns[0]].str.split(rule.separator)
        said = cells.list.eval(pl.element().str.strip_chars()).explode(empty_as_null=True, keep_nulls=True)
        rows = (
            pl.Series("r", range(raw.height))
            .repeat_by(cells.list.len().fill_null(1).clip(1))
            .explode(empty_as_null=True)
        )
        long = pl.DataFrame({"r": rows, "c": _coded(said, rule.codage)})
    else:
        parts = [pl.DataFrame({"r": pl.Series(range(raw.height)), "c": part}) for part in _columns(raw, rule)]
        long = pl.concat(parts)
    ranks = {code: i for i, code in enumerate(order)}
    lists = (
        long.drop_nulls()
        .unique()
        .with_columns(pl.col("c").replace_strict(ranks, default=len(order), return_dtype=pl.Int64).alias("k"))
        .sort("r", "k", "c")
        .group_by("r", maintain_order=True)
        .agg("c")
    )
    return pl.DataFrame({"r": pl.Series(range(raw.height))}).join(lists, on="r", how="left", maintain_order="left")["c"]


def _columns(raw: pl.DataFrame, rule: QuestionMap) -> Iterator[pl.Series]:
    for i, column in enumerate(rule.columns):
        series = raw[column]
        if rule.kind == "mentions":
            yield _coded(series, rule.codage)
            continue
        codes = {**dict.fromkeys(rule.yes, rule.options[i]), **rule.codage}
        folded = pl.Series([None if v in rule.no else v for v in _folded(series)], dtype=pl.String)
        yield _coded(folded.alias(column), codes)
