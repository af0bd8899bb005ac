"""The drawings, before and after they join the page."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from orchestration.reporting.charts import NARROW, WIDE, Layout, drawing, specification
from orchestration.reporting.formats import Formats
from orchestration.reporting.letter.drawings import PAPER
from orchestration.reporting.marks import NOTE, RATE, Mark, describe, domain
from orchestration.reporting.svg import for_the_page
from orchestration.words import Words

f = Formats(Words.in_language("fr"))

MARKS = [
    Mark(
        "Propreté des parties communes",
        7.44,
        low=7.4,
        high=7.5,
        before=7.1,
        older=7.0,
        reference=7.2,
        text="7,4",
        text_before="7,1",
        text_reference="7,2",
        source="fct|vague=2022|note",
        source_before="fct|vague=2019|note",
    ),
    Mark("Question masquée", None, before=5.5, text_before="5,5", absent="masqué (moins de 30 réponses)"),
    Mark("Un axe", None, heading=True),
    Mark("\x07<script> & " + "très long " * 30, 5.0, low=4.8, high=5.2, text="5,0"),
]


@pytest.mark.parametrize(
    ("scale", "labels"),
    [
        ((6.5, 8.0), {"6.5": "6,5", "7": "7,0", "7.5": "7,5", "8": "8,0"}),
        ((4.0, 8.0), {"4": "4", "5": "5", "6": "6", "7": "7", "8": "8"}),
        ((45.0, 60.0), {"45": "45", "50": "50", "55": "55", "60": "60"}),
        ((0.0, 100.0), {str(n): str(n) for n in range(0, 101, 10)}),
    ],
)
def test_the_grid_is_finer_where_the_axis_is_short(scale: tuple[float, float], labels: dict[str, str]) -> None:
    drawn = json.dumps(specification(f, MARKS[:1], scale, PAPER, checked=True), ensure_ascii=False)
    assert json.dumps(json.dumps(labels, ensure_ascii=False), ensure_ascii=False)[1:-1] in drawn


@pytest.mark.parametrize("layout", [WIDE, NARROW, PAPER])
def test_specification_is_valid_vega_lite(layout: Layout) -> None:
    assert specification(f, MARKS, (4.0, 8.0), layout, checked=True)["$schema"].startswith(
        "https://vega.github.io/schema/vega-lite/"
    )


def test_what_nobody_sees_stays_out_of_the_page() -> None:
    shape = '<path d="M0,0h9v9Z" opacity="1"/>'
    empty = '<g><path d="M0,0h0v0h0Z"/><g/><path d="" display="none"/></g>'
    page = for_the_page(f'<svg xmlns="http://www.w3.org/2000/svg"><g>{empty}{shape}</g></svg>', "a", "t", "d", "large")
    assert re.sub(r".*</desc>", "", page) == '<g><path d="M0,0h9v9Z" /></g></svg>'
    assert 'opacity=".5"' in for_the_page(
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0,0h9" opacity=".5"/></svg>', "a", "t", "d", "large"
    )


def test_the_scale_holds_every_value_in_whole_notes() -> None:
    assert domain(MARKS, NOTE) == (4.0, 8.0)
    assert domain([], NOTE) == (0.0, 10.0)
    assert domain([Mark("a", 9.9), Mark("b", 0.1)], NOTE) == (0.0, 10.0)
    assert domain([Mark("a", 61.2), Mark("b", 77.0)], RATE) == (50.0, 80.0)


def test_both_versions_write_the_values_with_a_comma() -> None:
    svg = drawing(f, MARKS, (4.0, 8.0), "essai", "Titre", "Description <b>")
    versions = re.findall(r"<svg.*?</svg>", svg, re.S)
    assert [ET.fromstring(version).get("class") for version in versions] == [
        "dessin dessin-large",
        "dessin dessin-etroit",
    ]
    for version in versions:
        texts = [
            "".join(element.itertext()) for element in ET.fromstring(version).iter("{http://www.w3.org/2000/svg}text")
        ]
        assert {"7,4", "7,1", "5,5", "masqué (moins de 30 réponses)", "Un axe"} <= set(texts)
        assert 'data-cell="fct|vague=2022|note"' in version and 'data-cell="fct|vague=2019|note"' in version
        assert any(text.startswith("<script> & très long") and text.endswith("…") for text in texts)
        assert "Description &lt;b&gt;" in version


def test_the_words_say_what_is_masked_and_skip_headings() -> None:
    words = describe(f, MARKS, "2022", "2019", "référence nationale")
    assert "Propreté des parties communes\u202f: 7,4 en 2022, 7,1 en 2019, référence nationale 7,2" in words
    assert "Question masquée\u202f: masqué (moins de 30 réponses)" in words
    assert "Un axe" not in words
