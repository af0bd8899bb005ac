"""A perimeter is called by what the programme says: its region, its families, the segments of an axis, its organismes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
import yaml

from orchestration.extracts.control_tables import perimeter_names, perimeters
from orchestration.programme import load_programme
from tests.support.mini import mini_programme, mini_programme_saying


def _lines(root: Path, table: str, *lines: str) -> None:
    path = root / "reference" / f"{table}.csv"
    path.write_text("\n".join([path.read_text(encoding="utf-8").rstrip("\n"), *lines, ""]), encoding="utf-8")


def test_perimeters_are_named_in_the_order_in_which_they_are_declared(tmp_path: Path) -> None:
    named = perimeter_names(
        mini_programme_saying(
            tmp_path, region="Pays d'essai", perimetres=[{"organismes": "departement"}, {"organismes": "famille"}]
        )
    )
    kinds = named["perimetre_type"].to_list()
    assert list(dict.fromkeys(kinds)) == ["region", "departement", "famille", "organisme"]
    assert named["ordre"].to_list() == [*range(1, named.height + 1)]
    region = named.row(0, named=True)
    assert (region["libelle"], region["parent_type"], region["parent"]) == ("Pays d'essai", None, None)
    inside = named.filter(pl.col("perimetre_type") != "region").select("parent_type", "parent").unique()
    assert inside.rows() == [("region", "region")]


def test_a_code_that_nothing_names_stands_for_itself(tmp_path: Path) -> None:
    named = perimeter_names(mini_programme_saying(tmp_path, perimetres=[{"organismes": "departement"}]))
    places = named.filter(pl.col("perimetre_type") == "departement")
    assert places["perimetre"].to_list() == places["libelle"].to_list() == ["37", "45"]


def test_a_place_of_organismes_is_not_called_as_that_of_respondents_is(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    _lines(tmp_path, "axes", "departement,9,Lieu des répondants,,")
    _lines(tmp_path, "segments", "departement,45,1,Loiret,,", "departement,37,2,Indre-et-Loire,,")
    path = tmp_path / "programme.yaml"
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**body, "perimetres": [{"organismes": "departement"}]}), encoding="utf-8")
    places = perimeter_names(load_programme(tmp_path)).filter(pl.col("perimetre_type") == "departement")
    # in the order of the segments, which the codes do not have
    assert places["perimetre"].to_list() == ["45", "37"]
    assert all(label.endswith("(siège des organismes)") for label in places["libelle"])


def test_an_organisme_has_its_last_name(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    path = tmp_path / "reference" / "organismes.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    columns = head.split(",")
    line = dict(zip(columns, first.split(","), strict=True))
    ended = line | {"valide_a": "2009-12-31"}
    renamed = line | {"nom": "Nouveau Nom", "valide_de": "2010-01-01"}
    lines = [",".join(row[c] for c in columns) for row in (renamed, ended)]
    path.write_text("\n".join([head, *lines, *rest, ""]), encoding="utf-8")
    named = perimeter_names(load_programme(tmp_path))
    own = named.filter(pl.col("perimetre_type") == "organisme", pl.col("perimetre") == line["organisme_code"])
    assert own["libelle"].to_list() == ["Nouveau Nom"]


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        ("2022-10-01", "", True),
        ("2022-10-02", "", False),
        ("2020-01-01", "2022-10-01", True),
        ("2020-01-01", "2022-09-30", False),
    ],
)
def test_a_scheme_counts_where_it_is_held_on_the_first_day_of_fieldwork(
    tmp_path: Path, start: str, end: str, held: bool
) -> None:
    mini_programme(tmp_path)
    _replace(tmp_path, "demarches_qualite", f"O1,label,Un label,{start},{end}", "O2,charte,Une charte,2000-01-01,")
    path = tmp_path / "programme.yaml"
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**body, "perimetres": [{"demarches": ["label"]}]}), encoding="utf-8")
    programme = load_programme(tmp_path)
    assert programme.waves["V2"].start == dt.date(2022, 10, 1)
    found = perimeters(programme).filter(pl.col("vague") == "V2")
    assert found.select("perimetre_type", "organisme_code", "perimetre").rows() == [
        ("demarche", "O1", "avec" if held else "sans"), ("demarche", "O2", "sans"), ("demarche", "O3", "sans"),
    ]  # fmt: skip
    named = perimeter_names(programme).filter(pl.col("perimetre_type") == "demarche")
    assert named["libelle"].to_list() == ["Avec démarche qualité (label)", "Sans démarche qualité (label)"]


def _replace(root: Path, table: str, *lines: str) -> None:
    path = root / "reference" / f"{table}.csv"
    path.write_text("\n".join([path.read_text(encoding="utf-8").splitlines()[0], *lines, ""]), encoding="utf-8")
