"""Keeps bi/superset true to the published catalogue, and makes of it the archive that Superset imports.

superset_bundle.py columns FILE            writes the columns of every dataset, from the comments of a published file
superset_bundle.py archive FILE ARCHIVE    writes a zip whose database is FILE, opened read-only

What a dataset's columns are called and described as stands in the warehouse, once. Metrics, charts and the
dashboard are edited in bi/superset, or in Superset and exported.
"""

from __future__ import annotations

import argparse
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import yaml

BUNDLE = Path(__file__).resolve().parents[1] / "bi" / "superset"
SCHEMA = "observatoire"
PLACEHOLDER = "duckdb:////chemin/du/programme/published/observatoire.duckdb"
# a longer first clause is a sentence, not a label
LABEL_AT_MOST = 40
NUMBERS = {"BIGINT", "DOUBLE"}


def columns(connection: duckdb.DuckDBPyConnection, dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a dataset's columns as Superset imports them, in the order in which they are read.

    Args:
        connection: a published file.
        dataset: what its YAML says: a published table, or a query over published tables.

    Raises:
        ValueError: a column of the query is no column of the tables it reads.
    """
    query = dataset["sql"] or f"select * from {SCHEMA}.{dataset['table_name']}"
    tables = re.findall(rf"\b{SCHEMA}\.(\w+)", query)
    comments = {
        (table, column): str(comment)
        for table, column, comment in connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = ?", [SCHEMA]
        ).fetchall()
    }
    described = connection.execute(f"describe {query}").fetchall()
    return [_column(str(name), str(kind), _comment(str(name), tables, comments)) for name, kind, *_ in described]


def _comment(name: str, tables: list[str], comments: dict[tuple[str, str], str]) -> str:
    for table in tables:
        if (table, name) in comments:
            return comments[table, name]
    column, _, entity = name.rpartition("_")  # libelle_question is dim_question's libelle
    if (f"dim_{entity}", column) in comments:
        return comments[f"dim_{entity}", column]
    raise ValueError(f"no table of {', '.join(tables)} has a column {name}")


def _column(name: str, kind: str, comment: str) -> dict[str, Any]:
    clause = re.split(r"[;:.(]", comment, maxsplit=1)[0].strip()
    short = len(clause) <= LABEL_AT_MOST and clause[:1].isupper() and not clause.startswith("Vrai si")
    label = clause if short else name.replace("_", " ").capitalize()
    return {
        "column_name": name,
        "verbose_name": label,
        "description": " ".join(comment.split()),
        "type": kind,
        "is_dttm": kind in ("TIMESTAMP", "DATE"),
        "groupby": kind not in NUMBERS,
        "filterable": True,
    }


def datasets() -> list[Path]:
    """Returns the datasets' files."""
    return sorted((BUNDLE / "datasets").rglob("*.yaml"))


def described(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Returns a dataset's file as the published catalogue makes it: columns, and a table's description."""
    dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
    if dataset["sql"] is None:
        [(comment,)] = connection.execute(
            "select comment from duckdb_tables() where schema_name = ? and table_name = ?",
            [SCHEMA, dataset["table_name"]],
        ).fetchall()
        dataset["description"] = comment
    dataset["columns"] = columns(connection, dataset)
    return yaml.dump(dataset, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=120)


class _Readable(yaml.SafeDumper):
    """Writes a text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def archive(published: Path, target: Path) -> None:
    """Writes the zip to import, with the published file's own path in place of the placeholder."""
    # the entrance, links not resolved: what it leads to changes with every edition
    address = "duckdb:///" + quote(str(published.absolute()))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8").replace(PLACEHOLDER, address)
            bundle.writestr(str(Path("observatoire") / path.relative_to(BUNDLE)), text)


def main() -> None:
    """Does what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("columns", "archive"):
        command = commands.add_parser(name)
        command.add_argument("file", type=Path)
        if name == "archive":
            command.add_argument("archive", type=Path)
    asked = parser.parse_args()
    if asked.command == "archive":
        archive(asked.file, asked.archive)
        return
    with duckdb.connect(str(asked.file), read_only=True) as connection:
        for path in datasets():
            path.write_text(described(connection, path), encoding="utf-8")


if __name__ == "__main__":
    main()
