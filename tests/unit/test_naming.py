"""What the gate on names refuses in a candidate, table by table, without a whole run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.publication.gates import anonymous
from orchestration.settings import Settings

DECLARED = [
    ("dim_organisme", "organisme_code", True),
    ("dim_organisme", "nom", True),
    ("fct_note", "perimetre_type", False),
    ("fct_note", "perimetre", False),
    ("fct_note", "note", False),
    ("obs_couverture", "organisme_code", True),
    ("obs_couverture", "motif", True),
]


def _refused(root: Path, *statements: str) -> str:
    """The gate's sentence on a small candidate changed by SQL; empty where the gate lets it pass."""
    settings = Settings(root)
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create schema intermediaire")
        warehouse.execute(
            "create table intermediaire.int_declarations"
            " (mart varchar, colonne varchar, designe_organismes boolean, modele varchar, sortie varchar, rang int,"
            " role varchar, lignes_communes boolean)"
        )
        nothing = ", ".join(["null"] * 5)
        warehouse.executemany(f"insert into intermediaire.int_declarations values (?, ?, ?, {nothing})", DECLARED)
    with duckdb.connect(str(settings.candidate)) as candidate:
        candidate.execute("create schema observatoire")
        candidate.execute("create table observatoire.dim_organisme (organisme_code varchar, nom varchar)")
        candidate.execute("insert into observatoire.dim_organisme values ('AUBEPINE', 'Les Clés d''Aubépine')")
        candidate.execute("create table observatoire.fct_note (perimetre_type varchar, perimetre varchar, note double)")
        candidate.execute("insert into observatoire.fct_note values ('region', 'region', 7.4)")
        candidate.execute("create table observatoire.obs_couverture (organisme_code varchar, motif varchar)")
        candidate.execute("insert into observatoire.obs_couverture values ('AUBEPINE', 'chez AUBEPINE, rien')")
        for statement in statements:
            candidate.execute(statement)
    result = anonymous(settings)
    return "" if result.passed else result.sentence


def test_a_candidate_that_names_no_organisme_passes(tmp_path: Path) -> None:
    assert _refused(tmp_path) == ""


@pytest.mark.parametrize(
    "written",
    [
        "AUBEPINE",
        "aubepine",
        "chez AUBEPINE",
        "AUBEPINE_2022",
        "LES CLES  D'AUBEPINE",
        "selon les clés d\u2019Aubépine".replace("\u2019", "'"),
    ],
)
def test_a_name_is_seen_however_it_is_typed(tmp_path: Path, written: str) -> None:
    said = _refused(tmp_path, f"update observatoire.fct_note set perimetre = '{written.replace(chr(39), chr(39) * 2)}'")
    assert f"fct_note.perimetre porte « {written} »" in said


def test_a_row_about_an_organisme_is_refused_under_any_code(tmp_path: Path) -> None:
    said = _refused(tmp_path, "insert into observatoire.fct_note values ('organisme', md5('AUBEPINE'), 3.2)")
    assert "fct_note a des lignes d'organismes" in said


def test_what_stands_in_another_schema_is_refused(tmp_path: Path) -> None:
    said = _refused(tmp_path, "create schema x", "create view x.fct_note as select * from observatoire.fct_note")
    assert "x.fct_note.note n'est pas dans le schéma observatoire" in said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("comment on table observatoire.fct_note is 'Surtout chez AUBEPINE'", "fct_note désigne AUBEPINE"),
        ("comment on column observatoire.fct_note.note is 'Les clés d''Aubépine'", "fct_note.note désigne AUBEPINE"),
        ("create schema AUBEPINE", "AUBEPINE désigne AUBEPINE"),
        (
            "alter table observatoire.fct_note alter perimetre set default 'Les clés d''Aubépine'",
            "fct_note désigne AUBEPINE",
        ),
        ("create index chez_AUBEPINE on observatoire.fct_note (note)", "chez_AUBEPINE désigne AUBEPINE"),
        ("create macro observatoire.pire() as 'AUBEPINE'", "pire désigne AUBEPINE"),
        ("create macro observatoire.pire() as table select md5('x') as code, 3.2 as note", "pire n'est pas une table"),
        ("create view observatoire.vue as select 3.2 as note", "vue n'est pas une table"),
        ("create type observatoire.rang as enum ('AUBEPINE')", "rang désigne AUBEPINE"),
        ("create sequence observatoire.suite", "suite n'est pas une table"),
    ],
)
def test_what_the_catalogue_says_is_read(tmp_path: Path, statement: str, said: str) -> None:
    assert said in _refused(tmp_path, statement)


def test_a_declared_column_of_codes_holds_codes_and_not_a_word_more(tmp_path: Path) -> None:
    said = _refused(tmp_path, "update observatoire.obs_couverture set organisme_code = 'AUBEPINE 7,4'")
    assert "obs_couverture.organisme_code porte « AUBEPINE 7,4 », qui n'est pas dans dim_organisme" in said
