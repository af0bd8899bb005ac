"""Quality schemes of organismes, and how the respondents of those who hold one answer beside the others'."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.programme.perimeter import MARKED, WITH, WITHOUT
from orchestration.programme.texts import alphabetical
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import own_reader, reader
from orchestration.reporting.indicators import AS_PUBLISHED, ENSEMBLE, Indicator, Scope, Theme
from orchestration.reporting.study import INCLUDED
from orchestration.words import VERDICT_FAMILIES

# The same organismes on both sides of a change: those who hold a scheme at its later wave, mergers followed.
_SAME = "pro_forma"
_KEY = ("vague", "perimetre_type", "perimetre", "comparaison", *ENSEMBLE, "question_code")
_ORDER = ("organisme", "debut", "intitule")
_CHANGED = ("methode", "vague", "vague_precedente", "perimetre_type", "perimetre", *ENSEMBLE, "question_code")


@dataclass(frozen=True)
class Held:
    """How many organismes held a scheme on the first day of a wave's fieldwork, of how many."""

    wave: str
    held: Cell
    organismes: Cell


@dataclass(frozen=True)
class Beside:
    """A question: the figure of the holders' respondents, the others', the gap and its verdict, the holders' change.

    Attributes:
        written: how a figure is written; `gap_written`: how a gap is.
    """

    item: Indicator
    own: Cell
    others: Cell
    gap: Cell
    verdict: Cell
    change: Cell
    change_verdict: Cell
    written: str
    gap_written: str


@dataclass(frozen=True)
class Schemes:
    """What a report says of quality schemes.

    Attributes:
        holders: rows of `fct_demarche` of the current wave, by organisme.
        waves: how many held one, wave by wave, the oldest first.
        labels: what the perimeters of the holders and of the others are called; empty where there is no such perimeter.
        themes: by theme, its questions that are compared; none where there is no such perimeter.
        tally: how many opinions have each verdict on the gap, those that none has left out.
    """

    holders: tuple[Row, ...]
    waves: tuple[Held, ...]
    labels: tuple[str, ...]
    themes: tuple[tuple[Theme, tuple[Beside, ...]], ...]
    tally: tuple[tuple[str, Cell], ...]


def schemes(edition: Edition, scope: Scope, themes: Iterable[Theme]) -> Schemes | None:
    """Reads the quality schemes of the current wave; None where nobody consolidated in it holds one.

    Args:
        edition: what was published.
        scope: its waves.
        themes: the programme's questions, as they are printed.
    """
    holders = edition.rows("fct_demarche", vague=scope.current)
    if not holders:
        return None
    names = {row["perimetre"]: str(row["libelle"]) for row in edition.rows("dim_perimetre", perimetre_type=MARKED)}
    asked = {"vague": scope.current, "perimetre_type": MARKED, "perimetre": WITH, **ENSEMBLE}
    compared = [(theme, _lines(edition, scope, asked, theme)) for theme in themes] if names else []
    judged = [line.item.code for _, lines in compared for line in lines if line.item.judged]
    of_these = {**asked, "comparaison": MARKED, "question_code in": "|".join(judged)}
    counts = [
        (verdict, edition.cell("fct_comparaison", {**of_these, "verdict": verdict}, "count(*)"))
        for verdict in VERDICT_FAMILIES
    ]
    return Schemes(
        holders=tuple(sorted(holders, key=lambda row: [alphabetical(str(row[name])) for name in _ORDER])),
        waves=tuple(
            Held(
                wave,
                edition.cell("fct_demarche", {"vague": wave}, "count(distinct organisme_code)"),
                edition.cell("obs_couverture", {"vague": wave, **INCLUDED}, "count(*)"),
            )
            for wave in scope.vagues
        ),
        labels=(names[WITH], names[WITHOUT]) if names else (),
        themes=tuple((theme, lines) for theme, lines in compared if lines),
        tally=tuple((verdict, count) for verdict, count in counts if count.valeur),
    )


def _lines(edition: Edition, scope: Scope, asked: dict[str, str], theme: Theme) -> tuple[Beside, ...]:
    gaps = {row["question_code"]: row for row in edition.rows("fct_comparaison", comparaison=MARKED, **asked)}
    changes = {
        row["question_code"]: row
        for row in edition.rows("fct_evolution", methode=_SAME, vague_precedente=scope.previous, **asked)
    }
    items = [item for item in theme.indicators if item.code in gaps]
    return tuple(_beside(item, gaps[item.code], changes.get(item.code)) for item in items)


def _beside(item: Indicator, gap: Row, change: Row | None) -> Beside:
    note = item.kind == "note"
    beside = own_reader("fct_comparaison", gap, *_KEY)
    before = own_reader("fct_evolution", change, *_CHANGED) if change else reader("fct_evolution", {}, None)
    return Beside(
        item=item,
        own=beside("note_moyenne" if note else "taux_satisfaits"),
        others=beside("note_comparee" if note else "taux_compare"),
        gap=beside(f"ecart_{item.kind}"),
        verdict=beside("verdict"),
        change=before(f"ecart_{item.kind}"),
        change_verdict=before("verdict"),
        written=AS_PUBLISHED[item.kind],
        gap_written=AS_PUBLISHED[f"ecart_{item.kind}"],
    )
