"""Deliveries come again, corrected, truncated, twice, or are taken back: which one is in force, and what it changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.errors import DeliveryError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.decisions import withdraw
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.differences import write_differences
from orchestration.extracts.election import install
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.programme import load_programme
from tests.support.counts import count_lines, counts_contract, write_lines
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _deliver(root: Path, *files: tuple[str, list[dict[str, str]]]) -> Inventory:
    """Delivers files, each a second after the one before, ingests them all and takes stock."""
    for age, (name, rows) in enumerate(files):
        path = write_csv(root / "landing/V2" / name, rows)
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    ingest_all(root)
    return _take_stock(root)


def _take_stock(root: Path) -> Inventory:
    programme = mini_programme(root)
    inventory = take_inventory(programme)
    lake = Lake(root)
    install(inventory.election, lake)
    write_control_tables(inventory, write_differences(inventory.election, lake, programme), programme)
    return inventory


def _in_force(inventory: Inventory) -> str:
    return inventory.election.elected["V2", "O1"][0].fichier


def _quality(root: Path, rule: str) -> list[str]:
    return pl.read_parquet(Lake(root).table("qualite")).filter(pl.col("regle") == rule)["exemple"].to_list()


def _rows(n: int, **cells: str) -> list[dict[str, str]]:
    return [row(str(i), **cells) for i in range(n)]


def test_a_correction_replaces_and_says_what_changed(tmp_path: Path) -> None:
    corrected = [*_rows(19), row("19", Q1="4"), row("20")]
    inventory = _deliver(tmp_path, ("a.csv", _rows(20)), ("b.csv", corrected))
    assert _in_force(inventory) == "V2/b.csv"
    assert _quality(tmp_path, "relivraison") == [
        "entretiens ajoutés : 1, retirés : 0, modifiés : 1 ; 1 question au-delà du seuil"
    ]
    [report] = (tmp_path / "lake/differences").glob("*.csv")
    moved = (
        pl.read_csv(report, separator=";").select("question_code", "modalite_code", "base_avant", "base_apres").rows()
    )
    assert set(moved) == {("G1", "TS", 20, 21), ("G1", "PDT", 0, 21)}
    livraisons = pl.read_parquet(Lake(tmp_path).table("livraisons")).sort("fichier")
    assert livraisons["lignes_remplacees"].to_list() == [20, 0]


def test_the_same_answers_again_are_no_difference(tmp_path: Path) -> None:
    inventory = _deliver(tmp_path, ("a.csv", _rows(20)), ("b.csv", _rows(20)[::-1]))
    assert _in_force(inventory) == "V2/b.csv"
    assert _quality(tmp_path, "relivraison") == []
    assert list((tmp_path / "lake/differences").glob("*.csv")) == []


def _interviews(n: int, satisfied: int) -> pl.DataFrame:
    return pl.DataFrame({"strate": ["COL"] * n, "poids": [1.0] * n}).with_columns(
        pl.lit(None, pl.String).alias("type_construction"),
        pl.lit(None, pl.String).alias("age"),
        pl.Series("G1", ["TS"] * satisfied + ["PDT"] * (n - satisfied)),
        pl.lit("TS").alias("C1"),
        pl.lit("OUI").alias("D1"),
        pl.lit("PS").alias("D2"),
        pl.Series("M1", [["A"]] * n),
    )


def _deliver_counts(root: Path, age: int, name: str, lines: list[dict[str, Any]]) -> None:
    path = write_lines(root / "landing/V2" / name, lines)
    os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))


@pytest.mark.parametrize(("size", "kept"), [(20, "b.csv"), (60, "b.csv"), (10, "a.csv")])
def test_a_redelivery_of_counts_is_measured_in_interviews(tmp_path: Path, size: int, kept: str) -> None:
    mini_programme(tmp_path)
    write_contract(tmp_path, counts_contract(organisme={"valeur": "O1"}))
    # the first is cut by age, and has more lines for as many interviews
    young = _interviews(20, 15).with_columns(pl.Series("age", ["JEUNE", "AGE"] * 10))
    _deliver_counts(tmp_path, 0, "a.csv", count_lines(young))
    _deliver_counts(tmp_path, 1, "b.csv", count_lines(_interviews(size, size // 2)))
    programme = load_programme(tmp_path)
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    assert _in_force(_take_stock(tmp_path)) == f"V2/{kept}"
    said = _quality(tmp_path, "relivraison_moindre")
    assert [one.split(" :")[0] for one in said] == (
        [f"{size} entretiens contre 20 en vigueur"] if kept == "a.csv" else []
    )


def test_corrected_counts_say_what_moved(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    write_contract(tmp_path, counts_contract(organisme={"valeur": "O1"}))
    for age, (name, satisfied) in enumerate((("a.csv", 15), ("b.csv", 5))):
        _deliver_counts(tmp_path, age, name, count_lines(_interviews(20, satisfied)))
    programme = load_programme(tmp_path)
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    _take_stock(tmp_path)
    assert _quality(tmp_path, "relivraison") == ["entretiens : 20 avant, 20 après ; 1 question au-delà du seuil"]
    [report] = (tmp_path / "lake/differences").glob("*.csv")
    moved = pl.read_csv(report, separator=";").select("question_code", "modalite_code", "part_avant", "part_apres")
    assert set(moved.rows()) == {("G1", "TS", 0.75, 0.25), ("G1", "PDT", 0.25, 0.75)}


def test_the_same_bytes_twice_change_nothing(tmp_path: Path) -> None:
    inventory = _deliver(tmp_path, ("a.csv", _rows(20)), ("z.csv", _rows(20)))
    assert _in_force(inventory) == "V2/a.csv"
    assert [d.path.name for d in inventory.repeated] == ["z.csv"]
    assert [r.fichier for r in inventory.records] == ["V2/a.csv"]


def test_a_truncated_redelivery_does_not_displace_a_whole_one(tmp_path: Path) -> None:
    inventory = _deliver(tmp_path, ("a.csv", _rows(20)), ("b.csv", _rows(18)))
    assert _in_force(inventory) == "V2/a.csv"
    [said] = _quality(tmp_path, "relivraison_moindre")
    assert said.startswith("18 entretiens contre 20 en vigueur")


def test_a_withdrawn_delivery_gives_its_place_back(tmp_path: Path) -> None:
    inventory = _deliver(tmp_path, ("a.csv", _rows(20)), ("b.csv", _rows(20, Q1="4")))
    record = inventory.election.elected["V2", "O1"][0]
    withdraw(Lake(tmp_path), record.sha256, record.fichier, "questionnaire d'essai")
    inventory = _take_stock(tmp_path)
    assert _in_force(inventory) == "V2/a.csv"
    assert pl.read_parquet(Lake(tmp_path).elected("V2", "O1"))["G1"].unique().to_list() == ["TS"]
    livraisons = pl.read_parquet(Lake(tmp_path).table("livraisons")).sort("fichier")
    assert livraisons["statut"].to_list() == ["accepte", "retiree"]
    assert livraisons["motif"].to_list() == [None, "Livraison retirée : questionnaire d'essai"]
    with pytest.raises(DeliveryError, match="déjà retirée"):
        withdraw(Lake(tmp_path), record.sha256, record.fichier, "encore")


def test_a_withdrawal_without_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="se motive"):
        withdraw(Lake(tmp_path), "0" * 64, "V2/a.csv", " ")


def _deliver_for(root: Path, *files: tuple[str, str, list[dict[str, str]]]) -> Inventory:
    """Delivers files whose names say the organisme (`<anything>_<code>.csv`), and takes stock."""
    programme = mini_programme(root)
    write_contract(root, mini_contract(organisme={"nom_fichier": r".*_(O\d)\.csv"}, ignorees=["ORG"]))
    for age, (name, organisme, rows) in enumerate(files, start=len(list((root / "landing").glob("V2/*")))):
        path = write_csv(root / "landing/V2" / f"{name}_{organisme}.csv", rows)
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    return _take_stock(root)


def _fates(root: Path) -> dict[str, str]:
    livraisons = pl.read_parquet(Lake(root).table("livraisons"))
    return dict(livraisons.select("fichier", "statut").rows())


def _others() -> list[dict[str, str]]:
    return [row(str(i), Q1="2") for i in range(12)]


def test_the_same_bytes_for_two_organismes_hold_both_back(tmp_path: Path) -> None:
    inventory = _deliver_for(tmp_path, ("a", "O1", _rows(20)), ("b", "O2", _rows(20)), ("c", "O3", _others()))
    assert set(inventory.election.elected) == {("V2", "O3")}
    assert inventory.repeated == []
    assert _fates(tmp_path) == {"V2/a_O1.csv": "rejete", "V2/b_O2.csv": "rejete", "V2/c_O3.csv": "accepte"}
    said = _quality(tmp_path, "livraisons_jumelles")
    assert len(said) == 2
    assert all(
        s == "V2/a_O1.csv (O1), V2/b_O2.csv (O2) : mêmes octets ; livrer le bon fichier, ou retirer celui qui n'est pas"
        " de son organisme"
        for s in said
    )
    [reason] = pl.read_parquet(Lake(tmp_path).table("livraisons")).filter(pl.col("organisme_code") == "O1")["motif"]
    assert reason.startswith("Mêmes entretiens livrés pour deux organismes (V2/a_O1.csv (O1), V2/b_O2.csv (O2)")


def test_a_twin_is_settled_by_withdrawing_one_of_the_two(tmp_path: Path) -> None:
    inventory = _deliver_for(tmp_path, ("a", "O1", _rows(20)), ("b", "O2", _rows(20)))
    [record] = [r for r in inventory.records if r.fichier == "V2/b_O2.csv"]
    withdraw(Lake(tmp_path), record.sha256, record.fichier, "fichier de O1")
    inventory = _take_stock(tmp_path)
    assert set(inventory.election.elected) == {("V2", "O1")}
    assert _fates(tmp_path) == {"V2/a_O1.csv": "accepte", "V2/b_O2.csv": "retiree"}
    with pytest.raises(DeliveryError, match="déjà retirée"):
        withdraw(Lake(tmp_path), record.sha256, record.fichier, "encore")


def test_a_twin_is_settled_by_sending_the_right_file(tmp_path: Path) -> None:
    _deliver_for(tmp_path, ("a", "O1", _rows(20)), ("b", "O2", _rows(20)))
    # far fewer interviews than the twin: what stood in its place is no measure of a loss
    inventory = _deliver_for(tmp_path, ("suite", "O2", _others()))
    elected = inventory.election.elected
    assert {key[1]: record.fichier for key, (record, _) in elected.items()} == {
        "O1": "V2/a_O1.csv",
        "O2": "V2/suite_O2.csv",
    }
    assert _quality(tmp_path, "relivraison_moindre") == []


def test_the_same_interviews_in_other_bytes_hold_both_back(tmp_path: Path) -> None:
    one = [row(str(i), Q1=str(1 + i // 20), DATE=f"{1 + i % 28:02d}/11/2022") for i in range(40)]
    renumbered = [{**line, "ID": f"B{line['ID']}"} for line in one[::-1]]
    inventory = _deliver_for(tmp_path, ("a", "O1", one), ("b", "O2", renumbered))
    assert inventory.election.elected == {}
    assert {s.split(" : ")[1].split(" ; ")[0] for s in _quality(tmp_path, "livraisons_jumelles")} == {
        "mêmes entretiens"
    }


def test_few_interviews_alike_are_no_twins(tmp_path: Path) -> None:
    inventory = _deliver_for(tmp_path, ("a", "O1", _rows(20)), ("b", "O2", _rows(20)[::-1]))
    assert set(inventory.election.elected) == {("V2", "O1"), ("V2", "O2")}
