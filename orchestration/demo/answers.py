"""What respondents answer: an ordered probit on a latent satisfaction, options, statuses, filters.

All answers of a wave are drawn together, because levels are set for the region: the structural part
of the latent (organismes, segments) is centred on the stock-weighted respondents each question was
put to, so that neither a new organisme nor another share of priority districts moves a regional level.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import polars as pl

from orchestration.demo.effects import incidence_shifts, structure
from orchestration.demo.programme import FILTERED, NOT_ASKED, DemoProgramme
from orchestration.errors import ProgrammeError
from orchestration.programme.programme import Question

# Column of calibrage.csv → status; what is left answers.
STATUS_SHARES = {
    "part_nsp": "ne_sait_pas",
    "part_refus": "refus",
    "part_nc": "non_concerne",
    "part_sr": "sans_reponse",
}
Noise = Callable[[str, int], np.ndarray]


def answer_wave(programme: DemoProgramme, respondents: pl.DataFrame) -> pl.DataFrame:
    """Answers of one wave, one row per respondent, one column per question in questionnaire order.

    Single choice: text code. Multiple choice: list of codes in option order; a status is a list of one.
    Never null.
    """
    vague = str(respondents["vague"][0])
    sizes = respondents.group_by("organisme_code", maintain_order=True).len().rows()

    def noise(key: str, width: int) -> np.ndarray:
        draws = [programme.stream(vague, o, key).standard_normal((n, width)) for o, n in sizes]
        return np.concatenate(draws)

    law = programme.scenario["effets"]["locataire"]
    person = np.sqrt(law["commun"]) * noise("locataire", 1)[:, 0]
    themes = {
        theme: (
            structure(programme, respondents, theme),
            person + np.sqrt(law["theme"]) * noise(f"theme {theme}", 1)[:, 0],
        )
        for theme in sorted(set(programme.themes.values()))
    }
    own = np.sqrt(1.0 - law["commun"] - law["theme"])
    weights = respondents["poids_plan"].to_numpy()
    frame = respondents
    for question in programme.questions.values():
        if vague not in question.waves:
            frame = frame.with_columns(_constant(programme, question, NOT_ASKED, frame.height))
            continue
        asked = _asked(question, frame)
        codes = programme.answers(question.scale)
        index = {code: i for i, code in enumerate(codes)}
        status = _draw_status(programme, question, vague, noise)
        status[~asked] = index[programme.status(FILTERED)]
        if question.scale in programme.scenario["seuils"]:
            fixed, residual = themes[programme.themes[question.code]]
            mean, variance = _moments(fixed, asked * weights)
            spread = np.sqrt(1.0 - variance)
            level = _level(programme, question, vague)
            latent = level + fixed - mean + spread * (residual + own * noise(question.code, 1)[:, 0])
            column = _single(question, status, _cut(programme, question, latent, index), codes)
        else:
            law_of = _options(programme, question, vague)
            shift = _shift(programme, question, respondents, weights)
            if question.multiple:
                picked = _pick(programme, question, law_of, shift, noise)
                column = _multiple(question, picked, programme.options[question.scale], status, codes)
            else:
                position = _rank(noise(question.code, 1)[:, 0] - shift, np.cumsum(list(law_of.values()))[:-1])
                column = _single(question, status, np.array([index[code] for code in law_of])[position], codes)
        frame = frame.with_columns(column)
    return frame


def _asked(question: Question, frame: pl.DataFrame) -> np.ndarray:
    """Rows the question is put to; an unknown axis in its filter spares it."""
    if not question.condition:
        return np.ones(frame.height, dtype=bool)
    verdict = frame.select(pl.sql_expr(question.condition).alias("pose"))["pose"]
    asked: np.ndarray = np.asarray(verdict.fill_null(False), dtype=bool)
    return asked


def _draw_status(programme: DemoProgramme, question: Question, vague: str, noise: Noise) -> np.ndarray:
    """Index of the status in the scale's answers, −1 for those who answer."""
    row = programme.calibration.filter(question_code=question.code, vague=vague).to_dicts()
    if len(row) != 1:
        raise ProgrammeError(f"calibrage.csv : une ligne attendue pour {question.code} en {vague}, {len(row)} lues.")
    codes = programme.answers(question.scale)
    shares = np.cumsum([float(row[0][column] or 0) for column in STATUS_SHARES])
    position = _rank(noise(f"statut {question.code}", 1)[:, 0], shares)
    values = [codes.index(programme.status(s)) for s in STATUS_SHARES.values()]
    status: np.ndarray = np.array([*values, -1])[position]
    return status


