"""Invented respondents and their answers: mostly satisfied, routed as the questionnaire routes, with non-response."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.support.survey_tools.questionnaire import Question, offered_beside, organismes, questions, segments

FIELD_STARTS = dt.date(2022, 10, 17)
FIELD_DAYS = 60
# What a respondent may say instead of an answer, and how often, when the form offers it.
STATUS_SHARES = {"NSP": 0.03, "NC": 0.02, "REFUS": 0.006}
SKIPPED = 0.015


@dataclass(frozen=True)
class Respondent:
    """One interview.

    Attributes:
        number: its rank in the file, from 1.
        organisme: code of the landlord.
        axes: segment code by axis.
        age: years.
        months: months of tenancy.
        start: when the interview began; local time.
        end: when it ended.
        weight: estimation weight.
        complete: whether the form was sent; what was abandoned has answers up to a question and none after.
        answers: modalité codes by question, in the questionnaire's order; empty if not put or left blank.
        asked: the questions that were put.
    """

    number: int
    organisme: str
    axes: dict[str, str]
    age: int
    months: int
    start: dt.datetime
    end: dt.datetime
    weight: float
    complete: bool
    answers: dict[str, tuple[str, ...]]
    asked: frozenset[str]

    @property
    def stratum(self) -> str:
        """The stratum of the sampling plan."""
        return f"{self.axes['qpv']}.{self.axes['type_construction']}"

    @property
    def seconds(self) -> int:
        """How long the interview took."""
        return int((self.end - self.start).total_seconds())


def draw(
    rng: Random, members: Sequence[str], size: int, statuses: Sequence[str], abandoned: float = 0
) -> list[Respondent]:
    """Draws the interviews of one file.

    Args:
        rng: where chance comes from.
        members: codes of the organismes surveyed.
        size: how many interviews.
        statuses: modalités that the form offers beside the answers (does not know …).
        abandoned: share of interviews that stopped before the end.

    Returns:
        The interviews, in the order in which they ended.
    """
    levels = {question.code: rng.gauss(1.1, 0.7) for question in questions()}
    shares = {question.code: [rng.uniform(0.08, 0.5) for _ in question.options] for question in questions()}
    moments = sorted(_moment(rng) for _ in range(size))
    return [
        _respondent(rng, number, rng.choice(members), moment, statuses, abandoned, levels, shares)
        for number, moment in enumerate(moments, start=1)
    ]


def _moment(rng: Random) -> dt.datetime:
    day = FIELD_STARTS + dt.timedelta(days=rng.randrange(FIELD_DAYS))
    if day.weekday() == 6:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(rng.randrange(9, 20), rng.randrange(60), rng.randrange(60)))


def _respondent(
    rng: Random,
    number: int,
    organisme: str,
    end: dt.datetime,
    statuses: Sequence[str],
    abandoned: float,
    levels: dict[str, float],
    shares: dict[str, list[float]],
) -> Respondent:
    age = min(94, max(19, round(rng.gauss(53, 16))))
    months = min(620, int(rng.expovariate(1 / 115)))
    collective = rng.random() < 0.82
    home = organismes()[organisme][1]
    household = rng.choices([segment.code for segment in segments()["type_menage"]], [4, 2, 2, 2])[0]
    axes = {
        "qpv": "QPV" if rng.random() < 0.3 else "HORS_QPV",
        "departement": home
        if rng.random() < 0.93
        else rng.choice([segment.code for segment in segments()["departement"]]),
        "type_construction": "COLLECTIF" if collective else "INDIVIDUEL",
        "tranche_age": _band("tranche_age", age),
        "anciennete": _band("anciennete", months),
        "type_menage": household,
        "ascenseur": "AVEC" if collective and rng.random() < 0.45 else "SANS",
    }
    reached = len(questions())
    if rng.random() < abandoned:
        reached = rng.randrange(3, reached)
    mood = rng.gauss(0, 0.9)
    answers: dict[str, tuple[str, ...]] = {}
    asked = set()
    for question in questions():
        answers[question.code] = ()
        if question.order <= reached and _is_put(question, axes, answers):
            asked.add(question.code)
            if rng.random() >= SKIPPED:
                answers[question.code] = _answer(
                    rng, question, mood + levels[question.code], shares[question.code], statuses
                )
    return Respondent(
        number=number,
        organisme=organisme,
        axes=axes,
        age=age,
        months=months,
        start=end - dt.timedelta(seconds=rng.randrange(420, 1500)),
        end=end,
        weight=round(rng.lognormvariate(0, 0.25), 4),
        complete=reached == len(questions()),
        answers=answers,
        asked=frozenset(asked),
    )


def _band(axis: str, number: int) -> str:
    return next(
        s.code for s in segments()[axis] if s.low is not None and s.high is not None and s.low <= number <= s.high
    )


def _is_put(question: Question, axes: dict[str, str], answers: dict[str, tuple[str, ...]]) -> bool:
    """Returns whether the question's filter lets it be put; filters are short SQL conditions, close to Python's."""
    if not question.condition:
        return True
    several = {other.code for other in questions() if other.multiple}
    said = {code: given if code in several else "".join(given[:1]) for code, given in answers.items()}
    condition = re.sub(r"(?<![<>!=])=(?!=)", "==", question.condition)
    return bool(eval(condition, {"array_contains": lambda given, code: code in given}, {**axes, **said}))


def _answer(
    rng: Random, question: Question, latent: float, shares: list[float], statuses: Sequence[str]
) -> tuple[str, ...]:
    for code in offered_beside(question, statuses):
        if rng.random() < STATUS_SHARES[code]:
            return (code,)
    if question.multiple:
        alone = [option.code for option in question.options if option.exclusive]
        if alone and rng.random() < 0.3:
            return (rng.choice(alone),)
        free = [(o.code, share) for o, share in zip(question.options, shares, strict=True) if not o.exclusive]
        return tuple(code for code, share in free if rng.random() < share) or (rng.choice(free)[0],)
    codes = [option.code for option in question.options]
    value = latent + rng.gauss(0, 1.1)
    if question.nature == "recommandation":
        return (codes[min(len(codes) - 1, max(0, round(6 + 1.8 * value)))],)
    if len(codes) == 4:
        return (codes[sum(value < threshold for threshold in (1.6, 0.1, -1.1))],)
    return (rng.choices(codes, [3, *[2] * (len(codes) - 1)])[0],)
