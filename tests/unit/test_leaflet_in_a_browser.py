"""A leaflet's page in a real Chromium: it fits a phone, asks nothing of the network, and axe-core finds nothing to say."""

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from tests.unit import reporting_fixture as fixture
from tests.unit.test_leaflet import own_file

CHROMIUM = shutil.which("chromium")


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_on_a_phone_and_heard(tmp_path: Path) -> None:
    page_file = build_page(leaflet(own_file(tmp_path), "UN", fixture.PROGRAMME), tmp_path / "index.html")
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert (said, asked) == ([], [page_file.as_uri()])
        found = Axe().run(page).response["violations"]
        browser.close()
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
