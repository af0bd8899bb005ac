"""Readers of the files that describe an edition, none of which shares code with what writes them.

CSVW: the library `csvw` reads the tables by their metadata. DCAT: pyshacl holds the entry to the shapes below, written
from what DCAT-AP 3 makes mandatory of a dataset and a distribution, and from the ranges of what is said beside; they are
not the shapes that its editors publish. DDI: no package has the schema of the Codebook, so this is a structural check,
written from the tables of the specification: which element stands in which, in which order, with which values.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyshacl
from csvw import TableGroup
from lxml import etree
from rdflib import Graph

PLACE = "https://exemple.fr/donnees/"
_DDI = "{ddi:codebook:2_5}"

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix ex: <urn:forme:> .
ex:Jeu a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ; sh:uniqueLang true ] ;
    sh:property [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dct:publisher ; sh:maxCount 1 ; sh:class foaf:Agent ] ;
    sh:property [ sh:path dct:issued ; sh:maxCount 1 ; sh:datatype xsd:dateTime ] ;
    sh:property [ sh:path dct:language ; sh:nodeKind sh:IRI ;
        sh:pattern "^http://publications.europa.eu/resource/authority/language/[A-Z]{3}$" ] ;
    sh:property [ sh:path dcat:theme ; sh:nodeKind sh:IRI ;
        sh:pattern "^http://publications.europa.eu/resource/authority/data-theme/[A-Z_]+$" ] ;
    sh:property [ sh:path dct:temporal ; sh:class dct:PeriodOfTime ] ;
    sh:property [ sh:path dct:spatial ; sh:class dct:Location ] ;
    sh:property [ sh:path foaf:page ; sh:class foaf:Document ] ;
    sh:property [ sh:path dcat:keyword ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path dcat:distribution ; sh:minCount 1 ; sh:class dcat:Distribution ] .
ex:Fichier a sh:NodeShape ; sh:targetClass dcat:Distribution ;
    sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:downloadURL ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:mediaType ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcat:byteSize ; sh:maxCount 1 ; sh:datatype xsd:nonNegativeInteger ] ;
    sh:property [ sh:path dct:license ; sh:maxCount 1 ; sh:class dct:LicenseDocument ] .
ex:Agent a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:name ; sh:minCount 1 ] .
ex:Periode a sh:NodeShape ; sh:targetClass dct:PeriodOfTime ;
    sh:property [ sh:path dcat:startDate ; sh:maxCount 1 ; sh:datatype xsd:date ] ;
    sh:property [ sh:path dcat:endDate ; sh:maxCount 1 ; sh:datatype xsd:date ] ;
    sh:or ( [ sh:path dcat:startDate ; sh:minCount 1 ] [ sh:path dcat:endDate ; sh:minCount 1 ] ) .
"""

