"""The extracts of survey tools agree with the truth beside them: every column, every value, every answer."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import re
from pathlib import Path

import pytest

from tests.support.survey_tools import VARIANTS, Column, ToolExtract, extracts
from tests.support.survey_tools.questionnaire import organismes, questions, segments
from tests.support.survey_tools.read import cells
from tests.support.survey_tools.tables import RESERVED

SEED = 20221017
MULTIPLE = {question.code for question in questions() if question.multiple}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ToolExtract]:
    return dict(zip(VARIANTS, extracts(tmp_path_factory.mktemp("tools"), SEED), strict=True))


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_truth_tells_every_column(written: dict[str, ToolExtract], variant: str) -> None:
    extract = written[variant]
    headers, records = cells(extract)
    assert [list(row) for row in zip(*headers, strict=True)] == [list(c.headings) for c in extract.columns.values()]
    assert list(extract.columns) == list(range(len(headers[0])))
    assert {len(row) for row in records} == {len(headers[0])}
    assert len(records) == len(extract.answers) == len(extract.segments)
    assert 120 <= len(records) < 300
    columns = list(extract.columns.values())
    assert {c.code for c in columns if c.kind == "question"} == {question.code for question in questions()}
    assert {c.code for c in columns if c.kind == "axe"} == set(segments())
    assert [c.kind for c in columns].count("date") == 1
    assert any(c.kind == "organisme" for c in columns) != (extract.organisme in organismes())


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_truth_tells_every_value(written: dict[str, ToolExtract], variant: str) -> None:
    """Decoded by its truth alone, the file says what its respondents answered."""
    extract = written[variant]
    _, records = cells(extract)
    for row, answers, axes in zip(records, extract.answers, extract.segments, strict=True):
        said: dict[str, set[str]] = {question.code: set() for question in questions()}
        for position, column in extract.columns.items():
            raw, known = row[position], extract.values.get(column.code or column.kind, {})
            if column.kind == "question":
                given = _answer(column, raw, known)
                # A list and the columns of its options, where a tool writes both, tell the same answer.
                assert column.option or not said[column.code] or column.rank > 1
                said[column.code] |= given
            elif column.kind == "axe":
                assert _segment(column, raw, known) == axes[column.code], (column, raw)
            elif column.kind in ("organisme", "strate"):
                assert known[raw]
            elif column.kind == "poids":
                assert float(raw.replace(",", ".")) > 0
        assert said == {code: set(given) for code, given in answers.items()}
        assert {code for code, given in answers.items() if len(given) > 1} <= MULTIPLE


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_no_answer_is_what_the_truth_says(written: dict[str, ToolExtract], variant: str) -> None:
    extract = written[variant]
    _, records = cells(extract)
    for position, column in extract.columns.items():
        raws = [row[position] for row in records]
        if column.kind == "entretien":
            assert len(set(raws)) == len(raws)
            assert "" not in raws
        elif column.kind == "date":
            days = [_day(column, raw) for raw in raws if raw]
            assert len(days) > 0.8 * len(raws)
            assert all(dt.date(2022, 10, 17) <= day <= dt.date(2022, 12, 23) for day in days)
        for raw in raws:
            assert not re.search(r"@(?!example\.org$)", raw) or column.kind == "question"
            if re.fullmatch(r"\d+(\.\d+){3}", raw):
                assert column.personal
                assert str(ipaddress.ip_address(raw)).startswith(RESERVED)


def test_chance_comes_from_the_seed(tmp_path: Path, written: dict[str, ToolExtract]) -> None:
    again = dict(zip(VARIANTS, extracts(tmp_path / "again", SEED), strict=True))
    other = dict(zip(VARIANTS, extracts(tmp_path / "other", SEED + 1), strict=True))
    for variant, extract in written.items():
        assert cells(extract) == cells(again[variant])
        assert (extract.columns, extract.values) == (again[variant].columns, again[variant].values)
        assert extract.answers != other[variant].answers


def test_respondents_are_plausible(written: dict[str, ToolExtract]) -> None:
    """Most are satisfied, not all; filters leave questions out; all that the scales offer is chosen by somebody."""
    opinions = {question.code for question in questions() if question.nature == "satisfaction"}
    favourable = {option.code for question in questions() for option in question.options if option.satisfied}
    answers = [row for extract in written.values() for row in extract.answers]
    given = [code for row in answers for question in opinions for code in row[question]]
    assert 0.6 < sum(code in favourable for code in given) / len(given) < 0.9
    for question in questions():
        answered = sum(bool(row[question.code]) for row in answers) / len(answers)
        assert (answered < 0.93) == bool(question.condition), question.code
        chosen = {code for row in answers for code in row[question.code]}
        assert {option.code for option in question.options} <= chosen


def _answer(column: Column, raw: str, known: dict[str, str]) -> set[str]:
    if column.option:
        assert raw in (*column.chosen, *column.left, *column.unasked, ""), (column, raw)
        return {column.option} if raw in column.chosen else set()
    if not raw:
        return set()
    if not column.separator:
        return {known[raw]}
    labels = _split(raw, column.separator.strip() or column.separator, tuple(sorted(known, key=len, reverse=True)))
    assert labels is not None, (column, raw)
    return {known[label] for label in labels}


@functools.cache
def _split(raw: str, separator: str, labels: tuple[str, ...]) -> tuple[str, ...] | None:
    """Returns the labels that a list is made of: the separator may stand within a label, and close the list."""
    if not raw.strip(separator + " "):
        return ()
    for label in labels:
        if raw.startswith(label):
            rest = raw[len(label) :]
            bare = rest.lstrip(" ") if separator != " " else rest
            if bare in ("", separator):
                return (label,)
            if bare.startswith(separator):
                after = bare[len(separator) :]
                found = _split(after.removeprefix(" ") if separator != " " else after, separator, labels)
                if found is not None:
                    return (label, *found)
    return None


def _segment(column: Column, raw: str, known: dict[str, str]) -> str:
    if not column.bands:
        return known[raw]
    found = [
        s.code
        for s in segments()[column.code]
        if s.low is not None and s.high is not None and s.low <= int(raw) <= s.high
    ]
    assert len(found) == 1
    return found[0]


def _day(column: Column, raw: str) -> dt.date:
    form = column.date_format or "%Y-%m-%d"
    return dt.datetime.strptime(re.split("[ T]", raw)[0], form).date()
