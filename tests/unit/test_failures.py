"""What dbt says when it fails is put in words: the node, the real error, nothing of its dress."""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.operation.failures import consolidation_log, dbt_failures
from orchestration.settings import Settings


def _failed(root: Path, results: list[dict[str, object]]) -> list[str]:
    folder = Settings(root).dbt_target / "entrepot-1a2b"
    folder.mkdir(parents=True)
    (folder / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    return list(dbt_failures(Settings(root)))


def test_failed_models_and_tests_are_named_with_their_error(tmp_path: Path) -> None:
    error = (
        "Runtime Error in model int_strates (models/intermediate/int_strates.sql)\n"
        '  \x1b[31mBinder Error: Referenced column "parc" not found\x1b[0m\n  compiled code at target/x/int_strates.sql'
    )
    [said] = _failed(
        tmp_path,
        [
            {"unique_id": "model.observatoire.stg_vagues", "status": "success", "message": "OK"},
            {"unique_id": "model.observatoire.int_strates", "status": "error", "message": error},
            {
                "unique_id": "test.observatoire.not_null_x.0a1b",
                "status": "fail",
                "failures": 3,
                "message": "Got 3 results",
            },
            {"unique_id": "model.observatoire.fct_motif", "status": "skipped", "message": None},
        ],
    )
    assert said.startswith(
        "L'entrepôt n'est pas construit : table int_strates (Binder Error: Referenced column \"parc\" not found) ;"
        " contrôle not_null_x (3 lignes en défaut). Vérifier"
    )
    assert "\x1b" not in said


def test_what_dbt_said_before_it_had_results(tmp_path: Path) -> None:
    log = consolidation_log(Settings(tmp_path))
    log.parent.mkdir(parents=True)
    log.write_text(
        "\x1b[0m04:45:06  Running with dbt=1.11\n\x1b[0m04:45:07  Encountered an error:\nRuntime Error\n"
        "  IO Error: Could not set lock on file\n"
    )
    [said] = dbt_failures(Settings(tmp_path))
    assert said.startswith("L'entrepôt n'est pas construit : IO Error: Could not set lock on file.")


def test_nothing_said_is_nothing_told(tmp_path: Path) -> None:
    assert list(dbt_failures(Settings(tmp_path))) == []
