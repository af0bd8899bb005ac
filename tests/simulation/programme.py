"""The shipped programme with waves of one design and as many questions as samples are drawn, ready to be given their counts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import yaml

from orchestration.extracts.control_tables import (
    EXCLUSIONS,
    LOTS,
    POPULATIONS,
    write_declarations,
)
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.programme import load_programme
from tests.support.demo import SHIPPED
from tests.support.place import put

WAVES = ("2019", "2022")
DESIGN = "2022"
# the one barème that the tests read; each further one would be a measure more to estimate
BAREME = "LINEAIRE"
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
    replace_table(reference / "axes.csv", pl.DataFrame({"axe": list(SEGMENTS), "ordre": [0, 1]}))
    replace_table(reference / "segments.csv", pl.DataFrame({"axe": list(SEGMENTS), "segment": list(SEGMENTS.values())}))
    replace_table(reference / "vagues.csv", read_table(reference / "vagues.csv").filter(pl.col("vague").is_in(waves)))
    replace_table(reference / "questions.csv", codes.with_columns(echelle=pl.lit(scale), theme_code=pl.lit("1")))
    same = ["premiere", *["identique"] * (len(waves) - 1)]
    asked = codes.join(pl.DataFrame({"vague": waves, "equivalence": same}), how="cross")
    replace_table(reference / "questions_vagues.csv", asked)
    replace_table(reference / "baremes.csv", read_table(reference / "baremes.csv").filter(bareme=BAREME))
    for name in ("filiations", "references_nationales"):
        replace_table(reference / f"{name}.csv", read_table(reference / f"{name}.csv").clear())
    expected = read_table(reference / "participations.csv").filter(
        pl.col("organisme_code").is_in(design["organisme_code"].to_list()), vague=DESIGN
    )
    for name, rows in (
        ("participations", expected.drop("vague")),
        ("plan_sondage", design.rename({"n": "entretiens_vises"})),
    ):
        replace_table(reference / f"{name}.csv", pl.DataFrame({"vague": waves}).join(rows, how="cross"))


def _write_control_tables(root: Path, design: pl.DataFrame, waves: Sequence[str]) -> None:
    lake = Lake(root)
    members = design.group_by("organisme_code").agg(pl.col("n").sum().alias("nb_entretiens"))
    lots = members.join(pl.DataFrame({"vague": waves}), how="cross").with_columns(
        ponderation=pl.lit("plan"), effet_plan=pl.lit(1.0)
    )
    write_parquet(pl.DataFrame(lots.to_dicts(), schema=LOTS), lake.table("lots"))
    write_parquet(pl.DataFrame(schema=POPULATIONS), lake.table("populations"))
    write_parquet(pl.DataFrame(schema=EXCLUSIONS), lake.table("exclusions"))
    write_declarations(load_programme(root))


def question_codes(first: int, number: int) -> list[str]:
    """Returns a code per draw: the draw's number, behind a letter."""
    return [f"T{draw:05d}" for draw in range(first, first + number)]


def plan() -> pl.DataFrame:
    """Returns the design: organisme_code, strate, population, n."""
    return (
        read_table(SHIPPED / "reference" / "plan_sondage.csv")
        .filter(vague=DESIGN)
        .select(
            "organisme_code",
            "strate",
            pl.col("population").cast(pl.Int64),
            pl.col("entretiens_vises").cast(pl.Int64).alias("n"),
        )
        .sort("organisme_code", "strate")
    )


def read_table(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def replace_table(path: Path, rows: pl.DataFrame) -> None:
    """Writes a reference file anew with its own columns, those the rows lack left blank."""
    header = pl.read_csv(path, infer_schema=False).columns
    blank = [pl.lit("").alias(name) for name in header if name not in rows.columns]
    rows.with_columns(blank).select(header).write_csv(path)
