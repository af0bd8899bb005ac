"""The drawings: one line per question, with the wave before, the current one, its interval, the reference.

Altair describes, vl-convert draws, `svg` makes the drawing part of the page.
Readable without colour: filled, hollow and small discs, an upright tick, and the values written beside them.
"""

import json
import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.reporting.formats import Formats
from orchestration.reporting.marks import Mark, shorten
from orchestration.reporting.svg import ACCENT, CELL, INK, MUTED, PAPER, RULE, SOFT, for_the_page

# the layers of a drawing, its width and height, the room on each side
Layers = tuple[list[Any], int, int, dict[str, int]]
FONT = "Liberation Sans, Arial, sans-serif"


@dataclass(frozen=True)
class Layout:
    """Where things stand: labels beside the lines on a wide page, above them on a phone.

    With room on the right (`column`) the current values stand there, one under the other, and lines are closer.
    """

    name: str
    width: int
    left: int
    step: int
    wrap: int
    lines: int
    label_size: int
    value_size: int
    beside: bool
    line_height: int = 17
    column: int = 0

    @property
    def right(self) -> int:
        """The room on the right."""
        return self.column or 16


WIDE = Layout("large", 940, 330, 50, 44, 2, 14, 13, beside=True)
NARROW = Layout("etroit", 340, 12, 102, 44, 2, 13, 13, beside=False)


def drawing(
    f: Formats, marks: Sequence[Mark], scale: tuple[float, float], identity: str, title: str, description: str
) -> str:
    """The two versions of a drawing, wide and narrow; css shows one of them."""
    return "".join(
        for_the_page(
            render(specification(f, marks, scale, layout)), f"{identity}-{layout.name}", title, description, layout.name
        )
        for layout in (WIDE, NARROW)
    )


def _records(f: Formats, marks: Sequence[Mark], layout: Layout) -> list[dict[str, Any]]:
    records = []
    for number, mark in enumerate(marks):
        lines = textwrap.wrap(f.typography(mark.label), layout.wrap) or [""]
        if len(lines) > layout.lines:
            lines = [*lines[: layout.lines - 1], lines[layout.lines - 1][: layout.wrap - 1] + "…"]
        records.append(
            {
                "rang": number,
                "libelle": "\n".join(lines),
                "lignes": len(lines),
                "now": mark.now,
                "low": mark.low,
                "high": mark.high,
                "before": mark.before,
                "older": mark.older,
                "reference": mark.reference,
                "texte": mark.text,
                "texte_avant": mark.text_before,
                "source": CELL + mark.source,
                "source_avant": CELL + mark.source_before,
                "absent": shorten(mark.absent, 66 if layout.beside else 40),
                "titre": mark.heading,
            }
        )
    return records


def render(specified: dict[str, Any]) -> str:
    """A Vega-Lite drawing as SVG."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(specified)
    return svg


def specification(
    f: Formats, marks: Sequence[Mark], scale: tuple[float, float], layout: Layout, checked: bool = False
) -> dict[str, Any]:
    """The drawing in Vega-Lite; `checked` holds each layer to the Vega-Lite schema, two thirds of a page's time."""
    return specified(lambda: _layers(f, marks, scale, layout), checked)


def specified(layers: Callable[[], Layers], checked: bool) -> dict[str, Any]:
    """A drawing in Vega-Lite: the layers, their width and height, and the room around them.

    Args:
        layers: makes them.
        checked: holds each to the Vega-Lite schema.
    """
    # Altair costs 0.8 s to import: only when something is drawn, not when the package is loaded.
    import altair as alt
    from altair.utils import schemapi

    with schemapi.debug_mode(checked):
        drawn, width, height, padding = layers()
        chart = alt.layer(*drawn).properties(
            width=width,
            height=height,
            autosize=alt.AutoSizeParams(type="none"),
            padding=padding,
            background="transparent",
        )
        found: dict[str, Any] = chart.configure_view(stroke=None).to_dict(validate=checked)
    return found


