"""Nothing that is masked can be worked out from all that is published, be it by an organisme; without care it can."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.support.attack import attacked
from tests.support.demo import Demo, observatoire
from tests.support.opened import Files, read, together, unguarded
from tests.support.place import put
from tests.support.small_organismes import random_programme

PROTECTION = 0.1


@pytest.fixture(scope="module")
def files(demo: Demo) -> Files:
    return read(demo.root, PROTECTION)


def _sample(files: Files, step: int) -> list[tuple[str, str]]:
    return sorted(files.questions)[::step]


def _all_measures(files: Files, questions: list[tuple[str, str]], readers: list[str]) -> list[object]:
    measures = sorted({m for key in questions for m in files.questions[key].measures})
    return list(attacked(files, measures, questions=questions, readers=readers))


def test_the_demo_gives_nothing_away(files: Files) -> None:
    """A part of what the two slow tests below ask of every question, and of every organisme."""
    assert {status for q in files.questions.values() for status, _ in q.status.values()} == {"V", "S", "D"}
    assert _all_measures(files, _sample(files, 36), ["", *files.organismes[::8]]) == []


def test_without_secondary_suppression_the_demo_would(files: Files) -> None:
    found = attacked(unguarded(files), ["base_ponderee"], questions=_sample(files, 30))
    assert any(bound.status == "S" and len(bound.cell.organismes) > 1 and bound.width < 1e-6 for bound in found)
    assert any(len(bound.cell.organismes) == 1 for bound in found)


@pytest.mark.slow
def test_no_question_of_the_demo_gives_anything_away(files: Files) -> None:
    assert _all_measures(files, _sample(files, 1), [""]) == []


@pytest.mark.slow
def test_no_organisme_of_the_demo_learns_anything_of_another(files: Files) -> None:
    assert _all_measures(files, _sample(files, 9), files.organismes) == []


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_very_small_organismes_stay_unknown_and_would_not_without(seed: int) -> None:
    root = put(partial(random_programme, seed=seed, protection=PROTECTION))
    _run(root)
    files = read(root, PROTECTION)
    assert {status for q in files.questions.values() for status, _ in q.status.values()} == {"V", "S", "D"}
    assert _all_measures(files, sorted(files.questions), ["", *files.organismes]) == []
    _configure(root, protection=0)
    _run(root)
    bare = read(root, PROTECTION)
    assert "D" not in {status for q in bare.questions.values() for status, _ in q.status.values()}
    assert _all_measures(bare, sorted(bare.questions), [""]) != []


@pytest.mark.slow
def test_two_editions_in_a_row_do_not_isolate_a_latecomer(tmp_path: Path) -> None:
    root = put(partial(random_programme, seed=2, protection=PROTECTION, editions_successives="refuser"))
    late = root / "landing/V2/O8.csv"
    kept = shutil.move(late, tmp_path / late.name)
    _run(root)
    before = read(root, PROTECTION)
    shutil.copy(kept, late)
    refused = observatoire(root, "run")
    assert (refused.returncode, "O8 en V2" in refused.stderr) == (1, True), refused.stdout + refused.stderr
    assert read(root, PROTECTION).organismes == before.organismes
    # where the programme lets it out, the difference is the latecomer's: the refusal is what protects it
    _configure(root, editions_successives="signaler")
    _run(root)
    found = attacked(together(read(root, PROTECTION), before), ["base_ponderee", "effectif_satisfaits"])
    assert any(bound.cell.organismes == {"O8"} and bound.width < 1e-6 for bound in found)


def _run(root: Path) -> None:
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr


def _configure(root: Path, **secret: object) -> None:
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["secret"] |= secret
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
