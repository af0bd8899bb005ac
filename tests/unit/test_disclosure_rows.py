"""Secondary suppression from the warehouse's rows to rows, of several questions at once."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest

from orchestration.settings import PROJECT

sys.path.insert(0, str(PROJECT / "dbt_project" / "python"))

from disclosure.admission import Rules
from disclosure.composed import with_indices
from disclosure.cube import suppressions

RULES = Rules(level=0.1, organismes=True, members=True)
OUTSIDERS = Rules(level=0.1, organismes=False, members=False)


def _case(axe: str, segment: str, base: float, primaire: bool, question: str = "Q") -> dict[str, object]:
    return {
        "vague": "V", "ensemble": "E", "axe": axe, "segment": segment, "question_code": question, "rang": 0,
        "base": base, "primaire": primaire, "secrete": True, "jeu": 0.0,
    }  # fmt: skip


def _encoded(table: pa.Table) -> pa.Table:
    """The table with its texts as dictionaries, as the warehouse hands them over."""
    columns = [c.dictionary_encode() if pa.types.is_string(c.type) else c for c in table.columns]
    return pa.table(columns, table.column_names)


def _rows(question: str, axe: str, segment: str, brought: dict[str, float]) -> list[dict[str, object]]:
    return [
        {"vague": "V", "organisme_code": o, "axe": axe, "segment": segment, "question_code": question, "poids": n}
        for o, n in brought.items()
    ]  # fmt: skip


def test_rows_come_back_with_their_codes_whatever_order_they_came_in() -> None:
    rows = _rows("Q", "ensemble", "tous", {"A": 105.0})
    for segment, n in (("x", 5.0), ("y", 40.0), ("z", 60.0)):
        rows += _rows("Q", "axe", segment, {"A": n})
    cases = [_case("axe", s, n, n < 30) for s, n in (("x", 5.0), ("y", 40.0), ("z", 60.0))]
    cases.append(_case("ensemble", "tous", 105.0, False))
    members = {("V", "E"): frozenset("A")}
    found = suppressions(pa.Table.from_pylist(cases), pa.Table.from_pylist(rows), members, OUTSIDERS).to_pylist()
    assert [(f["axe"], f["segment"], f["ensemble"]) for f in found] == [("axe", "y", "E")]
    turned = (pa.Table.from_pylist(one[::-1]) for one in (cases, rows))
    assert suppressions(*turned, members, OUTSIDERS).to_pylist() == found


@pytest.mark.parametrize("seed", range(4))
def test_questions_side_by_side_are_held_back_as_each_alone(seed: int) -> None:
    """Of random questions with other cells, masks and organismes that were not asked, none changes another's decisions."""
    random = np.random.default_rng(seed)
    organismes, segments = "ABCDEFG", "xyz"
    members = {("V", "E"): frozenset(organismes), ("V", "F"): frozenset("ABCD"), ("V", "G"): frozenset("CDEFG")}
    rows, cases = [], []
    for question in ("Q1", "Q2", "Q3", "Q4"):
        asked = random.permutation(list(organismes))[: random.integers(4, 8)]
        brought = {(o, s): float(n) for o in asked for s in segments if (n := random.integers(0, 40))}
        for s in ("tous", *segments):
            own = {o: sum(n for (one, t), n in brought.items() if one == o and s in (t, "tous")) for o in asked}
            own = {o: n for o, n in own.items() if n}
            axe = "ensemble" if s == "tous" else "axe"
            rows += _rows(question, axe, s, own)
            for (_, ensemble), inside in members.items():
                base = sum(n for o, n in own.items() if o in inside)
                if base:
                    few = bool(base < 30 or random.random() < 0.2)
                    cases.append({**_case(axe, s, base, few, question), "ensemble": ensemble, "jeu": 0.02})
    together = suppressions(pa.Table.from_pylist(cases), pa.Table.from_pylist(rows), members, RULES).to_pylist()
    alone = []
    for question in ("Q1", "Q2", "Q3", "Q4"):
        own_rows = [pa.Table.from_pylist([r for r in one if r["question_code"] == question]) for one in (cases, rows)]
        alone += suppressions(*own_rows, members, RULES).to_pylist()
    assert together
    assert sorted(map(str, together)) == sorted(map(str, alone))


def test_an_index_is_held_back_where_a_component_is_and_then_protected() -> None:
    """With the mean of two answers and one of them, one knows the other."""
    brought = {"x": {"A": 3.0, "B": 2.0}, "y": {"A": 40.0, "B": 30.0}, "z": {"A": 60.0, "B": 50.0}}
    rows, cases = [], []
    for question in ("Q1", "Q2", "I"):
        whole = {o: sum(own[o] for own in brought.values()) for o in "AB"}
        rows += _rows(question, "ensemble", "tous", whole)
        cases.append(_case("ensemble", "tous", sum(whole.values()), False, question))
        for segment, own in brought.items():
            rows += _rows(question, "axe", segment, own)
            # of the components, only the first has a masked cell of its own
            cases.append(_case("axe", segment, sum(own.values()), (question, segment) == ("Q1", "x"), question))
    members = {("V", "E"): frozenset("AB")}
    tables = [_encoded(pa.Table.from_pylist(one)) for one in (cases, rows)]

    def held(made_of: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        found = with_indices(*tables, members, OUTSIDERS, made_of).to_pylist()
        return {(f["question_code"], f["segment"]): f["motif"] for f in found}

    alone = {("Q1", "y"): "deduction_cellule"}
    assert held([]) == alone
    # the same two cells as of the component: the small one, and the one that it could be worked out from
    index = {("I", "x"): "deduction_cellule", ("I", "y"): "deduction_cellule"}
    assert held([("I", "Q1"), ("I", "Q2")]) == alone | index
    assert held([("I", "Q2")]) == alone
