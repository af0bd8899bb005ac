"""Which values of a column per option say « chosen »: by labels whatever the codes are, by proof without labels.

The files are generated: the same answers under every pair of codes, with labels in both orders and in two languages.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import polars as pl
import pytest

from orchestration.extracts.draft.marks import Marks, each_chose, mark, proved_alone, ways
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.titles import Part
from orchestration.extracts.draft.write import on_labels_alone, to_yaml, undecided
from orchestration.programme import load_programme
from tests.support.drafting import draft
from tests.support.survey_tools.institutes import spss
from tests.support.survey_tools.questionnaire import questions
from tests.support.tool_drafts import scored_tool

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")
SEVERAL = [q.code for q in questions() if q.multiple]
BLANK = ("", "")


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ((2, 1), ("Oui", "Non")),
        ((1, 2), ("Mentionné", "Non mentionné")),
        ((2, 1), ("Quoted", "Not quoted")),
        ((0, 1), ("Coché", "Pas coché")),
    ],
)
def test_labels_say_which_code_is_chosen(marks: tuple[int, int], said: tuple[str, str], tmp_path: Path) -> None:
    extract = spss(tmp_path, Random(f"{marks}{said}"), marks, said)
    drafted = draft(extract.path, PROGRAMME)
    score = scored_tool(extract, *drafted)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    body = drafted[2]["questions"]
    chosen, left = (str(mark) for mark in marks)
    read = {code: (body[code]["oui"], body[code]["non"]) for code in SEVERAL if code in body}
    assert len(read) > len(SEVERAL) / 2
    assert read == dict.fromkeys(read, ([chosen], [left]))


@pytest.mark.parametrize("marks", [(1, 0), (0, 1), (1, 2), (2, 1)])
def test_without_labels_only_what_is_proved_is_decided(marks: tuple[int, int], tmp_path: Path) -> None:
    extract = spss(tmp_path, Random(f"{marks}"), marks, BLANK)
    proposal, lines, body = draft(extract.path, PROGRAMME)
    score = scored_tool(extract, proposal, lines, body)
    assert (score.wrong, score.values_wrong, score.silent) == ({}, [], [])
    points = undecided(proposal, lines)
    left = [code for code in SEVERAL if code not in body["questions"]]
    for code in left:
        [point] = [p for p in points if p.startswith(f"questions.{code} ")]
        assert "rien ne prouve laquelle des valeurs dit que l'option est choisie" in point or "aucune colonne" in point
    # filters look at the answers to some of them, and hold in one direction only
    assert len(left) < len(SEVERAL)


def _columns(frame: pl.DataFrame, labels: dict[str, dict[str, str]] | None = None) -> list[Column]:
    said = labels or {}
    return [
        Column(name, name, said.get(name, {}), dict(frame[name].drop_nulls().value_counts().iter_rows()), frame.height, "")
        for name in frame.columns
    ]  # fmt: skip


def _answers(chosen: str, left: str | None, seed: int = 1) -> pl.DataFrame:
    """Three options and one that excludes them; everyone chooses one at least."""
    chance = Random(seed)
    rows = []
    for _ in range(200):
        alone = chance.random() < 0.3
        picked = {3} if alone else {chance.randrange(3)} | ({chance.randrange(3)} if chance.random() < 0.3 else set())
        rows.append([chosen if i in picked else left for i in range(4)])
    return pl.DataFrame(rows, schema=["a", "b", "c", "d"], orient="row")


@pytest.mark.parametrize(
    ("chosen", "left"), [("1", "0"), ("0", "1"), ("1", "2"), ("2", "1"), ("O", "N"), ("N", "O"), ("Y", "N")]
)
def test_codes_alone_can_be_read_both_ways(chosen: str, left: str) -> None:
    frame = _answers(chosen, left)
    found = ways(_columns(frame), frame, ())
    assert {(way.chosen, way.left, way.told) for way in found} == {((chosen,), (left,), ""), ((left,), (chosen,), "")}
    [proved] = proved_alone(found, {"a": "A", "b": "B", "c": "C", "d": "NONE"}, {"NONE"}, frame)
    assert (proved.chosen, proved.left) == ((chosen,), (left,))
    assert proved.told
    assert each_chose(Marks((chosen,), (left,)), _columns(frame), frame)
    assert not each_chose(Marks((left,), (chosen,)), _columns(frame), frame)


def test_the_label_of_one_value_of_two_tells_the_other() -> None:
    frame = _answers("2", "1")
    labels = {name: {"2": "Oui", "1": " "} for name in frame.columns}
    assert ways(_columns(frame, labels), frame, ()) == [Marks(("2",), ("1",), "libellés")]


def test_columns_whose_labels_contradict_one_another_are_not_read() -> None:
    frame = _answers("2", "1")
    labels = {name: {"2": "Oui", "1": "Non"} for name in frame.columns} | {"b": {"1": "Oui", "2": "Non"}}
    assert ways(_columns(frame, labels), frame, ()) == []


@pytest.mark.parametrize("written", ["1", "x", "O"])
def test_the_only_value_written_beside_empty_cells_is_the_chosen_one(written: str) -> None:
    frame = _answers(written, None)
    [way] = ways(_columns(frame), frame, ())
    assert (way.chosen, way.left) == ((written,), ())
    # where every cell has it, nothing is left to tell it from
    full = frame.fill_null(written)
    assert not any(way.told for way in ways(_columns(full), full, ()))


def test_a_word_that_is_negated_says_no() -> None:
    assert [mark(text) for text in ("Cité", "non cité", "Not selected", "Pas coché", "1", "o", "Autre chose")] == [
        True, False, False, False, None, None, None,
    ]  # fmt: skip
    assert mark("Friends", "Friends") is True
    column = Column("a", "a", {}, {"Friends": 3}, 9, "", Part("Which?", "Friends"))
    assert ways([column], pl.DataFrame({"a": ["Friends"]}), ())[0].chosen == ("Friends",)


def test_questions_that_only_labels_explain_are_named_for_a_person(tmp_path: Path) -> None:
    """A dictionary that is false of a question which no filter looks at is believed: who reads the draft is told."""
    extract = spss(tmp_path, Random("étiquettes"), (1, 2), ("Oui", "Non"))
    proposal, lines, body = draft(extract.path, PROGRAMME)
    named = set(on_labels_alone(proposal, lines))
    looked_at = {name for condition in PROGRAMME.conditions.values() for name in condition.names}
    decided = {*body["questions"]}
    assert named <= decided
    assert named & (decided - looked_at)
    # what the filters confirmed needs no look
    assert not any(
        "confirmés" in proposal.questions[code].chosen.reason for code in named if proposal.questions[code].chosen
    )
    head = to_yaml(proposal, lines).split("\ncontrat:")[0]
    assert all(f"{code}" in head for code in named)
    unlabelled = spss(tmp_path, Random("sans"), (1, 2), ("", ""))
    proposal, lines, _ = draft(unlabelled.path, PROGRAMME)
    several = [c for c, q in PROGRAMME.questions.items() if q.multiple]
    assert not {*on_labels_alone(proposal, lines)} & {*several}
