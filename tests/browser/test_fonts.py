"""The letters of the pages are the project's own, whatever fonts the reader's machine has."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from orchestration.reporting.fonts import FACES
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from tests.browser.conftest import Open, Report
from tests.unit import reporting_fixture as fixture

OURS = {family for family, _, _ in FACES}
# marks what has text of its own and nothing else in it, and tells these texts
MARK = """() => {
    document.querySelectorAll('details').forEach(box => box.open = true);
    const told = [];
    for (const one of document.body.querySelectorAll('*:not(script):not(style)')) {
        const text = one.textContent.trim();
        if (one.childElementCount || !text || !one.getClientRects().length) continue;
        one.dataset.drawn = told.length;
        told.push(text);
    }
    return told;
}"""


def _drawn(page: Page) -> list[tuple[str, dict[str, int], int]]:
    """Of each text of a page: the glyphs that each font of ours drew, and those that the machine's fonts drew."""
    texts = page.evaluate(MARK)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-drawn]"})["nodeIds"]
    found = []
    for node, text in zip(nodes, texts, strict=True):
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        ours = {font["familyName"]: int(font["glyphCount"]) for font in fonts if font["isCustomFont"]}
        found.append((text, ours, int(sum(font["glyphCount"] for font in fonts if not font["isCustomFont"]))))
    return found


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _held(visit: Open, report: Report, name: str) -> None:
    seen = visit(report.page.with_name(name))
    seen.page.evaluate("() => document.fonts.ready")
    found = _drawn(seen.page)
    assert len(found) > 20
    drawn = {family for _, ours, _ in found for family in ours}
    assert {next(one for one in OURS if family.startswith(one)) for family in drawn} == OURS
    # the machine lends a sign that no font of ours has, never a letter; a sign may stand before a text by the style
    lent = {text: machine for text, _, machine in found if machine > len(text) - _letters(text) + 1}
    assert lent == {}
    asked = [url for url in seen.requests if not url.startswith(report.page.parent.resolve().as_uri())]
    assert asked == seen.complaints == []


@pytest.mark.parametrize("name", ["index.html", "explorateur.html", "qualite.html", "dictionnaire.html"])
def test_every_letter_is_drawn_by_a_font_of_the_page(small: Report, visit: Open, name: str) -> None:
    _held(visit, small, name)


def test_a_leaflet_has_them_too(small: Report, visit: Open) -> None:
    build_page(leaflet(small.database, "UN", fixture.PROGRAMME), small.page.with_name("livret.html"))
    _held(visit, small, "livret.html")
