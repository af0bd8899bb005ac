"""Two editions in a row: what their difference would say of a few organismes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.lake import Lake
from orchestration.publication.differencing import Changed, Isolated, changed_in, isolated, other_rules
from orchestration.publication.losses import Standing
from orchestration.publication.memory import REGION

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


def _in_sets(**sets: str) -> dict[tuple[str, str], Standing]:
    """A wave of organismes of a hundred interviews, each in the region and in the sets whose letters are given."""
    return {
        ("V1", code): Standing(100, f"{code}-1", "x", frozenset({REGION, *(f"famille {one}" for one in families)}))
        for code, families in sets.items()
    }


def _altered(before: dict[tuple[str, str], Standing], *codes: str) -> dict[tuple[str, str], Standing]:
    return before | {("V1", code): replace(before["V1", code], brought="y") for code in codes}


NINE = _in_sets(A="F", B="F", C="F", D="G", E="G", H="G", I="K", J="K", L="K")


def test_three_organismes_in_three_familles_do_not_hide_each_other() -> None:
    found = list(isolated(NINE, _altered(NINE, "A", "D", "I"), 3, 0.85))
    told = [(("A",), "famille F"), (("D",), "famille G"), (("I",), "famille K")]
    assert found == [Isolated("V1", organismes, famille) for organismes, famille in told]
    assert str(found[0]) == "A en V1 (famille F)"
    assert list(isolated(NINE, _altered(NINE, "A", "B", "C"), 3, 0.85)) == []


def test_a_famille_of_too_few_to_be_published_by_either_edition_tells_nothing() -> None:
    before = _in_sets(A="F", B="F", C="F", D="G", E="G", H="")
    assert list(isolated(before, _altered(before, "D", "E", "H"), 3, 0.85)) == []
    # one more makes it one that is published: what was withheld to hide it may be published too
    after = _altered(before, "A", "B", "C") | _in_sets(M="G")
    assert list(isolated(before, after, 3, 0.85)) == [Isolated("V1", ("M",), "famille G")]


def test_an_organisme_that_moves_is_isolated_though_it_brings_the_same() -> None:
    after = NINE | _in_sets(A="G")
    assert list(isolated(NINE, after, 3, 0.85)) == [Isolated("V1", ("A",), "famille F")]
    # three that change places leave one famille, and come to another, together
    assert list(isolated(NINE, NINE | _in_sets(A="G", B="G", C="G"), 3, 0.85)) == []


def test_all_that_a_mover_answered_changes_and_of_others_only_what_did() -> None:
    after = NINE | _in_sets(A="G", B="G", C="G", D="G", E="G", H="G")
    unchanged = _changed(**dict.fromkeys("ABCDEH", 0))
    assert list(isolated(NINE, after, 3, 0.85, 30, unchanged)) == []
    altered = _altered(NINE, "A", "B", "C")
    assert list(isolated(NINE, altered, 3, 0.85, 30, unchanged)) == [Isolated("V1", ("A", "B", "C"))]


def test_a_set_that_was_not_there_has_nothing_to_be_subtracted_from() -> None:
    after = {key: replace(s, perimeters=(s.perimeters or frozenset()) | {"région, V1 - V2"}) for key, s in NINE.items()}
    assert list(isolated(NINE, after, 3, 0.85)) == []


def test_an_edition_that_does_not_know_its_sets_is_held_to_the_wave() -> None:
    unknown = {key: replace(standing, perimeters=None) for key, standing in NINE.items()}
    assert list(isolated(unknown, _altered(NINE, "A", "D", "I"), 3, 0.85)) == []
    assert list(isolated(unknown, _altered(NINE, "A", "D"), 3, 0.85)) == [Isolated("V1", ("A", "D"))]
    late = _altered(NINE, "A", "D") | _in_sets(M="F")
    assert list(isolated(unknown, late, 3, 0.85)) == []


RULES = {"plancher": ["5"], "baremes.csv": ["B,1,SAT,TS,10", "B,1,SAT,PS,6"]}


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (RULES, []),
        (RULES | {"plancher": ["6"]}, ["plancher"]),
        (RULES | {"baremes.csv": ["B,1,SAT,TS,10", "B,1,SAT,PS,7"]}, ["baremes.csv"]),
        # a line for another scale, a rule that the older edition did not have
        (RULES | {"baremes.csv": [*RULES["baremes.csv"], "C,1,DIX,A,1"], "nouveau": ["1"]}, []),
        ({}, []),
    ],
)
def test_the_same_answers_under_other_rules_are_told(rules: dict[str, list[str]], told: list[str]) -> None:
    assert other_rules(BEFORE, BEFORE, RULES, rules) == told
    others = {key: replace(standing, delivery=f"{standing.delivery}b") for key, standing in BEFORE.items()}
    assert other_rules(BEFORE, others, RULES, rules) == []
