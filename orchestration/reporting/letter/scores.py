"""The scores that senders publish, as letter and leaflets print them: with the rows, words and formats of the page."""

from __future__ import annotations

from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.indicators import Scope
from orchestration.reporting.letter.words import Notes, Printable, Writer
from orchestration.reporting.scores import WRITTEN, PublishedScore, published_scores

_HEADS = ("score", "unite", "valeur", "intervalle", "base", "classe", "ecart", "verdict")


def printed_scores(writer: Writer, edition: Edition, scope: Scope, beside: Scope | None = None) -> Printable | None:
    """The section of scores; None where there are none.

    Args:
        writer: the language.
        edition: the published file, or an organisme's own.
        scope: whose scores are printed: the region's, or an organisme's.
        beside: the region's slice of an organisme's file, whose value stands beside its own.
    """
    found = published_scores(edition, scope)
    if not found:
        return None
    notes = Notes()
    region = {score.code: score for score in published_scores(edition, beside)} if beside is not None else {}
    return {
        "titre": writer.plain("scores_publies"),
        "chapo": writer.plain("scores_chapo"),
        "legende": writer.plain("titre_scores", vague=scope.current),
        "entetes": [writer.plain(head) for head in _HEADS],
        "region": writer.plain("region") if beside is not None else None,
        "verdict_sens": writer.plain("scores_verdict"),
        "lignes": [_line(writer, score, region.get(score.code), notes) for score in found],
        "raisons": notes.printed(),
    }


def _line(writer: Writer, score: PublishedScore, region: PublishedScore | None, notes: Notes) -> Printable:
    low, high = score["ic_bas"], score["ic_haut"]
    ends = [_figure(writer, score, name, notes) for name in ("ic_bas", "ic_haut")]
    known = low.shown and high.shown
    return {
        "libelle": writer.text(score.libelle),
        "unite": writer.text(score.unite),
        "valeur": _figure(writer, score, "valeur", notes),
        "bornes": ends if known else None,
        "intervalle": writer.plain("de_a", bas=ends[0]["t"], haut=ends[1]["t"]) if known else "",
        "sans_intervalle": None if known else ends[0],
        "base": _figure(writer, score, "base", notes),
        "classe": writer.text(score.classe) or "–",
        "ecart": _figure(writer, score, "ecart", notes),
        "verdict": writer.judged(score["verdict"], opinion=False),
        "region": _figure(writer, region, "valeur", notes) if region is not None else None,
    }


def _figure(writer: Writer, score: PublishedScore, column: str, notes: Notes) -> Printable:
    cell: Cell = score[column]
    return writer.figure(cell, WRITTEN[column], notes)
