"""The entry of an edition in a catalogue of data: a DCAT dataset, as JSON-LD, with what DCAT-AP asks of one.

https://www.w3.org/TR/vocab-dcat-3/. Addresses are relative to the file itself, wherever it is served from; each table
is a distribution, its Parquet file. A catalogue that harvests it needs no other file, and no network to read this one:
its context is within it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.publication import csvw, datapackage, ddi
from orchestration.publication.description import Description
from orchestration.publication.survey import Wave

NAME = "dcat.jsonld"
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_MEDIA = "https://www.iana.org/assignments/media-types"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def dcat(told: Description, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Returns the entry of an edition.

    Args:
        told: the edition.
        sizes: by table, the bytes of its file.
    """
    said: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "#edition",
        "@type": "dcat:Dataset",
        "dct:identifier": told.name,
        "dct:title": _worded(told, told.title),
        "dct:description": _worded(told, told.sentence),
        "dct:language": {"@id": f"{_AUTHORITY}/language/{told.words.say('langue_europeenne')}"},
        "dct:issued": {"@type": "xsd:dateTime", "@value": told.made.isoformat()},
        "dcat:version": told.edition,
        "dcat:keyword": [_worded(told, label) for _, label in told.survey.themes],
        "dct:temporal": [_period(wave) for wave in told.survey.waves],
        "dcat:theme": [{"@id": f"{_AUTHORITY}/data-theme/{theme}"} for theme in told.themes],
        "foaf:page": [
            {"@id": name, "@type": "foaf:Document", "dct:title": name}
            for name in (datapackage.NAME, csvw.NAME, ddi.NAME)
        ],
    }
    if told.region:
        said["dct:spatial"] = {"@type": "dct:Location", "rdfs:label": told.region}
    if told.publisher:
        said["dct:publisher"] = {"@type": "foaf:Agent", "foaf:name": _worded(told, told.publisher)}
    terms = _licence(told)
    said["dcat:distribution"] = [
        {
            "@id": f"{table.name}.parquet#fichier",
            "@type": "dcat:Distribution",
            "dct:title": table.name,
            "dct:description": _worded(told, table.comment),
            "dcat:accessURL": {"@id": f"{table.name}.parquet"},
            "dcat:downloadURL": {"@id": f"{table.name}.parquet"},
            "dcat:mediaType": {"@id": f"{_MEDIA}/application/vnd.apache.parquet"},
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(sizes[table.name])},
        }
        | terms
        for table in told.tables
    ]
    return {name: value for name, value in said.items() if value}


def _worded(told: Description, text: str) -> dict[str, str]:
    return {"@language": told.language, "@value": text}


def _period(wave: Wave) -> dict[str, Any]:
    days = {"dcat:startDate": wave.start, "dcat:endDate": wave.end}
    return {
        "@type": "dct:PeriodOfTime",
        **{name: {"@type": "xsd:date", "@value": day.isoformat()} for name, day in days.items()},
    }


def _licence(told: Description) -> dict[str, Any]:
    """Returns the licence as each distribution says it; nothing where the programme declares none."""
    if not (licence := told.licence):
        return {}
    named = {"@type": "dct:LicenseDocument", "dct:identifier": licence.code, "dct:title": _worded(told, licence.nom)}
    return {"dct:license": ({"@id": licence.url} if licence.url else {}) | named}
