"""What the suites look at in a lot: a few figures per lot, a few per question, nothing that tells one interview.

A lot is read once; the figures are kept, so that a night measures only what it received.
"""

from __future__ import annotations

import math
import statistics
from typing import Any

import polars as pl

from orchestration.extracts.records import COUNTS, Lot
from orchestration.extracts.tallies import Tallies, tallies
from orchestration.programme import Programme

# answers to questions of one scale, all alike, from which an interview counts as uniform
BATTERY = 8
# expressed answers from which two interviews with the same ones are no coincidence
LONG = 15
# a status that says the question was put and brought no opinion
_NO_OPINION = frozenset({"ne_sait_pas", "refus", "sans_reponse"})

LOT: dict[str, type[pl.DataType]] = {
    "entretiens": pl.Int64, "part_du_plan": pl.Float64, "taux_de_sondage": pl.Float64,
    "poids_sur_total": pl.Float64, "effet_des_poids": pl.Float64,
    "part_uniforme": pl.Float64, "part_identique": pl.Float64, "part_sans_avis": pl.Float64,
    "decalage_median": pl.Float64,
}  # fmt: skip
QUESTION: dict[str, type[pl.DataType]] = {
    "question_code": pl.String, "demandes": pl.Int64, "sans_avis": pl.Int64, "base": pl.Int64,
    "part_sans_avis": pl.Float64, "part_modale": pl.Float64, "base_precedente": pl.Int64, "decalage": pl.Float64,
}  # fmt: skip


def measure(
    programme: Programme, wave: str, organisme: str, lot: Lot, previous: Lot | None, least: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measures a lot, against its sampling plan and the lot in force for the same organisme in the wave before.

    Args:
        programme: questionnaire, plan and folder of the lake.
        wave: wave of the lot.
        organisme: organisme of the lot.
        lot: the lot; its file is read.
        previous: the lot to compare distributions with; None where there is none.
        least: expressed answers below which a distribution is not compared.

    Returns:
        one row, the columns of `LOT`, null where the delivery gives nothing to measure (`taux_de_sondage` is that of
        the stratum where it is the highest); and one row per question asked in the wave, the columns of `QUESTION`.
        Shares are unweighted, between 0 and 1. `decalage` is the total variation distance between the shares of the
        expressed options in this wave and in the previous one: half the sum of the absolute differences.
    """
    answers = pl.read_parquet(programme.root / str(lot.fichier))
    before: Tallies = {}
    if previous is not None:
        before = tallies(pl.read_parquet(programme.root / str(previous.fichier)), previous, programme)
    questions = _questions(tallies(answers, lot, programme), before, programme, wave, least)
    asked = sum(row["demandes"] for row in questions)
    silent = sum(row["sans_avis"] for row in questions)
    shifts = [row["decalage"] for row in questions if row["decalage"] is not None]
    populations = lot.populations or programme.populations(wave, organisme)
    population = sum(populations.values())
    plan = programme.reference("plan_sondage").filter(vague=wave, organisme_code=organisme)
    planned = int(plan["entretiens_vises"].cast(pl.Int64).sum())
    figures: dict[str, float | int | None] = dict.fromkeys(LOT)
    figures |= {
        "entretiens": lot.interviews,
        "part_du_plan": lot.interviews / planned if planned else None,
        "part_sans_avis": silent / asked if asked else None,
        "decalage_median": statistics.median(shifts) if shifts else None,
    }
    if lot.nature != COUNTS:
        reached = answers["strate"].value_counts().rows()
        shares = [count / populations[stratum] for stratum, count in reached if populations.get(stratum)]
        figures["taux_de_sondage"] = max(shares, default=None)
        weights = answers["poids"]
        total = float(weights.sum())
        if lot.ponderation == "livree" and total > 0:
            # weights are extrapolated to the stock, or relative with a mean of one
            ratios = [total / whole for whole in (population, answers.height) if whole]
            figures["poids_sur_total"] = min(ratios, key=lambda ratio: abs(math.log(ratio)))
            figures["effet_des_poids"] = answers.height * float((weights**2).sum()) / total**2
        figures["part_uniforme"] = _uniform(answers, programme, wave)
        figures["part_identique"] = _repeated(answers, programme, wave)
    return pl.DataFrame([figures], schema=LOT), pl.DataFrame(questions, schema=QUESTION)


def _questions(now: Tallies, before: Tallies, programme: Programme, wave: str, least: int) -> list[dict[str, Any]]:
    silent = [code for code, status in programme.statuses.items() if status in _NO_OPINION]
    rows, enough = [], max(least, 1)
    for code, question in programme.questions.items():
        if wave not in question.waves or code not in now or question.multiple:
            continue
        options = programme.options[question.scale]
        given = [now[code].get(option, 0.0) for option in options]
        old = [before.get(code, {}).get(option, 0.0) for option in options]
        mute = sum(now[code].get(status, 0.0) for status in silent)
        base, old_base = sum(given), sum(old)
        distance = (
            sum(abs(a / base - b / old_base) for a, b in zip(given, old, strict=True)) / 2 if base * old_base else 0
        )
        rows.append(
            {
                "question_code": code,
                "demandes": round(base + mute),
                "sans_avis": round(mute),
                "base": round(base),
                "part_sans_avis": mute / (base + mute) if base + mute >= enough else None,
                "part_modale": max(given) / base if base >= enough else None,
                "base_precedente": round(old_base) if old_base else None,
                "decalage": distance if min(base, old_base) >= enough else None,
            }
        )
    return rows


def _uniform(answers: pl.DataFrame, programme: Programme, wave: str) -> float | None:
    """Returns the share of interviews with one and the same answer to every question of a long battery."""
    batteries: dict[str, list[str]] = {}
    for code, question in programme.questions.items():
        if not question.multiple and wave in question.waves and code in answers.columns:
            batteries.setdefault(question.scale, []).append(code)
    scales = {s: codes for s, codes in batteries.items() if len(codes) >= BATTERY and len(programme.options[s]) > 2}
    if not scales or not answers.height:
        return None
    uniform = pl.lit(False)
    for scale, codes in scales.items():
        options = pl.Enum(programme.options[scale])
        said = [pl.col(code).cast(options, strict=False).to_physical() for code in codes]
        enough = pl.sum_horizontal(answer.is_not_null().cast(pl.Int32) for answer in said) >= BATTERY
        uniform = uniform | (enough & (pl.min_horizontal(said) == pl.max_horizontal(said)))
    return float(answers.select(uniform.mean()).item())


def _repeated(answers: pl.DataFrame, programme: Programme, wave: str) -> float | None:
    """Returns the share of long interviews that give, answer for answer, what another one of the lot gives."""
    codes = [c for c, q in programme.questions.items() if wave in q.waves and c in answers.columns and not q.multiple]
    statuses = list(programme.statuses)
    if len(codes) < LONG or not answers.height:
        return None
    told = pl.sum_horizontal((~pl.col(c).is_in(statuses)).cast(pl.Int32) for c in codes)
    long = answers.filter(told >= LONG)
    return float(long.select(pl.struct(codes).is_duplicated().mean()).item()) if long.height else None
