"""The truth that tests compare the pipeline with, counted on the canonical interviews alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from orchestration.demo.programme import DemoProgramme

DEFECTS_COLUMNS = ["fichier", "feuille", "ligne", "regle", "colonne", "valeur", "vague", "organisme_code"]
ANY_OPTION = "*"


def count(programme: DemoProgramme, interviews: pl.DataFrame) -> pl.DataFrame:
    """Valid interviews per vague × organisme_code × question_code × modalite_code (n ≥ 1).

    Statuses are counted like options. For a multiple choice, `*` counts the interviews that express
    at least one option.
    """
    keys = ["vague", "organisme_code"]
    statuses = list(programme.statuses)
    parts: list[pl.DataFrame] = []
    for question in programme.questions.values():
        answers = interviews.select(*keys, pl.col(question.code).alias("modalite_code"))
        if question.multiple:
            expressed = answers.filter(~pl.col("modalite_code").list.first().is_in(statuses))
            parts.append(_counted(expressed.with_columns(modalite_code=pl.lit(ANY_OPTION)), question.code))
            answers = answers.explode("modalite_code")
        parts.append(_counted(answers, question.code))
    return pl.concat(parts).sort("vague", "organisme_code", "question_code", "modalite_code")


def write_truth(
    folder: Path, programme: DemoProgramme, waves: list[pl.DataFrame], defects: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write comptages.parquet, entretiens.csv and defauts.csv; return the interviews and the defects."""
    folder.mkdir(parents=True, exist_ok=True)
    valid = [wave.filter("valide") for wave in waves]
    pl.concat([count(programme, wave) for wave in valid]).write_parquet(folder / "comptages.parquet")
    interviews = (
        pl.concat([wave.select("vague", "organisme_code") for wave in valid])
        .group_by("vague", "organisme_code")
        .agg(nb_entretiens=pl.len())
        .sort("vague", "organisme_code")
    )
    interviews.write_csv(folder / "entretiens.csv")
    defects = defects.select(DEFECTS_COLUMNS).sort("fichier", "feuille", "ligne", "regle")
    defects.write_csv(folder / "defauts.csv")
    return interviews, defects


def _counted(answers: pl.DataFrame, question: str) -> pl.DataFrame:
    return (
        answers.group_by("vague", "organisme_code", "modalite_code")
        .agg(n=pl.len().cast(pl.Int64))
        .select("vague", "organisme_code", pl.lit(question).alias("question_code"), "modalite_code", "n")
    )
