"""Whatever is delivered, in whatever dialect, with whatever defect: every row is accounted for, every reject is placed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.election import install
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from tests.support.any_delivery import AnyDelivery, deliveries
from tests.support.ingestion import ingest_all, rejects
from tests.support.mini import mini_programme, row, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


_SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(_SETTINGS, max_examples=80)
@given(deliveries())
def test_every_row_is_accounted_for_and_every_reject_is_placed(delivered: AnyDelivery) -> None:
    _check(delivered)


@pytest.mark.long
@settings(_SETTINGS, max_examples=2_000)
@given(deliveries())
def test_every_row_is_accounted_for_in_many_more_deliveries(delivered: AnyDelivery) -> None:
    _check(delivered)


def _check(delivered: AnyDelivery) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _check_in(Path(folder), delivered)


def _check_in(root: Path, delivered: AnyDelivery) -> None:
    landing = root / "landing/V2"
    landing.mkdir(parents=True)
    expected: dict[str, set[tuple[int, str, str, str]]] = {}
    written: dict[str, int] = {}
    refused: dict[str, tuple[str, str]] = {}
    for age, version in enumerate(delivered.versions):
        path = landing / f"{age}{delivered.dialect.suffix}"
        lines = version.write(path, delivered.dialect)
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
        name = f"V2/{path.name}"
        written[name] = 0 if version.broken else len(version.interviews)
        expected[name] = set()
        if version.broken:
            refused[name] = version.broken
        else:
            own = version.rejects(delivered.dialect)
            expected[name] = {(at, *r) for at, found in zip(lines, own, strict=True) for r in found}
    records = ingest_all(root, delivered.contract)
    assert {r.fichier for r in records} == set(written)
    for record in records:
        assert record.lignes_lues == written[record.fichier], record.motif
        assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees
        assert set(rejects(root, record)) == expected[record.fichier]
        if record.fichier in refused:
            rule, said = refused[record.fichier]
            assert (record.statut, [q.regle for q in record.qualite]) == ("rejete", [rule])
            assert said in record.motif, record.motif
        else:
            left_out = sum(q.nb_lignes for q in record.qualite if q.regle == "lignes_ignorees")
            assert left_out == delivered.dialect.ignored

    inventory = take_inventory(mini_programme(root))
    lake = Lake(root)
    install(inventory.election, lake)
    write_control_tables(inventory, {}, mini_programme(root))
    fate = pl.read_parquet(lake.table("livraisons"))
    parts = fate["lignes_acceptees"] + fate["lignes_rejetees"] + fate["lignes_remplacees"]
    assert parts.to_list() == fate["lignes_lues"].to_list()
    counted = {r.fichier for r in inventory.records}
    assert fate["lignes_lues"].sum() == sum(n for name, n in written.items() if name in counted)
    # the same bytes twice are one delivery
    assert len(counted) + len(inventory.repeated) == len(written)
    in_the_lake = sum(pl.read_parquet(p).height for p in (root / "lake/reponses").rglob("*.parquet"))
    assert fate["lignes_acceptees"].sum() == in_the_lake


def test_one_irregular_line_in_a_thousand_costs_one_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "landing/V2/a.csv", [row(str(i)) for i in range(1_000)])
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[500] += ";x"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [record] = ingest_all(tmp_path)
    assert (record.lignes_lues, record.lignes_acceptees, record.lignes_rejetees) == (1_000, 999, 1)
    assert rejects(tmp_path, record) == [(501, "", "11 cellules au lieu de 10", "ligne_irreguliere")]


def test_irregular_lines_refuse_what_any_other_rejects_would(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "landing/V2/a.csv", [row(str(i)) for i in range(10)])
    lines = path.read_text(encoding="utf-8").splitlines()
    for at, end in ((1, ";x"), (2, ";x;y"), (3, ";;")):
        lines[at] += end
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [record] = ingest_all(tmp_path, rejets_maximum=0.2)
    assert (record.statut, record.lignes_rejetees) == ("rejete", 3)
    assert "3 lignes rejetées sur 10" in record.motif
