"""A second row of titles is known by its nature, whether the tool's own columns are there, in French or in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.authoring.draft_file import draft_text
from orchestration.authoring.extract_draft import draft_answers
from orchestration.extracts.draft.header import find_header
from orchestration.extracts.draft.sniff import sniff
from orchestration.extracts.form import Format
from orchestration.extracts.readers import read_tables
from orchestration.programme import Programme
from tests.support.drafting import draft, without_contracts
from tests.support.survey_tools import VARIANTS, ToolExtract
from tests.support.survey_tools.read import raw_rows
from tests.support.survey_tools.tables import write_csv, write_xlsx
from tests.support.tool_drafts import scored_tool

TWO_ROWS = ("surveymonkey-workbook", "surveymonkey-matrices")
FRENCH = {
    "Respondent ID": "ID du répondant", "Collector ID": "ID du collecteur", "Start Date": "Date de début",
    "End Date": "Date de fin", "IP Address": "Adresse IP", "Email Address": "Adresse e-mail", "First Name": "Prénom",
    "Last Name": "Nom de famille", "Custom Data 1": "Données personnalisées 1", "Response": "Réponse",
    "Open-Ended Response": "Réponse libre",
}  # fmt: skip


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return without_contracts(tmp_path_factory.mktemp("programme"))


def _written(variant: str, folder: Path, words: Mapping[str, str], *, bare: bool) -> ToolExtract:
    """Writes an export with its titles in other words, and without the tool's own columns where it is bare."""
    whole = VARIANTS[variant](folder, Random(f"headers/{variant}"))
    kept = [i for i, column in whole.columns.items() if not bare or column.kind in ("question", "axe", "organisme")]
    head, rows = raw_rows(whole)[:2], raw_rows(whole)[2:]
    titles = [[words.get(str(row[i]), row[i]) for i in kept] for row in head]
    told = [*titles, *([row[i] for i in kept] for row in rows)]
    if whole.path.suffix == ".csv":
        write_csv(whole.path, told, whole.layout, quoted=True)
    else:
        write_xlsx(whole.path, {whole.layout.sheet: told})
    said = {
        at: replace(column, headings=tuple(words.get(h, h) for h in column.headings))
        for at, column in enumerate(whole.columns[i] for i in kept)
    }
    return replace(whole, columns=said)


@pytest.mark.parametrize("words", [FRENCH, pytest.param({}, marks=pytest.mark.long)], ids=["french", "english"])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("variant", TWO_ROWS)
def test_titles_take_two_rows_in_either_language_with_or_without_the_tool_s_columns(
    variant: str, bare: bool, words: Mapping[str, str], tmp_path: Path, programme: Programme
) -> None:
    extract = _written(variant, tmp_path, words, bare=bare)
    proposal, lines, body = draft(extract.path, programme)
    tool = proposal.sniffed.tool
    assert (tool.name if tool else None) == (None if bare else "SurveyMonkey")
    assert body["format"]["lignes_entete"] == 2
    score = scored_tool(extract, proposal, lines, body)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    assert score.share("question") >= 0.75
    # a new programme is made of the same file
    asked = draft_text(draft_answers(extract.path, {}), tmp_path / "programme")
    assert not any(
        f'{word}"' in line for word in ("Réponse", "Response") for line in asked.splitlines() if "valeurs" in line
    )
    assert sniff(extract.path).frame.height == len(extract.answers)


@pytest.mark.parametrize("variant", ["microsoft-forms", pytest.param("sphinx-question-labels", marks=pytest.mark.long)])
def test_words_under_codes_are_what_the_codes_mean(variant: str, tmp_path: Path, programme: Programme) -> None:
    whole = VARIANTS[variant](tmp_path, Random(f"codes/{variant}"))
    # a tool's own columns would tell its titles
    kept = [at for at, column in whole.columns.items() if column.kind in ("question", "axe", "organisme")]
    words, *rows = ([row[at] for at in kept] for row in raw_rows(whole)[whole.layout.before :])
    codes = [f"V{at}" if at % 3 else f"Q{at}_{at % 2}" for at in range(1, len(kept) + 1)]
    path, layout = tmp_path / "codes.csv", replace(whole.layout, before=0, encoding="utf-8", delimiter=";")
    write_csv(path, [codes, words, *rows], layout, quoted=True)
    columns = {at: replace(whole.columns[old], headings=(codes[at],)) for at, old in enumerate(kept)}
    extract = replace(whole, path=path, columns=columns, layout=layout)
    proposal, lines, body = draft(path, programme)
    assert "lignes_entete" not in body["format"]
    assert body["format"]["lignes_ignorees"]["colonne"] == codes[0]
    score = scored_tool(extract, proposal, lines, body)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    assert score.share("question") >= 0.75
    # the rule leaves out that line alone
    contract = Format.model_validate(body["format"])
    assert sum(table.frame.height for table in read_tables(path, contract)) == len(extract.answers)


WORDS = st.sampled_from(["Oui", "Non", "Très satisfait", "Pas du tout satisfait", "Paris", "Lyon", "Ne sait pas"])


@given(
    st.integers(3, 9).flatmap(lambda n: st.lists(st.lists(WORDS, min_size=n, max_size=n), min_size=12, max_size=30)),
    st.sets(st.integers(0, 8), max_size=4),
)
def test_answers_under_columns_without_a_title_are_no_titles(rows: list[list[str]], untitled: set[int]) -> None:
    width = len(rows[0])
    titles = ["" if i in untitled else f"Question numéro {'abcdefghi'[i]}" for i in range(width)]
    # answers come again below, as in any file of more than a few rows
    found = find_header([titles, *rows, *rows])
    if len({*titles} - {""}) >= max(len({*row}) for row in rows):
        assert (found.above, found.rows) == (0, 1)
    coded = find_header([[f"Q{i}" for i in range(width)], *rows, *rows])
    assert (coded.rows, coded.below) == (1, 0)


def test_themes_above_the_titles_are_no_row_of_titles() -> None:
    chance = Random("themes")
    titles = [f"Question numéro {i}" for i in range(9)]
    rows = [[chance.choice(["Oui", "Non"]) for _ in titles] for _ in range(40)]
    found = find_header([["Accueil", "", "", "", "Travaux", "", "", "", ""], titles, *rows])
    assert (found.above, found.rows) == (1, 1)
    # the same row, where what stands under its texts is their answer
    found = find_header([["Accueil", "", "", "", "Travaux", "", "", "", "Avis"], [*titles[:8], "Réponse"], *rows])
    assert (found.above, found.rows) == (0, 2)
