"""A workbook of codes beside the sheets that explain them is drafted as the SPSS file that carries the same labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pyreadstat
import pytest

from orchestration.extracts.draft.codebook import find_codebook
from orchestration.extracts.draft.write import to_yaml
from orchestration.programme import Programme
from tests.support.drafting import draft, without_contracts
from tests.support.survey_tools import VARIANTS, ToolExtract
from tests.support.survey_tools.read import raw_rows
from tests.support.survey_tools.tables import write_xlsx
from tests.support.survey_tools.truth import Layout, shown
from tests.support.tool_drafts import ToolScore, scored_tool

SEED = 60413
Labels = Mapping[str, str]
ValueLabels = Mapping[str, Mapping[str, str]]
Sheets = dict[str, list[list[str]]]


def _in_one_cell(labels: Labels, coded: ValueLabels) -> Sheets:
    rows = [["Dictionnaire des variables"], [], ["N°", "Variable", "Type", "Intitulé", "Modalités"]]
    for rank, (name, label) in enumerate(labels.items(), start=1):
        listed = " ; ".join(f"{code} = {said}" for code, said in coded.get(name, {}).items())
        rows.append([str(rank), name, "code" if listed else "texte", label, listed])
    return {"Dictionnaire": rows}


def _value_by_value(labels: Labels, coded: ValueLabels) -> Sheets:
    rows = [["Nom", "Libellé", "Code", "Libellé du code"]]
    for name, label in labels.items():
        head = [name, label]
        for code, said in coded.get(name, {"": ""}).items():
            rows.append([*head, code, said])
            head = ["", ""]
        rows.append([])
    return {"Codes": rows}


def _repeated(labels: Labels, coded: ValueLabels) -> Sheets:
    rows = [["libelle_code", "code", "question", "variable"]]
    for name, label in labels.items():
        rows += [[said, code, label, name.lower()] for code, said in coded.get(name, {"": ""}).items()]
    return {"Feuil2": rows}


def _two_sheets(labels: Labels, coded: ValueLabels) -> Sheets:
    variables = [["Variable", "Position", "Label", "Measurement Level"]]
    variables += [[name, str(i), label, "Nominal"] for i, (name, label) in enumerate(labels.items(), start=1)]
    values = [["Value", "", "Label"]]
    for name, listed in coded.items():
        head = name
        for code, said in listed.items():
            values.append([head, code, said])
            head = ""
    return {"Variable Information": variables, "Variable Values": values}


LAYOUTS: dict[str, Callable[[Labels, ValueLabels], Sheets]] = {
    "in one cell": _in_one_cell, "value by value": _value_by_value, "repeated": _repeated, "two sheets": _two_sheets,
}  # fmt: skip


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return without_contracts(tmp_path_factory.mktemp("programme"))


@pytest.fixture(scope="module")
def spss(tmp_path_factory: pytest.TempPathFactory) -> ToolExtract:
    return VARIANTS["spss"](tmp_path_factory.mktemp("spss"), Random(f"{SEED}/spss"))


@pytest.fixture(scope="module")
def labels(spss: ToolExtract) -> tuple[Labels, ValueLabels]:
    _, meta = pyreadstat.read_sav(spss.path, metadataonly=True)
    coded = {n: {shown(code): said for code, said in c.items()} for n, c in meta.variable_value_labels.items()}
    return dict(meta.column_names_to_labels), coded


def _workbook(spss: ToolExtract, folder: Path, others: Mapping[str, Sequence[Sequence[str]]]) -> ToolExtract:
    path = folder / "satisfaction 2022.xlsx"
    write_xlsx(path, {"Données": raw_rows(spss), **others})
    return replace(spss, path=path, variant="workbook with a codebook", layout=Layout(sheet="Données"))


def _scored(extract: ToolExtract, programme: Programme) -> tuple[ToolScore, str]:
    proposal, lines, body = draft(extract.path, programme)
    return scored_tool(extract, proposal, lines, body), to_yaml(proposal, lines)


# the others in `make test-long`
@pytest.mark.parametrize(
    "layout",
    [name if name in ("in one cell", "two sheets") else pytest.param(name, marks=pytest.mark.long) for name in LAYOUTS],
)
def test_a_codebook_says_what_spss_would(
    layout: str, spss: ToolExtract, labels: tuple[Labels, ValueLabels], programme: Programme, tmp_path: Path
) -> None:
    sheets = LAYOUTS[layout](*labels)
    score, said = _scored(_workbook(spss, tmp_path, {**sheets, "Garde": [["Enquête 2022"], ["À lire"]]}), programme)
    print(layout, score)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    whole, _ = _scored(spss, programme)
    assert score.share("question") >= 0.98 * whole.share("question")
    assert score.values_right == whole.values_right
    assert f"lus dans : {', '.join(f'« {name} »' for name in sheets)}." in said
    assert "Feuilles laissées de côté : « Garde »." in said


def test_without_it_codes_say_nothing(spss: ToolExtract, programme: Programme, tmp_path: Path) -> None:
    score, said = _scored(_workbook(spss, tmp_path, {}), programme)
    print(score)
    assert score.values_wrong == []
    assert score.share("question") < 0.2
    assert "lus dans" not in said


@pytest.mark.parametrize(
    "rows",
    [
        [["A", "1"], ["B", "2"]],
        # a table of results names the variables, and its numbers label nothing
        [[f"V{i}", "52 %", "48 %"] for i in range(8)],
        # another extract: the same titles, in a row
        [[f"V{i}" for i in range(8)], ["1"] * 8, ["2"] * 8],
        [],
    ],
)
def test_what_explains_nothing_is_no_codebook(rows: list[list[str]]) -> None:
    assert find_codebook({"Autre": rows}, {f"V{i}": {"1", "2"} for i in range(8)}) is None


def test_a_codebook_of_other_values_is_not_believed() -> None:
    rows = [[f"V{i}", f"Question {i}", "1 = Oui ; 2 = Non"] for i in range(8)]
    book = find_codebook({"Codes": rows}, {f"V{i}": {"O", "N"} for i in range(8)})
    assert book is not None
    assert (book.labels["V3"], book.value_labels) == ("Question 3", {})
