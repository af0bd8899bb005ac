"""Tools of field teams: KoboToolbox and REDCap, whose multiple choices are columns of 0 and 1."""

from __future__ import annotations

import datetime as dt
import re
import string
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, questions, themes
from tests.support.survey_tools.tables import (
    Heads,
    Maker,
    Sheet,
    hours_ahead,
    sample,
    stamp,
    token,
    write_csv,
    write_xlsx,
)
from tests.support.survey_tools.truth import Cell, Column, Layout, ToolExtract
from tests.support.survey_tools.wording import Typist, without_accents

DAY = "%Y-%m-%d"
HEXADECIMAL = "0123456789abcdef"
KOBO_FORM = "vX7kQ2mR9tVb4LhYc8PzWd"


def kobo_values(folder: Path, rng: Random) -> ToolExtract:
    """Kobo's workbook with XML values and headers: `group/question`, names made of labels, 0 and 1 beside each list."""
    typist = Typist(rng, slips=0.02)
    sheet = Sheet(typist, sample(rng, ("NSP", "REFUS"), several=2), ("NSP", "REFUS"))
    _kobo_before(sheet)
    groups = {code: "_".join(_plain(name).split("_")[:3]) for code, name in themes().items()}
    sheet.organisme(("identification/bailleur",))
    for question in questions():
        names = {code: _form_builder_name(label) for code, label in sheet.labels(question).items()}
        heading = f"{groups[question.theme]}/{question.code.lower()}"
        _kobo_question(sheet, question, heading, names)
    for axis, name in _KOBO_AXES.items():
        heads = (f"profil/{name}",)
        if axis == "tranche_age":
            sheet.number(axis, heads)
        else:
            labels = sheet.typist.axis_labels(axis)
            sheet.axis(axis, heads, {code: _form_builder_name(label) for code, label in labels.items()})
    _kobo_after(sheet)
    layout = Layout(sheet="Enquete locataires")
    path = folder / "Enquete_locataires_-_all_versions_-_False_-_2022-12-28-08-14-51.xlsx"
    write_xlsx(path, {layout.sheet: [*sheet.headers(), *sheet.rows()]})
    return sheet.extract(path, "KoboToolbox", "workbook, XML values", layout)


def kobo_labels(folder: Path, rng: Random) -> ToolExtract:
    """Kobo's CSV with French labels: « question/option » beside each list, whose labels are parted by a mere space."""
    typist = Typist(rng, title="{code} {text}", short=0.3, said={"NSP": "Ne sait pas (NSP)"}, slips=0.04)
    sheet = Sheet(typist, sample(rng, ("NSP", "REFUS")), ("NSP", "REFUS"))
    _kobo_before(sheet)
    for question in questions():
        _kobo_question(sheet, question, sheet.typist.titled(question), sheet.labels(question))
    sheet.axes(numbers=("tranche_age",))
    _kobo_after(sheet)
    layout = Layout(encoding="utf-8", delimiter=";")
    path = folder / "Enquete_locataires_-_latest_version_-_French_fr_-_2022-12-28-08-20-03.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout, quoted=True)
    return sheet.extract(path, "KoboToolbox", "CSV, labels", layout)


_KOBO_AXES = {
    "qpv": "qpv",
    "departement": "departement",
    "type_construction": "habitat",
    "tranche_age": "age",
    "anciennete": "anciennete",
    "type_menage": "foyer",
    "ascenseur": "ascenseur",
}


def _plain(text: str) -> str:
    return re.sub(r"\W+", "_", without_accents(text).lower()).strip("_")


def _form_builder_name(label: str) -> str:
    """Returns the name that the form builder gives to a choice: accented letters become underscores like any other sign."""
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return name if name[:1].isalpha() else f"_{name}"


def _kobo_before(sheet: Sheet) -> None:
    def zoned(moment: dt.datetime, hours: int) -> str:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.412+{hours:02d}:00"

    sheet.ignored("start", maker=lambda r: zoned(r.start, hours_ahead(r)), also="date")
    sheet.add(Column(("end",), "date", date_format=DAY), lambda r: zoned(r.end, hours_ahead(r)))
    sheet.ignored("today", maker=stamp(DAY), also="date")
    sheet.ignored("username", maker=lambda r: f"enqueteur_{1 + r.number % 6:02d}", personal=True)
    sheet.ignored("deviceid", maker=lambda r: f"ee.example.org:{token(r, 16, string.ascii_letters)}")


