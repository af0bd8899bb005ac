"""A question between two waves as a drawing: its periods, four of them together with their interval, the last wave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestration.reporting.between import Figure, Line
from orchestration.reporting.charts import FONT, Layers, render, specified
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import WRITTEN
from orchestration.reporting.svg import ACCENT, CELL, INK, MUTED, PAPER, RULE, SOFT, for_the_page


@dataclass(frozen=True)
class Size:
    """The versions: for a wide page, for a phone, and for paper."""

    name: str
    width: int
    height: int


SIZES = (Size("large", 940, 190), Size("etroit", 340, 190))
PAPER_SIZE = Size("papier", 760, 136)


def is_drawn(line: Line) -> bool:
    """Whether a question has a drawing: two of its figures at least are published."""
    figures = [period.own for period in line.periods] + ([line.last[1]] if line.last else [])
    return sum(figure.value.shown for figure in figures) >= 2


def line_drawing(f: Formats, line: Line, identity: str) -> str:
    """Both versions of a question's drawing for a page; nothing where it has none.

    Args:
        f: the language.
        line: the question.
        identity: of the drawing in its page.
    """
    if not is_drawn(line):
        return ""
    title, said = title_of(f, line), described(f, line)
    return "".join(
        for_the_page(render(specification(f, line, size)), f"{identity}-{size.name}", title, said, size.name)
        for size in SIZES
    )


def specification(f: Formats, line: Line, size: Size, checked: bool = False) -> dict[str, Any]:
    """The drawing in Vega-Lite; `checked` holds each layer to the Vega-Lite schema."""
    return specified(lambda: _layers(f, line, size), checked)


def title_of(f: Formats, line: Line) -> str:
    """The title of a question's drawing."""
    return f.plain("entre_vagues_dessin", question=line.label)


def described(f: Formats, line: Line) -> str:
    """The drawing in words, what is not published included."""

    def told(figure: Figure) -> str:
        if figure.value.shown:
            return str(WRITTEN[line.written](f, figure.value.valeur))
        return f.status(figure.value.missing).word

    found = [(period.label, period.own) for period in line.periods]
    found += [line.last] if line.last else []
    said = [f.plain("deux_points", nom=name, valeur=told(figure)) for name, figure in found]
    return f.typography(f.words.said["point_virgule"].join(said)) + "."


def _records(line: Line) -> list[dict[str, Any]]:
    """One record a figure: where it stands, what it is, its value and its interval as a reader sees them."""
    columns: list[tuple[str, Figure, Figure | None]] = [(*line.last, None)] if line.last else []
    columns += [(period.label, period.own, period.moving) for period in line.periods]
    return [
        {
            "x": name,
            "genre": kind,
            "y": float(figure.value.valeur),
            "bas": None if figure.low.valeur is None else float(figure.low.valeur),
            "haut": None if figure.high.valeur is None else float(figure.high.valeur),
            "source": CELL + figure.value.reference,
        }
        for rank, (name, own, moving) in enumerate(columns)
        for kind, figure in (("vague" if line.last and not rank else "periode", own), ("mobile", moving))
        if figure is not None and figure.value.shown
    ]


def _layers(f: Formats, line: Line, size: Size) -> Layers:
    import altair as alt

    records = _records(line)
    names = ([line.last[0]] if line.last else []) + [period.label for period in line.periods]
    ends = [float(record[name]) for record in records for name in ("y", "bas", "haut") if record[name] is not None]
    low, high = min(ends), max(ends)
    room = max((high - low) * 0.15, 0.02)
    axis: dict[str, Any] = {
        "domain": False,
        "ticks": False,
        "labelColor": MUTED,
        "labelFont": FONT,
        "labelFontSize": 12,
    }
    x = alt.X("x:N", sort=names, title=None, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=0, **axis))
    if size.name == "etroit":
        x = alt.X("x:N", sort=names, title=None, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=-60, **axis))
    heights = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    y = alt.Y(
        "y:Q",
        title=None,
        scale=heights,
        axis=alt.Axis(labels=False, gridColor=RULE, tickCount=4, **{k: v for k, v in axis.items() if "label" not in k}),
    )
    chosen = {
        kind: alt.Chart(alt.InlineData(values=[record for record in records if record["genre"] == kind]))
        for kind in ("mobile", "periode", "vague")
    }
    written = [
        {**record, "dit": WRITTEN[line.written](f, record["y"])} for record in records if record["genre"] != "mobile"
    ]
    # a line may cross a value: on a page the style draws a halo around it, on paper its own outline does
    halo = PAPER if size == PAPER_SIZE else None
    drawn = [
        chosen["mobile"].mark_area(color=SOFT, opacity=1).encode(x=x, y=alt.Y("bas:Q", scale=heights), y2="haut:Q"),
        chosen["mobile"].mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y),
        *(
            chosen[kind].mark_rule(color=ink, strokeWidth=1.5).encode(x=x, y=alt.Y("bas:Q", scale=heights), y2="haut:Q")
            for kind, ink in (("periode", MUTED), ("vague", INK))
        ),
        chosen["periode"]
        .mark_point(shape="circle", size=70, filled=True, fill=PAPER, stroke=ACCENT, strokeWidth=2, opacity=1)
        .encode(x=x, y=y, description="source:N"),
        chosen["vague"]
        .mark_point(shape="square", size=80, filled=True, fill=INK, stroke=INK, opacity=1)
        .encode(x=x, y=y, description="source:N"),
        alt.Chart(alt.InlineData(values=written))
        .mark_text(color=INK, stroke=halo, strokeWidth=3, font=FONT, fontSize=12, dx=6, dy=-9, align="left")
        .encode(x=x, y=y, text="dit:N"),
    ]
    edges = {"left": 12, "right": 40, "top": 8, "bottom": 58 if size.name == "etroit" else 26}
    return drawn, size.width - 52, size.height - edges["bottom"] - 8, edges
