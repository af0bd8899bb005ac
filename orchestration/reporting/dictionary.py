"""The dictionary of an edition: each table and column of its file, with its meaning and its keys, as a page.

All of it is read from the published file, so it says what that file holds; nothing of how the tables were made. Its
comments are French; the page has them in the programme's language (`orchestration.words.comments`). Facts have no
foreign key: a column leads to a dimension where the table has all of that dimension's key, under its names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.cells import SCHEMA, Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.identity import style
from orchestration.reporting.pages import TEMPLATES, environment
from orchestration.reporting.study import last_edition

PAGE = "dictionnaire.html"
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
    """A table of the edition, its comment and its columns in their order."""

    name: str
    comment: str
    columns: tuple[Column, ...]


def tables(edition: Edition) -> list[Table]:
    """The tables of an edition, the views for frequent questions first."""
    connection = edition.connection
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
    dimensions = {name: key for name, key in keys.items() if name.startswith(DIMENSION)}
    columns_of = {
        table: tuple(
            Column(name, kind, comment, name in keys.get(table, ()), _led_to(table, name, {*columns}, dimensions))
            for name, (kind, comment) in columns.items()
        )
        for table, columns in described.items()
    }
    said = connection.execute(
        f"select table_name, comment from duckdb_tables() {chosen} order by table_name"
    ).fetchall()
    found = [Table(name, comment or "", columns_of[name]) for name, comment in said]
    return sorted(found, key=lambda table: [not table.name.startswith(prefix) for prefix in ORDER])


def _led_to(table: str, column: str, beside: set[str], dimensions: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(name for name, key in dimensions.items() if name != table and column in key and beside.issuperset(key))


def write_dictionary(database: Path, programme: ProgrammeConfig, f: Formats, out: Path) -> Path:
    """Writes `out/dictionnaire.html`; returns it.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        f: its language; a comment without a translation stays in the database's French, and says so.
        out: folder of the report.
    """
    report = programme.rapport
    with Edition(database) as edition:
        context = {
            "tables": tables(edition),
            "traduit": f.words.comment,
            "numero": last_edition(edition)["edition"] or "–",
            "nom": programme.nom or report.titre or "",
            "demonstration": programme.demonstration,
            "styles": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8") + style(report.couleurs)),
        }
    page = out / PAGE
    write_text(environment(f).get_template("dictionnaire.html.j2").render(context), page)
    return page
