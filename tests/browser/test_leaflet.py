"""A leaflet's page: it fits a phone, asks nothing of the network, and axe-core finds nothing to say."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from tests.browser.conftest import Open
from tests.unit import reporting_fixture as fixture
from tests.unit.test_leaflet import own_file


def test_on_a_phone_and_heard(visit: Open, tmp_path: Path) -> None:
    page = build_page(leaflet(own_file(tmp_path), "UN", fixture.PROGRAMME), tmp_path / "index.html")
    seen = visit(page, width=360)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360
    assert (seen.complaints, seen.requests) == ([], [page.as_uri()])
    found = Axe().run(seen.page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
