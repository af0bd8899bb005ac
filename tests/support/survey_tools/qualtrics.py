"""Qualtrics' CSV exports: three header rows (names, texts, import identifiers), a dozen columns of metadata first."""

from __future__ import annotations

import json
import string
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, questions, segments
from tests.support.survey_tools.respondents import Respondent
from tests.support.survey_tools.tables import Heads, Maker, Sheet, address, email, sample, stamp, token, write_csv
from tests.support.survey_tools.truth import Column, Layout, ToolExtract
from tests.support.survey_tools.wording import Typist

DAY = "%Y-%m-%d"
STAMP = f"{DAY} %H:%M:%S"
ZONE = "Europe/Paris"
EMBEDDED = {
    "qpv": "QPV",
    "departement": "Departement",
    "type_construction": "TypeLogement",
    "tranche_age": "Age",
    "anciennete": "Anciennete",
    "type_menage": "Foyer",
    "ascenseur": "Ascenseur",
}
IDENTIFIER = string.ascii_letters + string.digits


def choice_text(folder: Path, rng: Random) -> ToolExtract:
    """Choice text; the answers of a multiple choice in one cell, parted by commas that labels hold as well."""
    typist = Typist(rng, short=0.05, slips=0.04, edits=[("satisfait ", "satisfait(e) ")])
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=4, abandoned=0.05), ("NSP", "NC"))
    return _export(sheet, folder, "choice text", numeric=False)


def numeric_values(folder: Path, rng: Random) -> ToolExtract:
    """Numeric values; multiple choices split into columns that hold 1 or nothing."""
    typist = Typist(rng, short=0.05)
    sheet = Sheet(typist, sample(rng, ("NSP",)), ("NSP",))
    return _export(sheet, folder, "numeric values, split columns", numeric=True)


def _import_id(identifier: str, **more: str) -> str:
    return json.dumps({"ImportId": identifier, **more}, separators=(",", ":"))


def _export(sheet: Sheet, folder: Path, variant: str, numeric: bool) -> ToolExtract:
    layout = Layout(headers=3, encoding="utf-8-sig", delimiter=",")
    _metadata(sheet, numeric)
    for question in questions():
        _question(sheet, question, numeric)
    for name in segments():
        # What the panel knows of its contacts is embedded data: one name, three times.
        code = EMBEDDED[name]
        labels = sheet.typist.axis_labels(name)
        heads = (code, code, _import_id(code))
        if name == "tranche_age":
            sheet.number(name, heads)
        else:
            sheet.axis(name, heads, labels)
    if not numeric:
        sheet.organisme(("Bailleur", "Bailleur", _import_id("Bailleur")))
    path = folder / f"Satisfaction locataires_{sheet.respondents[-1].end:%d %B %Y_%H.%M}.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout, end="\n")
    return sheet.extract(path, "Qualtrics", variant, layout)


