"""What the suites look at in a lot: a few figures per lot, a few per question, nothing that tells one interview.

A lot is read once; the figures are kept, so that a night measures only what it received.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.records import COUNTS, Lot
from orchestration.extracts.tallies import Tallies, tallies
from orchestration.plausibility.contrariety import against_others
from orchestration.plausibility.several_answers import Usually, cited, measures_of
from orchestration.plausibility.unchosen import SEVERAL, expected_of_unchosen
from orchestration.programme import Programme

# options of a scale that all may answer alike: a « oui » is no half of anything
_TWO = 2
# answers to questions of one scale, all alike, from which an interview counts as uniform
BATTERY = 8
# lots of a wave from which they tell what is usual
PEERS = 4
# expressed answers from which two interviews with the same ones are no coincidence
LONG = 15
# a status that says the question was put and brought no opinion
_NO_OPINION = frozenset({"ne_sait_pas", "refus", "sans_reponse"})

LOT: dict[str, type[pl.DataType]] = {
    "entretiens": pl.Int64, "part_du_plan": pl.Float64, "taux_de_sondage": pl.Float64,
    "part_sans_entretien": pl.Float64,
    "poids_sur_total": pl.Float64, "effet_des_poids": pl.Float64,
    "part_uniforme": pl.Float64, "part_identique": pl.Float64, "part_sans_avis": pl.Float64,
    "decalage_median": pl.Float64,
}  # fmt: skip
# of these, the ones that tell of the sample and of nobody's answers
SAMPLING = frozenset({"part_du_plan", "taux_de_sondage", "part_sans_entretien", "poids_sur_total", "effet_des_poids"})
QUESTION: dict[str, type[pl.DataType]] = {
    "question_code": pl.String, "demandes": pl.Int64, "sans_avis": pl.Int64, "base": pl.Int64,
    "part_sans_avis": pl.Float64, "part_modale": pl.Float64, "base_precedente": pl.Int64, "decalage": pl.Float64,
    "attendues_absentes": pl.Float64, "retournement": pl.Float64, "decalage_echelle": pl.Float64,
    "retournement_echelle": pl.Float64, "retournement_autres": pl.Float64, "decalage_autres": pl.Float64,
    "contresens": pl.Float64, "cote_vide": pl.Float64, "attendues_delaissees": pl.Float64,
    "permutation": pl.Float64, "permutation_autres": pl.Float64, "citations_perdues": pl.Float64,
}  # fmt: skip

# what other organismes answer to each question: shares of its options; of one of several answers, of the respondents
Usual = Mapping[str, Usually]


@dataclass(frozen=True)
class Compared:
    """What a lot is compared with.

    Attributes:
        previous: the lot in force for the same organisme in the wave before; None where there is none.
        peers: what organismes of the wave usually answer, where they are several; for what has no wave before.
    """

    previous: Lot | None = None
    peers: Usual = field(default_factory=dict)


def measure(
    programme: Programme, wave: str, organisme: str, lot: Lot, compared: Compared, least: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measures a lot, against its sampling plan and what its answers are compared with.

    Args:
        programme: questionnaire, plan and folder of the lake.
        wave: wave of the lot.
        organisme: organisme of the lot.
        lot: the lot; its file is read.
        compared: what its distributions are compared with.
        least: expressed answers below which a distribution is not compared.

    Returns:
        one row, the columns of `LOT`, null where the delivery gives nothing to measure (`taux_de_sondage` is that of
        the stratum where it is the highest); and one row per question asked in the wave, the columns of `QUESTION`.
        Shares are unweighted, between 0 and 1. `decalage` is the total variation distance between the shares of the
        expressed options in this wave and in the previous one: half the sum of the absolute differences.
        `retournement` is how much smaller it would be with the options in the contrary order, less what chance may
        give. `attendues_absentes` is how many answers are expected of options, or of a side of the scale, that have
        none, by the wave before or the other organismes; `attendues_delaissees` the same by nothing but the delivery.
        `…_echelle` is the median over the questions of the scale; `…_autres` the same against the other
        organismes. `contresens` is what `against_others` returns. `cote_vide` is the answers to the median question
        of a scale of which nobody chose one side, where nothing is there to compare it with. A question of several
        answers has `decalage` on the citations of its options, `permutation` (how much nearer they would be with the
        options under other names, or yes read for no, less chance) and `citations_perdues` (respondents expected of an
        option that nobody cites any more); its base is its respondents.
    """
    answers = pl.read_parquet(programme.root / str(lot.fichier))
    before: Tallies = {}
    if compared.previous is not None:
        before = _tallies(programme, compared.previous)
    told = lot.non_proposees
    questions = _questions(tallies(answers, lot, programme), before, compared.peers, programme, wave, least, told)
    against = against_others(answers, programme, wave) if lot.nature != COUNTS else {}
    questions = [row | {"contresens": against.get(row["question_code"])} for row in questions]
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
        met = sum(size for stratum, size in populations.items() if stratum in {name for name, _ in reached})
        figures["part_sans_entretien"] = 1 - met / population if population else None
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


def usual_shares(programme: Programme, lots: Sequence[Lot], least: int) -> Usual:
    """Returns the usual share of each option of each question over some lots; of none where they are too few.

    Of two organismes that contradict one another, nobody can say which is upside down.
    """
    if len(lots) < PEERS:
        return {}
    counted, usual = [_tallies(programme, lot) for lot in lots], {}
    for code, question in programme.delivered_questions.items():
        options = programme.options[question.scale]
        if question.multiple:
            rates = [one.rates for found in counted if (one := cited(found.get(code, {}), options, least))]
            if len(rates) >= PEERS:
                usual[code] = Usually([statistics.median(column) for column in zip(*rates, strict=True)], _least(rates))
            continue
        given = [[found[code].get(option, 0.0) for option in options] for found in counted if code in found]
        shares = [[n / sum(row) for n in row] for row in given if sum(row) >= max(least, 1)]
        if len(shares) >= PEERS:
            middle = [statistics.median(column) for column in zip(*shares, strict=True)]
            usual[code] = Usually([share / (sum(middle) or 1.0) for share in middle], _least(shares))
    return usual


