"""What the suites look at in each question of a lot, and in the scale that it is asked on."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.tallies import Tallies
from orchestration.plausibility.several_answers import Cited, Usually, better_named, measures_of, renamed
from orchestration.plausibility.unchosen import SEVERAL, expected_of_unchosen, next_to_nobody
from orchestration.programme import Programme

# options of a scale that all may answer alike: a « oui » is no half of anything
_TWO = 2
# how much nearer the answers to one question would be under other names; it counts over the questions of a scale
_GAIN = "gain"
# a status that says the question was put and brought no opinion
_NO_OPINION = frozenset({"ne_sait_pas", "refus", "sans_reponse"})

QUESTION: dict[str, type[pl.DataType]] = {
    "question_code": pl.String, "demandes": pl.Int64, "sans_avis": pl.Int64, "base": pl.Int64,
    "part_sans_avis": pl.Float64, "part_modale": pl.Float64, "base_precedente": pl.Int64, "decalage": pl.Float64,
    "attendues_absentes": pl.Float64, "retournement": pl.Float64, "decalage_echelle": pl.Float64,
    "retournement_echelle": pl.Float64, "retournement_autres": pl.Float64, "decalage_autres": pl.Float64,
    "contresens": pl.Float64, "desordre": pl.Float64, "cote_vide": pl.Float64, "attendues_delaissees": pl.Float64,
    "permutation": pl.Float64, "permutation_echelle": pl.Float64, "permutation_autres": pl.Float64,
    "citations_perdues": pl.Float64,
}  # fmt: skip

# what other organismes answer to each question: shares of its options; of one of several answers, of the respondents
Usual = Mapping[str, Usually]


def measure_questions(
    now: Tallies,
    before: Tallies,
    peers: Usual,
    programme: Programme,
    wave: str,
    least: int,
    not_offered: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Measures the questions asked in a wave.

    Args:
        now: how often each code was given in the lot.
        before: the same of the wave before; empty where there is none.
        peers: what other organismes answer; used where a question has no wave before.
        programme: the questionnaire.
        wave: the wave.
        least: expressed answers below which a distribution is not compared.
        not_offered: the options that the lot cannot hold, by question.

    Returns:
        one row per question, the columns of `QUESTION` but for `contresens`; `measures.measure` says what they are.
    """
    silent = [code for code, status in programme.statuses.items() if status in _NO_OPINION]
    rows: list[dict[str, Any]] = []
    enough, unknown = max(least, 1), dict.fromkeys(QUESTION)
    favourable = _favourable(programme)
    # an index is as plausible as its components are
    for code, question in programme.delivered_questions.items():
        if wave not in question.waves or code not in now:
            continue
        options, absent = programme.options[question.scale], not_offered.get(code, ())
        if question.multiple:
            if RESPONDENTS in now[code]:
                found = measures_of(now[code], before.get(code, {}), peers.get(code), options, silent, least, absent)
                rows.append(unknown | {"question_code": code} | found)
            continue
        given = [now[code].get(option, 0.0) for option in options]
        old = [before.get(code, {}).get(option, 0.0) for option in options]
        mute = sum(now[code].get(status, 0.0) for status in silent)
        base = sum(given)
        row = unknown | {
            "question_code": code,
            "demandes": round(base + mute),
            "sans_avis": round(mute),
            "base": round(base),
            "part_sans_avis": mute / (base + mute) if base + mute >= enough else None,
            "part_modale": max(given) / base if base >= enough else None,
            "base_precedente": round(sum(old)) if any(old) else None,
        }
        if base >= enough:
            offered = [option not in absent for option in options]
            row |= _compared(given, old if sum(old) >= enough else [], peers.get(code), favourable[code], offered)
        rows.append(row)
    _of_whole_scales(rows, {code: programme.questions[code].scale for code in now if code in programme.questions})
    empty, alone = _half_empty_scales(rows, now, favourable, programme), dict[str, float]()
    for scale, asked in _of_scales(rows, programme).items():
        codes = [str(row["question_code"]) for row in asked if row["base"] >= enough]
        can_be = {code: {*programme.options[scale]} - {*not_offered.get(code, ())} for code in codes}
        answered, sides = {code: now[code] for code in codes}, {*favourable[str(asked[0]["question_code"])]}
        alone |= expected_of_unchosen(answered, programme.options[scale], can_be, ordered={True, False} <= sides)
    for row in rows:
        code = str(row["question_code"])
        row["cote_vide"] = empty.get(programme.questions[code].scale)
        row["attendues_delaissees"] = max(alone.get(code, 0.0), row["attendues_delaissees"] or 0.0) or None
    return rows


def _favourable(programme: Programme) -> dict[str, list[bool | None]]:
    """Returns the side of each option of each question, in the order of its scale."""
    said = {(r["echelle"], r["modalite_code"]): r["est_satisfait"] for r in programme.rows("modalites")}
    return {
        code: [{"oui": True, "non": False}.get(said[q.scale, option] or "") for option in programme.options[q.scale]]
        for code, q in programme.delivered_questions.items()
    }


