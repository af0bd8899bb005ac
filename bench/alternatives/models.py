"""Bare DuckDB on the project's own SQL, from the counts on: no test, comment, key or event.

Usage: python -m bench.alternatives.models MANIFEST WAREHOUSE FOLDER. Reference tables, the counts, which grow lot by
lot, and what models in Python make are taken from the warehouse first. Prints the seconds that the queries took.
"""

from __future__ import annotations

import json
import sys
import time
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

PYTHON = Path(__file__).resolve().parents[2] / "dbt_project" / "python"


def build(manifest: Path, warehouse: Path, folder: Path) -> float:
    """Builds the models in new files, and returns the seconds.

    Args:
        manifest: of `dbt compile`.
        warehouse: the file that dbt has built.
        folder: where the new files go; it is there, and empty.

    Raises:
        ValueError: a table has not as many rows as dbt's.
    """
    nodes: dict[str, dict[str, Any]] = {
        name: node
        for name, node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    order = TopologicalSorter(
        {name: [n for n in node["depends_on"].get("nodes", []) if n in nodes] for name, node in nodes.items()}
    )
    # of the same name as the file dbt builds, which its SQL names
    with duckdb.connect(str(folder / warehouse.name)) as connection:
        _functions(connection)
        connection.execute(f"attach '{folder / 'publication.duckdb'}' as publication")
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        for name in {(node["database"], node["schema"]) for node in nodes.values()}:
            connection.execute("create schema if not exists {}.{}".format(*name))
        left = []
        for node in (nodes[name] for name in order.static_order()):
            if node["resource_type"] == "seed" or node["language"] == "python" or _materialized(node) == "incremental":
                place = f"{node['schema']}.{node['name']}"
                connection.execute(f"create table {place} as from built.{place}")
            else:
                left.append(node)
        connection.execute("detach built")
        start = time.perf_counter()
        for node in left:
            place = f"{node['database']}.{node['schema']}.{node['name']}"
            connection.execute(f"create {_materialized(node)} {place} as {node['compiled_code']}")
        seconds = time.perf_counter() - start
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        for node in left:
            if _materialized(node) == "table" and node["database"] == warehouse.stem:
                place = f"{node['schema']}.{node['name']}"
                [(more,)] = connection.execute(
                    f"select (select count(*) from {place}) - (select count(*) from built.{place})"
                ).fetchall()
                if more:
                    raise ValueError(f"{place}: {more} rows more than in {warehouse}")
        return seconds


def _materialized(node: dict[str, Any]) -> str:
    return str(node["config"]["materialized"])


def _functions(connection: duckdb.DuckDBPyConnection) -> None:
    sys.path.insert(0, str(PYTHON))
    from student import p_student, quantile_student

    for function in (p_student, quantile_student):
        connection.create_function(function.__name__, function, ["DOUBLE", "DOUBLE"], "DOUBLE", type="arrow")


if __name__ == "__main__":
    print(build(*map(Path, sys.argv[1:])))
