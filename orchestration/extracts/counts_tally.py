"""From the lines of counts of one organisme to the rows that `comptage` would have made of its interviews.

Every question of every segment adds up to the interviews of the stratum, as it does when interviews are counted: what
the counts leave out is filtered, or has no answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from orchestration.extracts.contract import RESPONDENTS, Contract
from orchestration.extracts.counts_lines import OVERALL, Cell, Line
from orchestration.programme import Programme
from orchestration.programme.texts import decimal

UNKNOWN_SEGMENT = "NR"
# what is left of a subtraction of fractional counts
_DUST = 1e-9

SCHEMA = {
    "strate": pl.String, "axe": pl.String, "segment": pl.String, "question_code": pl.String,
    "modalite_code": pl.String, "n": pl.Float64, "poids_somme": pl.Float64, "poids_carre_somme": pl.Float64,
}  # fmt: skip

Tally = dict[tuple[str, str], Cell]


class Tallier:
    """Turns lines into rows, and remembers what is to be told about them."""

    def __init__(self, contract: Contract, programme: Programme) -> None:
        self.questions, self.programme = contract.counts(programme), programme
        rules = contract.counts_rules
        self.gap, self.excess = rules.ecart_pourcentage, rules.depassement_maximum
        code_of = {status: code for code, status in programme.statuses.items()}
        self.no_answer, self.not_asked = code_of["sans_reponse"], code_of["non_pose"]
        self.satisfied = {
            (r["echelle"], r["modalite_code"]) for r in programme.rows("modalites") if r["est_satisfait"] == "oui"
        }
        # by rule and question, the lines that are kept and what was seen there
        self._remarks: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)

    def rows(self, lines: list[Line]) -> pl.DataFrame:
        """Returns the counts of one organisme's lines, every axis complete."""
        found: list[tuple[str, str, str, Tally]] = []
        for overall in (line for line in lines if line.axis == OVERALL[0]):
            whole = self.tally(overall)
            found.append((overall.stratum, *OVERALL, whole))
            for axis in self.programme.axes:
                parts = [x for x in lines if x.axis == axis and x.stratum == overall.stratum]
                found += [(overall.stratum, axis, *part) for part in self._axis(overall, whole, axis, parts)]
        records = [
            (stratum, axis, segment, question, option, *cell.tolist())
            for stratum, axis, segment, tally in found
            for (question, option), cell in tally.items()
            if cell[0] > 0
        ]
        return pl.DataFrame(records, schema=SCHEMA, orient="row").sort(list(SCHEMA)[:5])

    def remarks(self) -> list[tuple[str, int, str]]:
        """Returns what is to be told of the lines that are kept: rule, number of lines, first example."""
        return [
            (rule, len({line for line, _ in found}), f"ligne {found[0][0]}, {found[0][1]}")
            for (rule, _), found in sorted(self._remarks.items())
        ]

    def _axis(self, overall: Line, whole: Tally, axis: str, parts: list[Line]) -> Iterator[tuple[str, Tally]]:
        """Yields the segments of an axis; what they leave of the whole is a segment that is not known."""
        tallies = [(part.segment, self.tally(part)) for part in parts]
        rest = {key: _minus(cell, [t[key] for _, t in tallies if key in t]) for key, cell in whole.items()}
        beyond = [key for _, t in tallies for key in t if key not in whole]
        if beyond or any(cell[0] < 0 for cell in rest.values()):
            text = f"les segments de {axis} dépassent l'ensemble : l'axe n'est pas repris"
            self._remarks["segments_depassent_ensemble", axis].append((overall.line, text))
            yield UNKNOWN_SEGMENT, whole
            return
        yield from tallies
        yield UNKNOWN_SEGMENT, rest

    def tally(self, line: Line) -> Tally:
        """Returns the cells of a line, question by question, each adding up to the line's interviews."""
        tally: Tally = {}
        for code in self.programme.questions:
            cells = self._question(line, code) if code in self.questions else {self.not_asked: line.size}
            tally |= {(code, option): cell for option, cell in cells.items()}
        return tally

    def _question(self, line: Line, code: str) -> dict[str, Cell]:
        question, left = self.programme.questions[code], self.questions[code].reste or self.no_answer
        missing = {option: cell for option, cell in line.cells[code].items() if isinstance(cell, str)}
        for status in sorted(set(missing.values())):
            names = ", ".join(option for option, said in missing.items() if said == status)
            self._remarks[f"statut_{status}", code].append((line.line, f"{code} ({names}) : {status}"))
        if set(missing) - set(self.programme.statuses):
            return {self.no_answer: line.size}
        told = {option: cell for option, cell in line.cells[code].items() if not isinstance(cell, str)}
        # The options of a multiple-choice question overlap; its respondents and the statuses do not. This is a list
        # because the order of a set changes from one process to the next, and with it the last digits of the sums.
        apart = [o for o in told if not question.multiple or o == RESPONDENTS or o in self.programme.statuses]
        total = sum(told[o][0] for o in apart)
        size = line.size[0]
        if total > size * (1 + self.excess) + _DUST:
            text = f"{code} : {_plain(total)} réponses pour {_plain(size)} entretiens, question écartée"
            self._remarks["comptes_impossibles", code].append((line.line, text))
            return {self.no_answer: line.size}
        self._compare(line, code, told)
        if total > size + _DUST:
            text = f"{code} : {_plain(total)} réponses pour {_plain(size)} entretiens, ramenées à ce nombre"
            self._remarks["comptes_ramenes_a_l_effectif", code].append((line.line, text))
            told = {o: cell * (size / total) for o, cell in told.items()}
        rest = _minus(line.size, [told[o] for o in apart])
        if rest[0] > 0:
            told[left] = told[left] + rest if left in told else rest
        return told

    def _compare(self, line: Line, code: str, told: Mapping[str, Cell]) -> None:
        """Remarks a published percentage that the counts do not give; changes nothing."""
        question = self.programme.questions[code]
        expressed = [o for o in self.programme.options[question.scale] if o in told]
        base = sum(told[o][1] for o in expressed)
        if code not in line.published or question.multiple or base == 0:
            return
        satisfied = sum(told[o][1] for o in expressed if (question.scale, o) in self.satisfied)
        counted, published = 100 * satisfied / base, line.published[code]
        if abs(counted - published) > self.gap + _DUST:
            text = f"{code} : {_plain(published)} % publié, {_plain(counted)} % d'après les comptes"
            self._remarks["pourcentage_publie", code].append((line.line, text))


def _plain(value: float) -> str:
    # six digits tell a percentage, or a weighted count, from another
    return decimal(value, 6)


def _minus(cell: Cell, parts: list[Cell]) -> Cell:
    left = cell - sum(parts)
    return left if abs(left[0]) > _DUST else np.zeros(3)
