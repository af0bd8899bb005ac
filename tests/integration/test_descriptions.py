"""The files that go with an edition's data, each read by its standard's own reader and held against the data."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from lxml import etree
from rdflib import URIRef
from rdflib.namespace import DCAT, DCTERMS

from tests.support.demo import Demo
from tests.support.standards import PLACE, csvw_faults, dcat_faults, ddi_faults, graph

FILES = ("datapackage.json", "csvw-metadata.json", "dcat.jsonld", "ddi.xml")
# of the rows of a fact, those that the library of CSVW reads: a thousand a second, three times over
ROWS = 300
DDI = {"d": "ddi:codebook:2_5"}


@pytest.fixture(scope="module")
def folder(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition's data alone, as somebody has them who was given the folder and nothing else."""
    alone = tmp_path_factory.mktemp("seul") / "donnees"
    shutil.copytree((demo.root / "published/donnees").resolve(), alone)
    return alone


@pytest.fixture(scope="module")
def csv(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report's archive of CSV, of each fact the first rows."""
    [archive] = (demo.root / "reports/courant/donnees").glob("*-csv.zip")
    unpacked = tmp_path_factory.mktemp("csv")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(unpacked)
    for file in unpacked.glob("fct_*.csv"):
        with file.open(encoding="utf-8") as lines:
            head = [line for line, _ in zip(lines, range(ROWS), strict=False)]
        file.write_text("".join(head), encoding="utf-8")
    return unpacked


def _json(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def _fields(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in _json(folder / "datapackage.json")["resources"]:
        yield from ((resource["name"], field) for field in resource["schema"]["fields"])


def test_the_reader_of_csvw_finds_no_fault_in_the_tables(csv: Path) -> None:
    assert [*csvw_faults(csv / "csvw-metadata.json")] == []


def test_that_reader_would_see_a_wrong_type_a_key_twice_and_a_reference_that_leads_nowhere(
    csv: Path, tmp_path: Path
) -> None:
    kept = ("dim_dispositif.csv", "dim_vague.csv", "dim_theme.csv", "dim_question.csv")
    metadata = _json(csv / "csvw-metadata.json")
    metadata["tables"] = [table for table in metadata["tables"] if table["url"] in kept]
    (tmp_path / "csvw-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    whole = {name: (csv / name).read_text(encoding="utf-8") for name in kept}
    assert _found(tmp_path, whole) == []
    wave = whole["dim_vague.csv"]
    assert "2016-10-10" in wave
    # a table that others refer to is read once for each, and told of as often
    [wrong] = {*_found(tmp_path, whole | {"dim_vague.csv": wave.replace("2016-10-10", "un jour")})}
    assert "un jour" in wrong
    themes = whole["dim_theme.csv"].splitlines()
    twice = _found(tmp_path, whole | {"dim_theme.csv": "\n".join([*themes, themes[1]])})
    assert any("duplicate primary key" in said for said in twice)
    [nowhere] = _found(tmp_path, whole | {"dim_theme.csv": "\n".join(themes[:2])})
    assert "not found in table dim_theme.csv" in nowhere


def _found(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [*csvw_faults(folder / "csvw-metadata.json")]


def test_a_catalogue_can_take_the_edition_in(folder: Path, demo: Demo) -> None:
    assert dcat_faults(folder / "dcat.jsonld") == ""
    entry = graph(folder / "dcat.jsonld")
    sizes = {
        str(entry.value(of, DCAT.downloadURL)): int(str(entry.value(of, DCAT.byteSize)))
        for of in entry.objects(None, DCAT.distribution)
    }
    assert sizes == {f"{PLACE}{file.name}": file.stat().st_size for file in folder.glob("*.parquet")}
    own = URIRef(f"{PLACE}dcat.jsonld#edition")
    assert str(entry.value(own, URIRef(f"{DCAT}version"))) == (demo.root / "published/courante").resolve().name
    described = entry.value(own, DCTERMS.description)
    assert "Données de démonstration" in str(described)


def test_the_codebook_has_every_question_and_every_column(folder: Path, demo: Demo) -> None:
    assert [*ddi_faults(folder / "ddi.xml")] == []
    root = etree.parse(folder / "ddi.xml").getroot()
    asked = pl.read_csv(demo.root / "reference/questions_vagues.csv", infer_schema=False)
    options = pl.read_parquet(folder / "dim_modalite.parquet")
    questions = pl.read_parquet(folder / "dim_question.parquet").to_dicts()
    assert len(questions) > 50
    # periods of two dispositifs have the same name: what is said of one is not taken for what is said of the other
    for said in ("d:sumDscr/d:universe", "d:collMode", "d:dataAppr"):
        told = root.xpath(f"//{said}/text()", namespaces=DDI)
        begun = [text.rpartition(" : ")[0].split(" : ")[0] for text in told]
        assert len(told) > 3 and len(set(begun)) == len(begun)
    rates = root.xpath("//d:respRate/text()", namespaces=DDI)
    assert rates and all("personnes appelées" in rate for rate in rates)
    for question in questions:
        [variable] = root.xpath(f"//d:var[not(@files)][@name='{question['question_code']}']", namespaces=DDI)
        [wording] = variable.xpath("d:qstn/d:qstnLit/text()", namespaces=DDI)
        assert wording == question["formulation"]
        assert variable.xpath("d:universe/text()", namespaces=DDI) == [question["filtre"]] * bool(question["filtre"])
        own = asked.filter(pl.col("question_code") == question["question_code"])
        told = zip(
            variable.xpath("d:notes/@subject", namespaces=DDI),
            variable.xpath("d:notes/text()", namespaces=DDI),
            strict=True,
        )
        assert dict(told) == dict(own.select("vague", "equivalence").iter_rows())
        mine = options.filter(pl.col("question_code") == question["question_code"])
        missing = mine.filter(pl.col("statut_reponse") != "exprime")
        assert {*variable.xpath("d:catgry/d:catValu/text()", namespaces=DDI)} == {*mine["modalite_code"]}
        assert {*variable.xpath("d:catgry[@missing='Y']/d:catValu/text()", namespaces=DDI)} == {
            *missing["modalite_code"]
        }
    columns = {(var.get("files"), var.get("name")) for var in root.xpath("//d:var[@files]", namespaces=DDI)}
    assert columns == {
        (f"F.{file.stem}", name) for file in folder.glob("*.parquet") for name in pl.read_parquet_schema(file)
    }


def test_all_say_of_a_column_what_the_dictionary_says(folder: Path, demo: Demo) -> None:
    comments = {
        (table, column): comment
        for table, column, comment in demo.query(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = 'observatoire'"
        ).iter_rows()
    }
    package = {(table, field["name"]): field["description"] for table, field in _fields(folder)}
    csvw = {
        (table["url"].removesuffix(".csv"), column["name"]): column["dc:description"]
        for table in _json(folder / "csvw-metadata.json")["tables"]
        for column in table["tableSchema"]["columns"]
    }
    codebook = {
        (var.get("files").removeprefix("F."), var.get("name")): var.findtext("d:txt", namespaces=DDI)
        for var in etree.parse(folder / "ddi.xml").getroot().xpath("//d:var[@files]", namespaces=DDI)
    }
    assert package == csvw == codebook == comments


def test_whoever_has_only_the_folder_knows_the_unit_the_base_and_the_status_of_each_column(folder: Path) -> None:
    """What is said is held against the Parquet files: the columns named are there, and rule what they are said to."""
    tables = {file.stem: pl.read_parquet(file) for file in folder.glob("*.parquet")}
    figures = 0
    for table, field in _fields(folder):
        name, rows = (table, field["name"]), tables[table]
        assert ("unit" in field) == (field["type"] in ("integer", "number")), name
        for base in field.get("base", ()):
            where, column = base.split(".") if "." in base else (table, base)
            assert tables[where].schema[column].is_integer(), name
            assert field["unit"], name
        if field.get("role") == "mesure":
            assert field["status"] == "statut", name
            masked = rows.filter(pl.col(field["status"]) != "V")
            assert masked[field["name"]].null_count() == masked.height, name
            figures += 1
        else:
            assert "status" not in field, name
    assert figures > 150
    for known in ("note_moyenne", "taux_satisfaits", "note_erreur_type", "nps", "base_efficace", "poids_satisfaits"):
        [field] = [field for table, field in _fields(folder) if (table, field["name"]) == ("fct_satisfaction", known)]
        assert field["base"] == ["base_brute"], known
    units = {
        field["name"]: field["unit"]
        for table, field in _fields(folder)
        if table == "fct_satisfaction" and "unit" in field
    }
    assert units["taux_satisfaits"].startswith("part, de 0 à 1")
    assert units["base_ponderee"] == "logements"
    shares = [
        tables[table][field["name"]].drop_nulls()
        for table, field in _fields(folder)
        if field.get("unit", "").startswith(("part,", "probabilité"))
    ]
    assert len(shares) > 60
    assert all(values.is_between(-1, 1).all() for values in shares)


def test_csvw_says_of_each_column_what_the_data_package_says(folder: Path) -> None:
    columns = {
        (table["url"].removesuffix(".csv"), column["name"]): column
        for table in _json(folder / "csvw-metadata.json")["tables"]
        for column in table["tableSchema"]["columns"]
    }
    for table, field in _fields(folder):
        column = columns[table, field["name"]]
        assert column.get("schema:unitText") == field.get("unit")
        named = [*field.get("base", ()), *([field["status"]] if "status" in field else [])]
        assert [name for name in named if name not in column.get("skos:scopeNote", "")] == []


def test_they_name_no_organisme(folder: Path) -> None:
    organismes = pl.read_parquet(folder / "dim_organisme.parquet")
    names = {*organismes["organisme_code"], *organismes["nom"], *organismes["siren"].drop_nulls()}
    assert len(names) > 20
    said = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))
    assert {name: said.findall((folder / name).read_text(encoding="utf-8")) for name in FILES} == {n: [] for n in FILES}


def test_the_reports_archives_carry_them(folder: Path, csv: Path, demo: Demo) -> None:
    assert (csv / "csvw-metadata.json").read_bytes() == (folder / "csvw-metadata.json").read_bytes()
    [archive] = (demo.root / "reports/courant/donnees").glob("*-parquet.zip")
    with zipfile.ZipFile(archive) as opened:
        assert {name: opened.read(name) for name in FILES} == {name: (folder / name).read_bytes() for name in FILES}