def _moments(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    mean = float(np.average(values, weights=weights))
    return mean, float(np.average((values - mean) ** 2, weights=weights))


def _level(programme: DemoProgramme, question: Question, vague: str) -> float:
    level = programme.calibration.filter(question_code=question.code, vague=vague)["niveau"][0]
    if level is None:
        raise ProgrammeError(f"calibrage.csv : niveau absent pour {question.code} en {vague}.")
    return float(level)


def _cut(programme: DemoProgramme, question: Question, latent: np.ndarray, index: dict[str, int]) -> np.ndarray:
    scale = programme.scenario["seuils"][question.scale]
    position = np.searchsorted(np.array(scale["coupures"], dtype=float), latent, side="right")
    ordered: np.ndarray = np.array([index[code] for code in scale["ordre"]])[position]
    return ordered


def _options(programme: DemoProgramme, question: Question, vague: str) -> dict[str, float]:
    rows = programme.probabilities.filter(question_code=question.code, vague=vague)
    law = dict(rows.select("modalite_code", "probabilite").iter_rows())
    options = programme.options[question.scale]
    expected = set(options) - set(programme.exclusive(question.scale) if question.multiple else ())
    if set(law) != expected:
        raise ProgrammeError(f"options.csv : {question.code} en {vague} attend {sorted(expected)}, lu {sorted(law)}.")
    return {code: law[code] for code in options if code in law}


def _shift(programme: DemoProgramme, question: Question, frame: pl.DataFrame, weights: np.ndarray) -> np.ndarray:
    organismes = frame["organisme_code"].unique(maintain_order=True).to_list()
    shifts = incidence_shifts(programme, question.code, organismes)
    values = frame["organisme_code"].replace_strict(shifts, return_dtype=pl.Float64).to_numpy()
    centred: np.ndarray = values - np.average(values, weights=weights)
    return centred


def _pick(
    programme: DemoProgramme, question: Question, law: dict[str, float], shift: np.ndarray, noise: Noise
) -> np.ndarray:
    """Options chosen, a boolean matrix over the scale's expressed options.

    Options share a common factor (those who call also write). Nobody chooses more than the scale's
    maximum; who chooses nothing takes the exclusive option, or the option nearest to being chosen.
    """
    rules = programme.scenario["choix_multiples"]
    options = programme.options[question.scale]
    draws = noise(question.code, len(law) + 1)
    common = float(rules["lien"])
    score = np.sqrt(common) * draws[:, :1] + np.sqrt(1 - common) * draws[:, 1:]
    margin = _probits(np.array(list(law.values())))[None, :] + shift[:, None] - score
    rank = (-margin).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    chosen = (margin > 0) & (rank < int(rules["maximum"][question.scale]))
    nothing = ~chosen.any(axis=1)
    picked = np.zeros((len(draws), len(options)), dtype=bool)
    position = {code: i for i, code in enumerate(options)}
    picked[:, [position[code] for code in law]] = chosen
    exclusive = programme.exclusive(question.scale)
    if exclusive:
        picked[nothing, position[exclusive[0]]] = True
    else:
        nearest = np.array([position[code] for code in law])[margin.argmax(axis=1)]
        picked[nothing, nearest[nothing]] = True
    return picked


def _single(question: Question, status: np.ndarray, chosen: np.ndarray, codes: list[str]) -> pl.Series:
    return pl.Series(question.code, codes).gather(np.where(status >= 0, status, chosen))


def _multiple(
    question: Question, picked: np.ndarray, options: list[str], status: np.ndarray, codes: list[str]
) -> pl.Series:
    chosen = pl.DataFrame({code: picked[:, i] for i, code in enumerate(options)})
    lists = pl.concat_list(pl.when(code).then(pl.lit(code)) for code in options).list.drop_nulls()
    told = pl.Series("statut", [*codes, None]).gather(np.where(status >= 0, status, len(codes)))
    return chosen.select(
        pl.when(told.is_null()).then(lists).otherwise(pl.concat_list(told)).alias(question.code)
    ).to_series()


def _constant(programme: DemoProgramme, question: Question, statut: str, size: int) -> pl.Series:
    code = programme.status(statut)
    column = pl.repeat(code, size, eager=True).alias(question.code)
    return pl.select(pl.concat_list(column)).to_series() if question.multiple else column


def _rank(draws: np.ndarray, cumulated: np.ndarray) -> np.ndarray:
    """Rank of the part that each normal draw falls in, of parts that take up given shares of the law."""
    ranks: np.ndarray = (draws[:, None] >= _probits(cumulated)[None, :]).sum(axis=1)
    return ranks


def _probits(shares: np.ndarray) -> np.ndarray:
    law = NormalDist()
    return np.array([law.inv_cdf(min(max(float(p), 1e-12), 1 - 1e-12)) for p in shares])
