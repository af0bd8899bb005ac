"""The map of priorities as a drawing: a numbered disc per question, cut at the mean importance and the mean note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from orchestration.reporting.charts import FONT, Layers, render, specified
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import WRITTEN
from orchestration.reporting.readings import Priority
from orchestration.reporting.svg import ACCENT, CELL, INK, MUTED, PAPER, RULE, WARM, for_the_page

# Filled where it weighs, hollow where it does not; warm where it is badly rated.
STYLES = {
    "à améliorer": (WARM, WARM, PAPER),
    "à préserver": (ACCENT, ACCENT, PAPER),
    "à surveiller": (PAPER, WARM, INK),
    "acquis": (PAPER, ACCENT, INK),
}


@dataclass(frozen=True)
class Size:
    """The two versions: for a wide page, and for a phone."""

    name: str
    width: int
    height: int
    radius: int


SIZES = (Size("large", 940, 460, 13), Size("etroit", 340, 420, 10))


def priority_drawing(f: Formats, lines: Sequence[Priority], maximum: float | None) -> str:
    """Both versions; nothing when no priority is published. Masked lines are said in the table and in the words.

    Args:
        f: the language.
        lines: the questions.
        maximum: of all notes; None where they differ.
    """
    shown = [line for line in lines if line["importance"].shown and line["note"].shown and line["lecture"].shown]
    if not shown:
        return ""
    words = describe(f, lines, maximum)
    title = f.plain("priorites_titre")
    return "".join(
        for_the_page(
            render(specification(f, shown, size, maximum)), f"dessin-priorites-{size.name}", title, words, size.name
        )
        for size in SIZES
    )


def describe(f: Formats, lines: Sequence[Priority], maximum: float | None) -> str:
    """The drawing in words, masked lines included."""
    said = []
    for line in lines:
        weight, note = line["importance"], line["note"]
        if weight.shown and note.shown:
            # as finely as the table beside it
            rated = WRITTEN[line.written](f, note.valeur) + f.out_of(maximum)
            told = f"{f.percent(weight.valeur, 1)}, {rated}, {f.reading(line['lecture'].valeur).word}"
        else:
            why = f.status(weight.missing)
            told = f"{why.word} ({weight.motif or why.reason})"
        said.append(f.plain("deux_points", nom=line.libelle, valeur=told))
    return f.typography(f.words.said["point_virgule"].join(said)) + "."


def specification(
    f: Formats, lines: Sequence[Priority], size: Size, maximum: float | None = None, checked: bool = False
) -> dict[str, Any]:
    """The drawing in Vega-Lite."""
    return specified(lambda: _layers(f, lines, size, maximum), checked)


def _layers(f: Formats, lines: Sequence[Priority], size: Size, maximum: float | None) -> Layers:
    import altair as alt

    notes, weights = (
        [float(line["note"].valeur) for line in lines],
        [float(line["importance"].valeur) for line in lines],
    )
    x_domain = [floor(min(notes) * 2 - 0.2) / 2, ceil(max(notes) * 2 + 0.2) / 2]
    top = max(weights) * 1.12
    mean_x, mean_y = sum(notes) / len(notes), sum(weights) / len(weights)
    data = alt.InlineData(
        values=[
            {
                "x": float(line["note"].valeur),
                "y": float(line["importance"].valeur),
                "numero": f.integer(line["rang"].valeur) if line["rang"].shown else "",
                "source": CELL + line["rang"].reference,
                "lecture": str(line["lecture"].valeur),
            }
            for line in lines
        ]
    )
    axis: dict[str, Any] = {"domain": False, "ticks": False, "gridColor": RULE, "labelColor": MUTED, "labelFont": FONT}
    axis |= {
        "labelFontSize": 12,
        "titleColor": MUTED,
        "titleFont": FONT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    marks = [float(n) / 2 for n in range(int(x_domain[0] * 2), int(x_domain[1] * 2) + 1)]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=x_domain, nice=False, zero=False),
        axis=alt.Axis(
            title=f.plain("priorites_axe_note", sur=f.out_of(maximum)),
            values=[m for m in marks if m == int(m)],
            format="d",
            **axis,
        ),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(title=f.plain("priorites_axe_importance"), labels=False, **axis),
    )
    base = alt.Chart(data)
    cuts = [
        alt.Chart(alt.InlineData(values=[{"x": mean_x}])).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(x="x:Q"),
        alt.Chart(alt.InlineData(values=[{"y": mean_y}])).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(y="y:Q"),
    ]
    area = 4 * size.radius**2
    discs, numbers = [], []
    for code, (fill, stroke, ink) in STYLES.items():
        chosen = base.transform_filter(f"datum.lecture === '{code}'").encode(x=x, y=y)
        discs.append(
            chosen.mark_point(
                shape="circle", size=area, filled=True, fill=fill, stroke=stroke, strokeWidth=2, opacity=1
            )
        )
        numbers.append(
            chosen.encode(text="numero:N", description="source:N").mark_text(
                color=ink, font=FONT, fontSize=size.radius, fontWeight="bold", dy=0.5
            )
        )
    corners = _corners(f, x_domain, top, size)
    room = {"left": 40, "right": 20, "top": 8, "bottom": 42}
    return [*cuts, corners, *discs, *numbers], size.width - 60, size.height - 50, room


def _corners(f: Formats, x_domain: list[float], top: float, size: Size) -> Any:
    """The reading of each quarter, in its corner."""
    import altair as alt

    corners: list[tuple[str, float, float, Any, Any]] = [
        ("à améliorer", x_domain[0], top, "left", "top"),
        ("à préserver", x_domain[1], top, "right", "top"),
        ("à surveiller", x_domain[0], 0.0, "left", "bottom"),
        ("acquis", x_domain[1], 0.0, "right", "bottom"),
    ]
    layers = []
    for code, x, y, align, baseline in corners:
        one = alt.Chart(alt.InlineData(values=[{"x": x, "y": y, "mot": f.reading(code).word}]))
        layers.append(
            one.encode(x="x:Q", y="y:Q", text="mot:N").mark_text(
                align=align,
                baseline=baseline,
                color=MUTED,
                font=FONT,
                fontSize=14,
                fontStyle="italic",
                dx=6 if align == "left" else -6,
                dy=6 if baseline == "top" else -6,
            )
        )
    return alt.layer(*layers)
