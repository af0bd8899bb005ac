"""A pandas script as an analyst would write it: read the files, weigh, group by question and axis.

Usage: python -m bench.alternatives.analyst PROGRAMME RESULT. The result is a Parquet file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from bench.national import SEPARATOR


def count(root: Path, result: Path) -> None:
    """Counts interviews, weights and squared weights by organisme, stratum, axis, segment, question and option."""
    reference = root / "reference"
    axes = [axe for axe in pd.read_csv(reference / "axes.csv")["axe"] if axe != "ensemble"]
    scales = pd.read_csv(reference / "echelles.csv").set_index("echelle")["type"]
    questions = pd.read_csv(reference / "questions.csv").set_index("question_code")["echelle"].map(scales)
    files = sorted((root / "landing").glob("*/*.csv"))
    answers = pd.concat(pd.read_csv(path, sep=";", dtype=str).assign(organisme_code=path.stem) for path in files)
    answers["strate"] = answers["qpv"] + "." + answers["type_construction"]
    plan = pd.read_csv(reference / "plan_sondage.csv").set_index(["organisme_code", "strate"])["population"]
    keys = ["organisme_code", "strate"]
    answers = answers.join(plan, on=keys)
    answers["poids"] = answers["population"] / answers.groupby(keys)["id"].transform("size")
    answers["poids_carre"] = answers["poids"] ** 2
    answers["ensemble"] = "tous"
    answers[axes] = answers[axes].fillna("NR")
    tables = []
    for question in (str(code) for code in questions.index if code in answers.columns):
        asked = answers
        if questions[question] == "multiple":
            asked = answers.copy()
            asked[question] = asked[question].str.split(SEPARATOR, regex=False)
            asked = asked.explode(question)
        for axis in ["ensemble", *axes]:
            table = asked.groupby([*keys, axis, question], observed=True).agg(
                n=("poids", "size"), poids_somme=("poids", "sum"), poids_carre_somme=("poids_carre", "sum")
            )
            table.index.names = [*keys, "segment", "modalite"]
            tables.append(table.reset_index().assign(axe=axis, question_code=question))
    pd.concat(tables).to_parquet(result)


if __name__ == "__main__":
    count(Path(sys.argv[1]), Path(sys.argv[2]))
