"""The gate of coverage counts every expected organisme, whether or not its stock is known."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.publication.gates import coverage
from orchestration.publication.naming import SCHEMA
from tests.support.mini import mini_programme


def _candidate(root: Path, known: int, unknown: int) -> None:
    """Writes a candidate in whose current wave so many organismes delivered their stock, and so many delivered nothing."""
    path = mini_programme(root).settings.candidate
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [(f"O{i:03d}", "inclus", 100, 1 / (known + unknown)) for i in range(known)]
    rows += [(f"O{i:03d}", "attendu", None, 1 / (known + unknown)) for i in range(known, known + unknown)]
    rows.append(("Z", "non_concerne", None, None))
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        connection.execute(
            f"create table {SCHEMA}.obs_couverture"
            " (vague text default 'V2', organisme_code text, statut text, parc bigint, part_parc double)"
        )
        connection.executemany(
            f"insert into {SCHEMA}.obs_couverture (organisme_code, statut, parc, part_parc) values (?, ?, ?, ?)", rows
        )


@pytest.mark.parametrize(("known", "unknown", "passed"), [(25, 330, False), (353, 2, True)])
def test_absent_organismes_without_a_stock_are_counted(tmp_path: Path, known: int, unknown: int, passed: bool) -> None:
    _candidate(tmp_path, known, unknown)
    found = coverage(mini_programme(tmp_path))
    assert found.passed is passed
    assert found.figures["part_parc"] == pytest.approx(known / 355)
    assert f" {known} organismes sur 355 attendus ; {unknown} sans parc connu à cette vague" in found.sentence


def test_where_each_stock_is_known_only_shares_are_told(tmp_path: Path) -> None:
    _candidate(tmp_path, 3, 0)
    assert "sans parc connu" not in coverage(mini_programme(tmp_path)).sentence
