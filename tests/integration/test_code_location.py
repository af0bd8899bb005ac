"""The Dagster code location: it loads lean, its graph reads as the flow, and dbt's unit tests hold in the warehouse it builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from tests.support.dbt import dbt
from tests.support.demo import Demo, observatoire
from tests.support.small import published

GRAPH = Path(__file__).with_name("asset_graph.txt")


def _run(code: str, demo: Demo) -> str:
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(demo.root)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_loading_it_imports_no_validator_no_dbt_and_no_engine(demo: Demo) -> None:
    code = """
import sys
from orchestration.definitions import defs
assert defs.resolve_job_def("consolidation")
print([m for m in ("great_expectations", "pandera", "pandas", "polars", "duckdb", "dbt") if m in sys.modules])
"""
    assert _run(code, demo).strip() == "[]"


def test_the_asset_graph_is_the_reviewed_one(demo: Demo) -> None:
    code = """
from orchestration.definitions import defs
graph = defs.resolve_asset_graph()
for key in sorted(graph.get_all_asset_keys(), key=lambda k: k.to_user_string()):
    node = graph.get(key)
    parents = " ".join(sorted(k.to_user_string() for k in node.parent_keys))
    print(f"{node.group_name} / {key.to_user_string()} <- {parents}".rstrip(" <-"))
"""
    found = _run(code, demo)
    if os.environ.get("ACCEPT_GRAPH"):
        GRAPH.write_text(found, encoding="utf-8")
    assert found == GRAPH.read_text(encoding="utf-8"), "the asset graph changed: review, then run with ACCEPT_GRAPH=1"


def test_every_asset_says_what_it_is_who_answers_for_it_and_where_it_leads(demo: Demo) -> None:
    code = """
from orchestration.definitions import defs
graph = defs.resolve_asset_graph()
nodes = [graph.get(k) for k in graph.get_all_asset_keys()]
silent = [n.key.to_user_string() for n in nodes if not (n.description and n.owners and n.kinds) or n.group_name == "default"]
tags = {t for n in nodes for t in ("observatoire/couche", "observatoire/lecture") if t not in n.tags}
links = {k: sorted(n.metadata) for n in nodes if (k := n.key.to_user_string()) in ("edition", "rapport_regional", "landing")}
print(silent, tags, sorted(links.items()))
"""
    links = "[('edition', ['data_docs', 'lecteurs', 'rapport']), ('landing', ['dossier']), ('rapport_regional', ['rapport'])]"
    assert _run(code, demo).strip() == f"[] set() {links}"


def test_nothing_a_run_leaves_in_the_interface_links_to_a_file() -> None:
    """A page served by http may not lead to a file: a path is told as one, to be copied."""
    with dg.DagsterInstance.from_config(str(published() / ".dagster")) as instance:
        runs = [entry.run_id for entry in instance.get_runs()]
        events = [entry.dagster_event for run in runs for entry in instance.all_logs(run) if entry.dagster_event]
    told = [e.step_materialization_data.materialization.metadata for e in events if e.is_step_materialization]
    told += [e.asset_check_evaluation_data.metadata for e in events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
    values = [(name, value) for metadata in told for name, value in metadata.items()]
    assert {"data_docs", "page", "pdf"} <= {name for name, value in values if isinstance(value, dg.PathMetadataValue)}
    assert [n for n, v in values if isinstance(v, dg.UrlMetadataValue) and str(v.url).startswith("file:")] == []


def test_dbt_unit_tests_hold(demo: Demo) -> None:
    said = dbt(demo.root, "test", "--select", "test_type:unit")
    manifest = json.loads((demo.root / "warehouse" / "unit" / "manifest.json").read_text(encoding="utf-8"))
    assert f"PASS={len(manifest['unit_tests'])} WARN=0 ERROR=0 SKIP=0" in said, said[-500:]


def test_check_and_status_read_the_programme(demo: Demo) -> None:
    checked = observatoire(demo.root, "check")
    assert (checked.returncode, "en règle" in checked.stdout) == (0, True), checked.stderr
    said = observatoire(demo.root, "status").stdout
    assert "2022-1.0" in said
    for path in (demo.root / "landing").glob("*/*"):
        assert f"{path.parent.name}/{path.name}" in said


@pytest.mark.parametrize("arguments", [["lancer"], ["diff", "1"], ["run", "--data", "/nulle/part/ici.txt", "x"]])
def test_a_wrong_call_is_usage(demo: Demo, arguments: list[str]) -> None:
    done = observatoire(demo.root, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
