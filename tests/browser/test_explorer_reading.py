"""The explorer read without a mouse, on a telephone, on paper, in a hurry, and in the files that are taken away."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from orchestration.reporting.site import build_report
from tests.browser.conftest import Open
from tests.browser.test_reading import AXE
from tests.unit import reporting_fixture as fixture
from tests.unit.explorer_rows import AGES, LONG, explored

READY = "() => document.getElementById('resultat')?.dataset.choix"
# of G1, all respondents of the region, and a profile with coarse figures, at three waves or without the middle one
PROFILES = "#q=G1&p=region%7Cregion&a=zone&m=note"
UNTICKED = f"{PROFILES}&v=2016%2C2022"


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition with coarse figures, three waves, many segments and long names."""
    root = tmp_path_factory.mktemp("explorateur")
    database = fixture.write(root / "edition.duckdb", explored())
    return build_report(database, fixture.PROGRAMME, root / "rapport").page.with_name("explorateur.html")


def _opened(visit: Open, path: Path, anchor: str = "", **options: Any) -> Page:
    page = visit(path, anchor=anchor, **options).page
    page.wait_for_function(READY)
    return page


def _taken(page: Page, end: str, folder: Path) -> Path:
    with page.expect_download() as waited:
        page.click(f"#{end}")
    waited.value.save_as(folder / f"choix.{end}")
    return folder / f"choix.{end}"


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_change_names_the_wave_it_starts_from_where_that_wave_is_not_shown(visit: Open, trapped: Path) -> None:
    said = "vague de départ non montrée"
    page = _opened(visit, trapped, UNTICKED)
    changes = page.locator("#resultat td[data-part=evolution]").all_inner_texts()
    told = [text for text in changes if text.strip()]
    assert len(told) == 2 and all(f"({said} : 2019)" in _flat(text) for text in told)
    page = _opened(visit, trapped, f"{PROFILES}&v=*")
    assert said not in page.inner_text("#resultat")


@pytest.mark.parametrize("anchor", [UNTICKED, "#q=G4&p=region%7Cregion", "#q=G1&p=region%7Cregion&a=zone&m=reponses"])
def test_what_the_mouse_alone_was_told_stands_under_the_table(visit: Open, trapped: Path, anchor: str) -> None:
    page = _opened(visit, trapped, anchor)
    titles = page.locator("#resultat table [title]").evaluate_all("all => all.map(e => e.title)")
    page.emulate_media(media="print")
    notes = page.inner_text("#raisons")
    assert [title for title in titles if title and title not in notes] == []
    reasons = page.locator("#resultat table .absent-masque").all_inner_texts()
    for reason in {re.findall(r"\((.*)\)", text)[0] for text in reasons}:
        assert f"{reason} ({sum(reason in text for text in reasons)})" in notes
    assert notes, "the test looks at something"
    assert Axe().run(page, options=AXE).violations_count == 0


def test_that_a_change_is_rounded_on_its_own_is_said_where_it_shows(visit: Open, trapped: Path) -> None:
    said = "calculée avant tout arrondi"
    assert said in _opened(visit, trapped, f"{PROFILES}&v=2019%2C2022").inner_text("#raisons")
    assert said not in _opened(visit, trapped, f"{PROFILES}&v=2019").inner_text("#resultat")


def test_the_table_taken_away_leaves_empty_what_the_edition_leaves_empty(
    visit: Open, trapped: Path, tmp_path: Path
) -> None:
    page = _opened(visit, trapped, f"{PROFILES}&v=*")
    table = pl.read_csv(_taken(page, "csv", tmp_path), separator=";", infer_schema=False)
    held = {(row["segment"], row["vague"]): row["intervalle_indicatif"] for row in table.to_dicts()}
    assert [held["tous", wave] for wave in ("2016", "2019", "2022")] == [None, "0", "1"]
    assert [held["DEDANS", wave] for wave in ("2016", "2019", "2022")] == [None] * 3
    assert page.locator("td[data-part=intervalle] small").count() == 4, "said beside the figure where the base says it"


