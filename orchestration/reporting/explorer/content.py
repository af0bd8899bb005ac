"""The published cells of a question, by measure, perimeter, axis, segment and wave, as the explorer's files hold them.

Everything is read from the edition: a cell without a published figure has its status and its reason, and a segment
that no wave was asked about is left out. The order of a cell's parts is PARTS; nothing at its end is not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from orchestration.reporting.cells import Edition, Row
from orchestration.reporting.explorer.ledger import Ledger, Texts
from orchestration.reporting.explorer.measures import SATISFACTION, SCORES, SEVERAL, SHARES, Asked, Measure
from orchestration.reporting.figures import PRINTED_METHOD, only_indicative, reader, sensitive
from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import AS_PUBLISHED, ENSEMBLE, FINER, Scope
from orchestration.reporting.marks import UNKNOWN

# parts of a cell, by rank in the file's numbers or words, but for `indicatif`, which is one of INDICATIVE, and for
# `arrondi`, which is 1 where the figures of the two waves, as they are written, do not differ by the change as it is
PARTS = (
    "valeur", "bas", "haut", "base", "statut", "indicatif",
    "evolution", "verdict", "reference", "ecart", "verdict_reference", "arrondi",
)  # fmt: skip
# whether the interval is only indicative: the edition says so, says that it is not, or leaves it to the base to say
INDICATIVE = {"dit": 1, "nie": 2, "deduit": 3}
KEY = ("vague", "perimetre_type", "perimetre", "axe", "segment")
EVERYONE = (ENSEMBLE["axe"], ENSEMBLE["segment"])
STATED = ("statut", "motif_statut", "intervalle_indicatif")
# the column that tells the rows of one question apart, of tables that have several for one place
OPTION = {SHARES: "modalite_code", SEVERAL: "motif"}
CHANGES = ("vague_precedente", "ecart_note", "ecart_taux", "mesure", "verdict", "motif_verdict", "motif_verdict_code",
           "verdict_sensible_bareme")  # fmt: skip
GAPS = ("unite", "reference", "ecart", "verdict", "motif_verdict", "verdict_sensible_bareme")
NO_KEY: Mapping[str, str] = {}

Place = tuple[str, str, str, str]
Rows = dict[tuple[Any, ...], Row]
# measure → perimeter → axis → segment → a cell per wave
Cells = dict[str, dict[str, dict[str, dict[str, list[list[int]]]]]]


@dataclass(frozen=True)
class Found:
    """What the edition has of a question: its rows by table, option, place and wave; its changes and references."""

    rows: Mapping[str, Mapping[str, Rows]]
    changes: Rows
    references: Rows


class Content:
    """Reads questions one by one; how a value is written is kept from one to the next."""

    def __init__(self, f: Formats, edition: Edition, scope: Scope, waves: Sequence[str]) -> None:
        """The language, the published file, the slice that the report prints, and the waves that are shown."""
        self.f, self.edition, self.scope, self.waves = f, edition, scope, waves
        self.before = {after: before for before, after in pairwise(waves)}
        self._texts = Texts(f)
        self._region = (scope.perimetre["perimetre_type"], scope.perimetre.get("perimetre", ""), *EVERYONE)

    def file(self, asked: Asked) -> dict[str, Any]:
        """The data of a question: its measures, its numbers and words, its cells."""
        ledger, cells = Ledger(self._texts), Cells()
        found = self._found(asked)
        for measure in asked.measures:
            rows = found.rows[measure.table].get(measure.option, {})
            measure = self._written(measure, rows)
            for place in sorted({key[:-1] for key in rows}):
                line = [self._cell(asked, measure, found, (*place, wave), ledger, rows) for wave in self.waves]
                if _tells(line, ledger, place[-1]):
                    kind, perimeter, axis, segment = place
                    at = cells.setdefault(measure.code, {}).setdefault(f"{kind}|{perimeter}", {})
                    at.setdefault(axis, {})[segment] = line
        return {
            "question": asked.address,
            "code": asked.code,
            "mesures": [measure.described(self.f) for measure in asked.measures if measure.code in cells],
            "reponses": asked.answers,
            "nombres": ledger.numbers,
            "mots": ledger.words,
            "cellules": cells,
        }

    def _found(self, asked: Asked) -> Found:
        rows: dict[str, dict[str, Rows]] = {}
        # of a question, whatever its measures, its row of satisfaction says whether its intervals are only indicative
        needed = () if asked.score else (SATISFACTION,)
        for table in dict.fromkeys((*(measure.table for measure in asked.measures), *needed)):
            measures = [measure for measure in asked.measures if measure.table == table]
            columns = [*KEY, *STATED, "base_brute", *(column for measure in measures for column in measure.columns)]
            code = "score_code" if table == SCORES else "question_code"
            option = OPTION.get(table)
            columns += [option] if option else []
            lots = rows.setdefault(table, {})
            for row in self.edition.chosen(table, columns, **{code: asked.code}):
                lots.setdefault(str(row[option]) if option else "", {})[*_place(row), str(row["vague"])] = row
        if asked.score:
            return Found(rows, {}, {})
        changes = self.edition.chosen(
            "fct_evolution", [*KEY, *CHANGES, "statut"], question_code=asked.code, methode=PRINTED_METHOD
        )
        gaps = self.edition.chosen(
            "fct_ecart_reference", [*KEY, *GAPS, "statut"], question_code=asked.code, source=self.scope.reference
        )
        return Found(
            rows,
            {
                (*_place(row), str(row["vague"])): row
                for row in changes
                if self.before.get(str(row["vague"])) == str(row["vague_precedente"])
            },
            {(_is_note(row), *_place(row), str(row["vague"])): row for row in gaps},
        )

    def _written(self, measure: Measure, rows: Rows) -> Measure:
        """The measure, with a decimal more for the whole region where a figure is outside its interval as written.

        It is the rule of the newsletter's table (`decimales` of obs_indicateur), which has no line for a share.
        """
        kind, bound = measure.whole
        for wave in self.waves:
            read = reader(measure.table, NO_KEY, rows.get((*self._region, wave)))
            value, low, high = (read(column) for column in (measure.column, *measure.bounds))
            if not (value.shown and low.shown and high.shown):
                continue
            said = self._texts.said(value.valeur, kind, measure.factor)
            ends = [self._texts.said(end.valeur, bound, measure.factor) for end in (low, high)]
            if not ends[0] <= said <= ends[1]:
                return replace(measure, whole=(FINER.get(kind, kind), bound))
        return measure

    def _cell(
        self, asked: Asked, measure: Measure, found: Found, at: tuple[Any, ...], ledger: Ledger, rows: Rows
    ) -> list[int]:
        """The parts of a cell, in the order of PARTS."""
        row = rows.get(at)
        read = reader(measure.table, NO_KEY, row)
        value = read(measure.column)
        kinds = self._kinds(measure, at)
        if not value.shown:
            return [0, 0, 0, 0, ledger.absence(value)]
        change = found.changes.get(at) or row or {}
        bounds = [read(column) for column in measure.bounds]
        parts = [
            ledger.number(value, kinds[0]),
            *(ledger.number(bound, kinds[1]) for bound in bounds),
            ledger.number(read(measure.base), "entier"),
            0,
            0 if asked.score else self._indicative(found, at, row or {}, str(change.get("motif_verdict_code") or "")),
            *(changed := self._change(asked, measure, change, at, ledger)),
            *self._reference(asked, measure, found.references.get((measure.reference, *at), {}), at, ledger),
            int(bool(changed[0]) and self._apart(measure, change, at, rows)),
        ]
        while not parts[-1]:
            parts.pop()
        return parts

    def _indicative(self, found: Found, at: tuple[Any, ...], row: Row, reason: str) -> int:
        """Which of INDICATIVE a cell is, 0 where nothing tells: a share's interval is as its question's is."""
        told = found.rows[SATISFACTION].get("", {}).get(at, {}).get("intervalle_indicatif")
        if told is not None:
            return INDICATIVE["dit" if told else "nie"]
        return INDICATIVE["deduit"] if only_indicative(row, self.scope.fragile, reason) else 0

    def _kinds(self, measure: Measure, at: tuple[Any, ...]) -> tuple[str, str]:
        """What a figure and its bounds are written as at a place."""
        return measure.whole if at[:4] == self._region else measure.fine

    def _apart(self, measure: Measure, row: Row, at: tuple[Any, ...], rows: Rows) -> bool:
        """Whether the figures of the two waves, as they are written, do not differ by the change as it is written."""
        waves = [rows.get((*at[:4], wave)) for wave in (at[4], self.before[at[4]])]
        figures = [reader(measure.table, NO_KEY, held)(measure.column) for held in waves]
        if measure.change is None or not all(figure.shown for figure in figures):
            return False
        column, kinds, _ = measure.change
        kind = self._kinds(measure, at)[0]
        later, earlier = (self._texts.said(figure.valeur, kind, measure.factor) for figure in figures)
        return later - earlier != self._texts.said(row[column], kinds[at[:4] != self._region], measure.factor)

    def _change(self, asked: Asked, measure: Measure, row: Row, at: tuple[Any, ...], ledger: Ledger) -> list[int]:
        """The change since the wave before, and the verdict where it is about this measure."""
        before = row.get("vague_precedente")
        if measure.change is None or not before or str(before) != self.before.get(at[4]):
            return [0, 0]
        column, kinds, about = measure.change
        read = reader(measure.table, NO_KEY, row)
        verdict = read("verdict")
        if not asked.score and row.get("mesure") not in (about, None):
            verdict = replace(verdict, valeur=None)
        reserve = self.f.plain("selon_bareme") if sensitive(row, "verdict") else ""
        sense = self.f.plain("scores_verdict") if asked.score else ""
        kind = kinds[at[:4] != self._region]
        return [ledger.number(read(column), kind), ledger.verdict(verdict, asked.judged, reserve, sense)]

    def _reference(self, asked: Asked, measure: Measure, row: Row, at: tuple[Any, ...], ledger: Ledger) -> list[int]:
        """The printed reference, the gap to it and the verdict on the gap."""
        if not row:
            return [0, 0, 0]
        read = reader("fct_ecart_reference", NO_KEY, row)
        kind, gap = (measure.whole[0], "ecart_note") if measure.reference else ("pourcentage", "ecart_pourcentage")
        gap = gap if at[:4] == self._region else AS_PUBLISHED[gap]
        reserve = self.f.plain("selon_bareme") if sensitive(row, "verdict") else ""
        return [
            ledger.number(read("reference"), kind),
            ledger.number(read("ecart"), gap),
            ledger.verdict(read("verdict"), asked.judged, reserve),
        ]


def _place(row: Row) -> Place:
    """Where a row stands; a table without axes is of all respondents."""
    axis, segment = row.get("axe"), row.get("segment")
    return (
        str(row["perimetre_type"]), str(row["perimetre"]),
        str(axis if axis is not None else EVERYONE[0]), str(segment if segment is not None else EVERYONE[1]),
    )  # fmt: skip


def _is_note(row: Row) -> bool:
    return not str(row.get("unite") or "").startswith("pourcentage")


def _tells(line: Iterable[list[int]], ledger: Ledger, segment: str) -> bool:
    """Whether a line says anything: a figure, or why there is none where a question was put."""
    shown = any(cell[0] for cell in line)
    if segment == UNKNOWN:
        return shown
    return shown or any(ledger.words[cell[4] - 1][0] not in ("", "Z") for cell in line)
