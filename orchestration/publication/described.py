"""What an edition's file says of itself: each table and column, with its comment and its keys.

All of it is read from the published file, so it says what that file holds and nothing of how the tables were made. The
dictionary page and the description of the edition are both made from it. Facts have no foreign key in the file: a
column leads to a dimension where the table has all of that dimension's key, under its names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from orchestration.publication.naming import SCHEMA

DIMENSION = "dim_"
# what answers a question first, what explains it last
ORDER = ("obs_", "fct_", DIMENSION, "meta_")


@dataclass(frozen=True)
class Column:
    """A column: `key` where it is of the primary key, `target` the dimensions whose key it is, or is part of."""

    name: str
    kind: str
    comment: str
    key: bool
    target: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of the edition, its comment, its columns in their order, and the keys of the dimensions it leads to."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    dimensions: Mapping[str, tuple[str, ...]]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key; none where the file declares no key."""
        return tuple(column.name for column in self.columns if column.key)


def tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Returns the tables of the file attached as `edition`, those for frequent questions first."""
    chosen = f"where database_name = 'edition' and schema_name = '{SCHEMA}'"
    keys: dict[str, list[str]] = dict(
        connection.execute(
            f"select table_name, constraint_column_names from duckdb_constraints() {chosen}"
            " and constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    )
    described: dict[str, dict[str, tuple[str, str]]] = {}
    for table, name, kind, comment in connection.execute(
        f"select table_name, column_name, data_type, comment from duckdb_columns() {chosen}"
        " order by table_name, column_index"
    ).fetchall():
        described.setdefault(table, {})[name] = (kind, comment or "")
    said = connection.execute(
        f"select table_name, comment from duckdb_tables() {chosen} order by table_name"
    ).fetchall()
    found = []
    for table, comment in said:
        columns = described[table]
        dimensions = {
            name: tuple(key)
            for name, key in keys.items()
            if name.startswith(DIMENSION) and name != table and columns.keys() >= set(key)
        }
        found.append(
            Table(
                table,
                comment or "",
                tuple(
                    Column(name, kind, told, name in keys.get(table, ()), _led_to(name, dimensions))
                    for name, (kind, told) in columns.items()
                ),
                dimensions,
            )
        )
    return sorted(found, key=lambda table: [not table.name.startswith(prefix) for prefix in ORDER])


def _led_to(column: str, dimensions: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for name, key in dimensions.items() if column in key)
