"""What the suites look at in a lot: a few figures per lot, a few per question, nothing that tells one interview.

A lot is read once; the figures are kept, so that a night measures only what it received.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.extracts.records import COUNTS, Lot
from orchestration.extracts.tallies import Tallies, tallies
from orchestration.plausibility.contrariety import against_others, out_of_order
from orchestration.plausibility.questions import QUESTION, Usual, measure_questions
from orchestration.plausibility.several_answers import Usually, cited
from orchestration.programme import Programme

# answers to questions of one scale, all alike, from which an interview counts as uniform
BATTERY = 8
# lots of a wave from which they tell what is usual
PEERS = 4
# expressed answers from which two interviews with the same ones are no coincidence
LONG = 15

LOT: dict[str, type[pl.DataType]] = {
    "entretiens": pl.Int64, "part_du_plan": pl.Float64, "taux_de_sondage": pl.Float64,
    "part_sans_entretien": pl.Float64,
    "poids_sur_total": pl.Float64, "effet_des_poids": pl.Float64,
    "part_uniforme": pl.Float64, "part_identique": pl.Float64, "part_sans_avis": pl.Float64,
    "decalage_median": pl.Float64,
}  # fmt: skip
# of these, the ones that tell of the sample and of nobody's answers
SAMPLING = frozenset({"part_du_plan", "taux_de_sondage", "part_sans_entretien", "poids_sur_total", "effet_des_poids"})


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
        none, by the wave before or, of a side, the other organismes; `attendues_delaissees` the same of an option, by
        the least of the other organismes and by nothing but the delivery.
        `…_echelle` is the median over the questions of the scale; `…_autres` the same against the other
        organismes. `permutation_echelle` is how much nearer the answers would be to the wave before with the options
        under other names; a scale of one question or two takes off what chance may give. `contresens` is what
        `against_others` returns, `desordre` what `out_of_order` does. `cote_vide` is the answers to the median question
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
    questions = measure_questions(
        tallies(answers, lot, programme), before, compared.peers, programme, wave, least, told
    )
    if lot.nature != COUNTS:
        against, order = against_others(answers, programme, wave), out_of_order(answers, programme, wave)
        both = [(row["question_code"], row) for row in questions]
        questions = [row | {"contresens": against.get(code), "desordre": order.get(code)} for code, row in both]
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