def _least(shares: Sequence[Sequence[float]]) -> list[float]:
    """Returns the smallest share of each option but one: that one may be of the lot that is looked at."""
    return [sorted(column)[1] for column in zip(*shares, strict=True)]


def _tallies(programme: Programme, lot: Lot) -> Tallies:
    return tallies(pl.read_parquet(programme.root / str(lot.fichier)), lot, programme)


def _questions(
    now: Tallies,
    before: Tallies,
    peers: Usual,
    programme: Programme,
    wave: str,
    least: int,
    not_offered: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    silent = [code for code, status in programme.statuses.items() if status in _NO_OPINION]
    rows: list[dict[str, Any]] = []
    enough, unknown = max(least, 1), dict.fromkeys(QUESTION)
    said = {(r["echelle"], r["modalite_code"]): r["est_satisfait"] for r in programme.rows("modalites")}
    favourable = {
        code: [{"oui": True, "non": False}.get(said[q.scale, option] or "") for option in programme.options[q.scale]]
        for code, q in programme.delivered_questions.items()
    }
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
        base, old_base = sum(given), sum(old)
        shares = [n / base for n in given] if base >= enough else []
        older = [n / old_base for n in old] if shares and old_base >= enough else []
        others = peers.get(code) if shares and not older else None
        usual = others.shares if others else ()
        # what others choose less than anybody, an organisme may be without
        fewest = older or (others.fewest if others else ())
        counted = [option not in absent for option in options]
        rows.append(
            unknown
            | {
                "question_code": code,
                "demandes": round(base + mute),
                "sans_avis": round(mute),
                "base": round(base),
                "part_sans_avis": mute / (base + mute) if base + mute >= enough else None,
                "part_modale": max(given) / base if base >= enough else None,
                "base_precedente": round(old_base) if old_base else None,
                "decalage": _distance(shares, older) if older else None,
                "attendues_absentes": base * missed
                if (missed := _missed(shares, older or usual, fewest, favourable[code], counted))
                else None,
                "retournement": _turned(shares, older) - _chance(base, old_base) if older else None,
                "retournement_autres": _turned(shares, usual) - _chance(base) if usual else None,
                "decalage_autres": _distance(shares, usual) if usual else None,
            }
        )
    scales = {code: programme.questions[code].scale for code in now if code in programme.questions}
    for of_scale, column in (("decalage_echelle", "decalage"), ("retournement_echelle", "retournement")):
        middle = _middle_of_scales(rows, column, scales)
        for row in rows:
            row[of_scale] = middle.get(scales[str(row["question_code"])])
    for column in ("retournement_autres", "decalage_autres"):
        middle = _middle_of_scales(rows, column, scales)
        for row in (row for row in rows if row[column] is not None):
            # a scale of one new question or two has no median; the question speaks for itself
            row[column] = middle.get(scales[str(row["question_code"])], row[column])
    empty, alone = _half_empty_scales(rows, now, favourable, programme), dict[str, float]()
    for scale, asked in _of_scales(rows, programme).items():
        codes = [str(row["question_code"]) for row in asked if row["base"] >= enough]
        offered = {code: {*programme.options[scale]} - {*not_offered.get(code, ())} for code in codes}
        answered, sides = {code: now[code] for code in codes}, {*favourable[str(asked[0]["question_code"])]}
        alone |= expected_of_unchosen(answered, programme.options[scale], offered, ordered={True, False} <= sides)
    for row in rows:
        code = str(row["question_code"])
        row["cote_vide"] = empty.get(scales[code])
        row["attendues_delaissees"] = alone.get(code, row["attendues_delaissees"])
    return rows


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
        if row[column] is not None:
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
    now: Sequence[float],
    usual: Sequence[float],
    fewest: Sequence[float],
    favourable: Sequence[bool | None],
    offered: Sequence[bool],
) -> float:
    """Returns the largest share expected of what nobody chose: a side of the scale, or an option.

    Args:
        now: shares of the options.
        usual: those of the wave before, or the middle ones of the other organismes; none where there are none.
        fewest: those that are expected of each option alone.
        favourable: side of each option.
        offered: whether the delivery can hold it.
    """
    sides = [[i for i, side in enumerate(favourable) if side is wanted] for wanted in (True, False)]
    groups = [(side, usual) for side in sides if any(offered[i] for i in side)]
    groups += [([i], fewest) for i in range(len(fewest)) if offered[i]]
    return max(
        (sum(expected[i] for i in group) for group, expected in groups if expected and not any(now[i] for i in group)),
        default=0.0,
    )


def _uniform(answers: pl.DataFrame, programme: Programme, wave: str) -> float | None:
    """Returns the share of interviews with one and the same answer to every question of a long battery."""
    batteries: dict[str, list[str]] = {}
    for code, question in programme.delivered_questions.items():
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
    asked = programme.delivered_questions.items()
    codes = [c for c, q in asked if wave in q.waves and c in answers.columns and not q.multiple]
    statuses = list(programme.statuses)
    if len(codes) < LONG or not answers.height:
        return None
    told = pl.sum_horizontal((~pl.col(c).is_in(statuses)).cast(pl.Int32) for c in codes)
    long = answers.filter(told >= LONG)
    return float(long.select(pl.struct(codes).is_duplicated().mean()).item()) if long.height else None
