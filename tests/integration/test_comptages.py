"""Counts and the interviews they were counted from give the same published figures; only new lots are read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.support.counts import count_lines, counts_contract, write_lines
from tests.support.demo import observatoire
from tests.support.mini import HEADER, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.place import put
from tests.support.small import published

BY_NAME = {"nom_fichier": r"^(O\d)\.csv$"}


def _interviews(organisme: str, year: int, number: int) -> list[dict[str, str]]:
    """Answers with every status, unknown axes, uneven strata and uneven weights."""
    seed = int(organisme[1]) + year
    rows = []
    for i in range(number):
        k = (i * 7 + seed * 3) % 97
        demand = "129"[k % 3]
        follow_up = "1234"[(k // 3) % 4] if demand == "1" else ""
        rows.append(
            row(
                str(i), ORG=organisme, DATE=f"15/10/{year}", TC="CCI"[k % 3], AGE="" if k % 11 == 0 else str(20 + k % 60),
                Q1="1234489"[k % 7], Q2="1234"[k % 4] if "CCI"[k % 3] == "C" else "", Q3=demand, Q4=follow_up,
                Q5=("a|ab", "ab", "0", "9")[k % 4] if follow_up in ("3", "4") else "", POIDS=f"{0.4 + (k % 13) / 10:.1f}",
            )
        )  # fmt: skip
    return rows


def _write(weighted: bool, waves: tuple[str, ...], name: str = "entretiens") -> Path:
    root = put(mini_programme, name)
    for wave in waves:
        header = [h for h in [*HEADER, "POIDS"] if wave == "V2" or h != "Q5"]
        ignored = ["ORG"] if weighted else ["ORG", "POIDS"]
        weight: dict[str, Any] = {"ponderation": {"colonne": "POIDS"}} if weighted else {}
        write_contract(root, mini_contract(wave, organisme=BY_NAME, ignorees=ignored, **weight))
        for organisme, number in (("O1", 90), ("O2", 61), ("O3", 37)):
            rows = _interviews(organisme, 2019 if wave == "V1" else 2022, number)
            write_csv(root / f"landing/{wave}/{organisme}.csv", rows, header=header)
    return root


def _run(root: Path) -> Path:
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def _rows(root: Path, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        return connection.sql(f"select * from observatoire.{table} order by all").fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, pytest.param(True, marks=pytest.mark.long)], ids=["plan", "poids livrés"])
def test_counts_and_interviews_publish_the_same_figures(weighted: bool) -> None:
    interviews = _run(_write(weighted, ("V1", "V2")))
    counts = _write(weighted, ("V1",), "comptages")
    write_contract(counts, counts_contract(weighted=weighted))
    for organisme in ("O1", "O2", "O3"):
        answers = pl.read_parquet(interviews / f"lake/reponses/vague=V2/organisme={organisme}.parquet")
        write_lines(counts / f"landing/V2/{organisme}.csv", count_lines(answers))
    _run(counts)
    assert sorted(p.name for p in (counts / "lake/comptages/vague=V2").iterdir()) == [f"organisme=O{i}.parquet" for i in (1, 2, 3)]  # fmt: skip
    for table in ("fct_satisfaction", "fct_distribution", "fct_motif", "fct_evolution", "obs_indicateur"):
        expected, got = _rows(interviews, table), _rows(counts, table)
        assert len(expected) == len(got) > 0
        for one, other in zip(expected, got, strict=True):
            for a, b in zip(one, other, strict=True):
                same = math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) if isinstance(a, float) and b is not None else a == b  # fmt: skip
                assert same, (table, one, other)


def test_only_the_lots_that_changed_are_read_again() -> None:
    root = published()
    answers = pl.read_parquet(root / "lake/reponses/vague=V2/organisme=O2.parquet")
    # one organisme takes its interviews back and delivers their counts; nothing else moves
    write_contract(root, counts_contract(fichiers=["O2-comptes.csv"], organisme={"valeur": "O2"}))
    write_contract(root, mini_contract("V2", organisme=BY_NAME, ignorees=["ORG"], fichiers=["O[13].csv"]))
    (root / "landing/V2/O2.csv").unlink()
    write_lines(root / "landing/V2/O2-comptes.csv", count_lines(answers))
    before = _rows(root, "fct_satisfaction")
    with duckdb.connect(str(root / "warehouse/observatoire.duckdb")) as warehouse:
        # as a version of the project left them that made a table of the one and a view of the other
        warehouse.execute("drop view preparation.stg_themes; create table preparation.stg_themes as select 1 as x")
        warehouse.execute("drop table intermediaire.int_ecarts; create view intermediaire.int_ecarts as select 1 as x")
    _run(root)
    with duckdb.connect(str(root / "warehouse/observatoire.duckdb"), read_only=True) as warehouse:
        kinds = dict(warehouse.sql("select table_name, table_type from information_schema.tables").fetchall())
        [(said,)] = warehouse.sql("select comment from duckdb_tables() where table_name = 'int_ecarts'").fetchall()
    assert (kinds["stg_themes"], kinds["int_ecarts"], bool(said)) == ("VIEW", "BASE TABLE", True)
    assert not (root / "lake/reponses/vague=V2/organisme=O2.parquet").exists()
    assert pl.read_parquet(root / "lake/lots.parquet").filter(vague="V2")["nature"].to_list() == [
        "entretiens",
        "comptages",
        "entretiens",
    ]
    assert [r[:6] for r in _rows(root, "fct_satisfaction")] == [r[:6] for r in before]
    again = observatoire(root, "run")
    assert again.returncode == 0 and "rien de nouveau" in again.stdout
