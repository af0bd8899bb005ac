"""Chooses among readings: labels first, then filters, the sampling plan, and what the same file shows elsewhere."""

from __future__ import annotations

import re
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
    SHIFTED,
    TEXT,
    Options,
    Reading,
    label_codage,
    readings,
    run_of,
)
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.marks import each_chose, proved_alone, same_values
from orchestration.extracts.draft.routing import HOLDS, Source, Support, coded
from orchestration.extracts.draft.tools import Tool
from orchestration.programme.texts import normalise, percent

BY_LABELS = "libellés"
_TOLD = {
    TEXT: BY_LABELS,
    ALIKE: "libellés semblables, à confirmer",
    NOTE: "note du fichier",
    INITIAL: "initiales des libellés",
    BANDS: "nombres, classés par bornes",
    SHIFTED: "des nombres dépassent l'échelle d'un cran, et personne ne répond à l'autre bout : note peut-être décalée",
}
_GOOD, _APART = HOLDS, 0.2
_ALONE = 10  # rows that chose an option which excludes the others: fewer prove nothing


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


def multiple_readings(
    answers: Answers, options: Options, notes: Mapping[str, str], tool: Tool | None = None
) -> list[Reading]:
    """Returns the ways to read a question with several answers: which options, and which values say they are chosen."""
    if answers.kind != "oui_non":
        return readings(answers.counts, answers.value_labels, options, notes, ordered=False)
    found = answers.marks
    if tool and len(found) > 1:
        own = [m for m in found if {normalise(v) for v in m.chosen} <= set(tool.chosen)]
        found = [replace(own[0], told=f"valeurs telles que {tool.name} les écrit")] if len(own) == 1 else found
    several = []
    for reading in option_readings(answers, options):
        known = reading.origin == TEXT and not any(m.told for m in found)
        marks = proved_alone(found, reading.codage, options.alone, answers.frame) if known else found
        # the second of two ways to read values is as likely as the first as long as nothing tells them apart
        several += [replace(reading, marks=m, prior=reading.prior - 0.01 * i) for i, m in enumerate(marks)]
        several += [reading] if not marks else []
    return several


def option_readings(answers: Answers, options: Options) -> list[Reading]:
    """Returns the ways to say which option each column is."""
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
    filters = ", ".join(support[order[0]].filters[:3]) if order[0] < len(support) else ""
    if source.answers.kind == "oui_non" and not (first.marks and first.marks.told):
        return _unmarked(source, support, order)
    if first.doubt and (first.contradicted or fit < _GOOD):
        return Chosen(first, round(100 * first.prior), first.doubt)
    if first.origin in _TOLD:
        confirmed = f", confirmés par le filtre de {filters}" if fit >= _GOOD else ""
        doubt = bool(filters) and fit < 0.8
        confidence = 60 if doubt else 97 if fit >= _GOOD else round(100 * first.prior)
        told = _TOLD[first.origin] + (", que les filtres contredisent" if doubt else confirmed)
        values = first.marks.told if first.marks and first.marks.told not in ("", told) else ""
        return Chosen(first, confidence, told + (f" ; {values}" if values and values != _TOLD[TEXT] else ""))
    if fit >= _GOOD and fit - other >= _APART:
        if untold := _untold(source, first, support[order[0]]):
            return Chosen(first, 65, untold)
        return Chosen(first, 95, f"qui a répondu à {filters} ne s'explique qu'ainsi ({percent(fit, 0)})")
    likely = max(source.readings, key=lambda r: r.prior)
    return Chosen(likely, min(65, round(100 * likely.prior)), "ordre habituel des codes, que rien ne confirme")


