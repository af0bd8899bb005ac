"""One face for the tables of both engines, DuckDB's relations and Spark's data frames, for the Python models.

Expressions are SQL that both engines read. `session` is what dbt hands to a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa


def rows(table: Any, *columns: str, where: str | None = None, distinct: bool = False) -> list[tuple[Any, ...]]:
    """Returns some columns or expressions of a table (what `dbt.ref` gives), in no order."""
    kept = table.filter(where) if where else table
    chosen = kept.selectExpr(*columns) if _is_spark(table) else kept.select(", ".join(columns))
    chosen = chosen.distinct() if distinct else chosen
    return [tuple(row) for row in chosen.collect()] if _is_spark(table) else chosen.fetchall()


def columns(table: Any, *names: str, where: str | None = None) -> pa.Table:
    """Returns columns of a table, or `expression as name`, in no order. Texts are dictionaries, for large tables."""
    table = table.filter(where) if where else table
    if _is_spark(table):
        read = table.selectExpr(*names).toArrow()
        batches = read.to_batches()
    else:
        batches = read = table.select(", ".join(names)).to_arrow_reader()
    parts = [
        pa.table([one.dictionary_encode() if _is_text(one) else one for one in batch.columns], batch.schema.names)
        for batch in batches
    ]
    return pa.concat_tables(parts).unify_dictionaries() if parts else read.schema.empty_table()


def from_files(session: Any, files: Sequence[str], columns: Mapping[str, str]) -> pa.Table:
    """Returns columns of Parquet files as numbers or texts, sorted by all of them, the first one first.

    Args:
        session: dbt's.
        files: absolute paths; a column may be missing from some.
        columns: name → expression, in which a column of the files is written by `name_in`.
    """
    expressions = [f"{text} as {name_in(session, name)}" for name, text in columns.items()]
    names = [name_in(session, name) for name in columns]
    if _is_spark(session):
        from pyspark.sql.functions import col

        read = session.read.option("mergeSchema", "true").option("recursiveFileLookup", "true").parquet(*files)
        return read.selectExpr(*expressions).orderBy(*(col(name).asc_nulls_last() for name in names)).toArrow()
    order = ", ".join(f"{name} asc nulls last" for name in names)
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    return session.sql(
        f"select * from (select {', '.join(expressions)}"
        f" from read_parquet([{listed}], hive_partitioning = false, union_by_name = true)) order by {order}"
    ).to_arrow_table()


def name_in(session: Any, name: str) -> str:
    """Returns a column's name as the engine quotes it."""
    quote = "`" if _is_spark(session) else '"'
    return f"{quote}{name}{quote}"


def table(session: Any, content: pa.Table) -> Any:
    """Returns what a model gives back to dbt for this content.

    A table put together of several is made one piece first: Spark takes a piece without a row for the end of the table,
    and what follows it would be lost.
    """
    return session.createDataFrame(content.combine_chunks()) if _is_spark(session) else content


def _is_text(column: pa.Array) -> bool:
    return pa.types.is_string(column.type) or pa.types.is_large_string(column.type)


def _is_spark(thing: Any) -> bool:
    return type(thing).__module__.startswith("pyspark")
