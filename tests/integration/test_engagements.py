"""Commitments in what is published: public ones for all, what is overdue or unproven for its organisme alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.programme import load_programme
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from tests.support.demo import Demo, observatoire
from tests.support.engagements import declare_engagements
from tests.support.paper import everything, squeezed
from tests.support.small import small_programme

LINES = [
    # of all together, in words that name an organisme: public words, which every file may have
    "TOUS,,T1,G1|D1,Comme Organisme Un le fait,2020-01-01,2021-01-01,en_cours,",
    "TENU,O1,T1,G1|M1,Répondre vite chez Organisme Un,2020-01-01,2021-12-31,tenu,Registre",
    "SANS_PREUVE,O1,T1,G1,Dit tenu,2020-01-01,,tenu,",
    "ECHU,O2,T1,G1,En retard,2020-01-01,2021-12-31,prevu,",
    "ABANDON,O2,T1,,Abandonné à temps,2020-01-01,2021-12-31,abandonne,",
    "PENDANT,O3,T1,G1,Commencé pendant le terrain,2022-11-01,,en_cours,",
    "AVANT,O3,T1,G1,Commencé avant toute enquête,2015-01-01,,en_cours,",
]
EVERYBODY = {"TOUS"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small programme with its commitments, run once."""
    root = small_programme(tmp_path_factory.mktemp("engagements"), base_minimale=5)
    declare_engagements(root, LINES)
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def _ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as edition:
        return edition.sql(sql).fetchall()


def _codes(path: Path, table: str = "dim_engagement") -> set[str]:
    return {code for (code,) in _ask(path, f"select distinct engagement_code from observatoire.{table}")}


def test_the_regional_file_has_no_line_that_is_overdue_or_unproven(root: Path) -> None:
    path = root / "published/observatoire.duckdb"
    assert _codes(path) == {"TOUS", "TENU", "ABANDON", "PENDANT", "AVANT"}
    assert _codes(path, "pont_engagement_question") == {"TOUS", "TENU", "PENDANT", "AVANT"}
    said = "select engagement_code, organisme, situation, vague_depart from observatoire.dim_engagement order by ordre"
    assert _ask(path, said) == [
        ("TOUS", None, "echu", "V1"),
        ("TENU", "Organisme Un", "a_jour", "V1"),
        ("ABANDON", "L'Organisme Deux", "a_jour", "V1"),
        ("PENDANT", "Trois", "a_jour", "V1"),
        ("AVANT", "Trois", "a_jour", None),
    ]


def test_each_organisme_reads_its_own_and_everybodys(root: Path) -> None:
    own = {"O1": {"TENU", "SANS_PREUVE"}, "O2": {"ECHU", "ABANDON"}, "O3": {"PENDANT", "AVANT"}}
    for code, expected in own.items():
        path = root / f"published/organismes/{code}.duckdb"
        assert _codes(path) == expected | EVERYBODY, code
        assert _codes(path, "pont_engagement_question") == (expected | EVERYBODY) - {"ABANDON"}, code
    [found] = _ask(
        root / "published/organismes/O2.duckdb",
        "select situation from observatoire.dim_engagement where engagement_code = 'ECHU'",
    )
    assert found == ("echu",)


def test_a_leaflet_alone_lists_what_is_left_to_take_up_again(root: Path) -> None:
    public = [root / "reports/courant/index.html", *(root / "reports/courant/donnees").glob("*.csv")]
    text = "\n".join(path.read_text(encoding="utf-8", errors="ignore") for path in public)
    text += everything(root / "reports/courant/lettre.pdf")
    assert "Répondre vite" in text and "Dit tenu" not in text and "En retard" not in text
    for code, said, unsaid in (("O1", "Dit tenu", "En retard"), ("O2", "En retard", "Dit tenu")):
        folder = root / f"published/livrets/courant/{code}"
        for printed in ((folder / "index.html").read_text(encoding="utf-8"), everything(folder / "livret.pdf")):
            assert squeezed(said) in squeezed(printed) and squeezed(unsaid) not in squeezed(printed)


def test_what_is_told_since_is_the_published_change_of_whom_it_is_about(root: Path) -> None:
    programme = load_programme(root)
    regional, own = root / "published/observatoire.duckdb", root / "published/organismes/O1.duckdb"
    sql = (
        "select ecart_note from observatoire.fct_evolution where vague = 'V2' and vague_precedente = 'V1' and axe = 'ensemble'"
        " and question_code = 'G1' and methode = 'publie' and perimetre = '{}'"
    )
    contents = (
        (regional, "region", letter(regional, programme.config)),
        (own, "O1", leaflet(own, "O1", programme.config)),
    )
    for path, place, content in contents:
        told = {e["texte"]: e for e in content["themes"][0]["cote"]["engagements"]}
        change = told["Répondre vite chez Organisme Un"]["evolutions"][0]
        [(expected,)] = _ask(path, sql.format(place))
        assert expected is not None and float(change["ecart"]["valeur"]) == expected, place
        assert f"perimetre={place}" in change["ecart"]["cle"]
    told = {e["texte"]: e["absent"] for e in contents[0][2]["themes"][0]["cote"]["engagements"]}
    assert told["Commencé pendant le terrain"].startswith("Pas encore mesuré")
    assert told["Commencé avant toute enquête"].startswith("Sans évolution")


def test_the_demonstration_says_of_its_texts_what_it_is(demo: Demo) -> None:
    page = (demo.root / "reports/courant/index.html").read_text(encoding="utf-8")
    assert "personnage inventé" in page and 'class="demonstration"' in page
    assert (
        demo.query("select count(*) from observatoire.dim_engagement where organisme not like '%(fictif)'").item() == 0
    )


def test_a_programme_without_commitments_has_empty_tables(tmp_path: Path) -> None:
    root = small_programme(tmp_path, base_minimale=5)
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    for path in (root / "published/observatoire.duckdb", root / "published/organismes/O1.duckdb"):
        assert _codes(path) == _codes(path, "pont_engagement_question") == set()
