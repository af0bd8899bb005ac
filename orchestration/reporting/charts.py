"""The drawings: one line per question, with the wave before, the current one, its interval, the reference.

Altair describes, vl-convert draws, `svg` makes the drawing part of the page.
Readable without colour: filled, hollow and small discs, an upright tick, and the values written beside them.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from orchestration.reporting import formats
from orchestration.reporting.cells import Cell
from orchestration.reporting.indicators import Indicator
from orchestration.reporting.study import Axis
from orchestration.reporting.svg import ACCENT, INK, MUTED, PAPER, RULE, SOFT, for_the_page

FONT = "Liberation Sans, Arial, sans-serif"


@dataclass(frozen=True)
class Mark:
    """What is drawn on one line; None is not drawn."""

    label: str
    now: float | None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    older: float | None = None
    reference: float | None = None
    absent: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Layout:
    """Where things stand: labels beside the lines on a wide page, above them on a phone."""

    name: str
    width: int
    left: int
    step: int
    wrap: int
    lines: int
    label_size: int
    value_size: int
    beside: bool


WIDE = Layout("large", 940, 330, 50, 50, 2, 14, 13, beside=True)
NARROW = Layout("etroit", 340, 12, 102, 44, 2, 13, 13, beside=False)


def indicator_marks(indicators: Sequence[Indicator]) -> list[Mark]:
    """One line per scored question."""
    return [
        Mark(
            label=item.libelle,
            now=_number(item.current),
            low=_number(item.low) if item.current.shown else None,
            high=_number(item.high) if item.current.shown else None,
            before=_number(item.previous) if item.previous else None,
            older=_number(item.values[-3]) if len(item.values) > 2 else None,
            reference=_number(item.reference) if item.reference_is_note else None,
            absent="" if item.current.shown else formats.status(item.current.missing).word,
        )
        for item in indicators
    ]


def axis_marks(axes: Sequence[Axis], overall: Cell) -> list[Mark]:
    """A heading per axis, then one line per segment; the tick is the note of all tenants."""
    marks = []
    for axis in axes:
        marks.append(Mark(label=axis.libelle, now=None, heading=True))
        marks += [
            Mark(
                label=item.libelle,
                now=_number(item.note),
                low=_number(item.low) if item.note.shown else None,
                high=_number(item.high) if item.note.shown else None,
                reference=_number(overall),
                absent="" if item.note.shown else formats.status(item.note.missing).word,
            )
            for item in axis.segments
        ]
    return marks


def domain(marks: Sequence[Mark]) -> tuple[float, float]:
    """One scale for every drawing of the page, so that themes compare at a glance."""
    values = [
        value
        for mark in marks
        for value in (mark.now, mark.low, mark.high, mark.before, mark.older, mark.reference)
        if value is not None
    ]
    if not values:
        return 0.0, 10.0
    low, high = max(0, floor(min(values) - 0.2)), min(10, ceil(max(values) + 0.2))
    return float(low), float(high if high > low else low + 1)


def drawing(marks: Sequence[Mark], scale: tuple[float, float], identity: str, title: str, description: str) -> str:
    """The two versions of a drawing, wide and narrow; css shows one of them."""
    return "".join(
        for_the_page(_render(marks, scale, layout), f"{identity}-{layout.name}", title, description, layout.name)
        for layout in (WIDE, NARROW)
    )


def describe(marks: Sequence[Mark], now: str, before: str | None, reference: str) -> str:
    """The drawing in words, masked lines included, for those who do not see it."""
    sentences = []
    for mark in marks:
        if mark.heading:
            continue
        if mark.now is None:
            sentences.append(f"{shorten(mark.label, 120)} : {mark.absent or 'sans résultat'}")
            continue
        words = [f"{formats.decimal(mark.now)} en {now}"]
        if mark.before is not None and before:
            words.append(f"{formats.decimal(mark.before)} en {before}")
        if mark.reference is not None:
            words.append(f"{reference} {formats.decimal(mark.reference)}")
        sentences.append(f"{shorten(mark.label, 120)} : {', '.join(words)}")
    return formats.typography(" ; ".join(sentences)) + "."


def shorten(text: str, length: int) -> str:
    """A text cut between words, with an ellipsis."""
    return text if len(text) <= length else textwrap.shorten(text, length, placeholder=" …") or text[:length] + "…"


def _number(cell: Cell | None) -> float | None:
    return float(cell.valeur) if cell is not None and cell.shown else None


def _records(marks: Sequence[Mark], layout: Layout) -> list[dict[str, Any]]:
    records = []
    for number, mark in enumerate(marks):
        lines = textwrap.wrap(formats.typography(mark.label), layout.wrap) or [""]
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
                "texte": formats.decimal(mark.now) if mark.now is not None else "",
                "texte_avant": formats.decimal(mark.before) if mark.before is not None else "",
                "absent": mark.absent,
                "titre": mark.heading,
            }
        )
    return records


def _render(marks: Sequence[Mark], scale: tuple[float, float], layout: Layout) -> str:
    # Altair costs 0.8 s to import: only when something is drawn, not when the package is loaded.
    import vl_convert
    from altair.utils import schemapi

    # Validating each layer against the Vega-Lite schema is two thirds of the time of a page; a test does it.
    with schemapi.debug_mode(False):
        drawn = specification(marks, scale, layout)
    svg: str = vl_convert.vegalite_to_svg(drawn, format_locale="fr-FR")
    return svg


def specification(marks: Sequence[Mark], scale: tuple[float, float], layout: Layout) -> dict[str, Any]:
    """The drawing in Vega-Lite."""
    import altair as alt

    plot = layout.width - layout.left - 16
    axis_room = 26
    line = 0.5 if layout.beside else 0.7
    data = alt.InlineData(values=_records(marks, layout))
    height = layout.step * len(marks)
    y_scale = alt.Scale(domain=[0, len(marks)], range=[0, height])

    y = alt.Y("y:Q", scale=y_scale, axis=None)
    base = alt.Chart(data).transform_calculate(y=f"datum.rang + {line}")
    x_axis = alt.Axis(
        title=None,
        orient="top",
        tickMinStep=1,
        values=list(range(int(scale[0]), int(scale[1]) + 1)),
        grid=True,
        gridColor=RULE,
        gridWidth=1,
        domain=False,
        ticks=False,
        labelColor=MUTED,
        labelFontSize=12,
        labelFont=FONT,
        labelPadding=6,
        format="d",
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=list(scale), nice=False, zero=False), axis=x_axis)

    def layer(field: str, **more: Any) -> Any:
        return base.transform_filter(f"isValid(datum.{field})").encode(x=x(field), y=y, **more)

    def value(field: str, text: str, dy: int, color: str, weight: Any) -> Any:
        return layer(field, text=f"{text}:N").mark_text(
            dy=dy, color=color, font=FONT, fontSize=layout.value_size, fontWeight=weight
        )

    top = (
        f"datum.rang + 0.5 - (datum.lignes - 1) * {8.5 / layout.step}"
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
                lineHeight=17,
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
        value("before", "texte_avant", 18, MUTED, "normal"),
        value("now", "texte", -19, INK, "bold"),
        base.transform_filter("datum.absent != ''")
        .encode(x=alt.value(6), y=y, text="absent:N")
        .mark_text(align="left", color=MUTED, font=FONT, fontSize=layout.value_size, fontStyle="italic"),
        labels("!datum.titre", "normal"),
        labels("datum.titre", "bold"),
    ]
    chart = (
        alt.layer(*layers)
        .properties(
            width=plot,
            height=height,
            autosize=alt.AutoSizeParams(type="none"),
            padding={"left": layout.left, "right": 16, "top": axis_room, "bottom": 6},
            background="transparent",
        )
        .configure_view(stroke=None)
    )
    drawn: dict[str, Any] = chart.to_dict()
    return drawn
