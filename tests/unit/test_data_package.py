"""What a data package says of a programme: its licence, its language, what it cannot translate."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.errors import ProgrammeError
from orchestration.programme.config import PROGRAMME
from orchestration.publication.datapackage import data_package, in_csv
from tests.support.described import small
from tests.unit.reporting_fixture import CONFIG


def _told(**over: Any) -> dict[str, Any]:
    told = small(**over)
    return data_package(told, {table.name: 10 for table in told.tables})


def _resource(package: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [resource for resource in package["resources"] if resource["name"] == name]
    assert isinstance(found, dict)
    return found


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
    resource = _resource(_told(langue="en", demonstration=False), "meta_edition")
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
    assert "format" not in _resource(package, "meta_edition")["schema"]["fields"][1]


def test_a_measure_says_its_unit_its_base_and_its_status_and_other_columns_none() -> None:
    fields = {field["name"]: field for field in _resource(_told(), "fct_satisfaction")["schema"]["fields"]}
    rate = fields["taux_satisfaits"]
    assert (rate["unit"], rate["base"], rate["status"]) == (
        "part, de 0 à 1 ; son écart, de -1 à 1",
        ["base_brute"],
        "statut",
    )
    assert (fields["base_brute"]["unit"], fields["base_brute"]["status"]) == ("réponses", "statut")
    assert "base" not in fields["base_brute"]
    assert not {"unit", "base", "status"} & fields["vague"].keys()