def _untold(source: Source, reading: Reading, support: Support) -> str:
    """Returns why options without a label may stand in another order than the programme's; empty where they cannot.

    A scale has one order, which a filter on one end proves. Options have none: each of them is proved, all but one,
    by a filter that looks at it, or because it is never given with another.
    """
    codes = source.options.codes
    if reading.origin not in (RISING, FALLING) or len(codes) < 3 or (source.options.ordered and not source.multiple):
        return ""
    left = [code for code in codes if code not in support.options]
    if len(left) > 1 and source.multiple:
        given = coded(source, reading).drop_nulls()
        for code in source.options.alone & {*left}:
            lengths = given.filter(given.list.contains(code)).list.len()
            left = [c for c in left if c != code] if len(lengths) >= _ALONE and lengths.max() == 1 else left
    told = "les options sont dans l'ordre du programme si rien ne les a déplacées, ce que rien ne prouve pour"
    return f"{told} {', '.join(left)} ; demander la table des codes" if len(left) > 1 else ""


def _fit(support: Sequence[Support], i: int) -> float:
    return support[i].fit if i < len(support) and support[i].filters else 0.0


def _unmarked(source: Source, support: Sequence[Support], order: Sequence[int]) -> Chosen:
    """Chooses among readings of columns of options whose values do not say which of them means « chosen »."""
    first, fit = source.readings[order[0]], _fit(support, order[0])
    if first.marks is None:
        return Chosen(first, 40, "aucune valeur de ces colonnes ne dit que l'option est choisie")
    turned = [i for i in order if source.readings[i].marks != first.marks]
    other = max((_fit(support, i) for i in turned), default=0.0)
    known = first.origin == TEXT or all(fit - _fit(support, i) >= _APART for i in order[1:])
    if turned and known and fit >= _GOOD and fit - other >= _APART:
        filters = ", ".join(support[order[0]].filters[:3])
        told = f"valeurs : qui a répondu à {filters} ne s'explique qu'ainsi ({percent(fit, 0)})"
        if first.origin != TEXT and (untold := _untold(source, first, support[order[0]])):
            return Chosen(replace(first, marks=replace(first.marks, told=told)), 65, untold)
        options = f"{_TOLD[TEXT]} ; " if first.origin == TEXT else ""
        return Chosen(replace(first, marks=replace(first.marks, told=told)), 95, options + told)
    likely = max(source.readings, key=lambda r: r.prior)
    return Chosen(likely, min(60, round(100 * likely.prior)), (likely.marks or first.marks).doubt)


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
    for code, choice in chosen.items():
        if choice.confidence >= 80 or choice.reading.origin not in (RISING, FALLING):
            continue
        if sources[code].multiple:  # the order of one question's options says nothing of another's
            continue
        settled = by_scale.get(scales[code], [])
        ways = {chosen[c].reading.origin for c in settled}
        if len(ways) != 1 or len(sources[code].options.codes) < 3:
            continue
        way = next((r for r in sources[code].readings if r.origin in ways), None)
        pulls = [p for c in settled if (p := _pull(sources[c].answers, sources[code].answers)) is not None]
        if way is None:
            continue
        if own := _own_labels(sources[code], way):
            said = ", ".join(f"{v} = « {label} »" for v, label in own.items())
            found[code] = replace(choice, confidence=min(60, choice.confidence), reason=f"le fichier dit {said}")
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


def _own_labels(source: Source, reading: Reading) -> dict[str, str]:
    """Returns what the file says of the values that a reading gives an option by their order alone."""
    labels = source.answers.value_labels
    read = [v for v, code in reading.codage.items() if code in source.options.labels and source.answers.counts.get(v)]
    return {v: labels[v] for v in sorted(read) if labels.get(v, v).strip() not in ("", v)}


def marked_alike(chosen: Mapping[str, Chosen], sources: Mapping[str, Source]) -> dict[str, Chosen]:
    """Lets the columns of options whose values are proved speak for those of the same file that agree by themselves.

    A file that writes 1 for yes in one question may write it for no in another: the answers of the second must say the
    same, with nobody who answered without choosing.
    """
    proved = {c: m for c, x in chosen.items() if (m := x.reading.marks) and m.told}
    found = dict(chosen)
    for code in chosen:
        source = sources[code]
        if source.answers.kind != "oui_non" or code in proved:
            continue
        for reading in (r for r in source.readings if r.marks and r.origin in (TEXT, RISING)):
            marks = reading.marks
            if marks is None or not each_chose(marks, source.answers.columns, source.answers.frame):
                continue
            alike = [c for c, m in proved.items() if same_values(marks, m) > 0]
            if alike and not any(same_values(marks, m) < 0 for m in proved.values()):
                told = f"valeurs comme {', '.join(alike[:3])}, et chacun choisit une option au moins"
                reading = replace(reading, marks=replace(marks, told=told))
                known = reading.origin == TEXT
                found[code] = Chosen(reading, 88 if known else 65, f"{_TOLD[TEXT]} ; {told}" if known else told)
    return found


