"""Chooses among readings: labels first, then filters, the sampling plan, and what the same file shows elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from orchestration.extracts.draft.codes import (
    ALIKE,
    BANDS,
    FALLING,
    INITIAL,
    NOTE,
    RISING,
    TEXT,
    Options,
    Reading,
    label_codage,
    readings,
    run_of,
)
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.routing import Source, Support
from orchestration.programme.texts import percent

_TOLD = {
    TEXT: "libellés",
    ALIKE: "libellés semblables, à confirmer",
    NOTE: "note du fichier",
    INITIAL: "initiales des libellés",
    BANDS: "nombres, classés par bornes",
}
_GOOD, _APART = 0.93, 0.2


@dataclass(frozen=True)
class Chosen:
    """A reading and how sure it is.

    Attributes:
        reading: the reading.
        confidence: 0 to 100.
        reason: in French.
    """

    reading: Reading
    confidence: int
    reason: str


def multiple_readings(answers: Answers, options: Options, notes: Mapping[str, str]) -> list[Reading]:
    """Returns the ways to read a question with several answers."""
    if answers.kind != "oui_non":
        return readings(answers.counts, answers.value_labels, options, notes, ordered=False)
    names = [c.name for c in answers.columns]
    tails = answers.own or {c.name: _tail(c.label, answers) for c in answers.columns}
    named, likely = label_codage(dict.fromkeys(tails.values(), 1), {}, options)
    exact = {n: named[tail] for n, tail in tails.items() if tail in named}
    near = {n: likely[tail] for n, tail in tails.items() if tail in likely}
    told = len({*exact.values()}) == len(exact)
    if told and 2 * len(exact) >= len(names):
        left = tuple(n for n in names if n not in exact)
        return [Reading(TEXT, exact, 0.97, left, {n: near[n] for n in left if n in near})]
    codage = {**{n: code for n, (code, _) in near.items()}, **exact}
    if len(codage) == len(set(codage.values())) == len(names):
        return [Reading(ALIKE, codage, 0.75)]
    # what a form offers beside the options, « does not know », stands behind them
    first, left = names[: len(options.codes)], tuple(names[len(options.codes) :])
    if len(first) < len(options.codes) or (left and not answers.stem):
        return []
    return [
        Reading(RISING, dict(zip(first, options.codes, strict=True)), 0.65, left),
        Reading(FALLING, dict(zip(first, reversed(options.codes), strict=True)), 0.05, left),
    ]


def _tail(label: str, answers: Answers) -> str:
    """Returns what tells one column's label from its neighbours'."""
    labels = [c.label for c in answers.columns]
    shared = 0
    while all(len(x) > shared for x in labels) and len({x[shared] for x in labels}) == 1:
        shared += 1
    return label[shared:] or label


def choose(source: Source, support: Sequence[Support]) -> Chosen | None:
    """Chooses by what the file says of itself, then by the filters; a guess stays a guess."""
    if not source.readings:
        return None
    order = sorted(range(len(source.readings)), key=lambda i: (-round(_fit(support, i), 2), -source.readings[i].prior))
    first = source.readings[order[0]]
    fit = _fit(support, order[0])
    other = _fit(support, order[1]) if len(order) > 1 else 0.0
    filters = ", ".join(support[order[0]].filters[:3]) if support and fit else ""
    if first.origin in _TOLD:
        confirmed = f", confirmés par le filtre de {filters}" if fit >= _GOOD else ""
        doubt = bool(filters) and fit < 0.8
        confidence = 60 if doubt else 97 if fit >= _GOOD else round(100 * first.prior)
        return Chosen(
            first, confidence, _TOLD[first.origin] + (", que les filtres contredisent" if doubt else confirmed)
        )
    if fit >= _GOOD and fit - other >= _APART:
        return Chosen(first, 95, f"qui a répondu à {filters} ne s'explique qu'ainsi ({percent(fit, 0)})")
    likely = max(source.readings, key=lambda r: r.prior)
    return Chosen(likely, min(65, round(100 * likely.prior)), "ordre habituel des codes, que rien ne confirme")


def _fit(support: Sequence[Support], i: int) -> float:
    return support[i].fit if i < len(support) and support[i].filters else 0.0


def transfer(chosen: dict[str, Chosen], sources: Mapping[str, Source], scales: Mapping[str, str]) -> dict[str, Chosen]:
    """Lets the questions that filters settled speak for the others of the same file.

    Args:
        chosen: by question, so far.
        sources: columns by question.
        scales: scale by question.

    Returns:
        all of them; an ordered scale is trusted to run one way when the answers also move the same way.
    """
    found = dict(chosen)
    by_scale: dict[str, list[str]] = defaultdict(list)
    for code, choice in chosen.items():
        if choice.confidence >= 90 and choice.reading.origin in (RISING, FALLING):
            by_scale[scales[code]].append(code)
    in_order = [
        c for c, x in chosen.items() if sources[c].multiple and x.confidence >= 90 and x.reading.origin == RISING
    ]
    for code, choice in chosen.items():
        if choice.confidence >= 80 or choice.reading.origin not in (RISING, FALLING):
            continue
        if sources[code].multiple:
            if in_order and choice.reading.origin == RISING:
                seen = ", ".join(in_order)
                found[code] = replace(
                    choice, confidence=85, reason=f"options dans l'ordre du programme, comme {seen} d'après les filtres"
                )
            continue
        settled = by_scale.get(scales[code], [])
        ways = {chosen[c].reading.origin for c in settled}
        if len(ways) != 1 or len(sources[code].options.codes) < 3:
            continue
        way = next((r for r in sources[code].readings if r.origin in ways), None)
        pulls = [p for c in settled if (p := _pull(sources[c].answers, sources[code].answers)) is not None]
        if way is None:
            continue
        mean = sum(pulls) / len(pulls) if pulls else 0.0
        if mean < -0.1:
            other = next((r for r in sources[code].readings if r.origin in {RISING, FALLING} - ways), way)
            found[code] = Chosen(
                other, 70, f"les réponses vont à l'inverse de {', '.join(settled[:3])} : codes sans doute retournés"
            )
            continue
        agree = mean > 0.05
        confidence = 90 if agree and len(settled) > 1 else 84 if agree else 60
        moved = "les réponses vont dans le même sens" if agree else "sans lien mesurable entre les réponses"
        found[code] = Chosen(way, confidence, f"même sens que {', '.join(settled[:3])} d'après les filtres ; {moved}")
    return found


def _pull(one: Answers, other: Answers) -> float | None:
    """Returns the correlation of two coded columns over their options; None over too few rows."""
    pairs = {}
    for key, answers in (("x", one), ("y", other)):
        name, run = answers.columns[0].name, run_of(answers.counts)
        text = answers.frame[name]
        pairs[key] = pl.select(pl.when(text.is_in(run)).then(text.cast(pl.Float64, strict=False)).alias(key))[key]
    both = pl.DataFrame(pairs).drop_nulls()
    if both.height < 30:
        return None
    value = both.select(pl.corr("x", "y")).item()
    return float(value) if value is not None and value == value else None
