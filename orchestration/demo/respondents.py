"""Who is interviewed: strata as the sampling plan wants them, axes, dates and delivered weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from orchestration.demo.programme import DemoProgramme
from orchestration.errors import ProgrammeError

# Rows drawn beside the plan, from which the planted defects are taken.
SPARE_ROWS = 80


def draw_respondents(programme: DemoProgramme, vague: str, organisme: str, rank: int) -> pl.DataFrame:
    """Interviews of one organisme in one wave, in order of interview.

    One row per interview: exactly `entretiens_vises` rows with `valide` true in each stratum of the
    plan, and SPARE_ROWS others. `poids_plan` is N_h/n_h, zero on spare rows. `ordre` is the moment
    of the interview, in days, that files are sorted by.
    """
    rng = programme.stream(vague, organisme, "entretiens")
    plan = programme.plan.filter(vague=vague, organisme_code=organisme)
    if plan.is_empty():
        raise ProgrammeError(f"plan_sondage.csv : aucune strate pour {organisme} en {vague}.")
    aimed = plan["entretiens_vises"].to_numpy()
    population = plan["population"].to_numpy()
    spare = rng.choice(len(aimed), SPARE_ROWS, p=population / population.sum())
    stratum = np.concatenate([np.repeat(np.arange(len(aimed)), aimed), spare])
    valid = np.arange(len(stratum)) < aimed.sum()
    shuffled = rng.permutation(len(stratum))
    stratum, valid = stratum[shuffled], valid[shuffled]
    size = len(stratum)

    wave = programme.waves[vague]
    fieldwork = pl.date_range(wave.start, wave.end, eager=True)
    days = fieldwork.filter(fieldwork.dt.weekday() < 7).to_list()
    day = rng.integers(len(days), size=size)
    frame = pl.DataFrame(
        {
            "vague": [vague] * size,
            "organisme_code": [organisme] * size,
            "entretien": [str(n) for n in 10_000 * (rank + 10) + 1 + np.arange(size)],
            "date_entretien": [days[i] for i in day],
            "strate": plan["strate"].to_numpy()[stratum],
            "valide": valid,
            "poids_plan": np.where(valid, (population / aimed)[stratum], 0.0),
            "ordre": np.array([days[i].toordinal() for i in day]) + rng.random(size),
        }
    )
    return _with_axes(programme, frame, organisme, int(population.sum()), rng)


def delivered_weights(frame: pl.DataFrame, rule: dict[str, Any], rng: np.random.Generator) -> pl.Series:
    """Weights as an institute delivers them: N_h/n_h times a log-normal factor, calibrated on N_h.

    `base: effectif` brings their mean to 1 within the organisme, `base: parc` leaves their sum at the
    stock. Spare rows get a plausible weight that counts nowhere.
    """
    factor = np.exp(float(rule["dispersion"]) * rng.standard_normal(frame.height))
    weights = frame.select(
        pl.col("valide", "strate", "poids_plan"),
        pl.max("poids_plan").over("strate").alias("plan"),
        pl.Series("facteur", factor),
    ).with_columns(
        pl.col("plan") * pl.col("facteur") / pl.col("facteur").filter(pl.col("valide")).mean().over("strate")
    )
    if rule["base"] == "effectif":
        weights = weights.with_columns(pl.col("plan") / pl.col("plan").filter(pl.col("valide")).mean())
    elif rule["base"] != "parc":
        raise ProgrammeError(f"scenario.yaml : base de pondération inconnue « {rule['base']} » (effectif ou parc).")
    return weights["plan"].round(int(rule["decimales"])).rename("poids")


def _with_axes(
    programme: DemoProgramme, frame: pl.DataFrame, organisme: str, stock: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Axes of the stratum first, then those the scenario draws, each given at most one earlier axis."""
    strata_axes = programme.scenario["strate"]
    parts = frame["strate"].str.split(".").list
    frame = frame.with_columns(parts.get(i).alias(axe) for i, axe in enumerate(strata_axes))
    unknown: dict[str, pl.Series] = {}
    for rule in programme.scenario["axes"]:
        axe, given = rule["axe"], rule.get("selon")
        uniform = rng.random(frame.height)
        # Unknown values are erased last: the axes drawn from this one still see the true value.
        unknown[axe] = pl.Series(rng.random(frame.height) < rule.get("inconnu", 0.0))
        if given == "territoire":
            groups = {None: _territory(programme, organisme, stock, rule)}
        else:
            groups = rule["probabilites"] if given else {None: rule["probabilites"]}
        keys = frame[given].to_list() if given in frame.columns else [None] * frame.height
        laws = {
            key: (list(shares), np.cumsum(list(shares.values())) / sum(shares.values()))
            for key, shares in groups.items()
        }
        first = next(iter(laws.values()))
        drawn = []
        for key, draw in zip(keys, uniform, strict=True):
            codes, bounds = laws.get(key, first)
            drawn.append(codes[int(np.searchsorted(bounds, draw, side="right"))])
        frame = frame.with_columns(pl.Series(axe, drawn, dtype=pl.String))
    erased = frame.with_columns(pl.when(blank).then(None).otherwise(axe).alias(axe) for axe, blank in unknown.items())
    return erased.select(pl.exclude(*programme.axes), *programme.axes)


def _territory(programme: DemoProgramme, organisme: str, stock: int, rule: dict[str, Any]) -> dict[str, float]:
    """Where an organisme's dwellings are: at home, and next door when it is a large one."""
    home = str(programme.reference("organismes").filter(organisme_code=organisme)["departement"][0])
    if stock < rule["voisins_a_partir_de"]:
        return {home: 1.0}
    neighbours = rule["voisins"][home]
    return {home: 1.0 - rule["part_voisins"], **{n: rule["part_voisins"] / len(neighbours) for n in neighbours}}