def _kobo_after(sheet: Sheet) -> None:
    ends: dict[str, Maker] = {
        "_uuid": lambda r: "-".join(
            token(r, 32, HEXADECIMAL)[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
        ),
        "_submission_time": lambda r: (r.end - dt.timedelta(hours=hours_ahead(r))).isoformat(),
        "_validation_status": lambda _: None,
        "_notes": lambda _: None,
        "_status": lambda _: "submitted_via_web",
        "_submitted_by": lambda _: None,
        "__version__": lambda _: KOBO_FORM,
        "_tags": lambda _: None,
        "_index": lambda r: r.number,
    }
    also = {"_uuid": "entretien", "_index": "entretien", "_submission_time": "date"}
    sheet.add(Column(("_id",), "entretien"), lambda r: 214500000 + 37 * r.number)
    for name, maker in ends.items():
        sheet.ignored(name, maker=maker, also=also.get(name, ""))


def _kobo_question(sheet: Sheet, question: Question, heading: str, raws: dict[str, str]) -> None:
    if not question.multiple:
        sheet.single(question, (heading,), raws)
        return
    sheet.listed(question, (heading,), raws, " ")
    heads: dict[str, Heads] = {code: (f"{heading}/{raw}",) for code, raw in raws.items()}
    sheet.options(question, heads, 1, 0, skipped_as_unasked=True)


def redcap_raw(folder: Path, rng: Random) -> ToolExtract:
    """REDCap's raw CSV: variable names, codes, `___1` columns of 0 and 1 even where a question was not put."""
    sheet = Sheet(Typist(rng), sample(rng, ("NSP", "NC")), ("NSP", "NC"))
    _redcap(sheet, labelled=False)
    return _redcap_file(sheet, folder, "DATA", "CSV, raw data")


def redcap_labels(folder: Path, rng: Random) -> ToolExtract:
    """REDCap's labelled CSV: field labels, « (choice=…) », Checked and Unchecked."""
    typist = Typist(rng, title="{n}) {text}", short=0.05, said={"NSP": "Ne sait pas", "NC": "Sans objet"}, slips=0.05)
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=2), ("NSP", "NC"))
    _redcap(sheet, labelled=True)
    return _redcap_file(sheet, folder, "DATA_LABELS", "CSV, labels")


def _redcap(sheet: Sheet, labelled: bool) -> None:
    def head(name: str, label: str) -> Heads:
        return (label if labelled else name,)

    sheet.add(Column(head("record_id", "N° d'enregistrement"), "entretien"), lambda r: r.number)
    sheet.ignored(*head("redcap_survey_identifier", "Survey Identifier"))
    timestamp = Column(head("enquete_locataires_timestamp", "Survey Timestamp"), "date", date_format=DAY)
    sheet.add(timestamp, stamp(f"{DAY} %H:%M:%S"))
    if labelled:
        sheet.organisme(head("bailleur", "Bailleur"))
    for question in questions():
        name, title = question.code.lower(), sheet.typist.titled(question)
        labels = sheet.labels(question)
        codes: dict[str, Cell] = {code: i for i, code in enumerate(labels, start=1)}
        if question.nature == "recommandation":
            codes = {option.code: int(option.label) for option in question.options}
        # Institutes number what is no answer apart from the scale.
        codes |= {code: status for code, status in (("NSP", 99), ("NC", 98)) if code in codes}
        if question.multiple:
            heads = {c: head(f"{name}___{codes[c]}", f"{title} (choice={label})") for c, label in labels.items()}
            marks: tuple[Cell, Cell] = ("Checked", "Unchecked") if labelled else (1, 0)
            sheet.options(question, heads, marks[0], marks[1], marks[1])
        else:
            sheet.single(question, head(name, title), labels if labelled else codes)
    for axis, name in _KOBO_AXES.items():
        heads_of_axis = head(name, sheet.typist.axis_title(axis))
        segment_labels = sheet.typist.axis_labels(axis)
        if axis == "tranche_age" or (axis == "anciennete" and not labelled):
            sheet.number(axis, heads_of_axis if labelled or axis == "tranche_age" else ("anciennete_mois",))
        else:
            numbers: dict[str, Cell] = {code: i for i, code in enumerate(segment_labels, start=1)}
            sheet.axis(axis, heads_of_axis, segment_labels if labelled else numbers)
    sheet.ignored(*head("enquete_locataires_complete", "Complete?"), maker=lambda _: "Complete" if labelled else 2)


def _redcap_file(sheet: Sheet, folder: Path, kind: str, variant: str) -> ToolExtract:
    layout = Layout(encoding="utf-8", delimiter=",")
    path = folder / f"EnqueteLocataires2022_{kind}_2022-12-28_0931.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout, end="\n")
    return sheet.extract(path, "REDCap", variant, layout)
