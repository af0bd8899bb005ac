"""Samples drawn from a known population with the demo's design, counted as the warehouse counts, estimated by its models.

The population is finite and known: in each stratum of the demo's last wave, so many tenants of each answer. A draw takes the
interviews the plan gives the stratum, without replacement. Each draw is a question of its own, so one run of the project's
dbt models estimates them all, whatever population they come from. Two waves are two draws from one population: nothing
changes from one to the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import yaml

from orchestration.extracts.control_tables import (
    EXCLUSIONS,
    LOTS,
    POPULATIONS,
    overlaps,
    parameters,
    perimeters,
    releases,
    texts,
)
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.programme import load_programme
from tests.support.dbt import dbt
from tests.support.demo import SHIPPED
from tests.support.place import put

SEED = 20221017
WAVES = ("2019", "2022")
DESIGN = "2022"
# the one barème that the tests read; each further one would be a measure more to estimate
BAREME = "LINEAIRE"
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
SEGMENTS = {"ensemble": "tous", "rare": "oui"}


def simulated_programme(
    scale: str,
    questions: int,
    design: pl.DataFrame | None = None,
    *,
    masking: bool = True,
    grouped: bool = True,
    waves: Sequence[str] = WAVES,
    panel: pl.DataFrame | None = None,
) -> Path:
    """Writes the shipped programme with waves of one design, so many questions of the scale, and no counts yet.

    Args:
        scale: of the questions.
        questions: their number.
        design: as `plan` returns it, by default.
        masking: whether cells of too few answers, or effective answers, are masked as the shipped programme has it.
        grouped: whether organismes are also estimated by family and by department, as the shipped programme has it.
        waves: of the shipped programme, the first one first.
        panel: lines of recouvrements.csv, if interviews of two waves are of the same tenants.

    Returns:
        The programme's folder, which is the same for all of a process: dbt reads its project once.
    """
    design = plan() if design is None else design

    def write(root: Path) -> None:
        _write(root, scale, questions, design, waves, masking=masking, grouped=grouped)
        if panel is not None:
            panel.write_csv(root / "reference" / "recouvrements.csv")
        _write_control_tables(root, design, waves)

    return put(write, "simulation")


def _write(
    root: Path, scale: str, questions: int, design: pl.DataFrame, waves: Sequence[str], *, masking: bool, grouped: bool
) -> None:
    reference = root / "reference"
    shutil.copytree(SHIPPED / "reference", reference)
    config = yaml.safe_load((SHIPPED / "programme.yaml").read_text(encoding="utf-8"))
    # a cell is estimated whatever is published beside it
    config["secret"] = {"protection": 0.0, "base_unanime": 0}
    if not masking:
        config["seuils"]["base_minimale"] = 1
    if not grouped:
        config["perimetres"] = []
    (root / "programme.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    codes = pl.DataFrame({"question_code": question_codes(0, questions)})
    _replace(reference / "axes.csv", pl.DataFrame({"axe": list(SEGMENTS), "ordre": [0, 1]}))
    _replace(reference / "segments.csv", pl.DataFrame({"axe": list(SEGMENTS), "segment": list(SEGMENTS.values())}))
    _replace(reference / "vagues.csv", _read(reference / "vagues.csv").filter(pl.col("vague").is_in(waves)))
    _replace(reference / "questions.csv", codes.with_columns(echelle=pl.lit(scale), theme_code=pl.lit("1")))
    same = ["premiere", *["identique"] * (len(waves) - 1)]
    asked = codes.join(pl.DataFrame({"vague": waves, "equivalence": same}), how="cross")
    _replace(reference / "questions_vagues.csv", asked)
    _replace(reference / "baremes.csv", _read(reference / "baremes.csv").filter(bareme=BAREME))
    for name in ("filiations", "references_nationales"):
        _replace(reference / f"{name}.csv", _read(reference / f"{name}.csv").clear())
    expected = _read(reference / "participations.csv").filter(
        pl.col("organisme_code").is_in(design["organisme_code"].to_list()), vague=DESIGN
    )
    for name, rows in (
        ("participations", expected.drop("vague")),
        ("plan_sondage", design.rename({"n": "entretiens_vises"})),
    ):
        _replace(reference / f"{name}.csv", pl.DataFrame({"vague": waves}).join(rows, how="cross"))


def _write_control_tables(root: Path, design: pl.DataFrame, waves: Sequence[str]) -> None:
    lake, programme = Lake(root), load_programme(root)
    members = design.group_by("organisme_code").agg(pl.col("n").sum().alias("nb_entretiens"))
    lots = members.join(pl.DataFrame({"vague": waves}), how="cross").with_columns(
        ponderation=pl.lit("plan"), effet_plan=pl.lit(1.0)
    )
    write_parquet(pl.DataFrame(lots.to_dicts(), schema=LOTS), lake.table("lots"))
    write_parquet(pl.DataFrame(schema=POPULATIONS), lake.table("populations"))
    write_parquet(pl.DataFrame(schema=EXCLUSIONS), lake.table("exclusions"))
    write_parquet(parameters(programme), lake.table("parametres"))
    write_parquet(texts(programme), lake.table("textes"))
    write_parquet(perimeters(programme), lake.table("perimetres"))
    write_parquet(releases(programme), lake.table("sorties"))
    write_parquet(overlaps(programme), lake.table("recouvrements"))


def question_codes(first: int, number: int) -> list[str]:
    """Returns a code per draw: the draw's number, behind a letter."""
    return [f"T{draw:05d}" for draw in range(first, first + number)]


