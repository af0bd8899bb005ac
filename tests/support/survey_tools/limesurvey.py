"""LimeSurvey's CSV exports: a byte order mark, every cell quoted, an empty line at the end."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.support.survey_tools.questionnaire import Question, questions
from tests.support.survey_tools.tables import Maker, Sheet, address, nothing, sample, stamp, token, write_csv
from tests.support.survey_tools.truth import Column, Layout, ToolExtract
from tests.support.survey_tools.wording import Typist

DAY = "%Y-%m-%d"
STAMP = f"{DAY} %H:%M:%S"
TEXTS = {
    "id": "ID de la réponse",
    "submitdate": "Date de soumission",
    "lastpage": "Dernière page",
    "startlanguage": "Langue de départ",
    "seed": "Tête de série",
    "token": "Code d'accès",
    "startdate": "Date de lancement",
    "datestamp": "Date de la dernière action",
    "ipaddr": "Adresse IP",
    "refurl": "URL référente",
}
AXIS_CODES = {
    "qpv": "QPV",
    "departement": "DPT",
    "type_construction": "HABITAT",
    "tranche_age": "AGE",
    "anciennete": "ANC",
    "type_menage": "FOYER",
    "ascenseur": "ASC",
}
Titled = Callable[[str, str], str]  # a heading, from a code and a text


def _by_code(code: str, _: str) -> str:
    return code


def _by_text(_: str, text: str) -> str:
    return text


def _by_both(code: str, text: str) -> str:
    return f"{code}. {text}"


def full_answers(folder: Path, rng: Random) -> ToolExtract:
    """Full answers under question codes: « Oui », « Non » and « N/A » in the columns of a multiple choice."""
    typist = Typist(rng, slips=0.05, said={"NSP": "Ne sait pas"})
    sheet = Sheet(typist, sample(rng, ("NSP", "NC")), ("NSP", "NC"))
    return _export(sheet, folder, "full answers, question codes", _by_code, lambda q: q.code, coded=False)


def answer_codes(folder: Path, rng: Random) -> ToolExtract:
    """Answer codes under full texts, abandoned interviews included: « Y » or nothing in a multiple choice."""
    typist = Typist(rng, short=0.05, edits=[("satisfait ", "satisfait(e) ")])
    sheet = Sheet(typist, sample(rng, ("NSP",), several=3, abandoned=0.06), ("NSP",))
    return _export(sheet, folder, "answer codes, question texts", _by_text, lambda q: f"Q{q.order}", coded=True)


def code_and_text(folder: Path, rng: Random) -> ToolExtract:
    """Full answers under « CODE. text » headings."""
    typist = Typist(rng, short=0.15, said={"NSP": "NSP", "NC": "Non concerné(e)"}, edits=[("Êtes-vous", "Etes-vous")])
    sheet = Sheet(typist, sample(rng, ("NSP", "NC"), several=2), ("NSP", "NC"))
    return _export(sheet, folder, "full answers, code and text", _by_both, lambda q: f"Q{q.order:02d}", coded=False)


def _export(
    sheet: Sheet, folder: Path, variant: str, titled: Titled, coded_as: Callable[[Question], str], coded: bool
) -> ToolExtract:
    layout = Layout(encoding="utf-8-sig", delimiter="," if coded else ";")
    _metadata(sheet, titled)
    if len({respondent.organisme for respondent in sheet.respondents}) > 1:
        sheet.organisme((titled("BAILLEUR", "Votre bailleur"),))
    for question in questions():
        _question(sheet, question, titled, coded_as(question), coded)
    for axis, code in AXIS_CODES.items():
        heading = (titled(code, sheet.typist.axis_title(axis)),)
        if axis == "tranche_age" and not coded:
            sheet.number(axis, heading)
        else:
            labels = sheet.typist.axis_labels(axis)
            codes = {segment: f"A{i}" for i, segment in enumerate(labels, start=1)}
            sheet.axis(axis, heading, codes if coded else labels)
    path = folder / f"results-survey{sheet.typist.rng.randrange(100000, 999999)}.csv"
    write_csv(path, [*sheet.headers(), *sheet.rows()], layout, quoted=True, tail="\r\n")
    return sheet.extract(path, "LimeSurvey", variant, layout)


def _metadata(sheet: Sheet, titled: Titled) -> None:
    headings = {code: titled(code, text) for code, text in TEXTS.items()}
    sheet.add(Column((headings["id"],), "entretien"), lambda r: 3 + r.number)
    submitted = stamp(STAMP)
    # An interview that was abandoned has no date of submission.
    sheet.add(
        Column((headings["submitdate"],), "date", date_format=DAY), lambda r: submitted(r) if r.complete else None
    )
    # Seven pages: the welcome has none, and each theme has one, then that of the respondent's description.
    themes = sorted({question.theme for question in questions()})
    makers: dict[str, Maker] = {
        "lastpage": lambda r: (
            len(themes) + 1 if r.complete else len({q.theme for q in questions() if q.code in r.asked})
        ),
        "startlanguage": lambda _: "fr",
        "seed": lambda r: token(r, 9, "123456789"),
        "token": lambda r: token(r, 15, string.ascii_letters + string.digits),
        "startdate": stamp(STAMP, ended=False),
        "datestamp": submitted,
        "ipaddr": address,
        "refurl": lambda r: "https://enquetes.example.org/index.php/482913" if r.number % 3 else None,
    }
    also = {"token": "entretien", "startdate": "date", "datestamp": "date"}
    for code, maker in makers.items():
        sheet.ignored(headings[code], maker=maker, also=also.get(code, ""), personal=code == "ipaddr")


def _question(sheet: Sheet, question: Question, titled: Titled, code: str, coded: bool) -> None:
    text = sheet.typist.titled(question).strip()  # the tool trims titles, not answers
    labels = sheet.labels(question)
    if not question.multiple:
        raws = {option: f"A{i}" for i, option in enumerate(labels, start=1)}
        if question.nature == "recommandation":
            raws |= {option.code: option.label for option in question.options}
        sheet.single(question, (titled(code, text),), raws if coded else labels)
        return
    headings = {
        option: (titled(f"{code}[SQ{i:03d}]", f"{text} [{label}]"),)
        for i, (option, label) in enumerate(labels.items(), start=1)
    }
    if coded:
        sheet.options(question, headings, "Y")
    else:
        sheet.options(question, headings, "Oui", "Non", "N/A")
    # The form adds its own « Autre » to a question about reasons; hardly anyone writes anything there.
    if question.nature == "motif":
        remark: Maker = (
            (lambda r: "travaux dans la rue" if r.number % 97 == 5 else None) if question.order < 20 else nothing
        )
        sheet.ignored(titled(f"{code}[other]", f"{text} [Autre]"), maker=remark)
