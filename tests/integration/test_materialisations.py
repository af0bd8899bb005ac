"""How a table and a view reach the warehouse: at once, with their comments, in place of whatever bore their name."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import Settings
from tests.support.dbt import dbt
from tests.support.small import published

TABLE, VIEW, PYTHON = "dim_theme", "stg_vagues", "int_secret_secondaire"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("faites") / "programme")


def _contents(root: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns the rows and comments of the three relations."""
    settings = Settings(root)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"attach '{settings.candidate}' as publication (read_only)")
        return {
            "rows": [
                row
                for relation in (f"publication.observatoire.{TABLE}", f"preparation.{VIEW}", f"intermediaire.{PYTHON}")
                for row in connection.sql(f"select '{relation}', * from {relation} order by all").fetchall()
            ],
            "comments": connection.sql(
                "select table_name, comment from duckdb_tables() union all"
                " select table_name || '.' || column_name, comment from duckdb_columns() order by all"
            ).fetchall(),
        }


def test_a_relation_is_made_in_one_statement_and_is_what_it_was(root: Path) -> None:
    before = _contents(root)
    comments = {str(name): str(comment) for name, comment in before["comments"]}
    assert comments[f"{TABLE}.theme_code"] != "None"
    # a measure tells its precision too
    assert "Dans le fichier régional, sous protection : " in comments["fct_satisfaction.base_brute"]
    said = dbt(root, "run", "--select", TABLE, VIEW, PYTHON, "--log-format", "json", "--log-level", "debug")
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    sent = [event["data"]["sql"].lower() for event in events if event["info"]["name"] == "SQLQuery"]
    for name in (TABLE, VIEW):
        # what dbt asks of a contract's columns makes nothing
        making = [sql for sql in sent if f'"{name}' in sql and ("create " in sql or "drop " in sql or "alter " in sql)]
        assert len(making) == 1, making
        assert "drop " in making[0] and "create " in making[0]
    assert not [sql for sql in sent if "__dbt_backup" in sql]
    assert _contents(root) == before


def test_a_relation_takes_the_place_of_one_of_another_sort(root: Path) -> None:
    before = _contents(root)
    settings = Settings(root)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"attach '{settings.candidate}' as publication")
        connection.execute(f"drop table publication.observatoire.{TABLE}")
        connection.execute(f"create view publication.observatoire.{TABLE} as select 1 as un")
        connection.execute(f"drop view preparation.{VIEW}")
        connection.execute(f"create table preparation.{VIEW} as select 1 as un")
        connection.execute(f"drop table intermediaire.{PYTHON}")
        connection.execute(f"create view intermediaire.{PYTHON} as select 1 as un")
    dbt(root, "run", "--select", TABLE, VIEW, PYTHON)
    assert _contents(root) == before
