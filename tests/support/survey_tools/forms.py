"""The forms of office suites: Google Forms and Microsoft Forms, where a title is the question's text and nothing else."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, questions, themes
from tests.support.survey_tools.respondents import Respondent
from tests.support.survey_tools.tables import Sheet, email, hours_ahead, sample, write_csv, write_xlsx
from tests.support.survey_tools.truth import Cell, Column, Layout, ToolExtract
from tests.support.survey_tools.wording import ENDS_OF_SCALE, GENDERED, Typist

GOOGLE_DAY = "%Y/%m/%d"


def google_csv(folder: Path, rng: Random) -> ToolExtract:
    """Google's own CSV: « Horodateur » with its zone, no identifier, lists parted by « , » that labels hold as well."""
    typist = Typist(rng, title="{n}. {text}", short=0.1, said=GENDERED | {"NSP": "NSP"}, slips=0.04)
    sheet = Sheet(typist, sample(rng, ("NSP",)), ("NSP",))

    def stamped(respondent: Respondent) -> Cell:
        # The tool writes hours without a leading zero.
        day, hour, half = respondent.end.strftime(f"{GOOGLE_DAY} %I:%M:%S %p").split(" ")
        return f"{day} {hour.removeprefix('0')} {half} UTC+{hours_ahead(respondent)}"

    sheet.add(Column(("Horodateur",), "date", date_format=GOOGLE_DAY), stamped)
    for question in questions():
        _google_question(sheet, question, sheet.typist.titled(question))
    sheet.axes()
    layout = Layout(encoding="utf-8", delimiter=",")
    path = folder / "Enquête de satisfaction locataires.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout, quoted=True, end="\n")
    return sheet.extract(path, "Google Forms", "CSV", layout)


def google_grids(folder: Path, rng: Random) -> ToolExtract:
    """The linked spreadsheet as a workbook: opinions of a theme are rows of a grid, « Title [row] »."""
    typist = Typist(rng, short=0, edits=[("Êtes-vous", "Etes-vous")], said={"NC": "Non concerné"}, slips=0.03)
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=3), ("NSP", "NC"))
    sheet.add(Column(("Horodateur",), "date"), lambda r: r.end)
    sheet.ignored("Adresse e-mail", maker=email, personal=True)
    sheet.organisme(("Quel est votre bailleur ?",))
    sheet.axes()
    for (theme, _), group in groupby(questions(), key=lambda q: (q.theme, q.nature)):
        together = list(group)
        grid = len(together) > 2 and not together[0].multiple
        labels = sheet.labels(together[0])
        for question in together:
            if grid:
                title = f"{themes()[theme]} : êtes-vous satisfait(e) des éléments suivants ? [{question.short}]"
                sheet.single(question, (title,), labels)
            else:
                _google_question(sheet, question, sheet.typist.titled(question))
    layout = Layout(sheet="Réponses au formulaire 1")
    path = folder / "Enquête locataires (réponses).xlsx"
    write_xlsx(path, {layout.sheet: [*sheet.headers(), *sheet.rows()]})
    return sheet.extract(path, "Google Forms", "workbook, grids", layout)


def _google_question(sheet: Sheet, question: Question, title: str) -> None:
    labels = sheet.labels(question)
    if question.multiple:
        sheet.listed(question, (title,), labels, ", ")
    elif question.nature == "recommandation":
        # A linear scale offers its numbers only, and spreadsheets hold them as such.
        sheet.single(question, (title,), {option.code: int(option.label) for option in question.options})
    else:
        sheet.single(question, (title,), labels)


def microsoft(folder: Path, rng: Random) -> ToolExtract:
    """Microsoft's workbook: five columns of metadata in French, lists closed by their « ; », answers sent anonymously."""
    said = {"NSP": "Ne se prononce pas", "NC": "Non concerné(e)", **ENDS_OF_SCALE}
    typist = Typist(rng, short=0.2, said=said, slips=0.06, pasted=True)
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=2), ("NSP", "NC"))
    sheet.add(Column(("ID",), "entretien"), lambda r: r.number)
    sheet.ignored("Heure de début", maker=lambda r: r.start, also="date")
    sheet.add(Column(("Heure de fin",), "date"), lambda r: r.end)
    sheet.ignored("Adresse de messagerie", maker=lambda _: "anonymous", personal=True)
    sheet.ignored("Nom", personal=True)
    sheet.organisme(("Votre bailleur",))
    for question in questions():
        heading = (sheet.typist.titled(question),)
        labels = sheet.labels(question)
        if question.multiple:
            sheet.listed(question, heading, labels, ";", closing=";")
        else:
            sheet.single(question, heading, labels)
    sheet.axes(numbers=("tranche_age",))
    sheet.ignored("Avez-vous autre chose à ajouter ?", maker=_remark)
    layout = Layout(sheet="Sheet1")
    path = folder / f"Enquête de satisfaction auprès des locataires(1-{len(sheet.respondents)}).xlsx"
    write_xlsx(path, {layout.sheet: [*sheet.headers(), *sheet.rows()]}, "m/d/yy h:mm:ss")
    return sheet.extract(path, "Microsoft Forms", "workbook", layout)


def _remark(respondent: Respondent) -> Cell:
    said = {
        3: "Merci de réparer la porte du hall, elle ne ferme plus.",
        11: "RAS",
        19: "les charges ont trop augmenté !!",
    }
    return said.get(respondent.number % 23)
