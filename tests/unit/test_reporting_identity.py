"""What a programme brings to its report: colours, a logo, a map, a language."""

import base64
from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.lake import Lake
from orchestration.programme.config import Colours, TileMap
from orchestration.reporting.cells import Cell
from orchestration.reporting.downloads import disarmed
from orchestration.reporting.identity import named_picture, style
from orchestration.reporting.site import build_report
from orchestration.reporting.study import Axis, Segment
from orchestration.reporting.tiles import tile_map
from orchestration.reporting.workshop import write_workshop
from tests.unit import reporting_fixture as fixture

SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"


def _cell(value: float | str | None, statut: str = "V", motif: str = "") -> Cell:
    return Cell("fct", {"vague": "2022"}, "note", value, statut, motif)


def _segment(code: str, value: float | None) -> Segment:
    cell = _cell(value) if value is not None else _cell(None, "S", "moins de 3 organismes")
    return Segment(libelle=code, value=cell, low=cell, high=cell, rate=cell, base=cell, code=code)


def test_colours_by_day_never_reach_the_night() -> None:
    written = style(Colours(accent="#112233", accent_sombre="#ddeeff"))
    day, night = written.split("@media screen and")
    assert "@media print,(prefers-color-scheme:light)" in day and "#112233" in day
    assert "(prefers-color-scheme:dark)" in night and "#ddeeff" in night and "#112233" not in night
    assert style(Colours()) == ""


def test_the_logo_is_part_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG)
    (tmp_path / "logo.exe").write_text("")
    kind, body = named_picture(tmp_path, "logo.svg").split(",")
    assert kind == "data:image/svg+xml;base64" and base64.b64decode(body).decode() == SVG
    assert (
        named_picture(tmp_path, "absent.svg")
        == named_picture(tmp_path, "logo.exe")
        == named_picture(None, "logo.svg")
        == ""
    )


def test_tiles_stand_where_the_programme_says_and_masked_ones_have_no_tone() -> None:
    axis = Axis(
        "dep", "Département", "", (_segment("A", 6.0), _segment("B", 8.0), _segment("C", None), _segment("D", 7.0))
    )
    found = tile_map([axis], TileMap(axe="dep", cases={"B": (2, 1), "A": (1, 2), "C": (1, 1)}))
    assert found is not None and found.columns == 2
    assert [(tile.segment.code, tile.column, tile.row, tile.tone) for tile in found.tiles] == [
        ("C", 1, 1, 0),
        ("B", 2, 1, 5),
        ("A", 1, 2, 1),
    ]
    assert tile_map([axis], None) is None and tile_map([axis], TileMap(axe="autre", cases={})) is None


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "  =cmd|' /C calc'!A0", "\t=1"])
def test_formulas_are_disarmed(text: str) -> None:
    assert disarmed(text) == "'" + text
    assert disarmed("a=1") == "a=1"


def test_an_english_programme_prints_an_english_page(tmp_path: Path) -> None:
    database = fixture.published(tmp_path / "edition.duckdb")
    html = build_report(
        database, fixture.PROGRAMME.model_copy(update={"langue": "en"}), tmp_path / "out"
    ).page.read_text(encoding="utf-8")
    assert '<html lang="en">' in html and "Key figures" in html and "Skip to content" in html
    for french in (
        "L’essentiel",
        "Sommaire",
        "Répartition",
        "masqué<span",
        "en hausse",
        "Référence nationale",
        "Emporter",
    ):
        assert french not in html, french
    assert "7.43" in html and "fewer than" not in html, "the fixture's own reason is not one the warehouse gives"


def test_the_engineers_page_leads_to_rejects_and_copies_none(tmp_path: Path) -> None:
    rows = fixture.tables()["obs_qualite"]
    quality = [row | {"porte": "metier", "fichier": f"2022/{row['livraison']}.csv", "vague": "2022"} for row in rows]
    lake = Lake(tmp_path)
    lake.table("qualite").parent.mkdir()
    pl.DataFrame(quality).write_parquet(lake.table("qualite"))
    for name, lines in (("l1", "ligne;valeur\n3;SECRET-42\n"), ("l2", "ligne;valeur\n")):
        lake.quarantine(name).mkdir(parents=True)
        (lake.quarantine(name) / "rejets.csv").write_text(lines, encoding="utf-8")
    html = write_workshop(lake, fixture.PROGRAMME, tmp_path / "warehouse" / "l.html").read_text(encoding="utf-8")
    assert 'href="../quarantine/l1/rejets.csv"' in html and "l2/rejets.csv" not in html
    assert "Entretien hors des dates de terrain" in html and "SECRET-42" not in html
