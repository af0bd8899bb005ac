"""What an edition's file says of itself: each table and column, with its comment and its keys.

All of it is read from the published file, so it says what that file holds and nothing of how the tables were made. The
dictionary page and the description of the edition are both made from it. Facts have no foreign key in the file: a
column leads to a dimension where the table has all of that dimension's key, under its names. A key of one column may
also stand there for another row than the first (`segment_compare_cle` leads where `segment_cle` does).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import duckdb

from orchestration.publication.naming import SCHEMA

DIMENSION = "dim_"
# how the name of a key in one column ends; what it says of whose it is stands between its first word and this
_KEY = "_cle"
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
class Reference:
    """The columns of a table that lead to a dimension, and its key, which they are each a column of."""

    columns: tuple[str, ...]
    dimension: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of the edition, its comment, its columns in their order, and the dimensions it leads to."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...]

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
        references = tuple(
            Reference(own, name, tuple(key))
            for name, key in keys.items()
            if name.startswith(DIMENSION)
            for own in _leading(columns, tuple(key))
            if (name, own) != (table, tuple(key))
        )
        found.append(
            Table(
                table,
                comment or "",
                tuple(
                    Column(name, kind, told, name in keys.get(table, ()), _led_to(name, references))
                    for name, (kind, told) in columns.items()
                ),
                references,
            )
        )
    return sorted(found, key=lambda table: [not table.name.startswith(prefix) for prefix in ORDER])


def _leading(columns: Collection[str], key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yields what leads to a key among the columns of a table: the key itself, then what is of the same kind."""
    if set(columns) >= set(key):
        yield key
    if len(key) == 1 and key[0].endswith(_KEY):
        kind = key[0].removesuffix(_KEY) + "_"
        yield from ((name,) for name in columns if name.startswith(kind) and name.endswith(_KEY) and name != key[0])


def _led_to(column: str, references: Iterable[Reference]) -> tuple[str, ...]:
    return tuple(reference.dimension for reference in references if column in reference.columns)
