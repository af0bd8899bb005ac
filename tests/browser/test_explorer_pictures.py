"""The pictures that a choice of the explorer is taken away as: what they say, and in which letters."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import Open, Report
from tests.browser.test_explorer import download, opened


def test_a_choice_is_taken_away_as_a_picture_that_says_what_it_is(visit: Open, petit: Report, tmp_path: Path) -> None:
    page = opened(visit, petit.page, "#q=G1&p=region%7Cregion&a=age&v=*&m=note", color_scheme="dark").page
    drawn, name = download(page, "svg", tmp_path)
    assert "G1" in name
    svg = ET.parse(drawn).getroot()
    said = " ".join("".join(element.itertext()) for element in svg.iter("{http://www.w3.org/2000/svg}text"))
    assert "Données de démonstration" in said and "Programme d’essai" in said and "Globale" in said
    assert "class=" not in drawn.read_text(encoding="utf-8"), "colours stand in the file"
    paper = svg.find("{http://www.w3.org/2000/svg}rect")
    assert paper is not None and paper.attrib["fill"] == "#fbf8f2", "by day, whatever the reader's screen"
    picture, name = download(page, "png", tmp_path)
    body = picture.read_bytes()
    assert body.startswith(b"\x89PNG") and "G1" in name
    width, height = struct.unpack(">II", body[16:24])
    assert width == 2 * float(svg.attrib["width"]) and height == 2 * float(svg.attrib["height"])
    assert len(body) > 10_000


def test_a_picture_has_the_fonts_of_the_page_on_every_machine(
    visit: Open, petit: Report, chromium: Browser, tmp_path: Path
) -> None:
    page = opened(visit, petit.page, "#q=G1&p=region%7Cregion&a=age&v=*&m=note").page
    drawn, _ = download(page, "svg", tmp_path)
    taken, _ = download(page, "png", tmp_path)
    bare = tmp_path / "sans.svg"
    bare.write_text(re.sub(r"<style.*?</style>", "", drawn.read_text("utf-8"), flags=re.DOTALL), encoding="utf-8")
    svg = ET.parse(drawn).getroot()
    size = ViewportSize(width=int(svg.attrib["width"]), height=int(svg.attrib["height"]))
    with_fonts, without = (_shown_alone(chromium, path, size) for path in (drawn, bare))
    apart = _apart(page, taken.read_bytes(), with_fonts), _apart(page, with_fonts, without)
    assert apart[0] < 0.002 < 0.01 < apart[1], apart


def _shown_alone(chromium: Browser, picture: Path, size: ViewportSize) -> bytes:
    """A picture as a browser shows it alone, twice as large."""
    context = chromium.new_context(viewport=size, device_scale_factor=2)
    page = context.new_page()
    page.goto(picture.as_uri())
    shown = page.screenshot()
    context.close()
    return shown


def _apart(page: Page, one: bytes, other: bytes) -> float:
    """The share of dots by which two pictures of one size differ to the eye."""
    share = page.evaluate(
        """async (both) => {
            const dots = await Promise.all(both.map(async (data) => {
                const image = new Image();
                image.src = "data:image/png;base64," + data;
                await image.decode();
                const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
                [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
                pen.drawImage(image, 0, 0);
                return pen.getImageData(0, 0, canvas.width, canvas.height).data;
            }));
            if (dots[0].length !== dots[1].length) return 1;
            let differ = 0;
            for (let at = 0; at < dots[0].length; at += 4) if ([0, 1, 2].some((rank) => Math.abs(dots[0][at + rank] - dots[1][at + rank]) > 64)) differ++;
            return differ / (dots[0].length / 4);
        }""",
        [base64.b64encode(picture).decode() for picture in (one, other)],
    )
    return float(share)
