"""The building of an interview goes into the variance, and nowhere else: neither its name nor its pseudonym leaves."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.support.demo import observatoire
from tests.support.place import put
from tests.support.produced import produced
from tests.support.small_organismes import STREET, by_building, random_programme

pytestmark = pytest.mark.slow

# where interviews, and counts of them, are kept for the next run
INSIDE = ("lake/", "warehouse/observatoire.duckdb")


@pytest.fixture(scope="module")
def root() -> Path:
    def make(folder: Path) -> None:
        random_programme(folder, 3, protection=0.1, export_reponses=True)
        by_building(folder, "V2")

    root = put(make)
    # a line of each organisme without its building is a reject, quoted in the quarantine
    for path in (root / "landing/V2").glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[1] = lines[1].rpartition(";")[0] + ";"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def _pseudonyms(root: Path) -> set[str]:
    lots = [pl.read_parquet(path) for path in root.glob("lake/reponses/vague=V2/*.parquet")]
    return {unit for lot in lots for unit in lot["unite_primaire"]}


def test_a_building_is_found_in_nothing_that_leaves(root: Path) -> None:
    pseudonyms = [unit.encode() for unit in _pseudonyms(root)]
    assert len(pseudonyms) > 30
    named, known, looked_at = [], [], set()
    for where, data in produced(root):
        looked_at.add(where.split("/")[0])
        if STREET.casefold().encode() in data.decode("utf-8", "replace").casefold().encode():
            named.append(where)
        if not where.startswith(INSIDE) and any(unit in data for unit in pseudonyms):
            known.append(where)
    assert {"lake", "quarantine", "warehouse", "published", "reports", ".dagster"} <= looked_at
    assert named == []
    assert known == []


def test_the_search_would_find_it(root: Path) -> None:
    """Pseudonyms are in the lake and in the counts, and names are in what was delivered."""
    unit = min(_pseudonyms(root)).encode()
    assert {where.split("/")[0] for where, data in produced(root) if unit in data} == {"lake", "warehouse"}
    delivered = (root / "landing/V2").glob("*.csv")
    assert all(STREET in path.read_text(encoding="utf-8") for path in delivered)


def test_what_is_published_counts_buildings(root: Path) -> None:
    """Degrees of freedom are at most of interviews in the first wave, and of buildings where these are delivered."""
    with duckdb.connect(str(root / "warehouse/observatoire.duckdb"), read_only=True) as connection:
        rows = connection.sql(
            """
            with unites as (
                select vague, organisme_code as perimetre, count(distinct (strate, unite_primaire)) as unites
                from intermediaire.comptage group by all
            )
            select vague, max(ddl - base_brute), max(ddl - unites) from intermediaire.int_satisfaction
            inner join unites using (vague, perimetre)
            where perimetre_type = 'organisme' and axe = 'ensemble' and question_code = 'G1' group by all order by all
            """
        ).fetchall()
    assert [wave for wave, *_ in rows] == ["V1", "V2"]
    assert rows[0][1] < 0 < rows[0][2]
    assert rows[1][2] < 0
