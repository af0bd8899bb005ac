"""The organismes that an organisme comes from, in its leaflet: their figures together, where it had none of its own.

The estimates are those of the pro forma method: a wave measured on the predecessors as if they were one already.
"""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.reporting.cells import Edition, Row
from orchestration.reporting.figures import reader
from orchestration.reporting.indicators import AS_PUBLISHED, ENSEMBLE, Indicator, Scope
from orchestration.reporting.leaflet.standing import Chapter
from orchestration.reporting.letter.words import Notes, Printable, Writer

_TOGETHER = "pro_forma"
# the column of the figure before, by the kind of a question
_BEFORE = {"note": "note_precedente", "taux": "taux_precedent"}


def printed_predecessors(writer: Writer, edition: Edition, own: Scope, chapters: Sequence[Chapter]) -> Printable | None:
    """The section of the predecessors: a table for each wave that the organisme knows by them alone.

    Args:
        writer: the language.
        edition: the organisme's own file.
        own: its slice of it.
        chapters: the themes, with the organisme's questions.

    Returns:
        None where no wave is so: the organisme had interviews of its own at each, or came from nobody.
    """
    waves = [_wave(writer, edition, own, chapters, wave) for wave in own.vagues[:-1]]
    tables = [table for table in waves if table is not None]
    if not tables:
        return None
    return {"titre": writer.plain("predecesseurs"), "tableaux": tables}


def _wave(writer: Writer, edition: Edition, own: Scope, chapters: Sequence[Chapter], wave: str) -> Printable | None:
    """The table of one wave; None where the organisme has figures of its own there, or its predecessors have none."""
    if edition.rows("fct_satisfaction", vague=wave, **own.perimetre, **ENSEMBLE):
        return None
    key = {"vague": own.current, **own.perimetre, **ENSEMBLE, "vague_precedente": wave, "methode": _TOGETHER}
    rows = {str(row["question_code"]): row for row in edition.rows("fct_evolution", **key)}
    # a question without any figure at that wave was not asked then
    known = {code for code, row in rows.items() if any(row.get(column) is not None for column in _BEFORE.values())}
    if not known:
        return None
    notes = Notes()
    return {
        "chapo": writer.plain("predecesseurs_chapo", vague=wave),
        "vague": wave,
        "groupes": [
            {"libelle": label, "lignes": [_line(writer, own, item, rows[item.code], wave, notes) for item in items]}
            for label, found in _groups(writer, chapters)
            if (items := [item for item in found if item.code in known])
        ],
        "raisons": notes.printed(),
    }


def _groups(writer: Writer, chapters: Sequence[Chapter]) -> list[tuple[str, list[Indicator]]]:
    """The questions of each theme that are written in one unit, under the theme's name and that unit."""
    found = []
    for chapter in chapters:
        theme, unit = chapter.theme, writer.out_of(chapter.theme.maximum).strip()
        items = [standing.item for standing in chapter.lines]
        for kind, written in (("note", f" ({unit})" if unit else ""), ("taux", " (%)")):
            found.append((writer.text(theme.libelle) + written, [item for item in items if item.kind == kind]))
    return found


def _line(writer: Writer, own: Scope, item: Indicator, row: Row, wave: str, notes: Notes) -> Printable:
    """A question: the predecessors' figure, the organisme's, the change from the one to the other, with its verdict.

    Figures are as fine as they are published: what the change is said to be must be what they differ by.
    """
    change = reader("fct_evolution", own.key(item.code, vague_precedente=wave, methode=_TOGETHER), row)
    kind, difference, verdict = AS_PUBLISHED[item.kind], change(f"ecart_{item.kind}"), change("verdict")
    return {
        "genre": item.kind,
        "libelle": writer.text(item.libelle),
        "avant": writer.figure(change(_BEFORE[item.kind]), kind, notes),
        "valeur": writer.figure(item.current, kind, notes),
        "ecart": writer.figure(difference, AS_PUBLISHED[f"ecart_{item.kind}"]) if difference.shown else None,
        "verdict": writer.judged(verdict, opinion=item.judged),
        "base": writer.figure(change("base_brute_precedente"), "entier", notes),
    }
