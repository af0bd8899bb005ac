"""What is heard between two waves: the periods of each dispositif but the principal, question by question.

A period's own figure is that of `fct_satisfaction`, four periods together that of `fct_moyenne_mobile`, and beside them
stands the last wave of the principal dispositif. They are read side by side: other people answer, and none is
subtracted from another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import only_indicative, reader
from orchestration.reporting.indicators import AS_PUBLISHED, ENSEMBLE, Scope

# two years of quarters: more are in the published tables
_SHOWN = 8


@dataclass(frozen=True)
class Figure:
    """A figure with its interval, whether that is only indicative, and its base."""

    value: Cell
    low: Cell
    high: Cell
    base: Cell
    fragile: bool


@dataclass(frozen=True)
class Period:
    """A period of a dispositif: its own figure, and that of the four periods that end with it."""

    code: str
    label: str
    own: Figure
    moving: Figure


@dataclass(frozen=True)
class Line:
    """A question through the periods of a dispositif, the oldest first.

    Attributes:
        kind: `note` or `taux`; `unit`: what a note is out of, in the programme's words; `written`: how it is written.
        last: the last wave of the principal dispositif before the newest period, and its figure; None where that wave
            did not ask the question.
    """

    code: str
    label: str
    kind: str
    unit: str
    written: str
    periods: tuple[Period, ...]
    last: tuple[str, Figure] | None


@dataclass(frozen=True)
class Listening:
    """A dispositif: its row of `dim_dispositif`, its periods by code and label, its questions."""

    row: Row
    waves: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


def listened(edition: Edition, scope: Scope) -> list[Listening]:
    """Reads what is heard between two waves; nothing where the programme has one dispositif.

    Args:
        edition: what was published.
        scope: the region, or an organisme in its own file.
    """
    others = [row for row in edition.rows("dim_dispositif") if not row["est_principal"]]
    found = (_listening(edition, scope, row) for row in sorted(others, key=lambda row: row["ordre"]))
    return [one for one in found if one.lines]


def _listening(edition: Edition, scope: Scope, row: Row) -> Listening:
    rows = edition.rows("dim_vague", dispositif_code=row["dispositif_code"])
    waves = sorted(rows, key=lambda wave: wave["ordre"])[-_SHOWN:]
    cells: dict[tuple[str, str], Row] = {}
    moving: dict[tuple[str, str], Row] = {}
    for wave in waves:
        for one in edition.rows("fct_satisfaction", vague=wave["vague"], **scope.perimetre, **ENSEMBLE):
            cells[one["question_code"], wave["vague"]] = one
        for one in edition.rows("fct_moyenne_mobile", vague=wave["vague"], **scope.perimetre):
            moving[one["question_code"], wave["vague"]] = one
    asked = {code for code, _ in cells}
    questions = [one for one in edition.rows("dim_question") if one["question_code"] in asked]
    lines = [_line(edition, scope, one, waves, cells, moving) for one in sorted(questions, key=_place)]
    return Listening(row, tuple((str(w["vague"]), str(w["libelle"])) for w in waves), tuple(lines))


def _place(question: Row) -> tuple[str, int]:
    return str(question["theme_code"]), question.get("ordre") or 0


def _line(
    edition: Edition,
    scope: Scope,
    question: Row,
    waves: Iterable[Row],
    cells: Mapping[tuple[str, str], Row],
    moving: Mapping[tuple[str, str], Row],
) -> Line:
    code = str(question["question_code"])
    own = {wave["vague"]: cells.get((code, wave["vague"])) for wave in waves}
    kind = "note" if any(row and row["note_moyenne"] is not None for row in own.values()) else "taux"
    periods = tuple(
        Period(
            str(wave["vague"]),
            str(wave["libelle"]),
            _figure(scope, code, str(wave["vague"]), own[wave["vague"]], kind),
            _moving(scope, code, str(wave["vague"]), moving.get((code, wave["vague"]))),
        )
        for wave in waves
    )
    last = None
    before = max((wave for wave in waves if wave["vague_principale"]), key=lambda wave: wave["ordre"], default=None)
    if before is not None:
        name = str(before["vague_principale"])
        rows = edition.rows("fct_satisfaction", vague=name, question_code=code, **scope.perimetre, **ENSEMBLE)
        last = (name, _figure(scope, code, name, rows[0], kind)) if rows and rows[0]["statut"] != "Z" else None
    unit = str(question.get("unite_note") or "") if kind == "note" else ""
    return Line(code, str(question["libelle"]), kind, unit, AS_PUBLISHED[kind], periods, last)


def _figure(scope: Scope, code: str, wave: str, row: Row | None, kind: str) -> Figure:
    cell = reader("fct_satisfaction", scope.key(code, wave), row)
    name = "note_moyenne" if kind == "note" else "taux_satisfaits"
    fragile = only_indicative(row, scope.fragile)
    return Figure(cell(name), cell(f"{kind}_ic_bas"), cell(f"{kind}_ic_haut"), cell("base_brute"), fragile)


def _moving(scope: Scope, code: str, wave: str, row: Row | None) -> Figure:
    cell = reader("fct_moyenne_mobile", {"vague": wave, **scope.perimetre, "question_code": code}, row)
    fragile = only_indicative(row, scope.fragile)
    return Figure(cell("valeur"), cell("ic_bas"), cell("ic_haut"), cell("base_brute"), fragile)
