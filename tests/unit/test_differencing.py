"""Two editions in a row: what their difference would say of a few organismes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from orchestration.extracts.lake import Lake
from orchestration.publication.differencing import Changed, Isolated, changed_in, isolated, remember, remembered
from orchestration.publication.losses import Standing

BEFORE = {("V1", code): Standing(100, f"{code}-1") for code in "ABCDE"}


def _found(*changes: tuple[str, Standing | None], least: int = 3) -> list[Isolated]:
    after = dict(BEFORE)
    for code, standing in changes:
        after.pop(("V1", code), None)
        if standing:
            after["V1", code] = standing
    return list(isolated(BEFORE, after, least, 0.85))


def test_nothing_changed_isolates_nobody() -> None:
    assert _found() == []


def test_a_late_organisme_a_withdrawn_one_a_corrected_one_are_isolated() -> None:
    assert _found(("F", Standing(80, "F-1"))) == [Isolated("V1", ("F",))]
    assert _found(("A", None)) == [Isolated("V1", ("A",))]
    assert _found(("A", Standing(100, "A-2")), ("B", None)) == [Isolated("V1", ("A", "B"))]
    assert str(Isolated("V1", ("A", "B"))) == "A, B en V1"


def test_three_of_a_size_hide_each_other_one_that_dominates_is_not_hidden() -> None:
    assert _found(*((code, Standing(100, f"{code}-2")) for code in "ABC")) == []
    alone = [("A", Standing(900, "A-2")), ("F", Standing(10, "F-1")), ("G", Standing(10, "G-1"))]
    assert _found(*alone) == [Isolated("V1", ("A", "F", "G"))]


def test_one_dominates_from_its_share_of_the_interviews_on() -> None:
    def of_three(largest: int, least: int = 3) -> list[Isolated]:
        sizes = zip("FGH", (largest, 90 - largest, 10), strict=True)
        return _found(*((code, Standing(size, f"{code}-1")) for code, size in sizes), least=least)

    assert of_three(85) == of_three(85, least=2) == [Isolated("V1", ("F", "G", "H"))]
    assert of_three(84) == []


def test_a_new_wave_has_nothing_to_be_subtracted_from() -> None:
    after = BEFORE | {("V2", "A"): Standing(50, "A-3")}
    assert list(isolated(BEFORE, after, 3, 0.85)) == []


def test_where_organismes_publish_their_results_nothing_is_isolated() -> None:
    assert _found(("F", Standing(80, "F-1")), least=1) == []


def _changed(**numbers: int) -> Changed:
    return lambda key, _old, _new: numbers[key[1]]


def test_a_difference_of_a_few_answers_tells_these_answers() -> None:
    after = BEFORE | {("V1", code): Standing(101, f"{code}-2") for code in "ABC"}
    three = [Isolated("V1", ("A", "B", "C"))]
    assert list(isolated(BEFORE, after, 3, 0.85, 30, _changed(A=1, B=1, C=1))) == three
    assert list(isolated(BEFORE, after, 3, 0.85, 30, _changed(A=10, B=10, C=10))) == []
    assert list(isolated(BEFORE, after, 1, 0.85, 30, _changed(A=1, B=1, C=1))) == []


def test_other_weights_are_a_change_where_both_fingerprints_are_known() -> None:
    def stamped(stamp: str) -> dict[tuple[str, str], Standing]:
        return BEFORE | {("V1", "A"): Standing(100, "A-1", stamp)}

    assert list(isolated(stamped("x"), stamped("y"), 3, 0.85)) == [Isolated("V1", ("A",))]
    assert list(isolated(stamped("x"), stamped("x"), 3, 0.85)) == []
    assert list(isolated(stamped(""), stamped("y"), 3, 0.85)) == []
    again = BEFORE | {("V1", "A"): Standing(100, "A-2", "x")}
    assert list(isolated(stamped("x"), again, 3, 0.85)) == []


def test_interviews_are_matched_between_the_versions_that_the_lake_keeps(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for delivery, answers in {"A-1": [1, 2, 3], "A-2": [1, 9, 3, 4]}.items():
        path = lake.version(delivery, "V1", "A")
        path.parent.mkdir(parents=True)
        pl.DataFrame({"entretien": [f"e{i}" for i in range(len(answers))], "Q1": answers}).write_parquet(path)
    count = changed_in(lake)
    assert count(("V1", "A"), Standing(3, "A-1"), Standing(4, "A-2")) == 2
    # without the older version, only the numbers are known
    assert count(("V1", "A"), Standing(3, "A-0"), Standing(4, "A-2")) == 1
    assert count(("V1", "A"), None, Standing(4, "A-2")) == 4


def test_what_an_edition_was_made_of_is_kept_as_long_as_the_edition(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    remember(lake, "V1-0.0", {("V1", "A"): "x"}, [])
    remember(lake, "V1-0.1", {("V1", "A"): "y"}, ["V1-0.0"])
    assert remembered(lake, "V1-0.0", BEFORE)["V1", "A"].brought == "x"
    assert remembered(lake, "V1-0.0", BEFORE)["V1", "B"].brought == ""
    remember(lake, "V1-0.2", {}, ["V1-0.1"])
    assert remembered(lake, "V1-0.0", BEFORE) == BEFORE
