"""What is heard between two waves, as the letter prints it: the newest period of each dispositif, a line a question.

The page has all periods and their drawings; paper has room for where things stand now.
"""

from __future__ import annotations

from orchestration.reporting.between import Figure, Line, Listening, listened
from orchestration.reporting.cells import Edition
from orchestration.reporting.indicators import Scope
from orchestration.reporting.letter.words import Notes, Printable, Writer


def printed_newest(writer: Writer, edition: Edition, scope: Scope) -> Printable | None:
    """The section « Entre deux vagues »; None where the programme has one dispositif.

    Args:
        writer: the language.
        edition: the published file.
        scope: the region.
    """
    heard = listened(edition, scope)
    if not heard:
        return None
    return {
        "titre": writer.plain("entre_vagues"),
        "chapo": writer.plain("entre_vagues_chapo"),
        "ecoutes": [_newest(writer, one) for one in heard],
    }


def _newest(writer: Writer, heard: Listening) -> Printable:
    notes, row = Notes(), heard.row
    [wave] = {line.last[0] for line in heard.lines if line.last is not None} or {writer.plain("derniere_vague")}
    names = (wave, heard.waves[-1][1], writer.plain("quatre_ensemble"))
    # one unit is said once, above the table
    units = {line.unit for line in heard.lines}
    alike = len(units) == 1
    interval = writer.plain("intervalle")
    return {
        "libelle": writer.text(row["libelle"]),
        "comment": " · ".join(
            filter(
                None,
                (writer.word("cadences", row["cadence"]), writer.text(row["evenement"]), *(units if alike else ())),
            )
        ),
        "entetes": [writer.plain("indicateur"), *(head for name in names for head in (name, interval))],
        "lignes": [_line(writer, line, notes, alike=alike) for line in heard.lines],
        "raisons": notes.printed(),
    }


def _line(writer: Writer, line: Line, notes: Notes, *, alike: bool) -> Printable:
    newest = line.periods[-1]
    figures = (line.last[1] if line.last is not None else None, newest.own, newest.moving)
    return {
        "libelle": writer.text(line.label + (f" ({line.unit})" if line.unit and not alike else "")),
        "chiffres": [_figure(writer, figure, line.written, notes) for figure in figures],
    }


def _figure(writer: Writer, figure: Figure | None, written: str, notes: Notes) -> Printable | None:
    """A figure and the ends of its interval; None where there is nothing to tell."""
    if figure is None:
        return None
    known = figure.low.shown and figure.high.shown
    return {
        "valeur": writer.figure(figure.value, written, notes),
        "bornes": [writer.figure(end, written) for end in (figure.low, figure.high)] if known else None,
        "indicatif": writer.indicative(figure.fragile),
    }
