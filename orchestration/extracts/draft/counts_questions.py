"""Which columns of counts are those of a question: what titles say, held against the numbers that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.draft.counts_shares import like_percentages
from orchestration.extracts.draft.counts_table import CountsTable, Number, added, at_most, same
from orchestration.extracts.draft.counts_titles import (
    COUNT,
    PERCENT,
    SATISFIED,
    SQUARE,
    TOTAL,
    WEIGHT,
    Said,
    Vocabulary,
)
from orchestration.extracts.draft.line import Line
from orchestration.programme.texts import capped

QUESTIONS = "comptages.questions"
_SURE, _OPEN = 95, 40
# how far a printed share may be from that of the counts, in points: half of the last digit that is printed
_ROUNDED, _PRINTED = 0.51, 0.0501
# more than percentages add up to, however they are rounded
_HUNDRED = 101.5
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TOLD = "en-tête : question et réponse du questionnaire, en toutes lettres"


@dataclass(frozen=True)
class Sizes:
    """Where a line says how many interviews are behind it.

    Attributes:
        sure: the column; None where it is not known.
        doubted: the column so titled, whether its numbers fit the answers or not.
    """

    sure: str | None
    doubted: str | None


@dataclass(frozen=True)
class _Own:
    """The columns of one question: by answer, those of each measure."""

    code: str
    counts: Mapping[str, list[str]]
    others: Mapping[tuple[str, str], list[str]]
    marked: bool

    @property
    def answers(self) -> dict[str, str]:
        """Answer → column of its count, summaries left out."""
        return {a: columns[0] for a, columns in self.counts.items() if a not in (TOTAL, SATISFIED)}


def question_lines(
    table: CountsTable, known: Vocabulary, size: Sizes, weighted: bool, wave: str | None
) -> Iterator[Line]:
    """Yields the lines of the questions, and those of the columns beside their counts.

    Args:
        table: the lines of counts.
        known: the names of questions and answers.
        size: columns of the number of interviews of a line.
        weighted: whether the sums of weights of a line are known too: without them those of answers are no use.
        wave: the wave; None where it is not known.
    """
    unclear = {column: said for column, said in table.said.items() if len(said) > 1}
    for column, said in unclear.items():
        names = capped(sorted(f"{s.question} {s.answer}".strip() for s in said))
        yield _left(column, f"l'en-tête se lit de plusieurs façons : {names}")
    clear = {column: next(iter(said)) for column, said in table.said.items() if len(said) == 1}
    sizes = table.numbers(size.sure) if size.sure else [None] * table.frame.height
    most = table.numbers(size.doubted) if size.doubted else sizes
    every = {
        code: _gathered(code, {c: s for c, s in clear.items() if s.question == code}, known) for code in known.questions
    }
    beyond = any(_beyond_shares(table, own, sizes) for code, own in every.items() if not known.multiple(code))
    shared = _shared(table, known, every, most)
    for code in known.questions:
        own = every[code]
        if own.counts or own.others:
            doubted = any(s.question == code for said in unclear.values() for s in said)
            years = _other_years(own, known, wave)
            counted = (beyond or own.marked, code in shared)
            yield from _Judge(table, known, own, sizes, most, weighted, doubted, *counted, years).lines()


def _shared(
    table: CountsTable, known: Vocabulary, every: Mapping[str, _Own], sizes: Sequence[Number]
) -> frozenset[str]:
    """Returns the questions whose whole numbers may be percentages."""
    numbers = {code: {a: table.numbers(c) for a, c in own.answers.items()} for code, own in every.items()}
    single = {c: added([*own.values()]) for c, own in numbers.items() if own and not known.multiple(c)}
    # a question of several answers may have no column of those who answered
    several = {c: own.get(RESPONDENTS, [None] * len(sizes)) for c, own in numbers.items() if known.multiple(c)}
    return like_percentages(single, several, sizes)


def _other_years(own: _Own, known: Vocabulary, wave: str | None) -> frozenset[str]:
    """Returns the years that the titles of a question's columns say, and that are neither its own nor the wave's."""
    columns = [c for said in (own.counts, own.others) for listed in said.values() for c in listed]
    window = known.programme.waves.get(wave or "")
    mine = {year for text in (*known.questions[own.code], wave or "") for year in _YEAR.findall(text)}
    if window:
        mine |= {str(year) for year in range(window.start.year, window.end.year + 1)}
    return frozenset(year for column in columns for year in _YEAR.findall(column)) - mine


def _beyond_shares(table: CountsTable, own: _Own, sizes: Sequence[Number]) -> bool:
    """Returns whether the numbers of a question cannot be percentages: they add up to more, or to the interviews."""
    if not own.answers:
        return False
    whole = added([table.numbers(c) for c in own.answers.values()])
    return any(s is not None and s > _HUNDRED for s in whole) or same(whole, sizes)


def _left(column: str, reason: str) -> Line:
    return Line("ignorees", "", column, (column,), _OPEN, reason)


def _beside(column: str, reason: str) -> Line:
    return Line("ignorees", "redit", column, (column,), 92, reason)


def _gathered(code: str, own: Mapping[str, Said], known: Vocabulary) -> _Own:
    counts: dict[str, list[str]] = {}
    others: dict[tuple[str, str], list[str]] = {}
    marked = any(said.measure == COUNT for said in own.values())
    for column, said in own.items():
        answer = said.answer
        if answer == RESPONDENTS and not known.multiple(code):
            answer = TOTAL
        if said.measure in ("", COUNT):
            counts.setdefault(answer, []).append(column)
        else:
            others.setdefault((answer, said.measure), []).append(column)
    return _Own(code, counts, others, marked)


@dataclass(frozen=True)
class _Judge:
    table: CountsTable
    known: Vocabulary
    own: _Own
    sizes: Sequence[Number]
    most: Sequence[Number]
    weighted: bool
    doubted: bool
    counted: bool
    shared: bool
    years: frozenset[str]

    def lines(self) -> Iterator[Line]:
        own, answers = self.own, self.own.answers
        faults = list(self._faults())
        value: dict[str, Any] = {"comptes": answers}
        used = [*answers.values()]
        if not faults:
            for key, columns in self._weights().items():
                value[key] = columns
                used += columns.values()
            if printed := self._printed():
                value["pourcentage"] = printed
                used.append(printed)
        if answers:
            reason = " ; ".join(faults) or _TOLD
            yield Line(QUESTIONS, own.code, value, tuple(used), _OPEN if faults else _SURE, reason)
        elif own.others:
            told = "des pourcentages ou des poids, sans les nombres de réponses que lit un contrat ; les redemander"
            yield Line(QUESTIONS, own.code, None, (), 0, told)
        yield from (line for line in self._rest(bool(faults)) if line.columns[0] not in used)

    def _faults(self) -> Iterator[str]:
        own, answers, code = self.own, self.own.answers, self.own.code
        if twice := [a for a, columns in own.counts.items() if len(columns) > 1 and a not in (TOTAL, SATISFIED)]:
            said = capped(f"{a} : {' et '.join(own.counts[a])}" for a in twice)
            yield f"plusieurs colonnes pour une réponse ({said})"
        wanted = [*self.known.options[code].codes, *([RESPONDENTS] if self.known.multiple(code) else [])]
        if missing := [a for a in wanted if a not in answers]:
            named = capped("répondants (*)" if a == RESPONDENTS else a for a in missing)
            yield f"sans colonne au libellé de {named}"
        if self.years:
            yield f"ses titres disent {capped(sorted(self.years))}, et non la vague ; dire de quelle vague ils sont"
        if self.doubted:
            yield "une autre colonne se lit aussi comme l'une des siennes"
        if unread := self.table.unread.get(code):
            yield f"réponses sans libellé du questionnaire : {capped(f'« {text} »' for text in unread)}"
        if answers:
            yield from self._unlike_counts(answers)

    def _unlike_counts(self, answers: Mapping[str, str]) -> Iterator[str]:
        """Yields why the numbers are no counts of answers."""
        columns = {a: self.table.numbers(c) for a, c in answers.items()}
        values = [v for numbers in columns.values() for v in numbers if v is not None]
        odd = sum(n for c in answers.values() for n in self.table.odd(c).values())
        if not values or odd > len(values):
            yield "peu de nombres dans ses colonnes"
            return
        if min(values) < 0:
            yield "des nombres négatifs"
        parts = [numbers for a, numbers in columns.items() if a != RESPONDENTS]
        whole = added(parts)
        known_sums = [s for s in whole if s is not None]
        hundred = bool(known_sums) and all(abs(s - 100) <= 1.5 or abs(s - 1) <= 0.015 for s in known_sums)
        single = not self.known.multiple(self.own.code)
        if single and hundred and not self.own.marked and not same(whole, self.sizes):
            yield "des nombres qui font 100 à chaque ligne : des pourcentages, sans doute ; redemander les nombres"
        elif single and known_sums and all(abs(s - 1000) <= 3 for s in known_sums) and not same(whole, self.sizes):
            yield "des nombres qui font 1 000 à chaque ligne : des pour mille, sans doute ; redemander les nombres"
        elif self.shared:
            never = "des lignes ne vont jamais au-delà d'environ 100, sans que l'effectif le dise"
            yield f"{never} : des pourcentages, peut-être ; redemander les nombres"
        elif single and self._rising(parts):
            yield "des nombres qui montent d'une réponse à la suivante, à chaque ligne : des cumuls ? le dire"
        elif not self.counted:
            yield "rien ne dit si ce sont des nombres de réponses ou des pourcentages"
        if any(v != round(v) for v in values):
            yield "des nombres à virgule : des comptes pondérés, des pourcentages ou des milliers ? le dire"
        if not at_most(whole if single else added([_most(parts)]), self.most):
            yield "plus de réponses que d'entretiens : l'effectif, ou ses colonnes, sont autre chose"
        told = columns.get(RESPONDENTS)
        if told is not None and not (at_most(_most(parts), told) and at_most(told, self.sizes)):
            yield "moins de répondants que de réponses à une option, ou plus que d'entretiens"

    def _rising(self, parts: Sequence[Sequence[Number]]) -> bool:
        """Returns whether nothing but the number of interviews, here unknown, tells counts from cumulated ones."""
        rows = [row for row in zip(*parts, strict=True) if None not in row]
        rising = all(all(a <= b for a, b in pairwise(row)) or all(a >= b for a, b in pairwise(row)) for row in rows)
        return rising and len(parts) > 2 and len(rows) > 1 and all(size is None for size in self.most)

    def _weights(self) -> dict[str, dict[str, str]]:
        """Returns the columns of sums of weights and squares, where all answers have both and the line has its own."""
        found = {
            name: {a: columns[0] for (a, measure), columns in self.own.others.items() if measure == name}
            for name in (WEIGHT, SQUARE)
        }
        alone = all(len(columns) == 1 for (_, measure), columns in self.own.others.items() if measure in found)
        answers = set(self.own.answers)
        if not (self.weighted and alone and all(set(columns) == answers for columns in found.values())):
            return {}
        return {name: {a: columns[a] for a in self.own.answers} for name, columns in found.items()}

    def _expressed(self) -> list[Number]:
        columns = [self.own.answers[a] for a in self.known.options[self.own.code].codes if a in self.own.answers]
        return added([self.table.numbers(c) for c in columns])

    def _satisfied(self) -> list[Number]:
        programme, code = self.known.programme, self.own.code
        scale = programme.questions[code].scale
        rows = [r for r in programme.rows("modalites") if r["echelle"] == scale]
        liked = {r["modalite_code"] for r in rows if r["est_satisfait"] == "oui"}
        columns = [c for a, c in self.own.answers.items() if a in liked]
        return added([self.table.numbers(c) for c in columns]) if columns else []

    def _printed(self) -> str | None:
        """Returns the column of the published percentage of satisfied, where the counts give it on every line."""
        columns = self.own.others.get((SATISFIED, PERCENT), [])
        satisfied = self._satisfied()
        if len(columns) != 1 or not satisfied:
            return None
        return (
            columns[0] if same(self.table.numbers(columns[0]), shares(satisfied, self._expressed()), _PRINTED) else None
        )

    def _rest(self, faulty: bool) -> Iterator[Line]:
        """Yields the columns beside the counts: what they repeat, where the numbers prove it."""
        code = self.own.code
        numbers = {a: self.table.numbers(c) for a, c in self.own.answers.items()}
        parts = [n for a, n in numbers.items() if a != RESPONDENTS]
        sums = [self._expressed(), added(parts), list(self.sizes)] if parts else []
        if RESPONDENTS in numbers:
            sums.append(numbers[RESPONDENTS])
        for column in self.own.counts.get(TOTAL, []):
            if not faulty and any(same(self.table.numbers(column), total) for total in sums):
                yield _beside(column, f"total de {code}, que ses réponses font")
            else:
                yield _left(column, f"total ou base de {code} que ses réponses ne font pas ; dire ce qu'il compte")
        for column in self.own.counts.get(SATISFIED, []):
            if not faulty and same(self.table.numbers(column), self._satisfied() or [None] * len(self.sizes)):
                yield _beside(column, f"nombre de satisfaits de {code}, que ses réponses font")
            else:
                yield _left(column, f"satisfaits de {code} que ses réponses ne font pas ; dire ce qu'il compte")
        for (answer, measure), columns in self.own.others.items():
            counts = self._satisfied() if answer == SATISFIED else numbers.get(answer)
            for column in columns:
                if measure == PERCENT and counts and not faulty and self._share(column, counts, sums):
                    yield _beside(column, f"{code} : redit ses réponses en pourcentage")
                elif measure == PERCENT:
                    yield _left(column, f"pourcentage de {code} que ses réponses ne donnent pas ; dire ce qu'il mesure")
                else:
                    told = "il faut celle de chaque réponse, celle des carrés, et l'effectif pondéré"
                    yield _left(column, f"somme de poids de {code} ; {told}")

    def _share(self, column: str, counts: Sequence[Number], sums: Sequence[Sequence[Number]]) -> bool:
        printed = self.table.numbers(column)
        return any(
            same([None if p is None else p * unit for p in printed], shares(counts, total), _ROUNDED)
            for total in sums
            for unit in (1, 100)
        )


def _most(columns: Sequence[Sequence[Number]]) -> list[Number]:
    return [max((v for v in row if v is not None), default=None) for row in zip(*columns, strict=True)]


def shares(parts: Sequence[Number], totals: Sequence[Number]) -> list[Number]:
    """Returns what share of a total each number is, in per cent; none where there is no total."""
    return [100 * p / t if p is not None and t else None for p, t in zip(parts, totals, strict=True)]
