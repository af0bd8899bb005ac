"""What each standard's file says of a small edition, read by readers that share no code with the writers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from csvw import TableGroup
from lxml import etree
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF

from orchestration.errors import ProgrammeError
from orchestration.programme.config import PROGRAMME
from orchestration.publication.standards import NAMES, write_descriptions
from orchestration.words import catalogue, languages
from tests.support.described import HOSTILE, small
from tests.support.standards import PLACE, dcat_faults, ddi_faults, graph
from tests.unit.reporting_fixture import CONFIG

LICENCE = {"code": "etalab-2.0", "nom": "Licence Ouverte 2.0", "url": "https://spdx.org/licenses/etalab-2.0.html"}
DDI = {"d": "ddi:codebook:2_5"}
EDITION = URIRef(f"{PLACE}dcat.jsonld#edition")


def _written(folder: Path, **over: Any) -> Path:
    folder.mkdir(exist_ok=True)
    told = small(**over)
    write_descriptions(told, {table.name: 10 for table in told.tables}, folder)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(tmp_path_factory.mktemp("nu"), editeur="Un observatoire")


def test_the_same_edition_gives_the_same_bytes(plain: Path, tmp_path: Path) -> None:
    again = _written(tmp_path, editeur="Un observatoire")
    assert {path.name for path in plain.iterdir()} == {*NAMES}
    assert [name for name in NAMES if (plain / name).read_bytes() != (again / name).read_bytes()] == []


def test_a_catalogue_finds_what_it_needs(plain: Path) -> None:
    assert dcat_faults(plain / "dcat.jsonld") == ""
    entry = graph(plain / "dcat.jsonld")
    assert {str(page) for page in entry.objects(EDITION, FOAF.page)} == {
        f"{PLACE}{name}" for name in NAMES if name != "dcat.jsonld"
    }
    assert len({*entry.objects(EDITION, DCTERMS.temporal)}) == 2
    files = {str(url) for url in entry.objects(None, DCAT.downloadURL)}
    assert f"{PLACE}fct_satisfaction.parquet" in files


def test_the_shapes_see_an_entry_without_a_title_and_a_file_without_a_place(plain: Path, tmp_path: Path) -> None:
    for removed in ('"dct:title"', '"dcat:accessURL"', '"foaf:name"'):
        (tmp_path / "dcat.jsonld").write_text(
            (plain / "dcat.jsonld").read_text(encoding="utf-8").replace(removed, '"dct:x"'), encoding="utf-8"
        )
        assert "MinCount" in dcat_faults(tmp_path / "dcat.jsonld"), removed


def test_what_a_programme_does_not_declare_is_in_no_file(tmp_path: Path) -> None:
    folder = _written(tmp_path / "rien", editeur=None, region=None)
    assert dcat_faults(folder / "dcat.jsonld") == ""
    assert [*ddi_faults(folder / "ddi.xml")] == []
    for name in NAMES:
        text = (folder / name).read_text(encoding="utf-8").casefold()
        words = ("publisher", "license", "producer", "distrbtr", "conditions", "spatial", "geogcover", "dcat:theme")
        assert [word for word in words if word in text] == [], name


def test_a_licence_a_publisher_and_a_theme_are_in_each_file_that_has_a_place_for_them(tmp_path: Path) -> None:
    folder = _written(tmp_path, licence=LICENCE, editeur="Un observatoire", themes_europeens=["SOCI"])
    assert dcat_faults(folder / "dcat.jsonld") == ""
    assert [*ddi_faults(folder / "ddi.xml")] == []
    for name in NAMES:
        text = (folder / name).read_text(encoding="utf-8")
        assert LICENCE["url"] in text, name
        assert "Un observatoire" in text, name
    entry = graph(folder / "dcat.jsonld")
    assert [str(theme) for theme in entry.objects(EDITION, DCAT.theme)] == [
        "http://publications.europa.eu/resource/authority/data-theme/SOCI"
    ]
    assert {str(found) for found in entry.objects(None, DCTERMS.license)} == {LICENCE["url"]}


@pytest.mark.parametrize("themes", [["LOGEMENT"], ["SOCI", "SOCI"]])
def test_a_theme_that_no_portal_knows_or_that_stands_twice_is_a_fault(themes: list[str]) -> None:
    with pytest.raises((ProgrammeError, ValueError), match="themes_europeens"):
        PROGRAMME.validate_python({**CONFIG, "themes_europeens": themes})


def test_the_codebook_says_what_was_asked_of_whom_and_when(plain: Path) -> None:
    assert [*ddi_faults(plain / "ddi.xml")] == []
    root = etree.parse(plain / "ddi.xml").getroot()

    def said(path: str) -> list[str]:
        found = root.xpath(path, namespaces=DDI)
        return [item if isinstance(item, str) else "".join(item.itertext()) for item in found]

    question = "//d:var[@name='Q1']"
    # a character that XML cannot write is left out, all others are as they were said
    assert said(f"{question}/d:qstn/d:qstnLit") == [HOSTILE.replace("\x0b", "")]
    assert said(f"{question}/d:universe") == ["Q0 = 'OUI'"]
    assert said(f"{question}/d:catgry/d:catValu") == ["OUI", "NSP"]
    assert said(f"{question}/d:catgry[@missing='Y']/d:catValu") == ["NSP"]
    # by wave, the earlier first
    assert said(f"{question}/d:notes/@subject") == ["V1", "V2"]
    assert said(f"{question}/d:notes") == ["premiere", "identique"]
    when = said(f"{question}/@sdatrefs")[0].split()
    assert [said(f"//d:collDate[@ID='{of}']/@date")[0] for of in when] == [
        *("2023-01-05", "2023-02-01"),
        *("2026-01-05", "2026-02-01"),
    ]
    # of those who were expected; of those whose answers are in the figures
    assert said("//d:targetSampleSize/d:sampleSize") == ["150"]
    assert said("//d:sumDscr/d:universe") == ["Vague 2, personnes : 1\u202f000 ; organismes : 3."]
    assert said("//d:dataAppr")[0].endswith("80.")
    assert said("//d:weight") == ["Les réponses sont pondérées pour représenter la population de chaque organisme."]


def test_a_codebook_out_of_order_or_that_leads_nowhere_is_seen(plain: Path, tmp_path: Path) -> None:
    text = (plain / "ddi.xml").read_text(encoding="utf-8")
    for right, wrong, fault in (
        ("<abstract>", "<resume>", "resume stands in stdyInfo"),
        ('ID="V1.start"', 'ID="V1.end"', "is the ID of two"),
        ("F.dim_vague", "F.dim_autre", ""),
        ('event="start"', 'event="debut"', "event of collDate is debut"),
        ('files="F.dim_theme"', 'files="F.dim_autre"', "leads to F.dim_autre by files"),
    ):
        changed = text.replace(right, wrong).replace(
            "</abstract>", "</resume>" if wrong == "<resume>" else "</abstract>"
        )
        assert changed != text
        (tmp_path / "ddi.xml").write_text(changed, encoding="utf-8")
        found = " ".join(ddi_faults(tmp_path / "ddi.xml"))
        assert fault in found
        assert bool(fault) == bool(found)


def test_columns_say_in_csvw_what_they_are_and_what_they_are_read_with(plain: Path) -> None:
    group = TableGroup.from_file(plain / "csvw-metadata.json")
    table = group.tabledict["fct_satisfaction.csv"]
    column = table.tableSchema.columndict["taux_satisfaits"]
    assert column.common_props["schema:unitText"] == "part, de 0 à 1 ; son écart, de -1 à 1"
    assert column.common_props["skos:scopeNote"] == "Base : base_brute. Statut : statut."
    [instant] = [c for c in group.tabledict["meta_edition.csv"].tableSchema.columns if c.name == "publiee_le"]
    assert instant.read("2026-03-02 10:00:00").isoformat() == "2026-03-02T10:00:00"
    assert group.common_props["dc:title"] == str(Literal(CONFIG["rapport"]["titre"]))


def test_every_unit_that_columns_have_has_its_words_in_each_language() -> None:
    macro = (Path(__file__).parents[2] / "dbt_project/macros/declaration.sql").read_text(encoding="utf-8")
    inside = macro.split("macro unites() -%}")[1].split("endmacro")[0]
    codes = {line.strip().split("'")[1] for line in inside.splitlines() if line.strip().startswith("'")}
    assert len(codes) > 15
    for language in languages():
        assert catalogue(language)["grandeurs"].keys() == codes, language


def test_they_are_in_the_programmes_language(tmp_path: Path) -> None:
    folder = _written(tmp_path, langue="en")
    assert dcat_faults(folder / "dcat.jsonld") == ""
    assert [*ddi_faults(folder / "ddi.xml")] == []
    assert [str(language) for language in graph(folder / "dcat.jsonld").objects(EDITION, DCTERMS.language)] == [
        "http://publications.europa.eu/resource/authority/language/ENG"
    ]
    assert ">Vague 2: Telephone survey</collMode>" in (folder / "ddi.xml").read_text(encoding="utf-8")
    group = TableGroup.from_file(folder / "csvw-metadata.json")
    column = group.tabledict["fct_satisfaction.csv"].tableSchema.columndict["taux_satisfaits"]
    assert column.common_props["skos:scopeNote"] == "Base: base_brute. Status: statut."
