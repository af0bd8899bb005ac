"""The page's second readings: in what order priorities stand, and which place a name is of."""

import re
from dataclasses import replace
from pathlib import Path

from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import Formats
from orchestration.reporting.letter.content import PRIORITIES, letter
from orchestration.reporting.pages import written
from orchestration.reporting.site import build_report
from orchestration.reporting.study import scope
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows


def test_priorities_stand_in_the_order_of_their_printed_rank(tmp_path: Path) -> None:
    """Published importances are rounded: two that are equal are told apart by their rank alone."""
    shown = [row for row in rows.tables()["fct_priorite"] if row["statut"] == "V"]
    alike = [{**row, "importance": 0.2, "rang": rank} for row, rank in zip(shown, (2, 1), strict=True)]
    edition = fixture.published(tmp_path / "edition.duckdb", fct_priorite=alike)
    page = build_report(edition, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")
    assert re.findall(r'<td class="n"><data [^>]*\|rang"[^>]*>([^<]*)<', page) == ["1", "2"]


def test_a_list_of_priorities_that_is_cut_says_so_and_a_sure_rank_has_no_range(tmp_path: Path) -> None:
    first = next(row for row in rows.tables()["fct_priorite"] if row["statut"] == "V")
    codes = [row["question_code"] for row in rows.tables()["dim_question"]]
    lines = [
        {**first, "code": code, "libelle": f"Question {rank}", "importance": 0.3 - rank / 100, "rang": rank}
        | {"rang_ic_bas": rank, "rang_ic_haut": rank + (rank > 1)}
        for rank, code in enumerate([*codes, *(f"X{n}" for n in range(15 - len(codes)))], start=1)
    ]
    edition = fixture.published(tmp_path / "edition.duckdb", fct_priorite=lines)
    printed = letter(edition, fixture.PROGRAMME)["priorites"]
    assert [line["rangs"] for line in printed["lignes"][:3]] == ["", "2–3", "3–4"]
    assert len(printed["lignes"]) == PRIORITIES < len(lines)
    assert printed["reste"] == f"Questions citées\u202f: {PRIORITIES} sur {len(lines)}."
    page = build_report(edition, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")
    assert re.findall(r"\b1 à 1\b", re.sub(r"<[^>]*>", "", page)) == []


def test_a_place_of_organismes_and_a_place_of_dwellings_are_told_apart(tmp_path: Path) -> None:
    """Both have the name of the same segment: that of the organismes says so."""
    segment = next(row for row in rows.tables()["dim_segment"] if row["axe"] == "zone")
    place = {"perimetre_type": "zone", "perimetre": segment["segment"]}
    beside = {"axe": "age", "note_moyenne": 7.25, "note_profil_comparable": 7.35, "note_region": 7.4, "statut": "V"}
    lines = [{"vague": "2022", "question_code": "G1", **place, **beside}]
    edition = fixture.published(tmp_path / "edition.duckdb", fct_profil_comparable=lines)
    page = build_report(edition, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")
    heads = re.findall(r'<th scope="row">([^<]*)</th>', page)
    assert segment["libelle"] in heads and f"{segment['libelle']} (siège des organismes)" in heads
    # beside it stands the region's figure on the same segments
    [beside_it] = re.findall(r'<data value="7.4" data-cell="(fct_profil_comparable[^"]*)"', page)
    assert beside_it.endswith("|note_region")


def test_half_an_interval_that_ends_in_a_five_is_printed_away_from_zero(tmp_path: Path) -> None:
    """What separates two published bounds is exact in hundredths, and its half in binary lies on either side of a five."""
    formats = Formats.of_programme(fixture.PROGRAMME)
    with Edition(fixture.published(tmp_path / "edition.duckdb")) as edition:
        [line, *_] = Figures(edition, scope(edition, fixture.PROGRAMME)).themes()[0].indicators
    for low, high, printed in ((7.57, 7.66, "±\u202f0,05"), (6.35, 6.88, "±\u202f0,27"), (6.5, 6.64, "±\u202f0,07")):
        ends = {name: Cell("fct_satisfaction", {}, name, value) for name, value in (("low", low), ("high", high))}
        assert written(formats, replace(line, **ends).precision.valeur, "precision") == printed
