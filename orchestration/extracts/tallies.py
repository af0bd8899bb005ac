"""How often each code was given to each question of a lot, unweighted: two versions or two waves compare by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.records import COUNTS, Lot
from orchestration.programme import Programme

Tallies = Mapping[str, Mapping[str, float]]


def tallies(answers: pl.DataFrame, lot: Lot, programme: Programme) -> Tallies:
    """Returns how often each code was given, by question; of interviews or of counts, whichever the lot holds.

    A question of several answers also has, under `*`, how many interviews express at least one option.
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    if lot.nature == COUNTS:
        whole = answers.filter(axe="ensemble").group_by("question_code", "modalite_code").agg(pl.col("n").sum())
        for code, option, n in whole.iter_rows():
            found[code][option] = n
        return found
    for code, question in programme.questions.items():
        if code not in answers.columns:
            continue
        given = answers[code]
        if question.multiple:
            expressed = pl.element().is_in(programme.options[question.scale])
            found[code][RESPONDENTS] = float(given.list.eval(expressed).list.any().sum())
            given = given.explode()
        found[code] |= {option: float(n) for option, n in given.value_counts().iter_rows()}
    return found
