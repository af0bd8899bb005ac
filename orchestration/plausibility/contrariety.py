"""Questions whose answers contradict, interview by interview, those to the other questions.

Whoever is satisfied with one thing is more often satisfied with the next. An organisme with poor scores for one
question is no exception: those who are more satisfied elsewhere are still the less dissatisfied ones there. Only a
question that is read the wrong way round has its best answers from those who are the least satisfied elsewhere, and
only one whose options are read under one another's names has better answers from those who are less satisfied there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orchestration.programme import Programme

Floats = NDArray[np.float64]

# other questions that an interview must answer to be compared
OTHERS = 3
# so many standard errors of a correlation are no chance, over all the questions of all organismes
_BY_CHANCE = 3.5
# answers of one option from which those who gave it can be compared with those who gave another
_GAVE_IT = 10


@dataclass(frozen=True)
class _Asked:
    """The questions of one scale that can be compared: more than two levels, the favourable ones at one end.

    Attributes:
        codes: the questions.
        levels: their answers, one column each: higher is better, NaN where none is expressed.
        liked: likewise, 1 where the answer is a favourable one, 0 where it is not.
    """

    codes: list[str]
    levels: Floats
    liked: Floats


def against_others(answers: pl.DataFrame, programme: Programme, wave: str) -> dict[str, float]:
    """Returns how far answers go against those to the other questions, beyond chance, by question.

    That is the correlation of a question with the mean of the others, its sign changed, less `_BY_CHANCE` standard
    errors. The others are those of its scale or, where these are too few, of all scales that have favourable levels and
    unfavourable ones. Where half of a scale or more goes against the rest, nobody can say which half is the wrong way
    round, and none is returned.

    Args:
        answers: one row per interview, a column per question, of codes.
        programme: its questions and scales.
        wave: only questions asked in it are looked at.
    """
    found: dict[str, float] = {}
    asked = _asked(answers, programme, wave)
    for scale in asked:
        alone = len(scale.codes) <= OTHERS
        beside = [each.liked for each in asked if each is not scale] if alone else [scale.levels]
        own = np.hstack([*beside, np.empty((answers.height, 0))])
        total, answered = _satisfied(own)
        of_scale = {}
        for i, code in enumerate(scale.codes):
            level = _centred(scale.levels[:, i])
            told = np.isfinite(level)
            mine, one = (0.0, 0) if alone else (np.where(told, level, 0.0), told.astype(int))
            used = told & (answered - one >= OTHERS)
            rest = ((total - mine) / np.maximum(answered - one, 1))[used]
            if used.sum() > 1 and level[used].std() > 0 and rest.std() > 0:
                of_scale[code] = float(-np.corrcoef(level[used], rest)[0, 1] - _BY_CHANCE / np.sqrt(used.sum()))
        if alone or 2 * sum(value > 0 for value in of_scale.values()) < len(of_scale):
            found |= of_scale
    return found


def out_of_order(answers: pl.DataFrame, programme: Programme, wave: str) -> dict[str, float]:
    """Returns how many standard errors two levels of a question stand the wrong way round, by question; the most.

    Of two levels, those who gave the better one are satisfied with more of the other questions. How much less they are,
    in standard errors of the difference, is what is returned; 0 where no level stands so. Of the other answers, only
    their side counts, so that two levels of one side that change places everywhere are seen.

    Args:
        answers: one row per interview, a column per question, of codes.
        programme: its questions and scales.
        wave: only questions asked in it are looked at.
    """
    found: dict[str, float] = {}
    asked = _asked(answers, programme, wave)
    if not asked:
        return found
    total, answered = _satisfied(np.hstack([scale.liked for scale in asked]))
    for scale in asked:
        for i, code in enumerate(scale.codes):
            liked, level = _centred(scale.liked[:, i]), scale.levels[:, i]
            used = np.isfinite(level) & (answered - 1 >= OTHERS)
            rest = (total - np.where(np.isfinite(liked), liked, 0.0))[used] / (answered[used] - 1)
            groups = [rest[level[used] == each] for each in np.unique(level[used])]
            groups = [group for group in groups if group.size >= _GAVE_IT]
            found[code] = max((_wrong_way(worse, better) for worse, better in combinations(groups, 2)), default=0.0)
    return found


def _wrong_way(worse: Floats, better: Floats) -> float:
    error = np.sqrt(worse.var(ddof=1) / worse.size + better.var(ddof=1) / better.size)
    return float(max(0.0, (worse.mean() - better.mean()) / error)) if error > 0 else 0.0


def _satisfied(columns: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Returns the sum of each interview's answers, less what is answered on average, and how many there are."""
    centred = np.column_stack([_centred(column) for column in columns.T]) if columns.size else columns
    known = np.isfinite(centred)
    return np.where(known, centred, 0.0).sum(axis=1), known.sum(axis=1)


def _centred(column: Floats) -> Floats:
    return column - (np.nanmean(column) if np.isfinite(column).any() else 0.0)


def _asked(answers: pl.DataFrame, programme: Programme, wave: str) -> list[_Asked]:
    """Returns the questions of each scale whose answers can be compared."""
    sides: dict[str, dict[str, str]] = {}
    for row in programme.rows("modalites"):
        sides.setdefault(str(row["echelle"]), {})[str(row["modalite_code"])] = row["est_satisfait"] or ""
    scales: dict[str, list[str]] = {}
    for code, question in programme.delivered_questions.items():
        said = [sides[question.scale].get(option) for option in programme.options[question.scale]]
        good = [side == "oui" for side in said]
        # where the best level is in the middle, no order goes from worse to better
        one_way = sorted(good) in (good, good[::-1])
        sided = len(said) > 2 and {"oui", "non"} <= {*said} and one_way
        if sided and not question.multiple and wave in question.waves and code in answers.columns:
            scales.setdefault(question.scale, []).append(code)
    found = []
    for scale, codes in scales.items():
        options = programme.options[scale]
        better = [sides[scale].get(option) == "oui" for option in options]
        # a scale is written from its best level down, or from its worst one up
        upwards = 2 * sum(at for at, good in enumerate(better) if good) > sum(better) * (len(options) - 1)
        rank = {option: float(at if upwards else -at) for at, option in enumerate(options)}
        liked = {option: float(good) for option, good in zip(options, better, strict=True)}
        found.append(_Asked(codes, _read(answers, codes, rank), _read(answers, codes, liked)))
    return found


def _read(answers: pl.DataFrame, codes: list[str], values: dict[str, float]) -> Floats:
    read = (pl.col(c).replace_strict(values, default=None, return_dtype=pl.Float64) for c in codes)
    return answers.select(read).to_numpy().astype(np.float64)
