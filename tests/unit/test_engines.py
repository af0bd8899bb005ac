"""What makes the two SQL engines alike: the face Python models see, Student's law with nulls, and the comparison of marts."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import duckdb
import engines
import polars as pl
import pyarrow as pa
import pytest
import student

from tests.support.spark import differences


def test_rows_are_chosen_and_filtered() -> None:
    with duckdb.connect() as session:
        table = session.sql("select * from (values ('a', 1), ('b', 2), ('a', 3)) as t (code, n)")
        assert sorted(engines.rows(table, "code", "n > 1", where="n < 3")) == [("a", False), ("b", True)]
        assert sorted(engines.rows(table, "code", distinct=True)) == [("a",), ("b",)]


def test_whole_columns_hold_each_text_once() -> None:
    with duckdb.connect() as session:
        table = session.sql("select (range // 100000)::varchar as code, range as n, 0 as other from range(300000)")
        read = engines.columns(table, "code", "n")
        assert read.column_names == ["code", "n"] and read["n"].to_numpy().sum() == sum(range(300_000))
        assert read["code"].combine_chunks().dictionary.to_pylist() == ["0", "1", "2"]
        assert engines.columns(session.sql("select 'a' as code where false"), "code")["code"].to_pylist() == []


def test_files_are_read_as_one_table_sorted_and_what_one_lacks_is_null(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("l'un.parquet", "deux.parquet")]
    pl.DataFrame({"o": ["b", "a"], "Q é": [None, "x"]}).write_parquet(files[0])
    pl.DataFrame({"o": ["a"]}).write_parquet(files[1])
    with duckdb.connect() as session:
        name = engines.name_in(session, "Q é")
        read = engines.from_files(session, files, {"o": "o", "Q é": f"cast(case {name} when 'x' then 1 end as double)"})
    assert read["o"].to_pylist() == ["a", "a", "b"]
    assert read["Q é"].to_numpy()[0] == 1.0 and all(map(math.isnan, read["Q é"].to_numpy()[1:]))


def test_students_law_takes_nulls_and_any_number() -> None:
    p = student.null_aware(student.p_student)(pa.array([Decimal("2.0"), None, Decimal("2.0")]), pa.array([2, 2, None]))
    assert p.to_pylist() == [pytest.approx(0.1835034190722739), None, None]


def test_marts_that_differ_are_said_to() -> None:
    same = pl.DataFrame({"k": ["a", "b"], "n": [1, None], "x": [1e6, None], "b": [True, None]})
    assert differences(same, same) == []
    assert differences(same, same.with_columns(x=pl.col("x") * (1 + 1e-12))) == []
    for other in (
        same.with_columns(x=pl.col("x") * (1 + 1e-8)),
        same.with_columns(x=pl.col("x").fill_null(0.0)),
        same.with_columns(x=pl.lit(None, pl.Float64)),
        same.with_columns(x=pl.lit(math.nan)),
        same.with_columns(k=pl.lit("a")),
        same.with_columns(b=pl.lit(None, pl.Boolean)),
        same.with_columns(pl.col("n").cast(pl.Int32)),
        same.rename({"n": "m"}),
        same.head(1),
    ):
        assert differences(same, other) != []
