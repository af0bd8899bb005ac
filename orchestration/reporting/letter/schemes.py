"""Quality schemes, as the letter prints them: who holds which, and what respondents perceive of them."""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.reporting.cells import Edition
from orchestration.reporting.indicators import Indicator, Scope, Theme
from orchestration.reporting.letter.words import Notes, Printable, Writer
from orchestration.reporting.schemes import Beside, Held, Schemes, schemes


def printed_schemes(
    writer: Writer, edition: Edition, scope: Scope, themes: Sequence[Theme], overall: Indicator | None
) -> Printable | None:
    """The section of quality schemes; None where nobody consolidated in the wave holds one.

    Args:
        writer: the language.
        edition: the published file.
        scope: the region.
        themes: the programme's questions, as they are printed.
        overall: the question of overall satisfaction, the one whose gap is printed.
    """
    found = schemes(edition, scope, themes)
    if found is None:
        return None
    notes = Notes()
    lines = [line for _, compared in found.themes for line in compared]
    shown = [line for line in lines if overall is not None and line.item.code == overall.code]
    return {
        "titre": writer.plain("demarches"),
        "chapo": _held(writer, found),
        "entetes": [writer.plain(name) for name in ("intitule", "nature_demarche", "organismes")],
        "detenteurs": _holders(writer, found),
        "percues": writer.plain("demarches_percues") if lines else "",
        "percues_chapo": writer.plain("demarches_percues_chapo", avec=found.labels[0], sans=found.labels[1])
        if lines
        else "",
        "bilan_de": writer.plain("demarches_bilan") if found.tally else "",
        "bilan": [
            {"verdict": writer.label(writer.verdict(verdict)), "nombre": writer.figure(count, "entier")}
            for verdict, count in found.tally
        ],
        "titres": [writer.plain(name) for name in ("question", "avec", "sans", "ecart", "verdict")],
        "lignes": [_line(writer, line, notes) for line in shown],
        "raisons": notes.printed(),
    }


def _held(writer: Writer, found: Schemes) -> str:
    """How many held one, at the current wave and at those before it, the newest first."""
    *earlier, current = found.waves

    def told(key: str, seen: Held) -> str:
        held, total = (writer.figure(cell, "entier").get("t", "") for cell in (seen.held, seen.organismes))
        return writer.plain(key, vague=seen.wave, n=held, total=total)

    return " ".join((told("demarches_chapo", current), *(told("demarches_avant", seen) for seen in reversed(earlier))))


def _holders(writer: Writer, found: Schemes) -> list[Printable]:
    """Each scheme once, with all who hold it, in the order of the first of them."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in found.holders:
        grouped.setdefault((str(row["intitule"]), str(row["type"])), []).append(writer.text(row["organisme"]))
    return [
        {"intitule": writer.text(title), "type": writer.word("types_demarche", kind), "organismes": ", ".join(names)}
        for (title, kind), names in grouped.items()
    ]


def _line(writer: Writer, line: Beside, notes: Notes) -> Printable:
    return {
        "libelle": writer.text(line.item.libelle),
        "avec": writer.figure(line.own, line.written, notes),
        "sans": writer.figure(line.others, line.written, notes),
        "ecart": writer.figure(line.gap, line.gap_written, notes),
        "verdict": writer.judged(line.verdict, opinion=line.item.judged),
    }
