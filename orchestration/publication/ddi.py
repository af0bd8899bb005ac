"""The codebook of an edition: DDI Codebook 2.5, the form in which archives keep what a survey asked, and of whom.

https://ddialliance.org/ddi-codebook. It tells of the study (waves, sample, weights), of each question (words, who is
asked, options, how it compares from wave to wave), of the axes, and of each column of the published tables. No answer
is published: a question has no file.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from orchestration.publication.csvw import read_with
from orchestration.publication.datapackage import TYPES
from orchestration.publication.description import Description, Table
from orchestration.publication.survey import Axis, Question, Wave

NAME = "ddi.xml"
NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# what XML has no way of writing
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def ddi(told: Description) -> str:
    """Returns the codebook of an edition as the text of its file."""
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", _LANGUAGE: told.language})
    study = SubElement(root, "stdyDscr")
    _citation(SubElement(study, "citation"), told)
    _information(SubElement(study, "stdyInfo"), told)
    _method(SubElement(study, "method"), told)
    if licence := told.licence:
        use = SubElement(SubElement(study, "dataAccs"), "useStmt")
        _add(use, "conditions", " ".join(filter(None, (licence.nom, licence.url))))
    for table in told.tables:
        _file(root, table)
    _variables(SubElement(root, "dataDscr"), told)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Adds an element; an attribute without a value is left out."""
    said = {name.replace("_", "-"): _UNWRITABLE.sub("", value) for name, value in attributes.items() if value}
    added = SubElement(parent, tag, said)
    added.text = _UNWRITABLE.sub("", text) or None
    return added


def _citation(citation: Element, told: Description) -> None:
    day = told.made.date().isoformat()
    titles = SubElement(citation, "titlStmt")
    _add(titles, "titl", told.title)
    if told.subtitle:
        _add(titles, "subTitl", told.subtitle)
    _add(titles, "IDNo", told.name)
    production = SubElement(citation, "prodStmt")
    if told.publisher:
        _add(production, "producer", told.publisher)
    _add(production, "prodDate", day, date=day)
    if told.publisher:
        _add(SubElement(citation, "distStmt"), "distrbtr", told.publisher)
    _add(SubElement(citation, "verStmt"), "version", told.edition, date=day)


def _information(information: Element, told: Description) -> None:
    subject = SubElement(information, "subject")
    for _, label in told.survey.themes:
        _add(subject, "keyword", label)
    _add(information, "abstract", told.sentence)
    summary = SubElement(information, "sumDscr")
    for rank, wave in enumerate(told.survey.waves, start=1):
        for ends, day in (("start", wave.start), ("end", wave.end)):
            text = day.isoformat()
            _add(summary, "collDate", text, ID=_date(rank, ends), date=text, event=ends, cycle=wave.code)
    if told.region:
        _add(summary, "geogCover", told.region)
    for wave in told.survey.waves:
        if wave.population:
            units = told.words.number(wave.population)
            said = told.words.say("codebook_univers", vague=wave.label, n=units, m=wave.organismes)
            _add(summary, "universe", said)


def _method(method: Element, told: Description) -> None:
    collection, waves = SubElement(method, "dataColl"), told.survey.waves
    for wave in waves:
        _add(collection, "dataCollector", _of_wave(told, wave, wave.institute))
    if told.survey.plan:
        _add(collection, "sampProc", told.survey.plan)
    for wave in waves:
        if wave.aimed:
            _add(SubElement(collection, "targetSampleSize"), "sampleSize", str(wave.aimed))
    for wave in waves:
        _add(collection, "collMode", _of_wave(told, wave, wave.mode))
    if told.survey.weights:
        _add(collection, "weight", told.survey.weights)
    appraisal = SubElement(method, "anlyInfo")
    for wave in waves:
        # a number of interviews alone is no rate
        if wave.called and wave.interviews_of_called is not None:
            done, called = told.words.number(wave.interviews_of_called), told.words.number(wave.called)
            _add(appraisal, "respRate", told.words.say("codebook_appeles", vague=wave.label, n=done, m=called))
    for wave in waves:
        done = told.words.say("codebook_entretiens", vague=wave.label, n=told.words.number(wave.interviews))
        _add(appraisal, "dataAppr", done)


