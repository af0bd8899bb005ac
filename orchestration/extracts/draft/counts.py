"""Recognises a delivery of counts, and proposes the lines of its contract.

In: what was read of a file. Out: None where it is no table of counts; otherwise the lines, each decided only where
names are equal and the numbers agree with them. A plain table has a column per question and answer; a frequency table
has a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.extracts.draft.counts_questions import QUESTIONS, Sizes, question_lines
from orchestration.extracts.draft.counts_roles import COUNTS, Roles, find_counts_roles, repeated_lines, statuses_line
from orchestration.extracts.draft.counts_spread import spread_counts
from orchestration.extracts.draft.counts_table import CountsTable, LongTable, added
from orchestration.extracts.draft.counts_titles import (
    COUNT,
    PERCENT,
    SQUARE,
    TOTAL,
    WEIGHT,
    Said,
    Vocabulary,
    says_counts,
    whole_questions,
)
from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.sniff import SHEET, Sniffed
from orchestration.extracts.readers import LINE
from orchestration.programme.texts import capped

FREQUENCIES = 200_000  # lines of a frequency table that are looked at
_TWO = 2  # columns of numbers, at least, where each is that of an organisme
_READ = 0.8  # share of the other cells that are answers, from which a column holds blocks
# what the numbers of one question add up to on each line, at least, unless they are shares of one
_LEAST, _SHARES = 20, 0.1
_ASKED = 0.5  # share of a column's values that are questions, or answers, from which it says them


@dataclass(frozen=True)
class Counts:
    """A delivery of counts, as the draft sees it.

    Attributes:
        lines: those of `organisme`, `strate`, `comptages`, its questions, and `ignorees`.
        form: what `format` says of its rows.
        missing: questions of the wave that no column counts.
    """

    lines: list[Line]
    form: dict[str, tuple[Any, str]]
    missing: list[str]


def find_counts(sniffed: Sniffed, columns: Sequence[Column], known: Vocabulary, wave: str | None) -> Counts | None:
    """Returns what a file is as a delivery of counts; None where it is not surely one.

    Args:
        sniffed: the file, read.
        columns: its columns.
        known: the names of the questions and answers of the wave.
        wave: the wave; None where it is not known.
    """
    table = _plain(sniffed, known)
    spread: list[Line] = []
    if table is None and (other := _other_labels(sniffed, columns, known, wave)):
        return other
    if table is None:
        found = _long(sniffed, columns, known, wave)
        if found is None:
            return _not_read(sniffed.frame, columns, known)
        table, roles = found
    else:
        roles = find_counts_roles(table, columns, known, wave)
    weighted = {"effectif_poids", "effectif_poids_carre"} <= set(roles.columns)
    size = roles.columns.get("effectif")
    doubted = next((c for line in roles.lines if line.key == "effectif" for c in line.columns[:1]), None)
    asked = list(question_lines(roles.table, known, Sizes(size, doubted), weighted, wave))
    if table.long is not None:
        spread = list(_long_lines(roles.table, table.long, known, size))
    used = [c for line in asked if line.section == QUESTIONS for c in line.columns]
    lines = [*roles.lines, *repeated_lines(roles), *spread, *statuses_line(roles.table, used), *asked]
    said = {line.key for line in lines if line.section == QUESTIONS}
    return Counts(lines, roles.kept, [code for code in known.questions if code not in said])


def _plain(sniffed: Sniffed, known: Vocabulary) -> CountsTable | None:
    """Returns the table of a column per question and answer; 0 and 1 alone are marks of interviews."""
    names = [c for c in sniffed.frame.columns if c not in (LINE, SHEET)]
    said = {name: read for name in names if (read := known.said(name))}
    whole = whole_questions((one for read in said.values() for one in read), known)
    if not whole:
        return None
    table = CountsTable(sniffed.frame, said, [name for name in names if name not in said])
    own = [name for name, read in said.items() if any(one.question in whole for one in read)]
    numbers = [n for name in own for n in table.numbers(name) if n is not None]
    texts = sum(cells for name in own for cells in table.odd(name).values())
    marks = {*numbers} <= {0, 1}
    return table if numbers and not marks and texts <= len(numbers) else None


def _other_labels(sniffed: Sniffed, columns: Sequence[Column], known: Vocabulary, wave: str | None) -> Counts | None:
    """Returns the proposal of a table whose columns are questions and answers, these under other labels; or None.

    Columns of numbers that begin with one question of a single answer are its answers, on every line.
    """
    found: dict[str, list[Column]] = {}
    for column in columns:
        codes = known.question(column.part.stem) if column.part and column.numeric else set()
        if len(codes) == 1 and not known.multiple(code := next(iter(codes))):
            found.setdefault(code, []).append(column)
    whole = {code: own for code, own in found.items() if len(own) > 1}
    flat = CountsTable(sniffed.frame, {}, [])
    if all({*flat.numbers(c.name)} <= {0, 1} for own in whole.values() for c in own):
        return None
    sums = [total for own in whole.values() for total in added([flat.numbers(c.name) for c in own])]
    if not sums or any(total is None or (abs(total - 1) > _SHARES and total < _LEAST) for total in sums):
        return None
    taken = {c.name for own in whole.values() for c in own}
    others = [c.name for c in columns if c.name not in taken]
    roles = find_counts_roles(CountsTable(sniffed.frame, {}, others), columns, known, wave)
    lines = list(roles.lines)
    for code, own in whole.items():
        said = capped(f"« {c.part.own} »" for c in own if c.part)
        reason = (
            f"ses colonnes portent d'autres réponses que celles du questionnaire ({said}) ; dire ce que chacune compte"
        )
        lines.append(Line(QUESTIONS, code, None, tuple(c.name for c in own), 0, reason))
    return Counts(lines, roles.kept, [code for code in known.questions if code not in whole])


def _not_read(frame: pl.DataFrame, columns: Sequence[Column], known: Vocabulary) -> Counts | None:
    """Returns the proposal of a table of counts that no contract reads: what to ask for in its place; or None."""
    question = _question(columns, known)
    told = ""
    if question is not None:
        answering = [c for c in columns if c is not question and _answers(frame, question, c, known) >= _ASKED]
        if len(answering) == 1 and not frame.select(question.name, answering[0].name).is_duplicated().any():
            told = "une colonne de nombres par organisme, ou par segment"
        elif len(answering) == 1 and any(c.numeric and _measures(c.name) for c in columns):
            return _without_counts(frame, columns, [question, *answering], known)
    elif any(_in_blocks(c, known) for c in columns if not c.numeric):
        told = "un tableau par question, l'un sous l'autre"
    if not told or sum(c.numeric for c in columns) < _TWO:
        return None
    reason = f"{told} : un contrat lit une ligne par organisme, question et réponse ; redemander le tableau ainsi"
    line = Line(COUNTS, "forme_longue", None, tuple(c.name for c in columns), 0, reason)
    return Counts([line], {}, list(known.questions))


def _measures(name: str) -> bool:
    return "%" in name or any(says_counts(name, part) for part in (COUNT, PERCENT, "effectif"))


def _without_counts(
    frame: pl.DataFrame, columns: Sequence[Column], asked: Sequence[Column], known: Vocabulary
) -> Counts:
    """Returns the proposal of a table of a line per question and answer whose numbers are not those of the answers."""
    keys = [c.name for c in columns if not c.numeric and c not in asked]
    bases = [c for c in columns if _repeats(frame, c, [*keys, asked[0].name])]
    sizes = [c for c in bases if _repeats(frame, c, keys)]
    lines, names = [], tuple(c.name for c in columns if c not in sizes[:1])
    told = "aucune colonne ne compte les réponses d'une ligne par organisme, question et réponse"
    if bases:
        told = f"« {bases[0].name} » dit le même nombre à chaque réponse d'une question : sa base, et non ses réponses"
    for size in sizes[:1]:
        reason = "en-tête, et le même nombre à chaque réponse : les entretiens d'une ligne"
        lines.append(Line(COUNTS, "effectif", size.name, (size.name,), 85, reason))
    lines.append(Line(COUNTS, "forme_longue", None, names, 0, f"{told} ; redemander le nombre de chaque réponse"))
    return Counts(lines, {}, list(known.questions))


def _repeats(frame: pl.DataFrame, column: Column, keys: Sequence[str]) -> bool:
    """Returns whether a column titled as a number of people says one number on all lines that have the same keys."""
    if not column.numeric or not (says_counts(column.name, COUNT) or says_counts(column.name, "effectif")):
        return False
    lines = frame.group_by(keys or [SHEET]).agg(
        pl.col(column.name).n_unique().alias("nombres"), pl.len().alias("lignes")
    )
    return bool((lines["nombres"] == 1).all() and (lines["lignes"] > 1).any())


def _in_blocks(column: Column, known: Vocabulary) -> bool:
    """Returns whether cells of a column are questions, each once, and nearly all others answers: blocks of a sheet.

    One question alone above its answers is a title that stands on a second row.
    """
    asked = [text for text in column.counts if known.question(text)]
    others = [text for text in column.counts if text not in asked]
    read = [any(known.answer(code, text) or says_counts(text, TOTAL) for code in known.questions) for text in others]
    once = len(asked) > 1 and all(column.counts[text] == 1 for text in asked)
    return once and len(read) > 1 and _share(read) >= _READ


def says_frequencies(columns: Sequence[Column], known: Vocabulary) -> bool:
    """Returns whether columns say questions and how many gave an answer, as those of a frequency table do."""
    return _question(columns, known) is not None and any(c.numeric and says_counts(c.name, COUNT) for c in columns)


def _question(columns: Sequence[Column], known: Vocabulary) -> Column | None:
    """Returns the column that says questions: the one so titled, or the one with fewest values."""
    asking = [c for c in columns if c.counts and _share([len(known.question(v)) == 1 for v in c.counts]) >= _ASKED]
    return max(asking, key=lambda c: (says_counts(c.name, "question"), -len(c.counts)), default=None)


def _counting(sniffed: Sniffed, columns: Sequence[Column], asked: Sequence[Column]) -> Column | None:
    """Returns the column of counts: of several so titled, the one that changes from answer to answer."""
    keys = [c.name for c in columns if not c.numeric and c not in asked]
    named = [c for c in columns if c.numeric and says_counts(c.name, COUNT)]
    # what is the same for every answer to a question is how many were asked
    named = [c for c in named if not _repeats(sniffed.frame, c, [*keys, asked[0].name])]
    return named[0] if len(named) == 1 else None


def _long(
    sniffed: Sniffed, columns: Sequence[Column], known: Vocabulary, wave: str | None
) -> tuple[CountsTable, Roles] | None:
    """Returns a frequency table, spread, with its other columns; None where lines are not counts."""
    question, frame = _question(columns, known), sniffed.frame
    if question is None:
        return None
    answering = [c for c in columns if c is not question and _answers(frame, question, c, known) >= _ASKED]
    counting = _counting(sniffed, columns, [question, *answering]) if len(answering) == 1 else None
    if counting is None:
        return None
    measured = {name: _measuring(columns, counting, name) for name in (WEIGHT, SQUARE, PERCENT)}
    weights = (*measured[WEIGHT], *measured[SQUARE])
    weights = weights if len(weights) == 2 and len(measured[WEIGHT]) == 1 else ()
    numbers = (counting.name, *weights)
    taken = {question.name, answering[0].name, *numbers, *measured[PERCENT]}
    others = [c.name for c in columns if c.name not in taken]
    flat = CountsTable(frame, {}, others)
    keyed = find_counts_roles(flat, columns, known, wave)
    cut = next((line.columns for line in keyed.lines if line.key == "decoupage" and line.decided), ())
    keys = [*(keyed.columns[r] for r in ("organisme", "strate") if r in keyed.columns), *cut]
    rows = keyed.table.frame
    if rows.select(*keys, question.name, answering[0].name).is_duplicated().any():
        return None
    where = LongTable(question.name, answering[0].name, numbers, tuple(measured[PERCENT]))
    table = spread_counts(rows, keys, where, others, known)
    roles = find_counts_roles(table, columns, known, wave)
    roles.kept |= {key: value for key, value in keyed.kept.items() if key not in roles.kept}
    if not whole_questions((one for read in table.said.values() for one in read), known):
        return None
    return table, roles


def _measuring(columns: Sequence[Column], counting: Column, measure: str) -> list[str]:
    """Returns the columns of numbers beside the counts whose title says what they measure."""
    named = {c.name for c in columns if says_counts(c.name, measure) or (measure == PERCENT and "%" in c.name)}
    return [c.name for c in columns if c is not counting and c.numeric and c.name in named]


def _counts_answers(said: Said, code: str) -> bool:
    return said.question == code and said.measure == COUNT and said.answer != TOTAL


def _share(found: Sequence[bool]) -> float:
    return sum(found) / max(1, len(found))


def _answers(frame: pl.DataFrame, question: Column, answer: Column, known: Vocabulary) -> float:
    pairs = frame.select(question.name, answer.name).drop_nulls().unique().rows()
    read = [
        bool(known.answer(code, text) or says_counts(text, TOTAL))
        for asked, text in pairs
        if len(codes := known.question(asked)) == 1
        for code in codes
    ]
    return _share(read)


def _long_lines(table: CountsTable, long: LongTable, known: Vocabulary, size: str | None) -> Iterator[Line]:
    """Yields where a frequency table says its questions and answers, and what an answer without a line is worth."""
    value: dict[str, Any] = {"question": long.question, "reponse": long.answer, "nombres": list(long.numbers)}
    columns = (long.question, long.answer, *long.numbers)
    if long.gaps and not long.zeros and _left_nothing(table, long, known, size):
        value["absente"] = "zero"
        reason = (
            "questions et réponses du questionnaire ; sans ligne, une réponse n'a personne : les autres font l'effectif"
        )
        yield Line(COUNTS, "forme_longue", value, columns, 92, reason)
    else:
        yield Line(COUNTS, "forme_longue", value, columns, 95, "questions et réponses du questionnaire")
        if long.gaps:
            told = (
                "des réponses n'ont pas de ligne : sous forme_longue, « absente: zero » si elles n'ont personne, rien"
                " si leur nombre n'est pas dit"
            )
            yield Line(COUNTS, "absente", None, (), 0, told)
    for column in long.shares:
        proved = column in long.repeated
        reason = "redit les nombres en pourcentage" if proved else "pourcentage que les nombres ne donnent pas"
        yield Line("ignorees", "redit" if proved else "", column, (column,), 92 if proved else 40, reason)


def _left_nothing(table: CountsTable, long: LongTable, known: Vocabulary, size: str | None) -> bool:
    """Returns whether the answers that have a line add up to all interviews where others have none."""
    if size is None:
        return False
    sizes = table.numbers(size)
    for code in {code for _, code in long.gaps}:
        if known.multiple(code) or known.programme.questions[code].condition:
            continue
        own = [c for c, said in table.said.items() if _counts_answers(next(iter(said)), code)]
        whole = added([table.numbers(c) for c in own])
        if any(whole[i] == sizes[i] for i, gap in long.gaps if gap == code):
            return True
    return False
