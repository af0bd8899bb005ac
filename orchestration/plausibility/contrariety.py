"""Questions whose answers contradict, interview by interview, those to the other questions of their scale.

Whoever is satisfied with one thing is more often satisfied with the next. An organisme with poor scores for one
question is no exception: those who are more satisfied elsewhere are still the less dissatisfied ones there. Only a
question that is read the wrong way round has its best answers from those who are the least satisfied elsewhere.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.programme import Programme

# other questions of the scale that an interview must answer to be compared
OTHERS = 3
# so many standard errors of a correlation are no chance, over all the questions of all organismes
_BY_CHANCE = 3.5


def against_others(answers: pl.DataFrame, programme: Programme, wave: str) -> dict[str, float]:
    """Returns how far answers go against those to the other questions of their scale, beyond chance, by question.

    That is the correlation of a question with the mean of the others, its sign changed, less `_BY_CHANCE` standard
    errors. Only questions of one answer on scales of more than two levels, some favourable and some not, are compared.
    Where half of a scale or more goes against the rest, nobody can say which half is the wrong way round, and none is
    returned.

    Args:
        answers: one row per interview, a column per question, of codes.
        programme: its questions and scales.
        wave: only questions asked in it are looked at.
    """
    found: dict[str, float] = {}
    for scale, codes in _batteries(answers, programme, wave).items():
        rank: dict[str, float] = {option: float(-i) for i, option in enumerate(programme.options[scale])}
        ranked = answers.select(pl.col(c).replace_strict(rank, default=None, return_dtype=pl.Float64) for c in codes)
        levels = ranked.to_numpy().astype(np.float64)
        known = ~np.isnan(levels)
        asked = known.sum(axis=0)
        means = np.where(asked > 0, np.nansum(levels, axis=0) / np.maximum(asked, 1), 0.0)
        centred = np.where(known, levels - means, 0.0)
        total, answered = centred.sum(axis=1), known.sum(axis=1)
        of_scale = {}
        for i, code in enumerate(codes):
            used = known[:, i] & (answered - 1 >= OTHERS)
            rest = (total - centred[:, i])[used] / (answered[used] - 1)
            own = centred[used, i]
            if own.size > 1 and own.std() > 0 and rest.std() > 0:
                of_scale[code] = float(-np.corrcoef(own, rest)[0, 1] - _BY_CHANCE / np.sqrt(own.size))
        if 2 * sum(value > 0 for value in of_scale.values()) < len(of_scale):
            found |= of_scale
    return found


def _batteries(answers: pl.DataFrame, programme: Programme, wave: str) -> dict[str, list[str]]:
    """Returns the questions of each scale whose answers can be compared, where they are several enough."""
    sides: dict[str, set[str | None]] = {}
    for row in programme.rows("modalites"):
        sides.setdefault(str(row["echelle"]), set()).add(row["est_satisfait"])
    batteries: dict[str, list[str]] = {}
    for code, question in programme.delivered_questions.items():
        sided = len(programme.options[question.scale]) > 2 and {"oui", "non"} <= sides[question.scale]
        if sided and not question.multiple and wave in question.waves and code in answers.columns:
            batteries.setdefault(question.scale, []).append(code)
    return {scale: codes for scale, codes in batteries.items() if len(codes) > OTHERS}
