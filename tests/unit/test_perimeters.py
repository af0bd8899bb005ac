"""A perimeter is called by what the programme says: its region, its families, the segments of an axis, its organismes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import yaml

from orchestration.extracts.control_tables import perimeter_names
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
