"""Institutes that interview by telephone: the SPSS file of their software, and the workbook that they lay out for reading."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyreadstat

from tests.support.survey_tools.questionnaire import organismes, questions, themes
from tests.support.survey_tools.respondents import Respondent
from tests.support.survey_tools.tables import Heads, Sheet, sample, strata, write_xlsx
from tests.support.survey_tools.truth import Cell, Column, Layout, ToolExtract
from tests.support.survey_tools.wording import Typist

MISSING = {"NC": 97, "REFUS": 98, "NSP": 99}
VARIABLES = {
    "qpv": "QPV",
    "departement": "DEPT",
    "type_construction": "HABITAT",
    "tranche_age": "AGE",
    "anciennete": "ANCIEN",
    "type_menage": "FOYER",
    "ascenseur": "ASCENS",
}
MENTIONS = ("1re citation", "2e citation", "3e citation", "4e citation")


def telephone_number(respondent: Respondent) -> Cell:
    """Returns a number of a range that is kept for fiction."""
    return f"02 61 91 {respondent.number // 100:02d} {respondent.number % 100:02d}"


def spss(
    folder: Path, rng: Random, marks: tuple[int, int] = (1, 0), said: tuple[str, str] = ("Cité", "Non cité")
) -> ToolExtract:
    """The SPSS file of a telephone centre: numeric codes with labels, a variable per option, user-missing statuses.

    Args:
        folder: where.
        rng: chance.
        marks: code of an option that was chosen, and of one that was not.
        said: their labels; blank ones for a file that has none.
    """
    statuses = tuple(MISSING)
    sheet = Sheet(Typist(rng, title="Q{n}. {text}", short=0.3, slips=0.04), sample(rng, statuses, several=3), statuses)
    typist = sheet.typist
    names: dict[str, str | None] = {}
    labels: dict[str, dict[int | float, str]] = {}

    def named(name: str, label: str, coded: dict[int | float, str] | None = None) -> Heads:
        names[name] = label
        if coded:
            labels[name] = coded
        return (name,)

    sheet.add(Column(named("RESPID", "Numéro d'interview"), "entretien"), lambda r: 10000 + r.number)
    sheet.add(
        Column(named("DATITW", "Date de l'interview"), "date"), lambda r: r.end.replace(hour=0, minute=0, second=0)
    )
    sheet.ignored(*named("HDEB", "Heure de début"), maker=lambda r: f"{r.start:%H:%M}")
    sheet.ignored(*named("DUREE", "Durée de l'interview (secondes)"), maker=lambda r: r.seconds)
    sheet.ignored(*named("ENQ", "Code enquêteur"), maker=lambda r: 101 + r.number % 14)
    sheet.ignored(*named("TEL", "Téléphone"), maker=telephone_number, personal=True)
    present = sorted({respondent.organisme for respondent in sheet.respondents})
    ranks: dict[str, Cell] = {code: i for i, code in enumerate(present, start=1)}
    owners: dict[int | float, str] = {i: organismes()[code][0] for i, code in enumerate(present, start=1)}
    sheet.organisme(named("ORG", "Organisme", owners), ranks)
    crossed = strata("{0} x {1}")
    strata_codes: dict[str, Cell] = {code: 10 + i for i, code in enumerate(crossed, start=1)}
    sheet.stratum(named("STRATE", "Strate de tirage", dict(enumerate(crossed.values(), start=11))), strata_codes)
    for axis, name in VARIABLES.items():
        if axis == "tranche_age":
            sheet.number(axis, named(name, typist.axis_title(axis)))
            continue
        written = typist.axis_labels(axis)
        numbers = {code: int(code) if code.isdigit() else i for i, code in enumerate(written, start=1)}
        coded: dict[int | float, str] = {numbers[code]: label for code, label in written.items()}
        sheet.axis(axis, named(name, typist.axis_title(axis), coded), numbers)
    for question in questions():
        title, worded = typist.titled(question), sheet.labels(question)
        codes = {code: MISSING.get(code, i) for i, code in enumerate(worded, start=1)}
        if question.nature == "recommandation":
            codes = {option.code: int(option.label) for option in question.options}
        if question.multiple:
            heads = {
                code: named(
                    f"Q{question.order}_{codes[code]}", f"{title} : {label}", dict(zip(marks, said, strict=True))
                )
                for code, label in worded.items()
            }
            sheet.options(question, heads, *marks)
        else:
            coded = {codes[code]: label for code, label in worded.items()}
            sheet.single(question, named(f"Q{question.order}", title, coded), codes)
    sheet.add(Column(named("POIDS", "Poids de redressement"), "poids"), lambda r: r.weight)
    path = folder / "satisfaction_locataires_2022.sav"
    frame = pd.DataFrame(sheet.rows(), columns=[column.heading for column in sheet.columns])
    frame["DATITW"] = pd.to_datetime(frame["DATITW"]).dt.date
    singles = [f"Q{question.order}" for question in questions() if question.nature == "satisfaction"]
    ranges: dict[str, list[Any]] = {name: [{"lo": 97, "hi": 99}] for name in singles}
    pyreadstat.write_sav(
        frame, path, column_labels=names, variable_value_labels=labels, missing_ranges=ranges, file_label="Satisfaction"
    )
    return sheet.extract(path, "Askia", "SPSS file", Layout())


def laid_out_workbook(folder: Path, rng: Random) -> ToolExtract:
    """A polling institute's workbook: a sheet to read first, a title and themes above the table, a total below it."""
    statuses = ("NSP", "REFUS")
    said = {"NSP": "(NSP)", "REFUS": "(Refus)"}
    typist = Typist(rng, title="Q{n}. {text}", short=0.6, said=said, slips=0.03)
    sheet = Sheet(typist, sample(rng, statuses), statuses)
    sheet.add(Column(("N° d'interview",), "entretien"), lambda r: f"{r.number:04d}")
    sheet.add(Column(("Date d'interview",), "date"), lambda r: r.end.replace(hour=0, minute=0, second=0))
    sheet.ignored("Enquêteur", maker=lambda r: f"E{1 + r.number % 9:02d}")
    sheet.stratum(("Strate",), strata("{0} / {1}"))
    sheet.axes()
    spans = [("", len(sheet.columns))]
    for theme, group in groupby(questions(), key=lambda question: question.theme):
        started = len(sheet.columns)
        for question in group:
            title, labels = sheet.typist.titled(question), sheet.labels(question)
            if question.multiple:
                count = min(len(MENTIONS), len(question.options) - 1)
                sheet.mentions(question, [(f"{title} - {rank}",) for rank in MENTIONS[:count]], labels)
            else:
                sheet.single(question, (title,), labels)
        spans.append((themes()[theme].upper(), len(sheet.columns) - started))
    sheet.add(Column(("Poids",), "poids"), lambda r: r.weight)
    spans.append(("", 1))
    name, count = organismes()[sheet.respondents[0].organisme][0], len(sheet.respondents)
    above: list[list[Cell]] = [
        [f"Baromètre de satisfaction des locataires - {name} - Vague 2022"],
        [f"Base : {count} interviews téléphoniques, du 17 octobre au 23 décembre 2022"],
        [],
        [cell for title, width in spans for cell in [title, *[None] * (width - 1)]],
    ]
    weights = round(sum(respondent.weight for respondent in sheet.respondents), 2)
    below: list[list[Cell]] = [["Total", count, *[None] * (len(sheet.columns) - 3), weights]]
    read_first: list[list[Cell]] = [
        ["Fichier de données individuelles"],
        ["Feuille « Base » : une ligne par interview, libellés en clair"],
        ["Les poids redressent l'échantillon sur les strates"],
    ]
    layout = Layout(before=len(above), after=len(below), sheet="Base")
    path = folder / f"Baromètre locataires {name} - base individuelle.xlsx"
    sheets = {"Lisez-moi": read_first, layout.sheet: [*above, *sheet.headers(), *sheet.rows(), *below]}
    write_xlsx(path, sheets, "dd/mm/yyyy")
    assert len(above[-1]) == len(sheet.columns)
    return sheet.extract(path, "Institut de sondage", "workbook with titles", layout)
