"""A measure is declared in one place: one added to a copy of the project is estimated, masked, published and described."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.described import tables
from tests.support.demo import REPOSITORY
from tests.support.small_organismes import random_programme

COLUMN = "part_mecontents"
COMMENT = "Part pondérée des réponses qui ne sont pas satisfaites."
DECLARATION = f"""- nom: mecontents
  valeur: >-
    {{{{ un_ou_zero('not est_satisfait') }}}}
  est_part: true
  colonnes:
    {COLUMN}: moyenne
"""
DESCRIBED = f"""      - name: {COLUMN}
        config: {{meta: {{precision: part}}}}
        description: "{COMMENT}"
        data_type: double
"""
MEASURES = "dbt_project/macros/mesures.sql"
MART = "dbt_project/models/marts/faits/_faits.yml"


@pytest.mark.slow
def test_a_measure_is_one_declaration_and_its_column(tmp_path: Path) -> None:
    project, root = _with_the_measure(tmp_path / "projet"), random_programme(tmp_path / "programme", 1)
    done = _run(project, root)
    assert done.returncode == 0, done.stdout + done.stderr
    published = root / "published"
    regional = _cells(published / "observatoire.duckdb", "region")
    assert {status for *_, status in regional} > {"V"}
    _are_complements(regional, within=0.1 + 1e-9)
    for file in sorted((published / "organismes").glob("*.duckdb")):
        own = _cells(file, "organisme")
        assert "V" in {status for *_, status in own}, file
        _are_complements(own, within=1e-4 + 1e-9)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'observatoire.duckdb'}' as edition (read_only)")
        described = {c.name: c.comment for t in tables(connection) if t.name == "fct_satisfaction" for c in t.columns}
    own, precision = described[COLUMN][: len(COMMENT)], described[COLUMN][len(COMMENT) :]
    assert own == COMMENT
    assert precision and described["part_promoteurs"].endswith(precision)  # as every share says how finely it goes out


def _with_the_measure(project: Path) -> Path:
    """Copies the project to `project` and adds the measure, in two files and nowhere else."""
    project.mkdir()
    for part in REPOSITORY.iterdir():
        if part.name in ("orchestration", "dbt_project"):
            shutil.copytree(part, project / part.name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
        elif part.name != ".git":
            (project / part.name).symlink_to(part)
    measures, mart = project / MEASURES, project / MART
    text = measures.read_text(encoding="utf-8")
    last = "- nom: nps\n"
    assert text.count(last) == 1
    measures.write_text(text.replace(last, DECLARATION + last), encoding="utf-8")
    text = mart.read_text(encoding="utf-8")
    after = "      - name: part_promoteurs\n"
    assert text.count(after) == 1
    mart.write_text(text.replace(after, DESCRIBED + after), encoding="utf-8")
    return project


def _run(project: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Runs the programme's night with the project's copy."""
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        "PYTHONPATH": str(project),
    }
    command = [sys.executable, "-m", "orchestration.cli", "run"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


Cell = tuple[float | None, float | None, str]


def _cells(file: Path, kind: str) -> list[Cell]:
    """Returns the new measure, the rate of the satisfied and the status of each cell of a kind of perimeter."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(
            f"select {COLUMN}, taux_satisfaits, statut from observatoire.fct_satisfaction where perimetre_type = ?",
            [kind],
        ).fetchall()


def _are_complements(cells: list[Cell], within: float) -> None:
    """What is not satisfied is the rest, where the cell is published; nothing, where it is masked.

    `within` is the step that shares are rounded to.
    """
    assert any(unsatisfied is not None for unsatisfied, _, _ in cells)
    for unsatisfied, satisfied, status in cells:
        if status != "V" or satisfied is None:
            assert (unsatisfied, satisfied) == (None, None)
        else:
            assert unsatisfied == pytest.approx(1 - satisfied, abs=within)
