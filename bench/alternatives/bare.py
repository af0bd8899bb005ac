"""Bare DuckDB: one SQL statement from the delivered CSV files to the counts, no contract, check, trace or report.

Usage: python -m bench.alternatives.bare PROGRAMME RESULT. The result is a DuckDB file with the table `comptage`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import polars as pl

from bench.national import SEPARATOR


def count(root: Path, result: Path) -> None:
    """Counts interviews, weights and squared weights by organisme, stratum, axis, segment, question and option."""
    reference = root / "reference"
    axes = [axe for axe in pl.read_csv(reference / "axes.csv", infer_schema=False)["axe"] if axe != "ensemble"]
    [wave] = [path.name for path in (root / "landing").iterdir() if path.is_dir()]
    scales = dict(pl.read_csv(reference / "echelles.csv", infer_schema=False).select("echelle", "type").iter_rows())
    asked = pl.read_csv(reference / "questions_vagues.csv", infer_schema=False).filter(vague=wave)["question_code"]
    questions = pl.read_csv(reference / "questions.csv", infer_schema=False).filter(
        pl.col("question_code").is_in(asked.implode())
    )
    kinds = [(code, scales[scale] == "multiple") for code, scale in questions.select("question_code", "echelle").rows()]
    queries = [_query(axes, code, multiple) for code, multiple in kinds]
    with duckdb.connect(str(result)) as connection:
        connection.execute(
            f"""
            create temp table reponses as
            select
                organisme_code, strate, lignes.* exclude (filename),
                population / count(*) over (partition by organisme_code, strate) as poids
            from (
                select *, filename[-9:-5] as organisme_code, qpv || '.' || type_construction as strate
                from read_csv('{root}/landing/{wave}/*.csv', delim = ';', all_varchar = true, filename = true)
            ) as lignes
            inner join read_csv('{reference}/plan_sondage.csv', types = {{'strate': 'varchar'}}) as plan
                using (organisme_code, strate)
            """
        )
        connection.execute("create table comptage as " + " union all ".join(queries))


def _query(axes: list[str], question: str, multiple: bool) -> str:
    answer = f"unnest(string_split({question}, '{SEPARATOR}'))" if multiple else question
    case = " ".join(f"when grouping({axe}) = 0 then '{axe}'" for axe in axes)
    known = ", ".join(f"coalesce({axe}, 'NR') as {axe}" for axe in axes)
    sets = ", ".join(f"(organisme_code, strate, modalite{axe})" for axe in ["", *(f", {axe}" for axe in axes)])
    return f"""
        select
            organisme_code, strate, case {case} else 'ensemble' end as axe,
            coalesce({", ".join(axes)}, 'tous') as segment, '{question}' as question_code, modalite,
            count(*) as n, sum(poids) as poids_somme, sum(poids * poids) as poids_carre_somme
        from (select organisme_code, strate, poids, {known}, {answer} as modalite from reponses)
        group by grouping sets ({sets})
    """


if __name__ == "__main__":
    count(Path(sys.argv[1]), Path(sys.argv[2]))
