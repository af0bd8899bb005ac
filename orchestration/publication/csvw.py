"""The description of an edition's tables, written as CSV, in the vocabulary of the W3C: CSV on the Web.

https://www.w3.org/TR/tabular-metadata/. The CSV files are those of the report's archive, which this file goes into; in
the edition it stands beside the Parquet files of the same tables and columns.
"""

from __future__ import annotations

from typing import Any

from orchestration.publication.datapackage import TYPES
from orchestration.publication.description import Description, Field, Table

NAME = "csvw-metadata.json"
# as DuckDB writes an instant in a CSV, in the standard's own notation
_INSTANT = {"base": "dateTime", "format": "yyyy-MM-dd HH:mm:ss"}
_DATATYPES: dict[str, Any] = {"number": "double", "datetime": _INSTANT}


def csvw(told: Description) -> dict[str, Any]:
    """Returns the description of an edition's tables as CSV files."""
    said: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": told.language}],
        "dc:identifier": told.name,
        "dc:title": told.title,
        "dc:description": told.sentence,
        "dc:language": told.language,
        "dc:issued": {"@value": told.made.date().isoformat(), "@type": "xsd:date"},
        "schema:version": told.edition,
    }
    if told.publisher:
        said["dc:publisher"] = told.publisher
    if licence := told.licence:
        said["dc:license"] = {"@id": licence.url} if licence.url else licence.nom
    return said | {"tables": [_table(table, told) for table in told.tables]}


def _table(table: Table, told: Description) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_column(field, told) for field in table.fields]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.references:
        schema["foreignKeys"] = [
            {
                "columnReference": list(led.columns),
                "reference": {"resource": f"{led.dimension}.csv", "columnReference": list(led.key)},
            }
            for led in table.references
        ]
    return {"url": f"{table.name}.csv", "dc:description": table.comment, "tableSchema": schema}


def _column(field: Field, told: Description) -> dict[str, Any]:
    kind = TYPES.get(field.kind, "string")
    said: dict[str, Any] = {
        "name": field.name,
        "titles": field.name,
        "datatype": _DATATYPES.get(kind, kind),
        "dc:description": field.comment,
        "schema:unitText": field.unit,
        "skos:scopeNote": read_with(field, told),
    }
    return {name: value for name, value in said.items() if value} | ({"required": True} if field.required else {})


def read_with(field: Field, told: Description) -> str:
    """Returns, in a sentence, the columns a figure is read with: those of its base, and of its status."""
    said = [
        *([told.words.say("colonne_base", bases=", ".join(field.bases))] if field.bases else []),
        *([told.words.say("colonne_statut", statut=field.status)] if field.status else []),
    ]
    return " ".join(said)