def against(
    chosen: Mapping[str, Chosen], sources: Mapping[str, Source], favourable: Mapping[str, frozenset[str]]
) -> dict[str, Chosen]:
    """Leaves open the scales of numbers whose answers go against those of the questions read by words or by filters.

    What filters alone tell of a scale of words is left open with them: a filter that the sender put to the wrong people
    turns it as surely as the right one proves it, and nothing says which of the two is turned.

    Args:
        chosen: by question.
        sources: columns by question.
        favourable: favourable options of each question whose scale has some, and others that are not.
    """
    found = dict(chosen)
    sure = [c for c, x in chosen.items() if x.confidence >= 80 and c in favourable and not sources[c].multiple]
    numbers = [c for c in sure if _of_numbers(sources[c])]
    ranks = {c: _ranks(sources[c], chosen[c].reading, favourable[c]) for c in sure} if numbers else {}
    for code in numbers:
        pulls = [(other, p) for other in sure if other not in numbers and (p := _moves(ranks[code], ranks[other]))]
        mean = sum(p for _, (p, _) in pulls) / len(pulls) if pulls else 0.0
        # so many standard errors of a correlation are no chance
        least = max(0.1, 3 / max(rows for _, (_, rows) in pulls) ** 0.5) if pulls else 1.0
        if mean < -least:
            seen = ", ".join(other for other, _ in pulls[:3])
            told = f"les réponses vont à l'inverse de {seen} : note peut-être retournée"
            found[code] = replace(chosen[code], confidence=70, reason=told)
            for other, (pull, _) in pulls:
                if pull < -least and chosen[other].reading.origin in (RISING, FALLING):
                    told = f"les réponses vont à l'inverse de {code} : échelle ou filtre peut-être à l'envers"
                    found[other] = replace(chosen[other], confidence=70, reason=told)
    return found


def _of_numbers(source: Source) -> bool:
    """Returns whether the options of a scale are numbers, which no word of the file explains."""
    numbers = all(re.fullmatch(r"\d+", label) for label in source.options.labels.values())
    told = {code for v in source.answers.value_labels.values() if (code := source.options.named(v))}
    return numbers and not told & set(source.options.codes)


def _ranks(source: Source, reading: Reading, favourable: frozenset[str]) -> pl.Series:
    """Returns how favourable each answer is: its rank in the scale, the favourable end last."""
    codes = source.options.codes
    first = sum(codes.index(c) for c in favourable) / len(favourable) < (len(codes) - 1) / 2
    order = {code: float(i) for i, code in enumerate(reversed(codes) if first else codes)}
    return coded(source, reading).replace_strict(order, default=None, return_dtype=pl.Float64)


def _moves(one: pl.Series, other: pl.Series) -> tuple[float, int] | None:
    """Returns the correlation of two series and the rows that it rests on; None over too few rows."""
    both = pl.DataFrame({"x": one, "y": other}).drop_nulls()
    value = both.select(pl.corr("x", "y")).item() if both.height >= 30 else None
    return (float(value), both.height) if value is not None and value == value else None


def _pull(one: Answers, other: Answers) -> float | None:
    """Returns the correlation of two coded columns over their options; None over too few rows."""
    pairs = {}
    for key, answers in (("x", one), ("y", other)):
        name, run = answers.columns[0].name, run_of(answers.counts)
        text = answers.frame[name]
        pairs[key] = pl.select(pl.when(text.is_in(run)).then(text.cast(pl.Float64, strict=False)).alias(key))[key]
    moves = _moves(pairs["x"], pairs["y"])
    return moves[0] if moves else None
