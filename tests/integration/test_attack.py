"""Nothing the demonstration masks can be worked out from all that is published, be it by an organisme; without care it can."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.attack import attacked, attacked_by_all_measures
from tests.support.demo import Demo
from tests.support.opened import Files, read, unguarded

PROTECTION = 0.1


@pytest.fixture(scope="module")
def files(demo: Demo) -> Files:
    return read(demo.root, PROTECTION)


def _sample(files: Files, step: int) -> list[tuple[str, str]]:
    """One question of a wave in so many, always the same ones."""
    return sorted(files.questions)[::step]


def test_the_demo_gives_nothing_away(files: Files) -> None:
    """A part of what two tests below, which `make test-long` runs, ask of all questions, and of every organisme."""
    assert {status for q in files.questions.values() for status, _ in q.status.values()} == {"V", "S", "D"}
    assert attacked_by_all_measures(files, _sample(files, 36), [""]) == []
    assert attacked(files, questions=_sample(files, 72), readers=files.organismes[::8]) == []


def test_without_rounding_or_secondary_suppression_the_demo_would(files: Files) -> None:
    found = attacked(unguarded(files).in_full, ["base_ponderee"], questions=_sample(files, 30))
    assert any(bound.status == "S" and len(bound.cell.organismes) > 1 and bound.width < 1e-6 for bound in found)
    assert any(len(bound.cell.organismes) == 1 for bound in found)


@pytest.mark.long
def test_no_question_of_the_demo_gives_anything_away(files: Files) -> None:
    assert attacked_by_all_measures(files, sorted(files.questions), [""]) == []


@pytest.mark.long
def test_no_organisme_of_the_demo_learns_how_many_answered_another(files: Files) -> None:
    """Answers and their weight: what was answered is kept from a member by rounding, which the joint attack tries."""
    assert attacked(files, questions=_sample(files, 5), readers=files.organismes) == []


def test_each_organismes_file_agrees_with_what_it_is_taken_to_know(demo: Demo, files: Files) -> None:
    """The attack grants an organisme its own figures, which its file holds; the rest of the region adds none it may not have."""
    for code in files.organismes[::5]:
        with duckdb.connect(str(demo.root / "published" / "organismes" / f"{code}.duckdb"), read_only=True) as own:
            rows = own.execute(
                "select vague, question_code, axe, segment, base_brute from observatoire.fct_satisfaction"
                " where perimetre_type = 'organisme' and statut = 'V'"
            ).fetchall()
            rest = own.execute(
                "select c.statut from observatoire.fct_comparaison as c"
                " inner join observatoire.fct_satisfaction as f using (vague, axe, segment, question_code)"
                " where c.comparaison = 'reste_region' and f.perimetre_type = 'region' and f.statut <> 'V'"
            ).fetchall()
        assert rows
        for vague, question, axe, segment, base in rows:
            assert files.questions[vague, question].truth[code, axe, segment]["base_brute"] == base
        assert ("V",) not in rest
