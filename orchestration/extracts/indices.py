"""The indices of each interview, made of its answers once these are read and their blanks are resolved."""

from __future__ import annotations

import polars as pl

from orchestration.programme import Programme
from orchestration.programme.composites import BASE, Index, millionths

# statuses that say that a question was not put to the respondent
_NOT_PUT = ("filtre", "non_pose")


def with_indices(frame: pl.DataFrame, programme: Programme, wave: str) -> pl.DataFrame:
    """Gives each index of a wave its answers, row by row.

    A respondent who expressed enough of its components has the value that their notes make. One to whom too few of
    them were put is filtered; any other has no answer.

    Args:
        frame: one column per question, without blanks; an index is not yet computed.
        programme: its indices.
        wave: wave of the rows.
    """
    asked = [index for code, index in programme.indices.items() if wave in programme.questions[code].waves]
    return frame.with_columns(_answer(index, programme).alias(index.code) for index in asked)


def _answer(index: Index, programme: Programme) -> pl.Expr:
    code_of = {status: code for code, status in programme.statuses.items()}
    not_put = [code_of[status] for status in _NOT_PUT]
    notes = [
        pl.col(part).replace_strict(
            list(worth), [millionths(note) for note in worth.values()], default=None, return_dtype=pl.Int64
        )
        for part, worth in index.notes.items()
    ]
    answered = pl.sum_horizontal(note.is_not_null().cast(pl.Int64) for note in notes)
    put = pl.sum_horizontal((~pl.col(part).is_in(not_put)).cast(pl.Int64) for part in index.notes)
    # the number that `key` makes of a sum and a number of answers
    value = (pl.sum_horizontal(notes) * BASE + answered).replace_strict(
        list(index.codes), list(index.codes.values()), default=None, return_dtype=pl.String
    )
    needed = index.declared.needed
    blank = pl.when(put < needed).then(pl.lit(code_of["filtre"])).otherwise(pl.lit(code_of["sans_reponse"]))
    return pl.when(answered >= needed).then(value).otherwise(blank)
