"""Exported interviews: no combination of segments is rare, nothing tells a merged segment, and the folder says what it is."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.extracts.lake import Lake, write_parquet
from orchestration.programme import Programme
from orchestration.publication.interviews import OTHER, README, anonymised, asked_by, merged, write_interviews
from tests.support.mini import mini_programme

LEAST = 5
AXES = ["a", "b", "c"]
SEGMENTS = st.one_of(st.none(), st.sampled_from("xyz"))


@settings(deadline=None)  # the first example loads what it needs, on a machine that may be busy
@given(st.lists(st.tuples(SEGMENTS, SEGMENTS, SEGMENTS), min_size=LEAST, max_size=60))
def test_every_combination_is_shared_and_only_merging_changes_a_segment(rows: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(AXES, pl.String), orient="row").with_row_index("rang")
    shown = merged(frame, AXES, LEAST).sort("rang")
    assert shown.group_by(AXES).len()["len"].min() >= LEAST  # type: ignore[operator]
    before = frame.with_columns(pl.col(AXES).fill_null("NR"))
    for axis in AXES:
        assert ((shown[axis] == before[axis]) | (shown[axis] == OTHER)).all()


def test_a_rare_segment_takes_with_it_the_rarest_that_would_stay() -> None:
    frame = pl.DataFrame({"a": ["x"] * 20 + ["y"] * 7 + ["z"] * 2, "b": ["u"] * 27 + ["v"] * 2})
    shown = merged(frame, ["a", "b"], LEAST)
    assert shown.group_by("a").len().sort("a").rows() == [(OTHER, 9), ("x", 20)]
    # of the nine, two have v: they cannot be told from the others; the twenty all have u, which nobody need hide
    assert shown.group_by("a", "b").len().sort("a").rows() == [(OTHER, OTHER, 9), ("x", "u", 20)]


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    return mini_programme(tmp_path)


def _interviews(collective: int, individual: int) -> pl.DataFrame:
    kinds = ["COL"] * collective + ["IND"] * individual
    return pl.DataFrame(
        {
            "vague": "V2",
            "organisme_code": "O1",
            "entretien": [f"{n:04}" for n in range(len(kinds))],
            "date_entretien": dt.date(2022, 10, 15),
            "strate": kinds,
            "poids": [1.0 if kind == "COL" else 4.0 for kind in kinds],
            "type_construction": kinds,
            "G1": ["PS", *["TS"] * (len(kinds) - 1)],
            "C1": ["TS" if kind == "COL" else "FILTRE" for kind in kinds],
            "M1": [["A", "AB"]] * len(kinds),
        }
    )


def test_what_finds_a_household_again_is_left_out(programme: Programme) -> None:
    shown = anonymised(programme, _interviews(8, 6))
    assert shown.columns == ["poids", "type_construction", "G1", "C1", "M1"]
    assert set(shown.select("type_construction", "poids", "C1").rows()) == {("COL", 1.0, "TS"), ("IND", 4.0, "FILTRE")}
    assert set(shown["M1"]) == {"A|AB"}
    assert shown.rows() == sorted(shown.rows())


def test_neither_weight_nor_filter_tells_a_merged_segment(programme: Programme) -> None:
    shown = anonymised(programme, _interviews(8, 2))
    assert set(shown.select("type_construction", "poids", "C1").rows()) == {(OTHER, 1.6, None)}
    assert shown["G1"].null_count() == 0


def test_a_question_is_told_by_the_axes_of_the_questions_it_follows(tmp_path: Path) -> None:
    head = (
        "question_code,theme_code,ordre,libelle,formulation,statut_formulation,echelle,nature,filtre,est_globale,source"
    )
    programme = mini_programme(tmp_path)
    (tmp_path / "reference/questions.csv").write_text(
        f"{head}\nA1,T1,1,L,F,proposition,SAT,,age = 'JEUNE',oui,e\nA2,T1,2,L,F,proposition,SAT,,\"A1 in ('TS')\",non,e\n"
    )
    programme = Programme(tmp_path, programme.config)
    assert asked_by(programme, "A1") == asked_by(programme, "A2") == {"age"}


def test_each_organisme_has_its_own_folder_that_says_what_must_be_done(programme: Programme, tmp_path: Path) -> None:
    lake = Lake(programme.root)
    write_parquet(_interviews(8, 6), lake.elected("V2", "O1"))
    # fewer than a combination takes: nothing of that wave may leave
    write_parquet(_interviews(2, 2), lake.elected("V1", "O1"))
    write_interviews(programme, "2022-1.0", ["O1"], tmp_path / "donnees_personnelles")
    own = tmp_path / "donnees_personnelles/O1"
    assert {p.name for p in own.iterdir()} == {"donnees_personnelles_O1_V2.csv", README}
    assert pl.read_csv(own / "donnees_personnelles_O1_V2.csv", separator=";").height == 14
    note = (own / README).read_text(encoding="utf-8")
    assert "DONNÉES À CARACTÈRE PERSONNEL, réservées à O1" in note and "au moins 5 entretiens" in note
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in own.iterdir()} == {0o400}
