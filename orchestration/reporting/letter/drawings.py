"""The drawings of the page on paper: the same marks, in the inks and the font of the printed documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from orchestration.reporting import charts, marks, svg
from orchestration.reporting.indicators import Scope, Theme
from orchestration.reporting.letter.words import Printable, Writer

FONT = "Fira Sans"
INKS = {svg.INK: "#1f2429", svg.MUTED: "#5b616b", svg.SOFT: "#cfdfec", svg.RULE: "#e0d8ca", svg.PAPER: "#ffffff"}
# narrower than the page's: the document's font is wider than the one the renderer measures with; the waves before are
# in the table that follows
PAPER = charts.Layout("papier", 900, 390, 25, 58, 2, 13, 13, beside=True, line_height=13, column=52)


def theme_drawings(
    themes: Sequence[Theme], scope: Scope, writer: Writer, colours: Mapping[str, str]
) -> dict[str, Printable]:
    """The drawing of each theme, notes or else rates, each on an axis of its own, with its alternative in words."""
    return {
        drawn.theme.code: {
            "svg": on_paper(charts.render(charts.specification(writer, drawn.marks, drawn.close, PAPER)), colours),
            "titre": writer.plain("notes_moyennes", sur=writer.out_of(drawn.theme.maximum))
            if drawn.theme.notes
            else writer.plain("parts_positives"),
            "alternative": f"{drawn.title}. {drawn.words}",
        }
        for drawn in marks.theme_drawings(writer, themes, scope)
    }


def on_paper(drawing: str, colours: Mapping[str, str]) -> str:
    """A rendered drawing with ink for the stand-in colours, and the document's font."""
    inks = {**INKS, svg.ACCENT: colours["accent"], svg.WARM: colours["vif"]}
    inked = re.sub("|".join(inks), lambda found: inks[found[0]], drawing)
    # an outline beneath its letters, as a halo; text is drawn and read once
    outlined = re.sub(r"<text (?=[^>]*\bstroke=)", '<text paint-order="stroke" ', inked)
    return re.sub(r'font-family="[^"]*"', f'font-family="{FONT}"', outlined)
