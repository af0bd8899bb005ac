"""Questions whose answers go against the others of their scale: their words or their codes may be turned round."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from orchestration.authoring.drafted import Draft
from orchestration.authoring.scales import ScaleDraft

# what a question must weigh in what they have in common, and how strongly it must go against the others on average
_WEIGHS, _AGAINST = 0.2, 0.15
# so many standard errors of a correlation are no chance
_BY_CHANCE = 3.0
# rows that two columns must share for their correlation to count
_ROWS = 30


def set_apart(draft: Draft, frame: pl.DataFrame) -> None:
    """Gives the questions of a scale that go against the others a scale of their own, for a person to decide its side.

    Args:
        draft: the questions and scales, changed in place.
        frame: the extract, all columns as text.
    """
    for scale in list(draft.scales.values()):
        if scale.decided or scale.multiple or len(scale.used) < 2:
            continue
        if turned := _turned(scale, [draft.questions[code]["colonne"] for code in scale.used], frame):
            code = f"E{len(draft.scales) + 1}"
            apart = [scale.used[i] for i in turned]
            reason = f"les réponses vont à l'inverse de {scale.code} : énoncé ou codes retournés"
            draft.scales[code] = dataclasses.replace(scale, code=code, best="", reason=reason, used=apart)
            scale.used = [question for question in scale.used if question not in apart]
            for question in apart:
                draft.questions[question]["echelle"] = code


def _turned(scale: ScaleDraft, columns: list[str], frame: pl.DataFrame) -> list[int]:
    """Returns the places of the questions that go one way while more of them, or the first one, go the other."""
    rank = {label: float(i) for i, label in enumerate(scale.labels.values())}
    rank |= {code: float(i) for i, code in enumerate(scale.labels)}
    rank |= {value: rank[code] for value, code in scale.values.items()}
    ranks = frame.select(
        pl.col(name).replace_strict(rank, default=None, return_dtype=pl.Float64).alias(str(i))
        for i, name in enumerate(columns)
    )
    size = len(columns)
    related = np.eye(size)
    for i in range(size):
        for j in range(i):
            both = ranks.select(str(i), str(j)).drop_nulls()
            value = both.select(pl.corr(str(i), str(j))).item() if both.height >= _ROWS else None
            related[i, j] = related[j, i] = value if value is not None and np.isfinite(value) else 0.0
    # what they have most in common: the first component, whose signs tell the two ways apart
    common = np.linalg.eigh(related)[1][:, -1]
    ways = np.sign(common)
    main = np.sign(ways.sum()) or ways[0]
    agreeing = (related * np.outer(ways, ways)).sum(axis=1) - 1
    least = max(_AGAINST, _BY_CHANCE / np.sqrt(max(1, frame.height)))
    against = (ways != main) & (np.abs(common) > _WEIGHS) & (agreeing / (size - 1) > least)
    return [int(i) for i in np.flatnonzero(against)]
