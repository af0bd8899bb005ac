"""SurveyMonkey's exports of all responses: two header rows, a title over the first of its columns and blank over the others."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, organismes, questions, themes
from tests.support.survey_tools.tables import (
    Heads,
    Sheet,
    address,
    email,
    nothing,
    sample,
    stamp,
    write_csv,
    write_xlsx,
)
from tests.support.survey_tools.truth import Column, Layout, ToolExtract
from tests.support.survey_tools.wording import Typist

DAY = "%m/%d/%Y"
STAMP = f"{DAY} %I:%M:%S %p"
OTHER = "Autre (veuillez préciser)"


def condensed_workbook(folder: Path, rng: Random) -> ToolExtract:
    """A workbook with actual answer text; each question stands alone, under « Response »."""
    typist = Typist(rng, short=0.08, slips=0.05, said={"NC": "Sans objet"}, pasted=True)
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=2), ("NSP", "NC"))
    _metadata(sheet, as_text=False)
    present = sorted({respondent.organisme for respondent in sheet.respondents})
    sheet.organisme(("Custom Data 1", ""), {code: organismes()[code][0] for code in present})
    for question in questions():
        text = sheet.typist.titled(question)
        labels = sheet.labels(question)
        if question.multiple:
            _boxes(sheet, question, text, labels)
        else:
            sheet.single(question, (text, "Response"), labels)
    sheet.axes(lambda title: (title, "Response"))
    layout = Layout(headers=2, sheet="Sheet")
    path = folder / "Enquete satisfaction locataires.xlsx"
    write_xlsx(path, {layout.sheet: [*sheet.headers(), *sheet.rows()]}, "mm/dd/yyyy hh:mm:ss AM/PM")
    return sheet.extract(path, "SurveyMonkey", "workbook, two header rows", layout)


def matrices(folder: Path, rng: Random) -> ToolExtract:
    """CSV; opinions that follow one another are rows of a matrix, under the tool's own bipolar scale."""
    said = {"PPS": "Plutôt insatisfait", "PDT": "Très insatisfait", "NSP": "Sans opinion"}
    typist = Typist(rng, title="{n}. {text}", said=said, slips=0.02)
    sheet = Sheet(typist, sample(rng, ("NSP",)), ("NSP",))
    _metadata(sheet, as_text=True)
    for (theme, _), group in groupby(questions(), key=lambda q: (q.theme, q.scale if not q.condition else q.code)):
        together = list(group)
        if len(together) > 1 and not together[0].multiple:
            _matrix(
                sheet, f"Concernant le thème « {themes()[theme]} », êtes-vous satisfait des points suivants ?", together
            )
            continue
        for question in together:
            text = sheet.typist.titled(question)
            if question.multiple:
                _boxes(sheet, question, text, sheet.labels(question))
            else:
                sheet.single(question, (text, "Response"), sheet.labels(question))
    sheet.axes(lambda title: (title, "Response"))
    layout = Layout(headers=2, encoding="utf-8-sig", delimiter=",")
    path = folder / f"Enquête locataires {sheet.respondents[0].end:%Y}.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout)
    return sheet.extract(path, "SurveyMonkey", "CSV, matrices", layout)


def _metadata(sheet: Sheet, as_text: bool) -> None:
    sheet.add(Column(("Respondent ID", ""), "entretien"), lambda r: 11829000000 + 7919 * r.number)
    sheet.ignored("Collector ID", "", maker=lambda _: 411730652)
    if as_text:
        sheet.ignored("Start Date", "", maker=stamp(STAMP, ended=False), also="date")
        sheet.add(Column(("End Date", ""), "date", date_format=DAY), stamp(STAMP))
    else:
        sheet.ignored("Start Date", "", maker=lambda r: r.start, also="date")
        sheet.add(Column(("End Date", ""), "date"), lambda r: r.end)
    sheet.ignored("IP Address", "", maker=address, personal=True)
    sheet.ignored("Email Address", "", maker=email, personal=True)
    for title in ("First Name", "Last Name"):
        sheet.ignored(title, "", personal=True)


def _boxes(sheet: Sheet, question: Question, text: str, labels: dict[str, str]) -> None:
    headings: dict[str, Heads] = {code: ("" if i else text, label) for i, (code, label) in enumerate(labels.items())}
    sheet.options(question, headings, labels)
    sheet.ignored("", OTHER, maker=nothing)


def _matrix(sheet: Sheet, title: str, rows: list[Question]) -> None:
    labels = sheet.labels(rows[0])
    for i, question in enumerate(rows):
        sheet.single(question, ("" if i else title, question.short), labels)
