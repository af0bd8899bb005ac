"""The page as people use it: from disk, by keyboard, on a phone, on paper, in the dark, without script, with axe-core."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open, Report

WEIGHT = 1_500_000
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
VISIBLE = '() => [...document.querySelectorAll("tr[id], section.motifs")].filter(e => e.offsetParent !== null).map(e => e.dataset.q)'


@pytest.fixture(params=["small", "printed"])
def report(request: pytest.FixtureRequest) -> Report:
    found: Report = request.getfixturevalue(request.param)
    return found


def _unfold(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(box => box.open = true)")


def test_it_opens_from_disk_and_asks_for_nothing(report: Report, visit: Open) -> None:
    seen = visit(report.page)
    assert seen.requests == [report.page.resolve().as_uri()]
    assert seen.complaints == []
    assert report.page.stat().st_size < WEIGHT


def _stands(folder: Path, link: str) -> bool:
    """Whether the file that a link names is there, with the anchor that it names."""
    name, _, anchor = link.partition("#")
    file = folder / name
    return file.is_file() and (not anchor or f'id="{anchor}"' in file.read_text(encoding="utf-8"))


def test_links_lead_somewhere(report: Report, visit: Open) -> None:
    page = visit(report.page).page
    links = page.evaluate('() => [...document.querySelectorAll("a[href]")].map(e => e.getAttribute("href"))')
    ids = set(page.evaluate('() => [...document.querySelectorAll("[id]")].map(e => e.id)'))
    assert [link for link in links if link.startswith("#") and link[1:] not in ids] == []
    local = {link for link in links if not link.startswith("#") and not re.match(r"https?:", link)}
    assert [link for link in local if not _stands(report.page.parent, link)] == []
    questions = {i for i in ids if i.startswith("Q-") and not i.endswith("-titre")}
    assert {f"#{i}" for i in questions} <= set(links)


def test_a_permanent_link_shows_its_question(printed: Report, visit: Open) -> None:
    page = visit(printed.page, anchor="#Q-CO08").page
    page.wait_for_function(
        "() => { const box = document.getElementById('Q-CO08').getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight }"
    )


def test_the_filter_keeps_what_is_looked_for(printed: Report, visit: Open) -> None:
    page = visit(printed.page).page
    everything = page.evaluate(VISIBLE)
    assert len(everything) == 57
    page.fill("#recherche", "PROPRETE parties")
    found = page.evaluate(VISIBLE)
    assert "PR01" in found and 0 < len(found) < 10, found
    assert page.inner_text("#filtre-bilan").startswith(str(len(found)))
    page.fill("#recherche", "")
    page.select_option("#theme-choisi", "theme-2")
    assert {code[:2] for code in page.evaluate(VISIBLE)} == {"PR"}
    page.fill("#recherche", "rien de tel")
    assert page.evaluate(VISIBLE) == [] and page.inner_text("#filtre-bilan") == "Aucune question"
    page.evaluate("() => { location.hash = '#Q-CO08' }")
    page.wait_for_function("() => document.getElementById('Q-CO08').offsetParent !== null")
    page.select_option("#theme-choisi", "theme-3")
    page.click("text=Tout montrer")
    page.wait_for_function("() => !document.body.classList.contains('filtre-actif')")
    assert page.evaluate(VISIBLE) == everything


def test_without_script_everything_is_there(report: Report, visit: Open) -> None:
    page = visit(report.page, script=False).page
    assert page.locator(".filtres").is_hidden()
    assert page.locator("tr.question[id]").first.is_visible()
    summary = page.locator("details.secondes:not([open]) > summary").first
    summary.click()
    assert page.locator(".secondes table").first.is_visible()


def test_second_readings_hide_no_column_of_theirs_at_the_width_of_a_desk(report: Report, visit: Open) -> None:
    page = visit(report.page, width=1280).page
    page.evaluate("() => document.querySelectorAll('details.secondes').forEach(e => { e.open = true })")
    widths = page.evaluate(
        "() => [...document.querySelectorAll('details.secondes .defilement')].map(e => [e.scrollWidth, e.clientWidth])"
    )
    assert widths
    assert [inner for inner, frame in widths if inner > frame] == []


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(small: Report, visit: Open) -> None:
    page = visit(small.page).page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "evitement"
    assert page.evaluate("() => document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "contenu"
    page.reload()
    expected = page.evaluate(
        """() => [...document.querySelectorAll("a[href], input, select, button, summary, [tabindex='0']")]
             .filter(e => e.checkVisibility({visibilityProperty: true})).length"""
    )
    page.evaluate("() => { window.passed = []; addEventListener('focusin', e => passed.push(e.target)) }")
    for _ in range(expected):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)] }"
        )
        assert ring[0] != "none" and ring[1] >= 2, page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
    assert page.evaluate("() => new Set(passed).size") == expected
    assert page.evaluate(
        "() => passed.every((e, i) => i === 0 || passed[i - 1].compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)"
    )


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_overflows_sideways(report: Report, visit: Open, width: int) -> None:
    page = visit(report.page, width=width).page
    _unfold(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter(e => {
             const box = e.getBoundingClientRect();
             return box.width && box.right > innerWidth + 1 && !e.closest(".defilement, .vh, svg, .indicateurs thead") && e.checkVisibility();
           }).map(e => e.outerHTML.slice(0, 160))"""
    )
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(report: Report, visit: Open, scheme: str) -> None:
    page = visit(report.page, color_scheme=scheme).page
    _unfold(page)
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_paper_gets_the_whole_report(report: Report, visit: Open, tmp_path: Path) -> None:
    page = visit(report.page).page
    page.fill("#recherche", "rien de tel")
    page.emulate_media(media="print")
    assert page.locator(".sommaire").is_hidden() and page.locator("#methode").is_visible()
    assert page.locator("tr.question[id]").first.is_visible(), "a filter does not follow to paper"
    file = tmp_path / "page.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    body = file.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", body))
    assert 4 <= pages <= 60
    assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45]", body), "A4"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["dictionnaire.html", "qualite.html"])
def test_a_page_beside_reads_on_a_phone_and_axe_finds_no_violation(
    report: Report, visit: Open, name: str, scheme: str
) -> None:
    seen = visit(report.page.with_name(name), width=360, color_scheme=scheme)
    assert seen.complaints == [] and len(seen.requests) == 1
    assert seen.page.evaluate("() => document.documentElement.scrollWidth") == 360
    links = seen.page.evaluate('() => [...document.querySelectorAll("a[href]")].map(e => e.getAttribute("href"))')
    ids = set(seen.page.evaluate('() => [...document.querySelectorAll("[id]")].map(e => e.id)'))
    beside = report.page.parent
    assert [link for link in links if not (link[1:] in ids or _stands(beside, link))] == []
    found = Axe().run(seen.page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_motion_is_spared_to_those_who_ask(small: Report, visit: Open) -> None:
    page = visit(small.page, reduced_motion="reduce").page
    assert page.evaluate("() => getComputedStyle(document.documentElement).scrollBehavior") == "auto"
