"""The published file in the clients that tools are built on: SQLAlchemy as Superset has it, and node.

DuckDB 1.4.4, 1.5.6 and 2.0.0 in Python are held elsewhere (test_demo_run.py, test_readers_at_night.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.support.demo import REPOSITORY, Demo

pytestmark = pytest.mark.slow

NODE = REPOSITORY / "tests" / "clients" / "node"
CATALOGUE = """
    select table_name, column_name, comment from duckdb_columns()
    where schema_name = 'observatoire' and not internal order by table_name, column_index
"""
REFLECT = """
import json, sys
import sqlalchemy
engine = sqlalchemy.create_engine(sys.argv[1], connect_args={"read_only": True})
inspector = sqlalchemy.inspect(engine)
tables = {
    table: {
        "comment": inspector.get_table_comment(table, schema="observatoire")["text"],
        "key": inspector.get_pk_constraint(table, schema="observatoire")["name"],
        "columns": {column["name"]: column["comment"] for column in inspector.get_columns(table, schema="observatoire")},
    }
    for table in inspector.get_table_names(schema="observatoire")
}
json.dump({"version": sqlalchemy.__version__, "tables": tables}, sys.stdout)
"""


@pytest.fixture(scope="module")
def reflected(demo: Demo) -> dict[str, Any]:
    subprocess.run([REPOSITORY / "scripts" / "bootstrap.sh", "superset"], check=True)
    command = [REPOSITORY / ".superset" / "bin" / "python", "-W", "ignore", "-c", REFLECT, f"duckdb:///{demo.database}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_sqlalchemy_sees_every_table_column_and_comment(reflected: dict[str, Any], demo: Demo) -> None:
    assert reflected["version"].startswith("1.4.")
    seen = [
        (table, column, comment)
        for table, known in sorted(reflected["tables"].items())
        for column, comment in known["columns"].items()
    ]
    assert seen == demo.query(CATALOGUE).rows()
    comments = demo.query("select table_name, comment from duckdb_tables() where schema_name = 'observatoire'")
    assert {table: known["comment"] for table, known in reflected["tables"].items()} == dict(comments.rows())


def test_sqlalchemy_sees_the_keys_by_their_names_only(reflected: dict[str, Any]) -> None:
    """duckdb-engine reflects neither a key's columns nor foreign keys: relations are set by hand, after the guide."""
    assert reflected["tables"]["dim_question"]["key"] == "PRIMARY KEY(question_code)"
    assert reflected["tables"]["fct_satisfaction"]["key"] is None


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    """The command, once the client is installed beside its lock file."""
    command, npm = shutil.which("node"), shutil.which("npm")
    if command is None or npm is None:
        pytest.skip("node or npm is not installed (Debian: apt install nodejs npm)")
    if not (NODE / "node_modules" / ".package-lock.json").is_file():
        subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=NODE, check=True, capture_output=True
        )
    yield command


def _asked(node: str, database: Path, sql: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([node, NODE / "query.js", database], input=sql, capture_output=True, text=True, check=False)


def test_node_reads_figures_and_comments(node: str, demo: Demo) -> None:
    entrance = demo.root / "published" / "bi.duckdb"
    catalogue = _asked(node, entrance, CATALOGUE)
    assert [tuple(row.values()) for row in json.loads(catalogue.stdout)] == demo.query(CATALOGUE).rows()

    asked = "select question_code, vague, note_moyenne, statut from observatoire.obs_indicateur order by 1, 2"
    shown = pl.DataFrame(json.loads(_asked(node, entrance, asked).stdout), infer_schema_length=None)
    expected = demo.query(asked)
    assert shown.select(pl.exclude("note_moyenne")).rows() == expected.select(pl.exclude("note_moyenne")).rows()
    assert shown["note_moyenne"].cast(pl.Float64).to_list() == expected["note_moyenne"].to_list()


def test_node_takes_the_catalogue_s_name_from_the_path_as_given(node: str, demo: Demo) -> None:
    """Why tools on node are shown to bi.duckdb: by the other entrance, schema and catalogue would have one name."""
    asked = "select edition from observatoire.meta_edition"
    assert "Ambiguous reference" in _asked(node, demo.database, asked).stderr
