"""The perimeters that a programme declares: faults are named, and what is made of them keeps their order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from orchestration.extracts.control_tables import perimeters, releases
from orchestration.programme.check import check_programme
from tests.support.mini import mini_programme_saying


def test_a_perimeter_names_a_column_of_codes_or_an_axis_once(tmp_path: Path) -> None:
    declared = [{"organismes": "nom"}, {"axe": "zone"}, {"axe": "age"}, {"axe": "age"}, {"organismes": "famille"}]
    assert [str(p) for p in check_programme(mini_programme_saying(tmp_path, perimetres=declared))] == [
        "programme.yaml, clé perimetres.0 : « nom » ne réunit pas d'organismes ; colonnes possibles : famille, departement.",
        "programme.yaml, clé perimetres.1 : « zone » n'est pas un axe d'axes.csv ; axes : type_construction, age.",
        "programme.yaml, clé perimetres.3 : déjà dit plus haut ; n'en garder qu'un.",
    ]


def test_quality_schemes_make_one_perimeter_of_known_types(tmp_path: Path) -> None:
    declared = [{"demarches": ["label", "charte"]}, {"demarches": ["etoile"]}]
    assert [str(p) for p in check_programme(mini_programme_saying(tmp_path, perimetres=declared))] == [
        "programme.yaml, clé perimetres.1 : « etoile » n'est pas un type de demarches_qualite.csv ; types : charte, label, certification.",
        "programme.yaml, clé perimetres.1 : déjà dit plus haut ; n'en garder qu'un.",
    ]


def test_perimeters_and_their_order_are_those_declared(tmp_path: Path) -> None:
    programme = mini_programme_saying(tmp_path, perimetres=[{"axe": "age"}, {"organismes": "departement"}])
    assert releases(programme).rows() == [
        ("region", "ensemble", 0),
        ("region", "age", 1),
        ("departement", "ensemble", 2),
    ]
    valid = dt.date(2000, 1, 1)
    assert perimeters(programme).rows() == [
        ("departement", wave, code, valid, place)
        for wave in programme.waves
        for code, place in (("O1", "45"), ("O2", "45"), ("O3", "37"))
    ]
    none = mini_programme_saying(tmp_path, perimetres=[])
    assert (perimeters(none).height, releases(none).rows()) == (0, [("region", "ensemble", 0)])
