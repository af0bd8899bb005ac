"""What describes the data to any tool, read by the standard's own library and held against the files."""

from __future__ import annotations

import json
import zipfile
from csv import reader, writer
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import polars as pl
import pytest

from tests.support.demo import Demo

# of the rows of a table, those whose types and references the library checks one by one: it reads 4,000 a second
ROWS = 1500


@pytest.fixture(scope="module")
def parquet(demo: Demo) -> Path:
    return demo.root / "published/donnees"


@pytest.fixture(scope="module")
def csv(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    [archive] = (demo.root / "reports/courant/donnees").glob("*-csv.zip")
    folder = tmp_path_factory.mktemp("csv")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def _package(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return told


def _faults(folder: Path) -> list[str]:
    report = frictionless.Package(folder / "datapackage.json").validate(limit_rows=ROWS)
    return [*map(str, report.errors), *(f"{task.name}: {e.message}" for task in report.tasks for e in task.errors)]


def test_the_standards_own_reader_finds_no_fault_in_the_tables(csv: Path) -> None:
    assert _faults(csv) == []


def test_that_reader_would_see_a_wrong_type_and_a_row_that_leads_nowhere(csv: Path, tmp_path: Path) -> None:
    for file in ("dim_vague.csv", "dim_theme.csv", "dim_question.csv"):
        text = (csv / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(
            text.replace("2016", "2015") if file == "dim_vague.csv" else text, encoding="utf-8"
        )
    package = _package(csv)
    package["resources"] = [r for r in package["resources"] if r["path"] in ("dim_vague.csv", "fct_quartile.csv")]
    quartile = package["resources"][[r["path"] for r in package["resources"]].index("fct_quartile.csv")]
    keys = quartile["schema"]["foreignKeys"]
    quartile["schema"]["foreignKeys"] = [k for k in keys if k["reference"]["resource"] == "dim_vague"]
    with (csv / "fct_quartile.csv").open(encoding="utf-8", newline="") as read:
        lines = [*reader(read)]
    # a reason may hold a comma, and rows come in any order
    lines[1][lines[0].index("nb_organismes")] = "beaucoup"
    with (tmp_path / "fct_quartile.csv").open("w", encoding="utf-8", newline="") as written:
        writer(written).writerows(lines)
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    faults = " ".join(_faults(tmp_path))
    assert "beaucoup" in faults
    assert "2016" in faults


def test_every_table_and_column_is_described_as_its_file_has_it(parquet: Path, csv: Path) -> None:
    types = {"string": pl.String, "number": pl.Float64, "boolean": pl.Boolean, "date": pl.Date, "datetime": pl.Datetime}
    told = {resource["name"]: resource for resource in _package(parquet)["resources"]}
    assert told.keys() == {file.stem for file in parquet.glob("*.parquet")} == {file.stem for file in csv.glob("*.csv")}
    for table, resource in told.items():
        file = parquet / resource["path"]
        assert resource["bytes"] == file.stat().st_size
        assert resource["description"]
        schema = pl.read_parquet_schema(file)
        assert [field["name"] for field in resource["schema"]["fields"]] == list(schema)
        for field in resource["schema"]["fields"]:
            kind = schema[field["name"]]
            assert field["description"], (table, field["name"])
            assert kind.is_integer() if field["type"] == "integer" else kind == types[field["type"]], (table, field)
    in_csv = {resource["name"]: resource for resource in _package(csv)["resources"]}
    assert {n: r["schema"]["foreignKeys"] for n, r in in_csv.items() if "foreignKeys" in r["schema"]} == {
        n: r["schema"]["foreignKeys"] for n, r in told.items() if "foreignKeys" in r["schema"]
    }
    assert all(resource["bytes"] == (csv / resource["path"]).stat().st_size for resource in in_csv.values())


def test_keys_are_unique_and_references_lead_somewhere(parquet: Path) -> None:
    """Of all rows, by SQL written from the description alone."""
    package = _package(parquet)
    keyed = {r["name"]: r["schema"]["primaryKey"] for r in package["resources"] if "primaryKey" in r["schema"]}
    # what counts quality has a line per finding, and no key
    assert {r["name"] for r in package["resources"]} - keyed.keys() == {"obs_qualite"}
    led = set()
    with duckdb.connect() as connection:
        for table, key in keyed.items():
            twice = f"select {', '.join(key)} from '{parquet}/{table}.parquet' group by all having count(*) > 1 limit 1"
            assert connection.execute(twice).fetchall() == [], table
        for resource in package["resources"]:
            for reference in resource["schema"].get("foreignKeys", []):
                own, other = reference["fields"], reference["reference"]
                # one that names no resource leads to another row of the same table
                dimension = other.get("resource", resource["name"])
                assert other["fields"] == keyed[dimension]
                led |= {(resource["name"], *own, dimension)}
                same = " and ".join(f"own.{a} = other.{b}" for a, b in zip(own, other["fields"], strict=True))
                rows = f"'{parquet}/{resource['path']}' as own anti join '{parquet}/{dimension}.parquet' as other"
                there = " and ".join(f"own.{name} is not null" for name in own)
                missing = f"select 1 from {rows} on {same} where {there} limit 1"
                assert connection.execute(missing).fetchall() == [], reference
    assert {
        ("fct_satisfaction", "question_code", "dim_question"),
        ("fct_distribution", "modalite_cle", "dim_modalite"),
        ("fct_motif", "modalite_cle", "dim_modalite"),
        ("dim_perimetre", "perimetre_parent_cle", "dim_perimetre"),
    } <= led


def test_a_segment_and_a_perimeter_are_led_to_by_one_column_from_every_fact_that_has_theirs(parquet: Path) -> None:
    parts = {"dim_segment": {"axe", "segment"}, "dim_perimetre": {"perimetre_type", "perimetre"}}
    found: dict[str, set[str]] = {dimension: set() for dimension in parts}
    for resource in _package(parquet)["resources"]:
        names = {field["name"] for field in resource["schema"]["fields"]}
        led = [(r["fields"], r["reference"].get("resource")) for r in resource["schema"].get("foreignKeys", [])]
        for dimension, columns in parts.items():
            if names >= columns and resource["name"] != dimension:
                found[dimension].add(resource["name"])
                assert ([f"{dimension.removeprefix('dim_')}_cle"], dimension) in led, resource["name"]
        if "segment_compare" in names:
            assert (["segment_compare_cle"], "dim_segment") in led
    assert len(found["dim_segment"]) == 6 and len(found["dim_perimetre"]) >= 12, found


def test_a_column_that_is_empty_where_masked_says_so(parquet: Path) -> None:
    [fact] = [r for r in _package(parquet)["resources"] if r["name"] == "fct_satisfaction"]
    measures = [field["name"] for field in fact["schema"]["fields"] if field["role"] == "mesure"]
    masked = pl.read_parquet(parquet / fact["path"]).filter(pl.col("statut") != "V")
    assert {"note_moyenne", "taux_satisfaits", "base_brute"} <= set(measures)
    assert masked.height > 0
    assert masked.select(pl.col(measures).is_not_null().any()).row(0) == (False,) * len(measures)


def test_a_measure_made_of_other_answers_than_its_row_counts_says_which(parquet: Path) -> None:
    """The region's figure beside a profile, a change and a trend beside a level: each names the table that counts them."""
    bases = {
        (resource["name"], field["name"]): field.get("base", [])
        for resource in _package(parquet)["resources"]
        for field in resource["schema"]["fields"]
    }
    two = ["fct_evolution.base_brute", "fct_evolution.base_brute_precedente"]
    assert bases["obs_indicateur", "note_moyenne"] == ["base_brute"]
    assert bases["obs_indicateur", "evolution"] == bases["fct_sensibilite", "evolution"] == two
    assert bases["obs_indicateur", "tendance"] == bases["fct_quartile", "valeur"] == ["fct_satisfaction.base_brute"]
    assert bases["fct_profil_comparable", "note_region"] == ["fct_satisfaction.base_brute"]
    assert bases["fct_profil_comparable", "note_profil_comparable"] == ["base_brute"]
    named = {tuple(base.split(".")) for found in bases.values() for base in found if "." in base}
    assert named <= bases.keys()


def test_it_says_what_the_data_are_and_that_they_are_invented(parquet: Path, csv: Path, demo: Demo) -> None:
    package, edition = _package(parquet), (demo.root / "published/courante").resolve().name
    assert package["version"] == edition
    assert "Données de démonstration" in package["description"]
    # nobody has declared under which licence they are published
    assert "licenses" not in package
    assert {**_package(csv), "resources": []} == {**package, "resources": []}
