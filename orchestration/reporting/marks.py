"""What a drawing shows, line by line, and the same in words: built from cells, masked ones said as masked.

Values stand in the unit of the axis: a note, or a percentage.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from orchestration.reporting.cells import Cell
from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import AS_PUBLISHED, Indicator, Scope, Theme
from orchestration.reporting.pages import written
from orchestration.reporting.study import Axis, Segment

UNKNOWN = "NR"  # the segment of interviews whose axis is unknown: drawn only if there is something to draw


@dataclass(frozen=True)
class Mark:
    """What is drawn on one line; None is not drawn. `text` and `source`: the current value as printed, and its cell."""

    label: str
    now: float | None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    older: float | None = None
    reference: float | None = None
    text: str = ""
    text_before: str = ""
    text_reference: str = ""
    source: str = ""
    source_before: str = ""
    absent: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Unit:
    """The unit of an axis: how a cell becomes a position, how far apart the lines of the grid are, where it ends."""

    kind: str
    step: int
    top: float

    def place(self, cell: Cell | None) -> float | None:
        """A cell as a position on the axis."""
        if cell is None or not cell.shown:
            return None
        return float(cell.valeur) * (100 if self.kind == "taux" else 1)

    def write(self, f: Formats, cell: Cell | None, kind: str = "") -> str:
        """A cell as printed beside its mark, in the kind that the tables write it in."""
        return written(f, cell.valeur, kind or self.kind) if cell is not None and cell.shown else ""


NOTE, RATE = Unit("note", 1, 10), Unit("taux", 10, 100)


def note_unit(maximums: Sequence[float | None]) -> Unit:
    """The unit of notes whose scales have these maximums: its axis ends at the highest."""
    top = max((maximum for maximum in maximums if maximum is not None), default=NOTE.top)
    return Unit("note", 1 if top <= 20 else 10, top)


def theme_unit(theme: Theme) -> Unit:
    """The unit in which a theme is drawn: its notes, or else its rates."""
    return note_unit([item.maximum for item in theme.notes]) if theme.notes else RATE


def unit_of(item: Indicator) -> Unit:
    """The unit in which a question is drawn on its own."""
    return note_unit([item.maximum]) if item.kind == "note" else RATE


def scales(themes: Sequence[Theme], marks: Mapping[str, Sequence[Mark]]) -> dict[str, tuple[float, float]]:
    """The two ends of each theme's axis: one for all rates, one for all notes of the same maximum.

    Args:
        themes: the themes.
        marks: by code of a theme, what is drawn of it.
    """
    drawn: dict[Unit, list[Mark]] = {}
    for theme in themes:
        drawn.setdefault(theme_unit(theme), []).extend(marks[theme.code])
    ends = {unit: domain(found, unit) for unit, found in drawn.items()}
    return {theme.code: ends[theme_unit(theme)] for theme in themes}


@dataclass(frozen=True)
class Drawing:
    """What is drawn of a theme, notes or else rates: its lines, the ends of its axis, its title, the same in words."""

    theme: Theme
    marks: list[Mark]
    scale: tuple[float, float]
    title: str
    words: str

    @property
    def close(self) -> tuple[float, float]:
        """The ends of an axis of its own, near enough to show the intervals: half a line of the grid at a time."""
        unit = theme_unit(self.theme)
        return domain(self.marks, unit, unit.step / 2)


def theme_drawings(f: Formats, themes: Sequence[Theme], scope: Scope) -> list[Drawing]:
    """The drawings of the themes that have something to draw."""
    marks = {theme.code: indicator_marks(f, theme.notes or theme.rates) for theme in themes}
    ends = scales(themes, marks)
    reference = f.plain("reference_nationale")
    return [
        Drawing(
            theme,
            marks[theme.code],
            ends[theme.code],
            f.plain("titre_dessin_notes", theme=theme.libelle, sur=f.out_of(theme.maximum))
            if theme.notes
            else f.plain("titre_dessin_taux", theme=theme.libelle),
            describe(f, marks[theme.code], scope.current, scope.previous, reference),
        )
        for theme in themes
        if marks[theme.code]
    ]


def indicator_marks(f: Formats, indicators: Sequence[Indicator]) -> list[Mark]:
    """One line per question; they are all notes, or all rates."""
    marks = []
    for item in indicators:
        unit = NOTE if item.kind == "note" else RATE
        # A source gives its percentages out of 100, the tables their rates out of 1.
        same_unit = item.reference_is_note == (item.kind == "note")
        reference = float(item.reference.valeur) if same_unit and item.reference.shown else None
        known = item.current.shown
        marks.append(
            Mark(
                label=item.libelle,
                now=unit.place(item.current),
                low=unit.place(item.low) if known else None,
                high=unit.place(item.high) if known else None,
                before=unit.place(item.previous),
                older=unit.place(item.values[-3]) if len(item.values) > 2 else None,
                reference=reference,
                text=unit.write(f, item.current, item.written),
                text_before=unit.write(f, item.previous, item.written),
                text_reference=unit.write(f, item.reference, item.written_reference) if same_unit else "",
                source=item.current.reference,
                source_before=item.previous.reference if item.previous else "",
                absent=_why(f, item.current),
            )
        )
    return marks


def told(axis: Axis) -> list[Segment]:
    """The segments of an axis that a reader is told of: the unknown ones only where they have a figure."""
    return [item for item in axis.segments if item.value.shown or item.code != UNKNOWN]


def axis_marks(f: Formats, axes: Sequence[Axis], overall: Cell, unit: Unit) -> list[Mark]:
    """A heading per axis, then one line per segment; the tick is the figure of all respondents."""
    marks = []
    for axis in axes:
        marks.append(Mark(label=axis.libelle, now=None, heading=True))
        for item in told(axis):
            known = item.value.shown
            marks.append(
                Mark(
                    label=item.libelle,
                    now=unit.place(item.value),
                    low=unit.place(item.low) if known else None,
                    high=unit.place(item.high) if known else None,
                    reference=unit.place(overall) if known else None,
                    text=unit.write(f, item.value, AS_PUBLISHED[unit.kind]),
                    text_reference=unit.write(f, overall) if known else "",
                    source=item.value.reference,
                    absent=_why(f, item.value),
                )
            )
    return marks


def domain(marks: Sequence[Mark], unit: Unit, step: float | None = None) -> tuple[float, float]:
    """The two ends of an axis on which all marks stand, with some room beyond them.

    Args:
        marks: what is drawn.
        unit: the unit of the axis.
        step: of what the ends are multiples; the unit's own by default.
    """
    values = [
        value
        for mark in marks
        for value in (mark.now, mark.low, mark.high, mark.before, mark.older, mark.reference)
        if value is not None
    ]
    if not values:
        return 0.0, float(unit.top)
    step = step or unit.step
    low = max(0, step * floor((min(values) - step / 5) / step))
    high = min(unit.top, step * ceil((max(values) + step / 5) / step))
    return float(low), float(high if high > low else low + step)


def describe(f: Formats, marks: Sequence[Mark], now: str, before: str | None, reference: str) -> str:
    """The drawing in words, masked lines included, for those who do not see it."""
    sentences = []
    for mark in marks:
        if mark.heading:
            continue
        words = [f.plain("valeur_en", valeur=mark.text, vague=now) if mark.text else mark.absent]
        if mark.text_before and before:
            words.append(f.plain("valeur_en", valeur=mark.text_before, vague=before))
        if mark.text_reference:
            words.append(f"{reference} {mark.text_reference}")
        said = ", ".join(word for word in words if word)
        sentences.append(f.plain("deux_points", nom=shorten(mark.label, 120), valeur=said))
    return f.typography(f.words.said["point_virgule"].join(sentences)) + "."


def shorten(text: str, length: int) -> str:
    """A text cut between words, with an ellipsis."""
    return text if len(text) <= length else textwrap.shorten(text, length, placeholder=" …") or text[:length] + "…"


def _why(f: Formats, cell: Cell) -> str:
    """Why a line is empty: the status in a word, and the published reason."""
    if cell.shown:
        return ""
    word, reason = f.status(cell.missing).word, f.why(cell.missing, cell.motif)
    return f"{word} ({reason})" if reason else word
