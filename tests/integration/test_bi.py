"""What analysts are told and given: the guide's queries answer, the Superset bundle follows the published catalogue."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import duckdb
import pytest
import yaml

from bench.queries import of_the_guide
from orchestration.publication.editions import Editions
from orchestration.reporting.formats import Formats
from orchestration.words import Words, languages
from scripts.superset_bundle import BUNDLE, archive, datasets, described
from tests.support.demo import REPOSITORY, Demo, next_edition

GUIDE = (REPOSITORY / "docs" / "bi.md").read_text(encoding="utf-8")
QUERIES = of_the_guide()
SHORT = 10
RELATIONS = [
    ("fct_satisfaction", "vague", "dim_vague"),
    ("fct_satisfaction", "question_code", "dim_question"),
    ("fct_satisfaction", "segment_cle", "dim_segment"),
    ("fct_comparaison", "segment_compare_cle", "dim_segment"),
    ("fct_evolution", "perimetre_cle", "dim_perimetre"),
    ("dim_perimetre", "perimetre_parent_cle", "dim_perimetre"),
    ("fct_distribution", "modalite_cle", "dim_modalite"),
    ("fct_motif", "modalite_cle", "dim_modalite"),
    ("dim_question", "theme_code", "dim_theme"),
    ("obs_indicateur", "theme_code", "dim_theme"),
    ("obs_indicateur", "question_code", "dim_question"),
    ("obs_couverture", "organisme_cle", "dim_organisme"),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("observatoire.", 1)[1].split()[0].strip(";"))
def test_a_query_of_the_guide_answers(query: str, demo: Demo) -> None:
    assert demo.query(query).height


def test_the_guide_asks_twenty_questions_and_answers_each_by_one_query() -> None:
    asked = re.findall(r"^\*\*(\d+)\. [^*]+ \?\*\*(?:(?!^\*\*|^## )[\s\S])*", GUIDE, re.MULTILINE)
    parts = re.split(r"^(?=\*\*\d+\. )|^## ", GUIDE, flags=re.MULTILINE)
    answered = [part for part in parts if re.match(r"\*\*\d+\. ", part)]
    assert asked == [str(number) for number in range(1, 21)]
    assert [len(re.findall(r"```sql\n-- une ligne par ", part)) for part in answered] == [1] * 20
    # short: what fits under its question, without scrolling
    assert max(query.count("\n") for query in QUERIES) <= SHORT


@pytest.mark.parametrize(
    "query", [query for query in QUERIES if query.startswith("--")], ids=lambda query: query.split("\n")[0]
)
def test_an_answer_has_one_row_of_the_grain_that_it_says(query: str, demo: Demo) -> None:
    """Whoever forgets a filter counts an answer once for each axis and perimeter: the grain would repeat."""
    said = re.match(r"-- une ligne par ([a-z_, ]+)\n", query)
    assert said
    grain = said[1].split(", ")
    answer = demo.query(query)
    assert answer.select(grain).is_duplicated().sum() == 0


def test_the_rate_of_a_theme_is_that_of_its_questions(demo: Demo) -> None:
    """Each question's published rate, weighted by its base; the region's, to the rounding of printed rates."""
    [query] = [query for query in QUERIES if query.startswith("-- une ligne par vague, theme\n")]
    cells = demo.query(
        "select s.vague, q.theme, s.taux_satisfaits, s.base_ponderee from observatoire.fct_satisfaction as s"
        " inner join observatoire.dim_question as q using (question_code)"
        " where s.perimetre = 'region' and s.segment = 'tous' and s.statut = 'V' and q.nature = 'satisfaction'"
    ).to_dicts()
    answers = [row for row in demo.query(query).to_dicts() if row["questions"]]
    assert len({row["theme"] for row in answers}) == 6
    for row in answers:
        own = [cell for cell in cells if (cell["vague"], cell["theme"]) == (row["vague"], row["theme"])]
        assert len(own) == row["questions"]
        weight = sum(cell["base_ponderee"] for cell in own)
        rate = sum(cell["taux_satisfaits"] * cell["base_ponderee"] for cell in own) / weight
        assert row["taux_satisfaits"] == pytest.approx(rate, abs=1e-4)


def test_a_territory_of_the_guide_has_its_name(demo: Demo) -> None:
    [query] = [query for query in QUERIES if query.startswith("-- une ligne par type_libelle, territoire\n")]
    named = {row["territoire"] for row in demo.query(query).to_dicts()}
    assert {"Centre-Val de Loire", "Loiret (siège des organismes)", "Offices publics de l'habitat"} <= named


def test_sums_of_numerators_give_the_published_whole(demo: Demo) -> None:
    """The guide's regrouping, against the axis of everybody: equal where nothing is masked, but for the segments' rounding."""
    [query] = [query for query in QUERIES if "note_somme" in query]
    regrouped = demo.query(query)
    whole = {row["vague"]: row for row in regrouped.to_dicts() if row["axe"] == "ensemble"}
    complete = [row for row in regrouped.to_dicts() if row["axe"] != "ensemble" and row["cases_masquees"] == 0]

    assert complete
    for row in complete:
        assert row["taux_satisfaits"] == pytest.approx(whole[row["vague"]]["taux_satisfaits"], abs=0.01)
        assert row["note_moyenne"] == pytest.approx(whole[row["vague"]]["note_moyenne"], abs=0.06)


@pytest.mark.parametrize(("table", "column", "dimension"), RELATIONS)
def test_a_relation_of_the_guide_holds(table: str, column: str, dimension: str, demo: Demo) -> None:
    """Every row finds one row of the dimension: one column is its primary key, and no value is an orphan."""
    assert re.search(rf"\| .* \| `{column}` \| `{dimension}` \|", GUIDE)
    key = demo.query(
        "select unnest(constraint_column_names) as key from duckdb_constraints()"
        f" where table_name = '{dimension}' and constraint_type = 'PRIMARY KEY'"
    )
    [known] = key["key"].to_list()
    orphans = demo.query(
        f"select {column} from observatoire.{table} where {column} is not null"
        f" except select {known} from observatoire.{dimension}"
    )
    assert orphans.height == 0


def test_one_column_leads_where_two_do_in_every_table_of_every_kind_of_file(demo: Demo) -> None:
    """Row by row: a join on the key, and one on the columns it is made of, find the same row, and one for each."""
    own = sorted((demo.root / "published" / "organismes").glob("*.duckdb"))
    tables: dict[Path, set[tuple[str, str]]] = {}
    for path in (demo.database, own[0], own[-1]):
        with duckdb.connect(str(path), read_only=True) as connection:
            for table, key, parts, dimension, names in _keys_of_two(connection):
                two = " and ".join(f"t.{part} = d.{name}" for part, name in zip(parts, names, strict=True))
                one = f"t.{key} = d.{dimension.removeprefix('dim_')}_cle"
                found = [
                    f"select t.rowid, d.libelle from observatoire.{table} as t inner join observatoire.{dimension} as d on {on}"
                    for on in (one, two)
                ]
                differing = f"select count(*) from (({found[0]}) except all ({found[1]}))"
                filled = f"select count(*) from observatoire.{table} where {parts[0]} is not null"
                counted = [connection.sql(f"select count(*) from ({query})").fetchall() for query in found]
                assert connection.sql(differing).fetchall() == [(0,)], (path, table, key)
                assert counted == [connection.sql(filled).fetchall()] * 2, (path, table, key)
                tables.setdefault(path, set()).add((table, key))
    regional, *others = tables.values()
    assert {"fct_satisfaction", "fct_comparaison", "fct_quartile"} <= {table for table, _ in regional}
    assert others == [regional] * 2


def _keys_of_two(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[str, str, tuple[str, ...], str, tuple[str, ...]]]:
    """Yields each key in one column of a file: its table, the columns it is made of, and where they lead."""
    parts = {
        "segment_cle": (("axe", "segment"), "dim_segment"),
        "segment_compare_cle": (("axe", "segment_compare"), "dim_segment"),
        "perimetre_cle": (("perimetre_type", "perimetre"), "dim_perimetre"),
        "perimetre_parent_cle": (("parent_type", "parent"), "dim_perimetre"),
        "modalite_cle": (("question_code", "modalite_code"), "dim_modalite"),
    }
    names = {dimension: own for own, dimension in list(parts.values())[::2]}
    columns = "select table_name, column_name from duckdb_columns() where schema_name = 'observatoire' order by all"
    for table, key in connection.execute(columns).fetchall():
        if key in parts:
            own, dimension = parts[key]
            if table == "fct_motif" and key == "modalite_cle":
                own = ("question_code", "motif")
            yield table, key, own, dimension, names[dimension]


def test_every_perimeter_of_an_organismes_file_has_its_name_and_no_other_organisme_has(demo: Demo) -> None:
    paths = sorted((demo.root / "published" / "organismes").glob("*.duckdb"))
    assert paths
    for path in paths:
        with duckdb.connect(str(path), read_only=True) as own:
            key = "perimetre_type, perimetre"
            known = own.sql(f"select {key} from observatoire.dim_perimetre order by all").fetchall()
            assert known == [("organisme", path.stem), ("region", "region")]
            tables = own.sql(
                "select table_name from duckdb_columns() where column_name = 'perimetre' and table_name like 'fct%'"
            ).fetchall()
            assert len(tables) > 5
            for (table,) in tables:
                named = f"select {key} from observatoire.dim_perimetre"
                assert own.sql(f"select {key} from observatoire.{table} except {named}").fetchall() == []


def test_an_open_connection_keeps_its_edition_and_the_next_sees_the_new_one(demo: Demo, tmp_path: Path) -> None:
    shutil.copytree(demo.root / "published", tmp_path / "published", symlinks=True)
    store = Editions(tmp_path / "published")
    before, after = next_edition(store)
    asked = "select edition from observatoire.meta_edition"

    with duckdb.connect(str(tmp_path / "published" / "observatoire.duckdb"), read_only=True) as connected:
        store.switch(after)
        assert connected.execute(asked).fetchone() == (before,)
        with duckdb.connect(str(tmp_path / "published" / "bi.duckdb"), read_only=True) as anew:
            assert anew.execute(asked).fetchone() == (after,)
        assert connected.execute(asked).fetchone() == (before,)


def test_the_bundle_says_what_the_warehouse_says(demo: Demo) -> None:
    """Otherwise: .venv/bin/python scripts/superset_bundle.py columns data/published/observatoire.duckdb."""
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        for path in datasets():
            assert path.read_text(encoding="utf-8") == described(connection, path), path.name


def test_the_bundle_names_nothing_of_the_programme() -> None:
    """Themes, questions, organismes and waves are read in the edition: the dashboard serves every programme."""
    names = {
        value
        for table, columns in {
            "themes": ("libelle",),
            "questions": ("question_code", "libelle"),
            "organismes": ("organisme_code", "nom"),
            "vagues": ("vague",),
        }.items()
        for row in _reference(table)
        for value in (row[column] for column in columns)
    }
    for path in BUNDLE.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)], path.name


def _reference(table: str) -> list[dict[str, str]]:
    with (REPOSITORY / "data" / "reference" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_archive_points_to_the_file_asked_for(tmp_path: Path) -> None:
    published = tmp_path / "programme déplacé" / "published" / "observatoire.duckdb"

    archive(published, tmp_path / "observatoire.zip")

    with zipfile.ZipFile(tmp_path / "observatoire.zip") as bundle:
        database = yaml.safe_load(bundle.read("observatoire/databases/Observatoire.yaml"))
    assert database["sqlalchemy_uri"].startswith("duckdb:////")
    assert "programme%20d%C3%A9plac%C3%A9" in database["sqlalchemy_uri"]
    assert database["extra"]["engine_params"]["connect_args"] == {"read_only": True}


def test_the_dictionary_beside_the_report_says_every_table_column_and_key(demo: Demo) -> None:
    page = (demo.root / "reports" / "courant" / "dictionnaire.html").read_text(encoding="utf-8")
    rows = [re.findall(r"(?s)<t[hd][ >].*?</t[hd]>", row) for row in re.findall(r"(?s)<tr>.*?</tr>", page)]
    told = {tuple(_words(cell) for cell in (row[0], row[1], row[3])) for row in rows if row}
    columns = demo.query(
        "select column_name, data_type, comment from duckdb_columns() where schema_name = 'observatoire' and not internal"
    )
    assert columns.height > 300
    french = Formats(Words.in_language("fr"))
    assert {(name, kind, _words(french.typography(said))) for name, kind, said in columns.rows()} <= told
    assert 'href="#dim_vague">→&nbsp;<code>dim_vague</code>' in page
    for language in languages():
        spoken = Words.in_language(language)
        assert [said for said in columns["comment"] if spoken.comment(said) is None] == [], language


def _words(cell: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split())
