"""What an organisme hears between two waves, as its leaflet prints it: the lines, words and drawings of the page."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from orchestration.reporting.between import Figure, Line, Listening, listened
from orchestration.reporting.between_chart import PAPER_SIZE, described, is_drawn, line_drawing, specification, title_of
from orchestration.reporting.cells import Edition
from orchestration.reporting.charts import render
from orchestration.reporting.indicators import Scope
from orchestration.reporting.letter.drawings import on_paper
from orchestration.reporting.letter.words import Notes, Printable, Writer

# the rows of a question, by their words, and what of a figure they hold: of each period, and of four together
_OWN = (("chaque_periode", "valeur"), ("intervalle", "bornes"), ("base", "base"))
_MOVING = (("quatre_periodes", "valeur"), ("intervalle", "bornes"))


def printed_between(writer: Writer, edition: Edition, own: Scope, colours: Mapping[str, str]) -> Printable | None:
    """The section « Entre deux vagues »; None where the organisme is heard in no dispositif.

    Args:
        writer: the language.
        edition: the organisme's own file.
        own: its slice of it.
        colours: the programme's, for the drawings on paper.
    """
    heard = listened(edition, own)
    if not heard:
        return None
    return {
        "titre": writer.plain("entre_vagues"),
        "chapo": writer.plain("entre_vagues_chapo"),
        "legende": writer.plain("entre_vagues_legende"),
        "ecoutes": [_listening(writer, one, rank, colours) for rank, one in enumerate(heard, start=1)],
    }


def _listening(writer: Writer, heard: Listening, rank: int, colours: Mapping[str, str]) -> Printable:
    notes, row = Notes(), heard.row
    heads = [writer.plain(name) for name in ("lecture_entre_vagues", "derniere_vague")]
    return {
        "libelle": writer.text(row["libelle"]),
        "comment": " · ".join(filter(None, (writer.word("cadences", row["cadence"]), writer.text(row["evenement"])))),
        "legende": writer.plain("titre_entre_vagues", nom=row["libelle"]),
        "entetes": [*heads, *(label for _, label in heard.waves)],
        "lignes": [
            _line(writer, line, notes, _drawing(writer, line, colours, f"entre-{rank}-{place}"))
            for place, line in enumerate(heard.lines, start=1)
        ],
        "raisons": notes.printed(),
    }


def _drawing(writer: Writer, line: Line, colours: Mapping[str, str], identity: str) -> Printable | None:
    """A question's drawing for the page and for paper, with its alternative in words; None where it has none."""
    if not is_drawn(line):
        return None
    return {
        "page": Markup(line_drawing(writer, line, identity)),
        "svg": on_paper(render(specification(writer, line, PAPER_SIZE)), colours),
        "alternative": f"{title_of(writer, line)}. {described(writer, line)}",
    }


def _line(writer: Writer, line: Line, notes: Notes, drawing: Printable | None) -> Printable:
    """A question: its drawing and its rows."""
    return {
        "libelle": writer.text(line.label),
        "unite": writer.text(line.unit),
        "genre": line.kind,
        "dessin": drawing,
        "vague": line.last[0] if line.last else "",
        "rangs": [
            *(_row(writer, line, words, what, notes, own=True) for words, what in _OWN),
            *(_row(writer, line, words, what, notes, own=False) for words, what in _MOVING),
        ],
    }


def _row(writer: Writer, line: Line, words: str, what: str, notes: Notes, *, own: bool) -> Printable:
    """A row of a question; the last wave stands in those of each period only, for it is no part of four together."""
    figures = [period.own if own else period.moving for period in line.periods]
    return {
        "libelle": writer.plain(words),
        "quoi": what,
        "vague": _cell(writer, line, line.last[1], what, notes) if own and line.last else None,
        "valeurs": [_cell(writer, line, figure, what, notes) for figure in figures],
    }


def _cell(writer: Writer, line: Line, figure: Figure, what: str, notes: Notes) -> Printable:
    """One cell of a row; the two ends of an interval in one, or the word that stands for them."""
    if what == "base":
        return writer.figure(figure.base, "entier", notes)
    if what == "valeur":
        return writer.figure(figure.value, line.written, notes)
    return writer.interval(figure.low, figure.high, line.written, notes, fragile=figure.fragile)