def plan() -> pl.DataFrame:
    """Returns the design: organisme_code, strate, population, n."""
    return (
        _read(SHIPPED / "reference" / "plan_sondage.csv")
        .filter(vague=DESIGN)
        .select(
            "organisme_code",
            "strate",
            pl.col("population").cast(pl.Int64),
            pl.col("entretiens_vises").cast(pl.Int64).alias("n"),
        )
        .sort("organisme_code", "strate")
    )


def population(scale: str, rate: float, design: pl.DataFrame | None = None, spread: float = SPREAD) -> np.ndarray:
    """Returns the tenants of each stratum, by answer.

    Args:
        scale: on which they answer.
        rate: of satisfied tenants, before organismes and strata depart from it.
        design: as `plan` returns it, by default.
        spread: how far apart they stand, on the logit scale.

    Returns:
        Whole numbers, strata in the plan's order × (retained or not by the rare condition) × options.
    """
    rng = np.random.default_rng(SEED)
    strata = plan() if design is None else design
    organisme = strata["organisme_code"].rank("dense").to_numpy() - 1
    away = rng.normal(0, spread, organisme.max() + 1)[organisme] + rng.normal(0, spread, strata.height)
    level = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + away)))
    split = np.array(list(SCALES[scale].values()))
    shares = split * np.repeat(np.column_stack([level, 1 - level]), len(split) // 2, axis=1)
    counts = np.stack([RARE * shares, (1 - RARE) * shares], axis=1) * strata["population"].to_numpy()[:, None, None]
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
        _replace(root / "reference" / "references_nationales.csv", sources)
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
    members = _read(SHIPPED / "reference" / "organismes.csv").filter(pl.col("valide_a").is_null())
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
    baremes = _read(SHIPPED / "reference" / "baremes.csv").filter(bareme=BAREME, echelle=scale)
    points = dict(baremes.select("modalite_code", pl.col("note").cast(pl.Float64)).iter_rows())
    return np.array([points.get(option, np.nan) for option in SCALES[scale]])


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _replace(path: Path, rows: pl.DataFrame) -> None:
    """Writes a reference file anew with its own columns, those the rows lack left blank."""
    header = pl.read_csv(path, infer_schema=False).columns
    blank = [pl.lit("").alias(name) for name in header if name not in rows.columns]
    rows.with_columns(blank).select(header).write_csv(path)
