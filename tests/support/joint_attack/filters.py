"""Who is asked a question: those who gave some answer to another, which the questionnaire says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import duckdb
import polars as pl

from tests.support.joint_attack.known import Known


@dataclass(frozen=True)
class Opening:
    """Answers to a question that lead to another one: nobody else was asked it.

    Attributes:
        question: whose answers they are.
        codes: the answers, one of which at least was given.
        closing: answers that lead nowhere, whatever else was answered.
        silent: whether those who gave no answer that counts are asked too.
    """

    question: str
    codes: tuple[str, ...]
    closing: tuple[str, ...]
    silent: bool


def openings(known: Known, question: str) -> list[Opening]:
    """The questions that lead to this one, any of which is enough; none where something else decides who is asked.

    The filter of the questionnaire is tried on each answer alone, and on pairs where several are allowed.
    """
    [where] = known.reference("questions").filter(pl.col("question_code") == question)["filtre"]
    named = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", where or "")))
    others = sorted(named & set(known.options))
    if not others or named & set(known.reference("axes")["axe"]):
        return []
    found = []
    for other in others:
        several = isinstance(known.answers.schema[other], pl.List)
        codes = [str(o["modalite_code"]) for o in known.options[other]]
        asked = partial(_asked, known, where, others, other)
        alone = tuple(code for code in codes if asked(code))
        with_ = ([code, *codes] if several else [code] for code in codes)
        closing = tuple(
            code for code, pairs in zip(codes, with_, strict=True) if not any(asked(code, each) for each in pairs)
        )
        found.append(Opening(other, alone, closing, asked("aucune de celles-là")))
    return found


def routed(known: Known, question: str, wave: str) -> list[str]:
    """The questions of a wave to which only answers to this one lead."""
    asked = known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'")["question_code"].unique().sort()
    return [each for each in asked if [o.question for o in openings(known, each)] == [question]]


def _asked(known: Known, where: str, others: Sequence[str], other: str, *given: str) -> bool:
    """Whether the filter lets through who gave these answers to one question, and none to the others."""
    columns = []
    for name in others:
        several = isinstance(known.answers.schema[name], pl.List)
        value = "null" if name != other else repr(list(given)) if several else repr(given[0])
        columns.append(f"({value})::varchar{'[]' if several else ''} as {name}")
    return bool(duckdb.sql(f"select coalesce({where}, false) from (select {', '.join(columns)})").fetchall()[0][0])
