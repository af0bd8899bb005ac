"""Samples drawn from a known population with the demo's design, counted as the warehouse counts, estimated by its models.

The population is finite and known: in each stratum of the demo's last wave, so many tenants of each answer. A draw takes the
interviews the plan gives the stratum, without replacement. Each draw is a question of its own, so one run of the project's
dbt models estimates them all, whatever population they come from. Two waves are two draws from one population: nothing
changes from one to the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from tests.simulation.programme import BAREME, SEGMENTS, WAVES, plan, read_table, replace_table
from tests.support.dbt import dbt
from tests.support.demo import SHIPPED

SEED = 20221017
# options of a scale, and how the satisfied, who come first, and the others divide between them
SCALES = {
    "OUI_NON": {"OUI": 1.0, "NON": 1.0},
    "SAT4": {"TS": 0.45, "PS": 0.55, "PPS": 0.6, "PDT": 0.4},
}
# on the logit scale, how far apart organismes and their strata stand
SPREAD = 0.35
# how many tenants a national source asked: as many as the one that the shipped programme quotes
SOURCE_BASE = 1181
# the part of the tenants whom a rarely met condition retains: some fifty answers in an organisme
RARE = 0.06


def population(
    scale: str, rate: float, design: pl.DataFrame | None = None, spread: float = SPREAD, retained: float = RARE
) -> np.ndarray:
    """Returns the tenants of each stratum, by answer.

    Args:
        scale: on which they answer.
        rate: of satisfied tenants, before organismes and strata depart from it.
        design: as `plan` returns it, by default.
        spread: how far apart they stand, on the logit scale.
        retained: the part of the tenants whom the condition of the axis `rare` retains.

    Returns:
        Whole numbers, strata in the plan's order × (retained or not by the condition) × options.
    """
    rng = np.random.default_rng(SEED)
    strata = plan() if design is None else design
    organisme = strata["organisme_code"].rank("dense").to_numpy() - 1
    away = rng.normal(0, spread, organisme.max() + 1)[organisme] + rng.normal(0, spread, strata.height)
    level = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + away)))
    split = np.array(list(SCALES[scale].values()))
    shares = split * np.repeat(np.column_stack([level, 1 - level]), len(split) // 2, axis=1)
    counts = (
        np.stack([retained * shares, (1 - retained) * shares], axis=1) * strata["population"].to_numpy()[:, None, None]
    )
    whole = np.floor(counts).astype(np.int64)
    # what rounding left out answers as most do in its stratum
    flat = whole.reshape(strata.height, -1)
    flat[np.arange(strata.height), flat.argmax(axis=1)] += strata["population"].to_numpy() - flat.sum(axis=1)
    return whole


def draw(
    scale: str,
    tenants: np.ndarray,
    questions: Sequence[str],
    seed: Sequence[int],
    design: pl.DataFrame | None = None,
    *,
    axes: Collection[str] = tuple(SEGMENTS),
) -> pl.DataFrame:
    """Draws the samples of both waves.

    Args:
        scale: on which they answer.
        tenants: what `population` returned.
        questions: a code for each draw.
        seed: of the draws.
        design: as `plan` returns it, by default.
        axes: those that are counted.

    Returns:
        `comptage`, as the warehouse has it: vague × organisme × strate × axe × segment × question × modalité, counts above 0.
    """
    rng = np.random.default_rng(seed)
    options = list(SCALES[scale])
    strata = plan() if design is None else design
    found = []
    for wave in WAVES:
        for stratum, line in enumerate(strata.iter_rows(named=True)):
            counts = rng.multivariate_hypergeometric(
                tenants[stratum].ravel(), line["n"], size=len(questions), method="marginals"
            )
            rare, others = counts[:, : len(options)], counts[:, len(options) :]
            found += [
                counted(wave, line, axis, numbers)
                for axis, numbers in (("ensemble", rare + others), ("rare", rare))
                if axis in axes
            ]
    return as_comptage(found, questions, options)


def counted(
    wave: str,
    line: dict[str, Any],
    axis: str,
    numbers: np.ndarray,
    weights: np.ndarray | None = None,
    squares: np.ndarray | None = None,
) -> pl.DataFrame:
    """Returns what is counted in a stratum, draws × options: answers, their weights and the squares of these, by default 1 each."""
    where = np.nonzero(numbers)
    n, w, w2 = ((numbers if of is None else of)[where].astype(np.float64) for of in (numbers, weights, squares))
    return pl.DataFrame({"q": where[0], "m": where[1], "n": n, "w": w, "w2": w2}).with_columns(
        vague=pl.lit(wave),
        organisme_code=pl.lit(line["organisme_code"]),
        strate=pl.lit(line["strate"]),
        axe=pl.lit(axis),
    )


def as_comptage(found: Sequence[pl.DataFrame], questions: Sequence[str], options: Sequence[str]) -> pl.DataFrame:
    """Returns what was counted in each stratum as the warehouse's `comptage` has it."""
    return pl.concat(found).select(
        "vague",
        "organisme_code",
        "strate",
        pl.lit("").alias("unite_primaire"),
        "axe",
        pl.col("axe").replace_strict(SEGMENTS).alias("segment"),
        pl.lit(pl.Series(questions)).gather(pl.col("q")).alias("question_code"),
        pl.lit(pl.Series(options)).gather(pl.col("m")).alias("modalite_code"),
        "n",
        pl.col("w").alias("poids_somme"),
        pl.col("w2").alias("poids_carre_somme"),
    )