def _layers(f: Formats, marks: Sequence[Mark], scale: tuple[float, float], layout: Layout) -> Layers:
    import altair as alt

    plot = layout.width - layout.left - layout.right
    line = 0.5 if layout.beside else 0.7
    data = alt.InlineData(values=_records(f, marks, layout))
    height = layout.step * len(marks)
    y_scale = alt.Scale(domain=[0, len(marks)], range=[0, height])

    y = alt.Y("y:Q", scale=y_scale, axis=None)
    base = alt.Chart(data).transform_calculate(y=f"datum.rang + {line}")
    ticks = _ticks(f, scale)
    x_axis = alt.Axis(
        title=None,
        orient="top",
        values=list(ticks),
        grid=True,
        gridColor=RULE,
        gridWidth=1,
        domain=False,
        ticks=False,
        labelColor=MUTED,
        labelFontSize=12,
        labelFont=FONT,
        labelPadding=6,
        labelExpr=f"({json.dumps({f'{value:g}': text for value, text in ticks.items()})})[datum.value]",
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=list(scale), nice=False, zero=False), axis=x_axis)

    def layer(field: str, **more: Any) -> Any:
        return base.transform_filter(f"isValid(datum.{field})").encode(x=x(field), y=y, **more)

    def value(field: str, text: str, source: str, dy: int, color: str, weight: Any) -> Any:
        return layer(field, text=f"{text}:N", description=f"{source}:N").mark_text(
            dy=dy, color=color, font=FONT, fontSize=layout.value_size, fontWeight=weight
        )

    top = (
        f"datum.rang + 0.5 - (datum.lignes - 1) * {layout.line_height / 2 / layout.step}"
        if layout.beside
        else f"datum.rang + (2 - datum.lignes) * {17 / layout.step}"
    )

    def labels(which: str, weight: Any) -> Any:
        return (
            alt.Chart(data)
            .transform_filter(which)
            .transform_calculate(y=top)
            .encode(x=alt.value(-layout.left + 2 if layout.beside else 0), y=y, text="libelle:N")
            .mark_text(
                align="left",
                baseline="middle" if layout.beside else "top",
                lineBreak="\n",
                lineHeight=layout.line_height,
                dy=0 if layout.beside else 6,
                color=INK,
                font=FONT,
                fontSize=layout.label_size,
                fontWeight=weight,
            )
        )

    layers = [
        base.transform_filter("!datum.titre")
        .mark_rule(color=RULE, strokeDash=[1, 4])
        .encode(x=alt.value(0), x2=alt.value(plot), y=y),
        layer("low", x2="high:Q").mark_rule(color=SOFT, strokeWidth=18),
        layer("low").mark_tick(color=ACCENT, thickness=1.5, height=18, orient="vertical", opacity=1),
        layer("high").mark_tick(color=ACCENT, thickness=1.5, height=18, orient="vertical", opacity=1),
        layer("before", x2="now:Q").transform_filter("isValid(datum.now)").mark_rule(color=ACCENT, strokeWidth=2.5),
        layer("older").mark_point(shape="circle", size=22, filled=True, color=MUTED, opacity=1),
        layer("before").mark_point(
            shape="circle", size=80, filled=True, fill=PAPER, stroke=MUTED, strokeWidth=2, opacity=1
        ),
        layer("now").mark_point(shape="circle", size=130, filled=True, color=ACCENT, opacity=1),
        layer("reference").mark_tick(color=INK, thickness=3, height=24, orient="vertical", opacity=1),
        *(
            (
                base.transform_filter("isValid(datum.now)")
                .encode(x=alt.value(plot + layout.right - 2), y=y, text="texte:N", description="source:N")
                .mark_text(align="right", color=INK, font=FONT, fontSize=layout.value_size, fontWeight="bold"),
            )
            if layout.column
            else (
                value("before", "texte_avant", "source_avant", 18, MUTED, "normal"),
                value("now", "texte", "source", -19, INK, "bold"),
            )
        ),
        base.transform_filter("datum.absent != ''")
        .encode(x=alt.value(6), y=y, text="absent:N")
        .mark_text(align="left", color=MUTED, font=FONT, fontSize=layout.value_size, fontStyle="italic"),
        labels("!datum.titre", "normal"),
        labels("datum.titre", "bold"),
    ]
    return layers, plot, height, {"left": layout.left, "right": layout.right, "top": 26, "bottom": 6}


def _ticks(f: Formats, scale: tuple[float, float]) -> dict[float, str]:
    """The lines of the grid between the two ends of an axis, each with its label: halves where few units are shown."""
    low, high = scale
    step = (10 if high > 10 else 1) * (0.5 if high - low <= (30 if high > 10 else 3) else 1)
    steps = range(math.ceil(low / step), math.floor(high / step) + 1)
    return {step * n: f.decimal(step * n, 0 if step >= 1 else 1) for n in steps}
