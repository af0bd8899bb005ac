"""The description of an edition's tables for any tool: a Data Package (https://datapackage.org, version 2).

It says in JSON what the dictionary page says to people: tables, columns, types, keys, meanings; and of each column of a
fact, its role: a `mesure` is empty where the `statut` of its row is not V. It stands beside the edition's Parquet files
and, told of CSV, in the archive of the report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from orchestration.programme.config import ProgrammeConfig
from orchestration.programme.vocabulary import words_of
from orchestration.publication.described import Column, Table, tables
from orchestration.publication.naming import SCHEMA
from orchestration.words import Words

NAME = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# A type of DuckDB as the standard names it; a type that is not here is a text.
TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "number"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}
KEYS = ("cle", "perimetre")
# as DuckDB writes an instant in a CSV
_INSTANT = "%Y-%m-%d %H:%M:%S"


def data_package(
    connection: duckdb.DuckDBPyConnection,
    programme: ProgrammeConfig,
    roles: Mapping[str, Mapping[str, str]],
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """Returns the description of an edition's Parquet files.

    Args:
        connection: where the edition's file is attached as `edition`.
        programme: what names the programme, who publishes, under which licence, and in which language; a comment that
            it does not translate stays in the warehouse's French.
        roles: by fact, the role of each column.
        sizes: by table, the bytes of its file.
    """
    words = words_of(programme)
    [(edition, made)] = connection.execute(
        f"select edition, publiee_le from edition.{SCHEMA}.meta_edition order by publiee_le desc limit 1"
    ).fetchall()
    said: dict[str, Any] = {
        "$schema": PROFILE,
        "name": programme.programme,
        "title": programme.rapport.titre or programme.nom,
        "description": f"{programme.nom}. {words.say('donnees_fictives')}"
        if programme.demonstration
        else programme.nom,
        "version": edition,
        "created": made.isoformat(),
    }
    if programme.editeur:
        said["contributors"] = [{"title": programme.editeur, "roles": ["publisher"]}]
    if licence := programme.licence:
        said["licenses"] = [
            {"name": licence.code, "title": licence.nom} | ({"path": licence.url} if licence.url else {})
        ]
    return said | {
        "resources": [
            {
                "name": table.name,
                "path": f"{table.name}.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "bytes": sizes[table.name],
                "description": _told(table.comment, words),
                "schema": _schema(connection, table, roles.get(table.name, {}), words),
            }
            for table in tables(connection)
        ]
    }


def in_csv(package: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Returns the same description of the same tables written as CSV: UTF-8, commas, a line of names, empty where null.

    Args:
        package: the description of the Parquet files.
        sizes: by table, the bytes of its CSV; a table that is not there is left out.
    """
    resources = []
    for resource in package["resources"]:
        if (name := resource["name"]) in sizes:
            fields = [
                field | ({"format": _INSTANT} if field["type"] == "datetime" else {})
                for field in resource["schema"]["fields"]
            ]
            told = {"path": f"{name}.csv", "format": "csv", "mediatype": "text/csv", "bytes": sizes[name]}
            resources.append(resource | told | {"schema": resource["schema"] | {"fields": fields}})
    return {**package, "resources": resources}


def written(package: Mapping[str, Any]) -> str:
    """Returns a description as the text of its file."""
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _schema(
    connection: duckdb.DuckDBPyConnection, table: Table, roles: Mapping[str, str], words: Words
) -> dict[str, Any]:
    key = list(table.key) or [column for column, role in roles.items() if role in KEYS]
    references = [
        {"fields": list(own), "reference": {"resource": dimension, "fields": list(own)}}
        for dimension, own in table.dimensions.items()
        if _holds(connection, table.name, dimension, own)
    ]
    told: dict[str, Any] = {"fields": [_field(column, roles, words) for column in table.columns]}
    return told | ({"primaryKey": key} if key else {}) | ({"foreignKeys": references} if references else {})


def _holds(connection: duckdb.DuckDBPyConnection, table: str, dimension: str, key: tuple[str, ...]) -> bool:
    """Returns whether each row finds its row of the dimension: the reason of one of two cells has no row of its own."""
    columns = ", ".join(key)
    unknown = connection.execute(
        f"select 1 from edition.{SCHEMA}.{table} anti join edition.{SCHEMA}.{dimension} using ({columns})"
        f" where {' and '.join(f'{column} is not null' for column in key)} limit 1"
    ).fetchall()
    return not unknown


def _field(column: Column, roles: Mapping[str, str], words: Words) -> dict[str, Any]:
    told = {
        "name": column.name,
        "type": TYPES.get(column.kind, "string"),
        "description": _told(column.comment, words),
    }
    if role := roles.get(column.name):
        told["role"] = role
    return told | ({"constraints": {"required": True}} if column.key else {})


def _told(comment: str, words: Words) -> str:
    """Returns a comment in the programme's language, or as the file has it."""
    return words.comment(comment) or comment
