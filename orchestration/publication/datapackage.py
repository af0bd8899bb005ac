"""The description of an edition's tables for any tool: a Data Package (https://datapackage.org, version 2).

It says in JSON what the dictionary page says to people: tables, columns, types, keys, meanings; and of each column its
role (a `mesure` is empty where the `status` column of its row is not V), the unit of its number and what counts the
answers it is made of (`base`). It stands beside the edition's Parquet files and, told of CSV, in the archive of the
report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orchestration.publication.description import Description, Field, Table

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
# as DuckDB writes an instant in a CSV
_INSTANT = "%Y-%m-%d %H:%M:%S"


def data_package(told: Description, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Returns the description of an edition's Parquet files.

    Args:
        told: the edition.
        sizes: by table, the bytes of its file.
    """
    said: dict[str, Any] = {
        "$schema": PROFILE,
        "name": told.name,
        "title": told.title,
        "description": told.sentence,
        "version": told.edition,
        "created": told.made.isoformat(),
    }
    if told.publisher:
        said["contributors"] = [{"title": told.publisher, "roles": ["publisher"]}]
    if licence := told.licence:
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
                "description": table.comment,
                "schema": _schema(table),
            }
            for table in told.tables
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


def _schema(table: Table) -> dict[str, Any]:
    references = [
        {
            "fields": list(led.columns),
            # what leads to another row of the same table names no resource
            "reference": ({} if led.dimension == table.name else {"resource": led.dimension})
            | {"fields": list(led.key)},
        }
        for led in table.references
    ]
    told: dict[str, Any] = {"fields": [_field(field) for field in table.fields]}
    return (
        told
        | ({"primaryKey": list(table.key)} if table.key else {})
        | ({"foreignKeys": references} if references else {})
    )


def _field(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": field.name,
        "type": TYPES.get(field.kind, "string"),
        "description": field.comment,
        "role": field.role,
        "unit": field.unit,
        "base": list(field.bases),
        "status": field.status,
    }
    told = {name: value for name, value in said.items() if value or name == "description"}
    return told | ({"constraints": {"required": True}} if field.required else {})
