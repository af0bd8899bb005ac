"""A table under construction: each column is added with its truth, then written as CSV or as a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal

import xlsxwriter

from tests.support.survey_tools.questionnaire import Question, organismes, questions, segments
from tests.support.survey_tools.respondents import Respondent, draw
from tests.support.survey_tools.truth import Cell, Column, Layout, ToolExtract, shown
from tests.support.survey_tools.wording import Typist

Maker = Callable[[Respondent], Cell]
Heads = tuple[str, ...]
WINTER_TIME = dt.datetime(2022, 10, 30, 3)
# Addresses that the Internet's registries keep for documentation.
RESERVED = ("192.0.2", "198.51.100", "203.0.113")


def nothing(_: Respondent) -> Cell:
    """Returns an empty cell."""
    return None


def address(respondent: Respondent) -> Cell:
    """Returns a reserved IP address, the respondent's."""
    return f"{RESERVED[respondent.number % 3]}.{1 + respondent.number * 7 % 254}"


def email(respondent: Respondent) -> Cell:
    """Returns an e-mail address of nobody."""
    return f"locataire{respondent.number:04d}@example.org"


def token(respondent: Respondent, length: int, letters: str) -> str:
    """Returns an identifier as tools draw them, the same for the same respondent."""
    return "".join(Random(f"{respondent.end}/{respondent.number}").choices(letters, k=length))


def stamp(form: str, ended: bool = True) -> Maker:
    """Returns what writes the moment at which the interview ended, or began, in that format."""
    return lambda respondent: (respondent.end if ended else respondent.start).strftime(form)


def hours_ahead(respondent: Respondent) -> int:
    """Returns by how many hours the interview's local time is ahead of universal time."""
    return 1 if respondent.end >= WINTER_TIME else 2


def sample(rng: Random, statuses: Sequence[str], several: int = 1, abandoned: float = 0) -> list[Respondent]:
    """Draws the interviews of a file, of one organisme or of several."""
    return draw(rng, rng.sample(sorted(organismes()), several), rng.randrange(120, 300), statuses, abandoned)


def strata(form: str) -> dict[str, str]:
    """Returns how each stratum is written, by its code; `{0}` and `{1}` are the labels of both axes' segments."""
    return {
        f"{one.code}.{other.code}": form.format(one.label, other.label)
        for one in segments()["qpv"]
        for other in segments()["type_construction"]
    }