def test_arrows_pressed_in_a_hurry_are_all_counted(visit: Open, trapped: Path) -> None:
    page = _opened(visit, trapped)
    codes = page.locator("#question option").evaluate_all("all => all.map(e => e.value)")
    page.focus("#question")
    for _ in codes[1:]:
        page.keyboard.press("ArrowDown")
    page.wait_for_function(f"() => document.getElementById('resultat').dataset.choix.startsWith('#q={codes[-1]}&')")
    assert page.input_value("#question") == codes[-1]
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => document.getElementById('resultat').dataset.choix.startsWith('#q={codes[-2]}&')")
    page.go_back()
    page.wait_for_function(f"() => document.getElementById('resultat').dataset.choix.startsWith('#q={codes[-1]}&')")
    assert page.input_value("#question") == codes[-1]


def test_two_choices_made_in_a_hurry_are_both_kept(visit: Open, trapped: Path) -> None:
    page = _opened(visit, trapped, "#q=G2&m=note")
    page.evaluate(
        """() => { for (const [id, value] of [["question", "G1"], ["mesure", "taux"]]) {
            const list = document.getElementById(id);
            list.value = value;
            list.dispatchEvent(new Event("change"));
        } }"""
    )
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.startsWith('#q=G1&')")
    assert page.evaluate("() => document.getElementById('resultat').dataset.choix").endswith("m=taux")


@pytest.mark.parametrize("anchor", [f"{PROFILES}&v=*", "#q=G1&p=region%7Cregion&m=note&v=2016%2C2022"])
def test_a_picture_taken_away_says_base_and_verdict(visit: Open, trapped: Path, tmp_path: Path, anchor: str) -> None:
    page = _opened(visit, trapped, anchor)
    svg = ET.parse(_taken(page, "svg", tmp_path)).getroot()
    texts = list(svg.iter("{http://www.w3.org/2000/svg}text"))
    said = _flat(" ".join("".join(text.itertext()) for text in texts))
    assert "Base : 12 345" in said and "+0,23 depuis 2019" in said and "↗ en hausse" in said
    assert ("vague de départ non montrée : 2019" in said) == ("2016" in anchor)
    width = page.evaluate(
        """drawing => { document.body.innerHTML = drawing; const svg = document.querySelector("svg"), box = svg.viewBox.baseVal;
            return [...svg.querySelectorAll("text")].map(one => one.getBBox()).filter(one => one.x < box.x || one.x + one.width > box.x + box.width).length }""",
        (tmp_path / "choix.svg").read_text(encoding="utf-8"),
    )
    assert width == 0, "no text leaves the picture"


def test_no_heading_is_cut_on_a_telephone(visit: Open, trapped: Path) -> None:
    page = _opened(visit, trapped, "#q=G1&p=zone%7C*&a=age&m=note", width=360)
    drawn = " ".join(page.locator("#dessin text[font-weight='700']").all_text_contents())
    assert f"{LONG} (siège des organismes)" in drawn and "…" not in drawn
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360


def test_many_lines_are_drawn_in_pieces_that_a_sheet_of_paper_holds(visit: Open, trapped: Path) -> None:
    page = _opened(visit, trapped, "#q=G1&p=zone%7CDEDANS&a=age&m=note", width=360)
    assert page.locator("#resultat tbody th[scope=rowgroup]").count() == AGES + 1
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    pieces = page.locator("#dessin svg").evaluate_all(
        "all => all.map(svg => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height, svg.querySelector('desc').textContent])"
    )
    # of a sheet of A4 within its margins, less what stands above
    assert len(pieces) == 2 and all(width == 700 and height < 1.2 * width for width, height, _ in pieces)
    assert all("ans" in said for _, _, said in pieces) and pieces[0][2] != pieces[1][2]
    grids = page.locator("#dessin svg").evaluate_all(
        "all => all.map(svg => [...svg.querySelectorAll('text.f-muted')].map(e => e.textContent).join(' '))"
    )
    assert grids[0] == grids[1], "one scale"
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("#dessin svg").first.evaluate("svg => svg.viewBox.baseVal.width") < 400