# By element of the Codebook, those that may stand in it, in their order; one that is not here holds text alone.
_WITHIN = {
    "codeBook": "docDscr stdyDscr fileDscr dataDscr otherMat",
    "stdyDscr": "citation studyAuthorization stdyInfo studyDevelopment method dataAccs othrStdyMat notes",
    "citation": "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes",
    "titlStmt": "titl subTitl altTitl parTitl IDNo",
    "prodStmt": "producer copyright prodDate prodPlac software fundAg grantNo",
    "distStmt": "distrbtr contact depositr depDate distDate",
    "verStmt": "version verResp notes",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation",
    "subject": "keyword topcClas",
    "sumDscr": "timePrd collDate nation geogCover geogUnit geoBndBox boundPoly anlyUnit universe dataKind",
    "method": "dataColl notes anlyInfo stdyClas dataProcessing codingInstructions",
    "dataColl": "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame targetSampleSize deviat collMode"
    " resInstru instrumentDevelopment sources collSitu actMin ConOps weight cleanOps",
    "targetSampleSize": "sampleSize sampleSizeFormula",
    "anlyInfo": "respRate EstSmpErr dataAppr",
    "dataAccs": "setAvail useStmt notes",
    "useStmt": "confDec specPerm restrctn contact citReq deposReq conditions disclaimer",
    "fileDscr": "fileTxt locMap notes",
    "fileTxt": "fileName fileCitation dataFingerprint fileCont fileStrc dimensns fileType format filePlac dataChck"
    " ProcStat dataMsng software verStmt",
    "dimensns": "caseQnty varQnty logRecL recPrCas recNumTot",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "varGrp": "labl txt concept defntn universe notes",
    "var": "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng undocCod universe TotlResp"
    " sumStat txt stdCatgry catgryGrp catgry codInstr verStmt concept derivation varFormat geoMap catLevel notes",
    "qstn": "preQTxt qstnLit postQTxt forward backward ivuInstr",
    "catgry": "catValu labl txt catStat mrow",
}
_NEEDED = {"codeBook": "stdyDscr", "stdyDscr": "citation", "citation": "titlStmt", "titlStmt": "titl"}
_VALUES = {
    ("collDate", "event"): {"start", "end", "single"},
    ("catgry", "missing"): {"Y", "N"},
    ("catgry", "excls"): {"true", "false"},
    ("varFormat", "type"): {"numeric", "character"},
    ("varGrp", "type"): {"section", "multipleResp", "grid", "subject", "other"},
    ("qstn", "responseDomainType"): {"category", "multiple", "numeric", "text", "code"},
}
_NUMBERS = {"sampleSize"}
# attributes that name other elements by their ID
_LEADING = {("var", "sdatrefs"): "collDate", ("var", "files"): "fileDscr", ("varGrp", "var"): "var"}


def dcat_faults(entry: Path) -> str:
    """Returns what the shapes find at fault in an entry; nothing where they find nothing."""
    conforms, _, said = pyshacl.validate(graph(entry), shacl_graph=Graph().parse(data=SHAPES, format="turtle"))
    return "" if conforms else str(said)


def graph(entry: Path) -> Graph:
    """Returns an entry as a catalogue reads it, its addresses taken from where it is served."""
    return Graph().parse(data=entry.read_text(encoding="utf-8"), format="json-ld", publicID=f"{PLACE}{entry.name}")


def csvw_faults(metadata: Path) -> Iterator[str]:
    """Yields what the library finds at fault in the tables that a metadata file describes: types, keys, references."""
    group = TableGroup.from_file(metadata)
    for table in group.tables:
        try:
            for _ in table.iterdicts(strict=True):
                pass
            table.check_primary_key()
        except ValueError as error:
            yield str(error)
    try:
        group.check_referential_integrity()
    except ValueError as error:
        yield str(error)


def ddi_faults(codebook: Path) -> Iterator[str]:
    """Yields where a codebook has not the structure that the specification gives."""
    root = etree.parse(codebook).getroot()
    ids: dict[str, str] = {}
    for element in root.iter():
        own, name = element.get("ID"), etree.QName(element).localname
        if etree.QName(element).namespace != _DDI[1:-1]:
            yield f"{element.tag} is of another namespace"
        if own in ids:
            yield f"{own} is the ID of two"
        if own:
            ids[own] = name
        yield from _inside(element, name)
    for (name, attribute), target in _LEADING.items():
        for element in root.iter(_DDI + name):
            lost = [of for of in element.get(attribute, "").split() if ids.get(of) != target]
            if lost:
                yield f"{name} {element.get('name')} leads to {lost[0]} by {attribute}, which is no {target}"


def _inside(element: etree._Element, name: str) -> Iterator[str]:
    order = _WITHIN.get(name, "").split()
    children = [etree.QName(child).localname for child in element]
    if strange := [child for child in children if child not in order]:
        yield f"{strange[0]} stands in {name}"
    elif children != sorted(children, key=order.index):
        yield f"what stands in {name} is out of order"
    if order and (element.text or "").strip():
        yield f"{name} has text of its own"
    if name in _NEEDED and _NEEDED[name] not in children:
        yield f"{name} has no {_NEEDED[name]}"
    if name in _NUMBERS and not (element.text or "").isdigit():
        yield f"{name} is no number"
    if name == "var" and not element.get("name"):
        yield "a variable has no name"
    for attribute, value in element.attrib.items():
        if (known := _VALUES.get((name, attribute))) and value not in known:
            yield f"{attribute} of {name} is {value}"