def source(scale: str, tenants: np.ndarray, questions: Sequence[str], seed: Sequence[int]) -> pl.DataFrame:
    """Draws what a national source publishes, who asked a simple sample of tenants who answer as the region's do.

    Args:
        scale: on which they answer.
        tenants: what `population` returned.
        questions: a code for each draw.
        seed: of the draws.

    Returns:
        Lines of references_nationales.csv, a note where the scale has one and a percentage elsewhere.
    """
    rng = np.random.default_rng([*seed, SOURCE_BASE])
    shares = tenants.sum(axis=(0, 1)) / tenants.sum()
    answers = rng.multinomial(SOURCE_BASE, shares, size=len(questions))
    notes = _notes(scale)
    scored = not np.isnan(notes).any()
    worth = notes if scored else np.array([100.0] * (len(notes) // 2) + [0.0] * (len(notes) // 2))
    said = {"source": "S", "libelle_source": "S", "population": "S", "base": "S", "licence": "S", "comparable": "oui"}
    return pl.DataFrame({"question_code": questions, "valeur": answers @ worth / SOURCE_BASE}).with_columns(
        *(pl.lit(value).alias(name) for name, value in said.items()),
        unite=pl.lit("note_10" if scored else "pourcentage_satisfaits"),
        echelle=pl.lit(scale),
        vague=pl.lit(WAVES[-1]),
        millesime=pl.lit(WAVES[-1]),
        base_effectif=pl.lit(SOURCE_BASE),
        demonstration=pl.lit("oui"),
    )


MODELS = ("int_satisfaction", "int_evolution", "int_ecart_reference")


def estimate(
    root: Path, counts: pl.DataFrame, sources: pl.DataFrame | None = None, models: Sequence[str] = MODELS
) -> None:
    """Puts the counts where the warehouse keeps them, and runs what the models are made of after them and the sources."""
    if sources is not None:
        replace_table(root / "reference" / "references_nationales.csv", sources)
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb")) as connection:
        connection.execute("create schema if not exists intermediaire")
        connection.execute("create or replace table intermediaire.comptage as select * from counts")
    # seeds and models in one run of dbt, whose every start takes seconds
    selected = [f"+{model}" for model in models]
    left_out = ("--exclude-resource-type", "test", "unit_test", "--exclude", "comptage")
    dbt(root, "build", *left_out, "--select", *selected, target="dbt")


def truths(scale: str, tenants: np.ndarray, design: pl.DataFrame | None = None) -> pl.DataFrame:
    """Returns what the samples estimate: taux and note by perimetre_type, perimetre and axe; no note without a barème."""
    notes = _notes(scale)
    members = read_table(SHIPPED / "reference" / "organismes.csv").filter(pl.col("valide_a").is_null())
    strata = (plan() if design is None else design).join(
        members.select("organisme_code", "famille", "departement"), on="organisme_code", how="left"
    )
    strata = strata.with_columns(region=pl.lit("region"), organisme=pl.col("organisme_code"))
    found = []
    for axis, numbers in (("ensemble", tenants.sum(axis=1)), ("rare", tenants[:, 0])):
        answers = strata.with_columns(
            all=pl.Series(numbers.sum(axis=1)),
            satisfied=pl.Series(numbers[:, : len(notes) // 2].sum(axis=1)),
            points=pl.Series(numbers @ notes),
        )
        found += [
            answers.group_by(pl.col(kind).alias("perimetre")).agg(
                perimetre_type=pl.lit(kind),
                axe=pl.lit(axis),
                taux=pl.col("satisfied").sum() / pl.col("all").sum(),
                note=pl.col("points").sum() / pl.col("all").sum(),
            )
            for kind in ("region", "famille", "departement", "organisme")
        ]
    return pl.concat(found)


def _notes(scale: str) -> np.ndarray:
    """Returns what each answer is worth, not a number where the scale has no notes."""
    baremes = read_table(SHIPPED / "reference" / "baremes.csv").filter(bareme=BAREME, echelle=scale)
    points = dict(baremes.select("modalite_code", pl.col("note").cast(pl.Float64)).iter_rows())
    return np.array([points.get(option, np.nan) for option in SCALES[scale]])
