"""The drawings, before and after they join the page."""

import re
import xml.etree.ElementTree as ET

import pytest

from orchestration.reporting.charts import NARROW, WIDE, Layout, Mark, describe, domain, drawing, specification

MARKS = [
    Mark("Propreté des parties communes", 7.44, low=7.4, high=7.5, before=7.1, older=7.0, reference=7.2),
    Mark("Question masquée", None, before=5.5, absent="masqué"),
    Mark("Un axe", None, heading=True),
    Mark("\x07<script> & " + "très long " * 30, 5.0, low=4.8, high=5.2),
]


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_specification_is_valid_vega_lite(layout: Layout) -> None:
    assert specification(MARKS, (4.0, 8.0), layout)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_the_scale_holds_every_value_in_whole_notes() -> None:
    assert domain(MARKS) == (4.0, 8.0)
    assert domain([]) == (0.0, 10.0)
    assert domain([Mark("a", 9.9), Mark("b", 0.1)]) == (0.0, 10.0)


def test_both_versions_write_the_values_with_a_comma() -> None:
    svg = drawing(MARKS, (4.0, 8.0), "essai", "Titre", "Description <b>")
    versions = re.findall(r"<svg.*?</svg>", svg, re.S)
    assert [ET.fromstring(version).get("class") for version in versions] == [
        "dessin dessin-large",
        "dessin dessin-etroit",
    ]
    for version in versions:
        texts = [
            "".join(element.itertext()) for element in ET.fromstring(version).iter("{http://www.w3.org/2000/svg}text")
        ]
        assert {"7,4", "7,1", "5,5", "masqué", "Un axe"} <= set(texts)
        assert any(text.startswith("<script> & très long") and text.endswith("…") for text in texts)
        assert "Description &lt;b&gt;" in version


def test_the_words_say_what_is_masked_and_skip_headings() -> None:
    words = describe(MARKS, "2022", "2019", "référence nationale")
    assert "Propreté des parties communes\u202f: 7,4 en 2022, 7,1 en 2019, référence nationale 7,2" in words
    assert "Question masquée\u202f: masqué" in words
    assert "Un axe" not in words
