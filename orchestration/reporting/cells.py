"""A figure that can be traced: the published table, key and measure it was read from, beside its value.

The page carries them as attributes, so that anyone (a test, a reader with a database client) can ask the
published file for the very same figure: `query` is that question.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlencode

import duckdb

from orchestration.sql import literal

SCHEMA = "observatoire"
Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One figure. `mesure` is a column or an expression, such as `count(*)`; `motif` the published reason."""

    table: str
    key: Mapping[str, str]
    mesure: str
    valeur: Any
    statut: str = "V"
    motif: str = ""

    @property
    def key_text(self) -> str:
        """The key as one attribute: `vague=2022&question_code=…`."""
        return urlencode(self.key)

    @property
    def reference(self) -> str:
        """Where the figure was read, as one attribute: `table|key|measure`."""
        return f"{self.table}|{self.key_text}|{self.mesure}"

    @property
    def shown(self) -> bool:
        """A masked cell is never shown, even if a value stands in it."""
        return self.valeur is not None and self.statut == "V"

    @property
    def missing(self) -> str:
        """The status to explain when there is nothing to show."""
        return self.statut if self.statut != "V" else ""


def query(table: str, key_text: str, mesure: str) -> tuple[str, list[str]]:
    """The SQL, and its parameters, that gives the figure behind a cell's attributes."""
    clauses, parameters = [], []
    for name, value in parse_qsl(key_text, keep_blank_values=True):
        column, _, operator = name.partition(" ")
        if operator == "in":
            choices = value.split("|")
            clauses.append(f'"{column}"::text in ({", ".join("?" * len(choices))})')
            parameters += choices
        else:
            clauses.append(f'"{column}"::text {operator or "="} ?')
            parameters.append(value)
    where = " where " + " and ".join(clauses) if clauses else ""
    return f'select {mesure} from "{table}"{where}', parameters


class Edition:
    """A published DuckDB file, read only. A table or column that is not published reads as absent."""

    def __init__(self, database: Path) -> None:
        """Open the file."""
        # A file named as its schema makes `schema.table` ambiguous to DuckDB: attach under another name.
        self.connection = duckdb.connect(":memory:")
        self.connection.execute(f"attach {literal(database)} as edition (read_only)")
        self.connection.execute(f"use edition.{SCHEMA}")
        self.tables = {
            name
            for (name,) in self.connection.execute(
                "select table_name from information_schema.tables where table_catalog = 'edition' and table_schema = ?",
                [SCHEMA],
            ).fetchall()
        }

    def __enter__(self) -> "Edition":
        """Open already: for `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.connection.close()

    def rows(self, table: str, **where: str | None) -> list[Row]:
        """Rows of a table as dictionaries, filtered on equality; none if the table is not published."""
        if table not in self.tables:
            return []
        clauses = " and ".join(f'"{column}" = ?' for column in where)
        cursor = self.connection.execute(
            f'select * from "{table}"' + (f" where {clauses}" if clauses else ""), list(where.values())
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def chosen(self, table: str, columns: Iterable[str], **where: str | None) -> list[Row]:
        """The same with these columns only; one that is not published is absent."""
        if table not in self.tables:
            return []
        known = {name for name, *_ in self.connection.execute(f'describe "{table}"').fetchall()}
        names = [name for name in dict.fromkeys(columns) if name in known]
        clauses = " and ".join(f'"{column}" = ?' for column in where)
        listed = ", ".join(f'"{name}"' for name in names)
        found = self.connection.execute(f'select {listed} from "{table}" where {clauses}', list(where.values()))
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def cell(self, table: str, key: Mapping[str, str], mesure: str) -> Cell:
        """A figure computed by the published file itself: a count, a sum."""
        try:
            found = self.values(table, urlencode(key), mesure)
        except (duckdb.BinderException, duckdb.CatalogException):
            found = []
        return Cell(table, key, mesure, found[0] if found else None)

    def find(self, reference: str) -> list[Any]:
        """What the published file answers to a cell's `reference`."""
        table, key_text, mesure = reference.split("|", 2)
        return self.values(table, key_text, mesure)

    def values(self, table: str, key_text: str, mesure: str) -> list[Any]:
        """What the published file answers to the attributes of a figure."""
        return [value for (value,) in self.connection.execute(*query(table, key_text, mesure)).fetchall()]
