"""From an empty folder to a published edition: the guide's own example, of no housing; and folders in which no run begins."""

from __future__ import annotations

import statistics
from pathlib import Path

import duckdb
import pytest

from tests.support.demo import REPOSITORY, observatoire
from tests.support.guide import follow, section
from tests.support.library_survey import scores, write_survey
from tests.support.small import published as published_programme

GUIDE = (REPOSITORY / "docs/programme.md").read_text(encoding="utf-8")
LINES_AT_MOST = 120


@pytest.mark.slow
def test_an_extract_becomes_an_edition_in_a_few_lines_and_none_of_its_answers_is_turned_round(tmp_path: Path) -> None:
    extract = write_survey(tmp_path / "lecteurs.csv")
    text = section(GUIDE, "Depuis un extrait")
    assert follow(tmp_path, text) <= LINES_AT_MOST
    root = tmp_path / "lecteurs"
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    [told] = [line for line in text.splitlines() if line.startswith("Edition ")]
    assert told in done.stdout.splitlines()
    with duckdb.connect(str(root / "published/observatoire.duckdb"), read_only=True) as published:
        found = {
            question: (note, rate)
            for question, note, rate in published.execute(
                "select question_code, note_moyenne, taux_satisfaits from observatoire.fct_satisfaction"
                " where perimetre_type = 'region' and axe = 'ensemble' and statut = 'V' and note_moyenne is not null"
            ).fetchall()
        }
    assert set(found) == {"Q1", "Q2", "Q3", "Q4", "Q5", "Q7"}
    for question, (note, rate) in found.items():
        given = scores(extract, question)
        # the institute's codes of Q5 go the other way
        right = [7 - score for score in given] if question == "Q5" else given
        assert note == pytest.approx(statistics.mean(right), abs=0.0006), question
        assert rate == pytest.approx(sum(score >= 4 for score in right) / len(right), abs=0.00006), question
    assert (root / "reports/courant/index.html").is_file()


def test_a_path_that_dbt_cannot_take_is_refused_at_once(tmp_path: Path) -> None:
    root = published_programme(tmp_path / "l'été")
    done = observatoire(root, "run")
    assert (done.returncode, "renommer le dossier" in done.stderr) == (1, True), done.stderr


def test_a_missing_programme_is_one_sentence(tmp_path: Path) -> None:
    done = observatoire(tmp_path, "run")
    assert done.returncode == 1
    assert "pas de programme.yaml ici" in done.stderr
    assert "Traceback" not in done.stderr