def _metadata(sheet: Sheet, numeric: bool) -> None:
    def progress(respondent: Respondent) -> int:
        return 100 if respondent.complete else 100 * len(respondent.asked) // len(questions())

    def coordinate(base: float) -> Maker:
        return lambda r: round(base + (r.number * 37 % 100) / 100, 4)

    before: list[tuple[str, str, Maker]] = [
        ("Status", "status", (lambda _: 0) if numeric else (lambda _: "IP Address")),
        ("IPAddress", "ipAddress", address),
        ("Progress", "progress", progress),
        ("Duration (in seconds)", "duration", lambda r: r.seconds),
        ("Finished", "finished", lambda r: int(r.complete) if numeric else str(r.complete)),
    ]
    after: list[tuple[str, str, Maker]] = [
        ("RecipientLastName", "recipientLastName", lambda _: None),
        ("RecipientFirstName", "recipientFirstName", lambda _: None),
        ("RecipientEmail", "recipientEmail", email),
        ("ExternalReference", "externalDataReference", lambda _: None),
        ("LocationLatitude", "locationLatitude", coordinate(47.1)),
        ("LocationLongitude", "locationLongitude", coordinate(1.2)),
        ("DistributionChannel", "distributionChannel", lambda _: "email"),
        ("UserLanguage", "userLanguage", lambda _: "FR"),
    ]
    texts = {
        "IPAddress": "IP Address",
        "RecipientLastName": "Recipient Last Name",
        "RecipientFirstName": "Recipient First Name",
        "RecipientEmail": "Recipient Email",
        "ExternalReference": "External Data Reference",
        "LocationLatitude": "Location Latitude",
        "LocationLongitude": "Location Longitude",
        "DistributionChannel": "Distribution Channel",
        "UserLanguage": "User Language",
        "Status": "Response Type",
    }
    personal = {title for title, _, _ in [*before, *after] if title.startswith(("IP", "Recipient", "Location"))}

    def dated(title: str, text: str, identifier: str) -> Heads:
        return (title, text, _import_id(identifier, timeZone=ZONE))

    sheet.ignored(*dated("StartDate", "Start Date", "startDate"), maker=stamp(STAMP, ended=False), also="date")
    sheet.add(Column(dated("EndDate", "End Date", "endDate"), "date", date_format=DAY), stamp(STAMP))
    for group in (before, after):
        for title, identifier, maker in group:
            heads = (title, texts.get(title, title), _import_id(identifier))
            sheet.ignored(*heads, maker=maker, personal=title in personal)
        if group is before:
            sheet.ignored(*dated("RecordedDate", "Recorded Date", "recordedDate"), maker=stamp(STAMP), also="date")
            heads = ("ResponseId", "Response ID", _import_id("_recordId"))
            sheet.add(Column(heads, "entretien"), lambda r: "R_" + token(r, 15, IDENTIFIER))


def _question(sheet: Sheet, question: Question, numeric: bool) -> None:
    name, identifier = f"Q{question.order}", f"QID{question.order + 2}"
    text = sheet.typist.titled(question)
    labels = sheet.labels(question)
    ranks = {code: i for i, code in enumerate(labels, start=1)}
    if question.nature == "recommandation":
        _promoter_group(sheet, question, name, identifier, text, numeric)
        ranks = {option.code: int(option.label) for option in question.options}
    if not question.multiple:
        sheet.single(question, (name, text, _import_id(identifier)), ranks if numeric else labels)
        return
    # A choice with a text of its own makes « Selected Choice » appear in the texts.
    own_text = next(option for option in reversed(question.options) if not option.exclusive)
    text_number = ranks[own_text.code]
    if numeric:
        headings: dict[str, Heads] = {
            code: (
                f"{name}_{i}",
                f"{text} - Selected Choice - {labels[code]}",
                _import_id(identifier, choiceId=str(i)),
            )
            for code, i in ranks.items()
        }
        sheet.options(question, headings, 1)
    else:
        sheet.listed(question, (name, f"{text} - Selected Choice", _import_id(identifier)), labels, ",")
    suffix = f"_{text_number}_TEXT"
    heads = (name + suffix, f"{text} - {labels[own_text.code]} - Text", _import_id(identifier + suffix))
    sheet.ignored(*heads)


def _promoter_group(sheet: Sheet, question: Question, name: str, identifier: str, text: str, numeric: bool) -> None:
    groups = ("Detractor", "Passive", "Promoter")
    marks = {option.code: int(option.label) for option in question.options}

    def maker(respondent: Respondent) -> str | int | None:
        given = respondent.answers[question.code]
        if not given:
            return None
        group = (marks[given[0]] >= 7) + (marks[given[0]] >= 9)
        return group + 1 if numeric else groups[group]

    sheet.ignored(f"{name}_NPS_GROUP", f"{text} - Group", _import_id(f"{identifier}_NPS_GROUP"), maker=maker)
