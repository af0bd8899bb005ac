"""Sphinx, as French institutes know it: one column per question, lists parted by « ; » in a cell, system variables."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, questions
from tests.support.survey_tools.tables import Maker, Sheet, sample, stamp, write_csv, write_xlsx
from tests.support.survey_tools.truth import Column, Layout, ToolExtract
from tests.support.survey_tools.wording import ENDS_OF_SCALE, Typist, without_accents

DAY = "%d/%m/%Y"
STAMP = f"{DAY} %H:%M:%S"


def variable_names(folder: Path, rng: Random) -> ToolExtract:
    """CSV of a Windows machine under the names of variables, capitals and underscores; « ; » both in and between cells."""
    typist = Typist(rng, short=1, slips=0.05, said={"NSP": "NSP", "NC": "Non concerné"})
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=2), ("NSP", "NC"))
    _system(sheet)
    sheet.organisme(("BAILLEUR",))
    taken: set[str] = set()
    for question in questions():
        _question(sheet, question, _variable(question, taken), ";")
    sheet.axes(lambda title: (re.sub(r"\W+", "_", without_accents(title).upper()).strip("_"),))
    sheet.add(Column(("POIDS_REDRESSEMENT",), "poids"), lambda r: _with_comma(r.weight))
    layout = Layout(encoding="cp1252", delimiter=";")
    path = folder / "EXPORT_SATISFACTION_LOCATAIRES.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout)
    return sheet.extract(path, "Sphinx", "CSV, variable names", layout)


def question_labels(folder: Path, rng: Random) -> ToolExtract:
    """SphinxOnline's workbook under the numbered texts of questions; lists parted by « ; » and a space."""
    typist = Typist(
        rng,
        title="{n}. {text}",
        short=0.25,
        said=ENDS_OF_SCALE | {"NSP": "Ne se prononce pas"},
        slips=0.03,
        pasted=True,
    )
    sheet = Sheet(typist, sample(rng, ("NSP",)), ("NSP",))
    _system(sheet)
    sheet.axes(numbers=("tranche_age",))
    for question in questions():
        _question(sheet, question, sheet.typist.titled(question), " ; ")
    layout = Layout(sheet="Données")
    path = folder / "Données - Satisfaction des locataires.xlsx"
    write_xlsx(path, {layout.sheet: [*sheet.headers(), *sheet.rows()]})
    return sheet.extract(path, "Sphinx", "workbook, question texts", layout)


def _with_comma(number: float) -> str:
    """Returns the number as a French machine writes it."""
    return str(number).replace(".", ",")


def _system(sheet: Sheet) -> None:
    sheet.add(Column(("CLE",), "entretien"), lambda r: f"{r.number * 7919 % 99991:05d}{r.number:03d}")
    sheet.add(Column(("DATE_SAISIE",), "date", date_format=DAY), stamp(STAMP))
    others: dict[str, Maker] = {
        "DATE_ENREG": stamp(STAMP),
        "DATE_MODIF": stamp(STAMP),
        "TEMPS_SAISIE": lambda r: _with_comma(round(r.seconds / 60, 2)),
        "ORIGINE_SAISIE": lambda r: "Email" if r.number % 4 else "Web",
        "LANG_SAISIE": lambda _: "Français",
        "APPAREIL_SAISIE": lambda r: ("Ordinateur", "Smartphone", "Smartphone", "Tablette")[r.number % 4],
        "PROGRESSION": lambda _: "Terminé",
    }
    for name, maker in others.items():
        sheet.ignored(name, maker=maker, also="date" if name.startswith("DATE") else "")


def _variable(question: Question, taken: set[str]) -> str:
    """Returns a variable's name made of the question's first words, numbered when another question has it."""
    words = re.sub(r"\W+", "_", without_accents(question.short).upper()).strip("_")
    name = words[:30].rpartition("_")[0] if len(words) > 30 else words
    while name in taken:
        stem, _, rank = name.rpartition("_")
        name = f"{stem}_{int(rank) + 1}" if rank.isdigit() else f"{name}_2"
    taken.add(name)
    return name


def _question(sheet: Sheet, question: Question, title: str, separator: str) -> None:
    labels = sheet.labels(question)
    if question.multiple:
        sheet.listed(question, (title,), labels, separator)
        sheet.ignored(f"{title}_AUTRE" if title.isupper() else f"{title} Si 'Autre', précisez")
    else:
        sheet.single(question, (title,), labels)
