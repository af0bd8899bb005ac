"""What a data package says of a programme: its licence, its language, what it cannot translate."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from orchestration.errors import ProgrammeError
from orchestration.programme.config import PROGRAMME
from orchestration.publication.datapackage import data_package, in_csv
from tests.unit.reporting_fixture import CONFIG


def _told(**over: Any) -> dict[str, Any]:
    with duckdb.connect() as session:
        session.execute(
            "attach ':memory:' as edition; create schema edition.observatoire;"
            " create table edition.observatoire.meta_edition (edition varchar primary key, publiee_le timestamp);"
            " comment on column edition.observatoire.meta_edition.edition is 'Date et heure de l''édition.';"
            " comment on column edition.observatoire.meta_edition.publiee_le is 'Un jour dont aucun catalogue ne parle.';"
            " insert into edition.observatoire.meta_edition values ('V2-1.0', '2026-01-02 10:00:00')"
        )
        return data_package(session, PROGRAMME.validate_python({**CONFIG, **over}), {}, {"meta_edition": 10})


def test_a_licence_is_said_where_the_programme_declares_one() -> None:
    licence = {"code": "etalab-2.0", "nom": "Licence Ouverte 2.0", "url": "https://spdx.org/licenses/etalab-2.0.html"}
    assert _told(licence=licence)["licenses"] == [
        {"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": "https://spdx.org/licenses/etalab-2.0.html"}
    ]
    assert "licenses" not in _told()


@pytest.mark.parametrize("licence", [{"nom": "Licence Ouverte"}, {"code": "a b", "nom": "n"}, {"code": "x", "nom": ""}])
def test_a_licence_that_has_no_identifier_or_name_is_a_fault(licence: dict[str, str]) -> None:
    with pytest.raises((ProgrammeError, ValueError), match="licence"):
        PROGRAMME.validate_python({**CONFIG, "licence": licence})


def test_comments_are_in_the_programmes_language_or_stay_as_they_are() -> None:
    [resource] = _told(langue="en", demonstration=False)["resources"]
    said = {field["name"]: field["description"] for field in resource["schema"]["fields"]}
    assert said == {
        "edition": "Date and time of the edition.",
        "publiee_le": "Un jour dont aucun catalogue ne parle.",
    }


def test_figures_that_are_not_invented_are_not_said_to_be() -> None:
    assert _told(demonstration=False)["description"] == "Enquête d'essai"
    assert "Données de démonstration" in _told()["description"]


def test_a_table_without_a_csv_is_not_told_of() -> None:
    package = _told()
    assert in_csv(package, {})["resources"] == []
    [resource] = in_csv(package, {"meta_edition": 7})["resources"]
    assert (resource["path"], resource["bytes"], resource["format"]) == ("meta_edition.csv", 7, "csv")
    assert [field.get("format") for field in resource["schema"]["fields"]] == [None, "%Y-%m-%d %H:%M:%S"]
    assert "format" not in package["resources"][0]["schema"]["fields"][1]
