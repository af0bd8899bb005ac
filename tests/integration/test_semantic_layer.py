"""The metrics of dbt's semantic layer: each gives the published figure at its grain, and nothing where it would lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import Settings
from tests.support.dbt import dbt
from tests.support.semantic import SemanticLayer
from tests.support.small import published

CELL = ("vague", "question", "segment", "perimetre")
KEY = ("vague", "question_code", "segment_cle", "perimetre_cle")
CHANGE = ("evolution__vague_precedente", "evolution__methode")
# a metric → where its figure is published: the table, its column, what a row of it is besides a cell
PUBLISHED: dict[str, tuple[str, str, dict[str, str]]] = {
    "taux_satisfaits": ("fct_satisfaction", "taux_satisfaits", {}),
    "note_moyenne": ("fct_satisfaction", "note_moyenne", {}),
    **{
        bound: ("fct_satisfaction", bound, {})
        for bound in ("taux_ic_bas", "taux_ic_haut", "note_ic_bas", "note_ic_haut")
    },
    **{
        f"evolution_{name}": ("fct_evolution", column, dict(zip(CHANGE, ("vague_precedente", "methode"), strict=True)))
        for name, column in {
            "du_taux": "ecart_taux",
            "du_taux_ic_bas": "ecart_taux_ic_bas",
            "du_taux_ic_haut": "ecart_taux_ic_haut",
            "de_la_note": "ecart_note",
            "p_valeur": "p_valeur_ajustee",
        }.items()
    },
    **{
        f"ecart_du_taux{bound}": (
            "fct_comparaison",
            f"ecart_taux{bound}",
            {
                "comparaison__segment_compare_cle": "segment_compare_cle",
                "comparaison__comparaison_nature": "comparaison",
            },
        )
        for bound in ("", "_ic_bas", "_ic_haut")
    },
}
# not of a cell: held by tests of their own
OTHERS = {"taux_theme", "part_parc"}
REGION = "{{ Dimension('perimetre__perimetre_type') }} = 'region'"
EVERYBODY = "{{ Dimension('segment__axe') }} = 'ensemble'"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("semantique") / "programme")


@pytest.fixture(scope="module")
def layer(root: Path) -> SemanticLayer:
    dbt(root, "parse", target="semantique")
    return SemanticLayer(json.loads((root / "warehouse/semantique/semantic_manifest.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def edition(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file alone, under the name that dbt gives it."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{Settings(root).published / 'observatoire.duckdb'}' as publication (read_only)")
        yield connection


def test_each_metric_of_a_cell_is_its_published_figure(
    layer: SemanticLayer, edition: duckdb.DuckDBPyConnection
) -> None:
    assert {n for n, m in layer.metrics.items() if m["type"] == "derived"} == PUBLISHED.keys() | OTHERS
    for metric, (table, column, more) in PUBLISHED.items():
        told = edition.execute(layer.sql([metric], [*CELL, *more])).fetchall()
        key = ", ".join([*KEY, *more.values()])
        known = edition.execute(f"select {key}, {column} from publication.observatoire.{table}").fetchall()
        figures = {tuple(row[:-1]): row[-1] for row in told}
        assert len(figures) == len(told) == len(known) > 0, metric
        assert any(figure is not None for figure in figures.values()), metric
        for *cell, figure in known:
            assert figures[tuple(cell)] == pytest.approx(figure, abs=1e-9), (metric, cell)


def test_a_base_and_a_share_are_those_of_the_coverage_and_of_the_cells(
    layer: SemanticLayer, edition: duckdb.DuckDBPyConnection
) -> None:
    query = layer.sql(["organismes", "entretiens", "part_parc"], ["vague", "participation__statut"])
    known = (
        "select vague, statut, count(distinct organisme_code), sum(nb_entretiens), sum(part_parc)"
        " from publication.observatoire.obs_couverture group by all order by all"
    )
    assert edition.execute(f"{query} order by all").fetchall() == edition.execute(known).fetchall() != []
    bases = layer.sql(["reponses", "cellules", "cellules_masquees"], CELL)
    cells = f"select {', '.join(KEY)}, base_brute, 1, (statut in ('S', 'D'))::int from publication.observatoire.fct_satisfaction"
    assert edition.execute(f"({bases}) except all ({cells})").fetchall() == []
    assert edition.execute(f"select sum(cellules), sum(cellules_masquees) > 0 from ({bases})").fetchall() == (
        edition.execute("select count(*), true from publication.observatoire.fct_satisfaction").fetchall()
    )


def test_the_rate_of_a_theme_is_that_of_the_guide(layer: SemanticLayer, edition: duckdb.DuckDBPyConnection) -> None:
    query = layer.sql(["taux_theme", "nb_questions"], ["vague", "question__theme"], [REGION, EVERYBODY])
    guide = (
        "select s.vague, q.theme, sum(s.poids_satisfaits) / sum(s.base_ponderee)"
        " from publication.observatoire.fct_satisfaction as s"
        " inner join publication.observatoire.dim_question as q using (question_code)"
        " where s.perimetre_type = 'region' and s.axe = 'ensemble' and q.nature = 'satisfaction' group by all"
    )
    known = {(wave, theme): rate for wave, theme, rate in edition.execute(guide).fetchall()}
    told = edition.execute(query).fetchall()
    assert any(rate is not None for *_, rate, _ in told)
    assert {(wave, theme): rate for wave, theme, rate, _ in told} == pytest.approx(known)
    assert max(count for *_, count in told) > 1  # a theme of one question would show nothing


@pytest.mark.parametrize(
    ("metrics", "by"),
    [
        (["taux_satisfaits", "taux_theme", "note_moyenne"], ["vague", "question"]),
        (["taux_satisfaits", "taux_theme"], ["question", "segment__axe", "perimetre__perimetre_type"]),
        (["taux_satisfaits", "note_moyenne"], ["vague", "segment", "perimetre"]),
        (["taux_ic_bas", "note_ic_haut"], ["vague", "question", "perimetre"]),
        (["evolution_du_taux", "evolution_p_valeur"], ["vague", "question", "segment"]),
        (["ecart_du_taux", "ecart_du_taux_ic_bas"], ["vague", "question"]),
        (["part_parc"], ["participation__statut"]),
    ],
    ids=lambda told: " ".join(told),
)
def test_what_adds_up_to_nothing_true_is_empty(
    metrics: list[str], by: list[str], layer: SemanticLayer, edition: duckdb.DuckDBPyConnection
) -> None:
    """Axes, kinds of perimeter, waves or questions mixed; several cells where a figure does not add up."""
    told = edition.execute(f"select {', '.join(metrics)} from ({layer.sql(metrics, by)})").fetchall()
    assert told
    assert {figure for row in told for figure in row} == {None}
