"""What `contract draft` makes of the exports of survey tools: nothing wrong, most of it right, the rest told.

The share of columns right is that of every column of the questionnaire's questions, an option's counted like a single
answer's, then that of all columns of the file. Codes without labels (A1, 99 …) leave their column attached and their
meaning open: what columns are and what values mean is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from orchestration.extracts.draft.tools import tools
from orchestration.extracts.draft.write import undecided
from orchestration.programme import Programme
from tests.support.drafting import Draft, draft, without_contracts
from tests.support.survey_tools import VARIANTS, ToolExtract
from tests.support.survey_tools.questionnaire import questions
from tests.support.survey_tools.read import raw_rows
from tests.support.survey_tools.tables import write_csv, write_xlsx
from tests.support.tool_drafts import scored_tool
from tests.support.tool_lake import answered, completed, in_lake, loaded

# seeds that the draft was not developed on
SEED, OTHER_SEED = 20301, 47017
# a list parted by commas, whose labels hold commas: no contract can cut it, and the draft must say so
UNCUT = ("qualtrics-choice-text", "google-forms-csv", "google-forms-grids")
# interviewers stop at the fourth mention, and a filter looks at the fifth: a row or two contradict it
STOPPED = ("laid-out-workbook",)
# institutes' own files, which no trait tells
UNKNOWN = ("spss", "laid-out-workbook")

# a title stands over the first of its columns: without that one, the others would be another question's
TWO_ROWS = ("surveymonkey-workbook", "surveymonkey-matrices")

Drawn = Callable[[str, int], tuple[ToolExtract, Draft]]


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return without_contracts(tmp_path_factory.mktemp("programme"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, programme: Programme) -> Drawn:
    """The extract of a variant and its draft, made once."""

    @cache
    def made(variant: str, seed: int) -> tuple[ToolExtract, Draft]:
        extract = VARIANTS[variant](tmp_path_factory.mktemp(variant), Random(f"{seed}/{variant}"))
        return extract, draft(extract.path, programme)

    return made


@pytest.mark.parametrize("seed", [SEED, pytest.param(OTHER_SEED, marks=pytest.mark.long)])
@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_wrong_most_is_right_and_the_rest_is_told(variant: str, seed: int, drawn: Drawn) -> None:
    extract, drafted = drawn(variant, seed)
    score = scored_tool(extract, *drafted)
    print(score)
    assert score.wrong == {}
    assert score.values_wrong == []
    assert score.silent == []
    assert score.share("question") >= 0.75
    assert score.share() >= 0.75


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v not in (*UNCUT, *STOPPED)])
def test_a_completed_draft_loads_what_was_answered(
    variant: str, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the draft decided is kept as it stands, and what it left open is said from the truth."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    extract, (_, _, body) = drawn(variant, SEED)
    record, rows = loaded(extract, completed(extract, body), tmp_path)
    assert (record.lignes_lues, record.lignes_acceptees) == (len(extract.answers), len(extract.answers))
    assert in_lake(extract, rows) == answered(extract)


@pytest.mark.slow
@pytest.mark.parametrize("variant", [v for v in VARIANTS if v not in (*UNKNOWN, *TWO_ROWS)])
def test_questions_that_were_not_asked_make_no_other_wrong(variant: str, tmp_path: Path, programme: Programme) -> None:
    """A tool's user left out one question in five: the others have their columns, or none."""
    whole = VARIANTS[variant](tmp_path, Random(f"{SEED}/{variant}"))
    chance = Random(f"left/{variant}")
    left = {question.code for question in questions() if chance.random() < 0.2}
    kept = [i for i, column in whole.columns.items() if column.kind != "question" or column.code not in left]
    rows = [[row[i] for i in kept] for row in raw_rows(whole)]
    if whole.path.suffix == ".csv":
        write_csv(whole.path, rows, whole.layout, quoted=True)
    else:
        write_xlsx(whole.path, {whole.layout.sheet: rows})
    extract = replace(whole, columns={i: whole.columns[at] for i, at in enumerate(kept)})
    score = scored_tool(extract, *draft(extract.path, programme))
    print(score)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])


@pytest.mark.parametrize("variant", UNCUT)
def test_a_list_that_its_separator_cannot_cut_is_left_open(variant: str, drawn: Drawn) -> None:
    extract, (proposal, lines, body) = drawn(variant, SEED)
    points = undecided(proposal, lines)
    cut = [q for q in questions() if q.multiple and any("," in label for label, code in extract.values[q.code].items())]
    assert cut
    for question in cut:
        assert question.code not in body["questions"]
        [point] = [point for point in points if point.startswith(f"questions.{question.code} ")]
        assert "couperait aussi" in point
        assert "une colonne par option" in point


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_tool_is_known_by_its_own_columns(variant: str, drawn: Drawn) -> None:
    extract, (proposal, _, body) = drawn(variant, SEED)
    tool = proposal.sniffed.tool
    assert (tool.name if tool else None) == (None if variant in UNKNOWN else extract.tool)
    assert proposal.sniffed.frame.height == len(extract.answers)
    assert body["format"].get("lignes_entete", 1) == int(
        tools()["outils"].get(extract.tool, {}).get("lignes_entete", 1)
    )


@pytest.mark.parametrize("variant", TWO_ROWS)
def test_surveymonkey_is_known_without_its_dates(variant: str, tmp_path: Path, programme: Programme) -> None:
    """Its user may leave the moments of the answers out of the export."""
    whole = VARIANTS[variant](tmp_path, Random(f"{SEED}/{variant}"))
    kept = [i for i, column in whole.columns.items() if column.headings[0] not in ("Start Date", "End Date")]
    rows = [[row[i] for i in kept] for row in raw_rows(whole)]
    if whole.path.suffix == ".csv":
        write_csv(whole.path, rows, whole.layout, quoted=True)
    else:
        write_xlsx(whole.path, {whole.layout.sheet: rows})
    extract = replace(whole, columns={i: whole.columns[at] for i, at in enumerate(kept)})
    proposal, lines, body = draft(extract.path, programme)
    score = scored_tool(extract, proposal, lines, body)
    assert proposal.sniffed.tool
    assert (proposal.sniffed.tool.name, body["format"]["lignes_entete"]) == ("SurveyMonkey", 2)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    assert score.share("question") >= 0.75


def test_personal_data_of_a_tool_is_never_quoted(drawn: Drawn) -> None:
    for variant in ("surveymonkey-workbook", "qualtrics-choice-text", "kobo-labels"):
        extract, (proposal, lines, body) = drawn(variant, SEED)
        personal = {i for i, column in extract.columns.items() if column.personal}
        ignored = {str(line.value) for line in lines if line.section == "ignorees" and line.key == "personnel"}
        columns = [c.name for c in proposal.columns]
        assert personal
        assert {columns[i] for i in personal} <= ignored
        assert not any("example.org" in point for point in undecided(proposal, lines))
        assert "example.org" not in str(body)
