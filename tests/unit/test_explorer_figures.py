"""How the explorer writes what stands beside a figure: its change, its interval, and what these are worth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.reporting.site import build_report
from tests.unit import reporting_fixture as fixture
from tests.unit.explorer_rows import INSIDE, explored
from tests.unit.test_explorer import _file, _index

VALUE, LOW, HIGH, INDICATIVE, CHANGE, ROUNDED = 0, 1, 2, 5, 6, 11


def _built(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    build_report(fixture.write(folder / "edition.duckdb", rows), fixture.PROGRAMME, folder / "rapport")
    return folder / "rapport"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(tmp_path_factory.mktemp("chiffres"), explored())


def _cell(file: dict[str, Any], measure: str, rank: int, axis: str = "ensemble", segment: str = "tous") -> list[int]:
    """A cell of the region, as long as the longest."""
    cell = file["cellules"][measure]["region|region"][axis][segment][rank]
    return [*cell, *[0] * (12 - len(cell))]


def _texts(file: dict[str, Any], cell: list[int], *parts: int) -> list[str]:
    return [file["nombres"][cell[part] - 1][1] for part in parts]


def test_a_change_is_written_as_finely_as_it_is_published(out: Path) -> None:
    file = _file(out, "G1")
    rate, note = (_cell(file, measure, -1, "zone", "DEDANS") for measure in ("taux", "note"))
    assert _texts(file, rate, VALUE, CHANGE) == ["70\u202f%", "−10\u00a0pt"]
    assert _texts(file, note, VALUE, CHANGE) == ["7,0", "−0,1"]


def test_a_change_of_the_region_is_written_as_in_the_table_of_the_page(out: Path) -> None:
    file, page = _file(out, "G1"), (out / "index.html").read_text(encoding="utf-8")
    shown = re.search(r'id="Q-G1".*?<strong><data[^>]*>([^<]*)<', page, re.S)
    assert shown is not None and _texts(file, _cell(file, "note", -1), CHANGE) == [shown[1]] == ["+0,23"]


def test_a_change_that_the_written_figures_do_not_give_is_marked(out: Path) -> None:
    file = _file(out, "G1")
    marked = [_cell(file, "taux", rank, "zone", "DEDANS")[ROUNDED] for rank in range(3)]
    assert marked == [0, 0, 1], "70 % and 70 % differ by nothing, and not by 10 points"
    assert _cell(file, "note", -1)[ROUNDED] == 1, "7,2 and 7,4 do not differ by 0,23"


def test_the_mark_tells_nothing_of_a_masked_figure(tmp_path: Path) -> None:
    rows = explored()
    [before] = [
        row
        for row in rows["fct_satisfaction"]
        if row["vague"] == "2019" and row["question_code"] == "G1" and INSIDE.items() <= row.items()
    ]
    before["statut"] = "S"
    file = _file(_built(tmp_path, rows), "G1")
    assert _cell(file, "taux", -1, "zone", "DEDANS")[ROUNDED] == 0


def test_a_share_has_a_decimal_more_where_it_would_leave_its_interval(out: Path) -> None:
    file = _file(out, "G1")
    parts = (VALUE, LOW, HIGH)
    assert _texts(file, _cell(file, "reponses.TS", 1), *parts) == ["6,5\u202f%", "6,1\u202f%", "6,9\u202f%"]
    assert _texts(file, _cell(file, "reponses.TS", 2), VALUE) == ["8,1\u202f%"], "the same at each wave"
    assert _texts(file, _cell(file, "reponses.PS", 1), VALUE) == ["47\u202f%"], "and no other share"


@pytest.mark.parametrize("measure", ["note", "reponses.TS"])
def test_an_interval_is_indicative_of_a_share_as_of_its_question(out: Path, measure: str) -> None:
    """1: the edition says so; 2: it says that it is not; 3: it says nothing, and the base does; 0: nothing tells."""
    file = _file(out, "G1")
    assert [_cell(file, measure, rank)[INDICATIVE] for rank in (1, 2)] == [2, 1]
    assert _cell(file, measure, 0, "zone", "DEDANS")[INDICATIVE] == 3
    assert _cell(file, "note", 0)[INDICATIVE] == 0


def test_a_group_of_perimeters_says_that_organismes_are_there(out: Path) -> None:
    held = {one["type"]: one["titre"] for one in _index(out)["perimetres"]}
    assert held["zone"] == "Siège des organismes"


def test_all_respondents_begin_with_a_capital_letter_as_other_names_do(out: Path) -> None:
    index = _index(out)
    assert index["axes"][0]["nom"] == index["mots"]["tous"]
    assert [axis["nom"] for axis in index["axes"] if axis["nom"][0].islower()] == []


def test_an_edition_that_names_no_perimeter_is_explored_by_codes(tmp_path: Path) -> None:
    """As editions of earlier versions are, which a rollback prints again."""
    held = _index(_built(tmp_path, explored() | {"dim_perimetre": []}))["perimetres"]
    assert held[0]["code"] == "region|region" and len(held) > 1
    assert all(one["nom"] == one["code"].partition("|")[2] for one in held)
