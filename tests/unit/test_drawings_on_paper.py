"""A drawing on paper: its text is read once, whatever keeps a line from crossing it."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import typst

from orchestration.reporting.letter.drawings import on_paper
from orchestration.reporting.svg import INK, PAPER

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">'
    f'<path d="M0,30L200,30" stroke="{INK}" stroke-width="8"/>'
    f'<text x="20" y="36" font-size="20" font-family="sans-serif" fill="{INK}" stroke="{PAPER}" stroke-width="6">71,5</text>'
    "</svg>"
)


def test_a_value_with_a_halo_is_drawn_above_it_and_read_once(tmp_path: Path) -> None:
    (tmp_path / "dessin.svg").write_text(on_paper(DRAWING, {"accent": "#005a9c", "vif": "#b03a2e"}), encoding="utf-8")
    source = tmp_path / "page.typ"
    source.write_text(
        '#set page(width: 200pt, height: 60pt, margin: 0pt)\n#image("dessin.svg", width: 200pt)\n', encoding="utf-8"
    )
    page = pypdfium2.PdfDocument(typst.compile(source))[0]
    assert page.get_textpage().get_text_range().strip() == "71,5"
    picture = page.render(scale=4).to_numpy()[:, :, 0]
    # the top of the digits, above the line: an outline drawn over its letters would leave no ink there
    assert (picture[88:103, 80:225] < 90).any()
    assert (picture[118:122, 80:225] > 200).any(), "the halo cuts the line"
    assert (picture[118:122, 700:780] < 90).all(), "the line where nothing is written"