class Sheet:
    """Columns, and what is true of them.

    Attributes:
        typist: who typed the questionnaire.
        respondents: the interviews, one per record.
        offered: modalités that questions offer beside their scale.
        columns: the truth of each column.
        values: raw values' codes, as in `ToolExtract`.
    """

    def __init__(self, typist: Typist, respondents: Sequence[Respondent], offered: Sequence[str]) -> None:
        self.typist = typist
        self.respondents = respondents
        self.offered = offered
        self.columns: list[Column] = []
        self.values: dict[str, dict[str, str]] = {}
        self._makers: list[Maker] = []

    def labels(self, question: Question) -> dict[str, str]:
        """Returns the labels that the user typed for the question's options."""
        return self.typist.labels(question, self.offered)

    def add(self, column: Column, maker: Maker) -> None:
        """Adds a column whose truth the caller tells."""
        self.columns.append(column)
        self._makers.append(maker)

    def ignored(self, *headings: str, maker: Maker = nothing, also: str = "", personal: bool = False) -> None:
        """Adds a column that no contract needs; a single title stands for all header rows."""
        self.add(Column(headings, "ignoree", also=also, personal=personal), maker)

    def _coded(self, key: str, raws: Mapping[str, Cell]) -> None:
        known = self.values.setdefault(key, {})
        for code, raw in raws.items():
            assert known.setdefault(shown(raw), code) == code, f"{key}: {raw!r} would mean two things"

    def single(self, question: Question, headings: Heads, raws: Mapping[str, Cell]) -> None:
        """Adds a question's only column, one answer per cell."""
        self._coded(question.code, raws)

        def maker(respondent: Respondent) -> Cell:
            given = respondent.answers[question.code]
            return raws[given[0]] if given else None

        self.add(Column(headings, "question", question.code), maker)

    def listed(
        self, question: Question, headings: Heads, raws: Mapping[str, Cell], separator: str, closing: str = ""
    ) -> None:
        """Adds a question's only column, several answers per cell; some tools close a list with its separator."""
        self._coded(question.code, raws)

        def maker(respondent: Respondent) -> Cell:
            given = [shown(raws[code]) for code in respondent.answers[question.code]]
            return separator.join(given) + closing if given else None

        self.add(Column(headings, "question", question.code, separator=separator), maker)

    def options(
        self,
        question: Question,
        headings: Mapping[str, Heads],
        chosen: Mapping[str, Cell] | Cell,
        left: Cell = None,
        unasked: Cell = None,
        skipped_as_unasked: bool = False,
    ) -> None:
        """Adds one column per option of a question.

        Args:
            question: the question.
            headings: titles by modalité code, in the columns' order.
            chosen: what says that the option was chosen; by modalité code if it differs.
            left: what says that it was not.
            unasked: what is written when the question was not put.
            skipped_as_unasked: whether the tool writes the same of a question that was put and left blank.
        """
        for code, heading in headings.items():
            mark = chosen[code] if isinstance(chosen, Mapping) else chosen

            def maker(respondent: Respondent, code: str = code, mark: Cell = mark) -> Cell:
                given = respondent.answers[question.code]
                if code in given:
                    return mark
                reached = bool(given) if skipped_as_unasked else question.code in respondent.asked
                return left if reached else unasked

            said = [(shown(cell),) if shown(cell) else () for cell in (mark, left, unasked)]
            truth = Column(heading, "question", question.code, code, chosen=said[0], left=said[1], unasked=said[2])
            self.add(truth, maker)

    def mentions(self, question: Question, headings: Sequence[Heads], raws: Mapping[str, Cell]) -> None:
        """Adds a column per mention; answers beyond the last are written nowhere, as interviewers stop there."""
        self._coded(question.code, raws)
        for rank, heading in enumerate(headings, start=1):

            def maker(respondent: Respondent, rank: int = rank) -> Cell:
                given = respondent.answers[question.code]
                return raws[given[rank - 1]] if len(given) >= rank else None

            self.add(Column(heading, "question", question.code, rank=rank), maker)

    def axis(self, name: str, headings: Heads, raws: Mapping[str, Cell]) -> None:
        """Adds an axis's column, one segment per cell."""
        self._coded(name, raws)
        self.add(Column(headings, "axe", name), lambda respondent: raws[respondent.axes[name]])

    def number(self, name: str, headings: Heads) -> None:
        """Adds the column of an axis that is told in numbers: years of age, months of tenancy."""
        told: dict[str, Maker] = {"tranche_age": lambda r: r.age, "anciennete": lambda r: r.months}
        self.add(Column(headings, "axe", name, bands=True), told[name])

    def axes(self, headed: Callable[[str], Heads] = lambda title: (title,), numbers: Iterable[str] = ()) -> None:
        """Adds the columns of every axis, as the user wrote their titles and answers."""
        for name in segments():
            headings = headed(self.typist.axis_title(name))
            if name in numbers:
                self.number(name, headings)
            else:
                self.axis(name, headings, self.typist.axis_labels(name))

    def organisme(self, headings: Heads, raws: Mapping[str, Cell] | None = None) -> None:
        """Adds the column that names the organisme; by its everyday name unless told otherwise."""
        present = sorted({respondent.organisme for respondent in self.respondents})
        written = raws or {code: organismes()[code][0] for code in present}
        self._coded("organisme", {code: written[code] for code in present})
        self.add(Column(headings, "organisme"), lambda respondent: written[respondent.organisme])

    def stratum(self, headings: Heads, raws: Mapping[str, Cell]) -> None:
        """Adds the stratum's column."""
        self._coded("strate", raws)
        self.add(Column(headings, "strate"), lambda respondent: raws[respondent.stratum])

    def rows(self) -> list[list[Cell]]:
        """Returns the records."""
        return [[maker(respondent) for maker in self._makers] for respondent in self.respondents]

    def headers(self) -> list[list[Cell]]:
        """Returns the header rows."""
        return [list(row) for row in zip(*(column.headings for column in self.columns), strict=True)]

    def extract(self, path: Path, tool: str, variant: str, layout: Layout) -> ToolExtract:
        """Returns the file with its truth; the organisme is told beside it when no column does."""
        named = any(column.kind == "organisme" for column in self.columns)
        axes = [column.code for column in self.columns if column.kind == "axe"]
        most = {question.code: len(question.options) + len(self.offered) for question in questions()}
        for code in {column.code for column in self.columns if column.rank}:
            most[code] = max(column.rank for column in self.columns if column.code == code)
        return ToolExtract(
            path=path,
            tool=tool,
            variant=variant,
            columns=dict(enumerate(self.columns)),
            values=self.values,
            layout=layout,
            organisme="" if named else self.respondents[0].organisme,
            answers=[{code: r.answers[code][:limit] for code, limit in most.items()} for r in self.respondents],
            segments=[{axis: r.axes[axis] for axis in axes} for r in self.respondents],
        )


def write_csv(
    path: Path, rows: Iterable[Sequence[Cell]], layout: Layout, quoted: bool = False, end: str = "\r\n", tail: str = ""
) -> None:
    """Writes rows as text, every cell between quotes or only those that need it, then `tail`."""
    buffer = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, delimiter=layout.delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([shown(cell) for cell in row] for row in rows)
    path.write_bytes((buffer.getvalue() + tail).encode(layout.encoding))


def write_xlsx(path: Path, sheets: Mapping[str, Iterable[Sequence[Cell]]], dates: str = "dd/mm/yyyy hh:mm:ss") -> None:
    """Writes a workbook of those sheets; moments are true dates."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": dt.datetime(2023, 1, 9)})
        moment = book.add_format({"num_format": dates})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, dt.datetime):
                        sheet.write_datetime(i, j, cell, moment)
                    elif isinstance(cell, int | float):
                        sheet.write_number(i, j, cell)
                    elif cell:
                        sheet.write_string(i, j, cell)