def _compared(
    given: Sequence[float],
    old: Sequence[float],
    peers: Usually | None,
    favourable: Sequence[bool | None],
    offered: Sequence[bool],
) -> dict[str, float | None]:
    """Returns what the answers to a question of one answer measure against the wave before or, without it, others.

    Args:
        given: answers by option.
        old: those of the wave before; none where they are too few.
        peers: what other organismes answer; None where they are too few.
        favourable: side of each option.
        offered: whether the lot can hold it.
    """
    base, old_base = sum(given), sum(old)
    shares = [n / base for n in given]
    if old:
        older = [n / old_base for n in old]
        missed = max(_missed(shares, older, favourable, offered), _lost(shares, older, offered))
        here, there = Cited(shares, base), Cited(older, old_base)
        return {
            "decalage": _distance(shares, older),
            "attendues_absentes": base * missed or None,
            "retournement": _turned(shares, older) - _chance(base, old_base),
            "permutation_echelle": renamed(here, there),
            _GAIN: better_named(here, there),
        }
    if peers is None:
        return {}
    return {
        "attendues_absentes": base * _missed(shares, peers.shares, favourable, offered) or None,
        # an organisme may be without an option that a few choose elsewhere: it is told, and the question is kept
        "attendues_delaissees": base * _lost(shares, peers.fewest, offered) or None,
        "retournement_autres": _turned(shares, peers.shares) - _chance(base),
        "decalage_autres": _distance(shares, peers.shares),
    }


def _of_whole_scales(rows: list[dict[str, Any]], scales: Mapping[str, str]) -> None:
    """Gives each question the median of its scale, in the columns that speak for one.

    A scale of one new question or two has no median: where others are all there is to compare it with, or options that
    may have changed names, each question speaks for itself.
    """
    for of_scale, column in (("decalage_echelle", "decalage"), ("retournement_echelle", "retournement")):
        middle = _middle_of_scales(rows, column, scales)
        for row in rows:
            row[of_scale] = middle.get(scales[str(row["question_code"])])
    for column in ("retournement_autres", "decalage_autres", "permutation_echelle"):
        middle = _middle_of_scales(rows, _GAIN if column == "permutation_echelle" else column, scales)
        for row in (row for row in rows if row[column] is not None):
            row[column] = middle.get(scales[str(row["question_code"])], row[column])
    for row in rows:
        row.pop(_GAIN, None)


def _of_scales(rows: list[dict[str, Any]], programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """Returns the rows of the questions of one answer that have answers, by scale."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        question = programme.questions[row["question_code"]]
        if row["base"] and not question.multiple:
            found.setdefault(question.scale, []).append(row)
    return found


def _half_empty_scales(
    rows: list[dict[str, Any]], now: Tallies, favourable: Mapping[str, Sequence[bool | None]], programme: Programme
) -> dict[str, float]:
    """Returns the answers to the median question of each scale of which nobody chose one side, at any question."""
    found = {}
    for scale, asked in _of_scales(rows, programme).items():
        options = programme.options[scale]
        sides = dict(zip(options, favourable[asked[0]["question_code"]], strict=True))
        chosen = {sides[o] for row in asked for o in options if now[row["question_code"]].get(o)} - {None}
        # what a wave before or others answer is a better measure
        alone = all(row["decalage"] is None and row["decalage_autres"] is None for row in asked)
        if alone and len(options) > _TWO and {True, False} <= {*sides.values()} and len(chosen) == 1:
            found[scale] = float(statistics.median(row["base"] for row in asked))
    return found


def _middle_of_scales(rows: list[dict[str, Any]], column: str, scales: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.get(column) is not None:
            found.setdefault(scales[row["question_code"]], []).append(row[column])
    return {scale: statistics.median(values) for scale, values in found.items() if len(values) >= SEVERAL}


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2


def _turned(now: Sequence[float], usual: Sequence[float]) -> float:
    return _distance(now, usual) - _distance(now[::-1], usual)


def _chance(*bases: float) -> float:
    """Returns twice the largest error of a difference of shares: between 45 % and 55 %, few answers turn by chance."""
    return math.sqrt(sum(1 / base for base in bases))


def _missed(
    now: Sequence[float], usual: Sequence[float], favourable: Sequence[bool | None], offered: Sequence[bool]
) -> float:
    """Returns the largest share expected of a side of the scale that nobody chose, but for a few slips.

    Args:
        now: shares of the options.
        usual: those of the wave before, or the middle ones of the other organismes.
        favourable: side of each option.
        offered: whether the delivery can hold it.
    """
    sides = [[i for i, side in enumerate(favourable) if side is wanted] for wanted in (True, False)]
    sums = ((sum(now[i] for i in side), sum(usual[i] for i in side)) for side in sides if any(offered[i] for i in side))
    return max((wanted for found, wanted in sums if next_to_nobody(found, wanted)), default=0.0)


def _lost(now: Sequence[float], expected: Sequence[float], offered: Sequence[bool]) -> float:
    """Returns the largest share expected of one option that nobody chose, but for a few slips."""
    pairs = zip(now, expected, offered, strict=True)
    return max((wanted for found, wanted, there in pairs if there and next_to_nobody(found, wanted)), default=0.0)