def _of_wave(told: Description, wave: Wave, said: str) -> str:
    return told.words.say("deux_points", nom=wave.label, valeur=said)


def _date(rank: int, ends: str) -> str:
    return f"V{rank}.{ends}"


def _file(root: Element, table: Table) -> None:
    path = f"{table.name}.parquet"
    text = SubElement(_add(root, "fileDscr", ID=_file_id(table), URI=path), "fileTxt")
    _add(text, "fileName", path)
    _add(text, "fileCont", table.comment)
    _add(SubElement(text, "dimensns"), "varQnty", str(len(table.fields)))
    _add(text, "fileType", "application/vnd.apache.parquet")


def _file_id(table: Table) -> str:
    return f"F.{table.name}"


def _variables(variables: Element, told: Description) -> None:
    questions = list(enumerate(told.survey.questions, start=1))
    for theme, label in told.survey.themes:
        within = " ".join(_question_id(rank) for rank, question in questions if question.theme == theme)
        _add(_add(variables, "varGrp", type="section", name=theme, var=within), "labl", label)
    for rank, question in questions:
        _question(variables, rank, question, told)
    for rank, axis in enumerate(told.survey.axes, start=1):
        _axis(variables, rank, axis)
    for table in told.tables:
        _columns(variables, table, told)
    _add(variables, "notes", told.words.say("codebook_sans_reponses"))


def _question_id(rank: int) -> str:
    return f"Q{rank}"


def _question(variables: Element, rank: int, question: Question, told: Description) -> None:
    asked = (
        _date(place, ends)
        for place, wave in enumerate(told.survey.waves, start=1)
        if wave.code in question.asked
        for ends in ("start", "end")
    )
    variable = _add(variables, "var", ID=_question_id(rank), name=question.code, sdatrefs=" ".join(asked))
    _add(variable, "labl", question.label)
    kind = "multiple" if question.multiple else "category"
    _add(_add(variable, "qstn", responseDomainType=kind), "qstnLit", question.wording)
    if question.filter:
        _add(variable, "universe", question.filter)
    _add(variable, "txt", question.scale)
    for option in question.options:
        missing = {"missing": "Y", "missType": option.status} if option.missing else {}
        category = _add(variable, "catgry", **missing, excls="true" if question.multiple and option.exclusive else "")
        _add(category, "catValu", option.code)
        _add(category, "labl", option.label)
    _add(variable, "concept", question.nature)
    _add(variable, "varFormat", type="character")
    for wave, equivalence in question.asked.items():
        _add(variable, "notes", equivalence, type="equivalence", subject=wave)


def _axis(variables: Element, rank: int, axis: Axis) -> None:
    variable = _add(variables, "var", ID=f"A{rank}", name=axis.code)
    _add(variable, "labl", axis.label)
    for code, label in axis.segments:
        category = _add(variable, "catgry")
        _add(category, "catValu", code)
        _add(category, "labl", label)
    _add(variable, "varFormat", type="character")


def _columns(variables: Element, table: Table, told: Description) -> None:
    for field in table.fields:
        number = TYPES.get(field.kind, "string") in ("integer", "number")
        variable = _add(
            variables,
            "var",
            ID=f"{table.name}.{field.name}",
            name=field.name,
            files=_file_id(table),
            measUnit=field.unit,
        )
        _add(variable, "labl", field.name)
        _add(variable, "txt", field.comment)
        _add(variable, "varFormat", type="numeric" if number else "character")
        if read := read_with(field, told):
            _add(variable, "notes", read)
