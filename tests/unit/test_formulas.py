"""Formulas: one that is exported never starts, and one that is delivered counts for its value."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from orchestration.extracts.lake import Lake
from tests.support.ingestion import ingest_all, rejects
from tests.support.mini import mini_contract, row, write_csv


@pytest.mark.parametrize("value", ["=1+1", "+33 6", "-4x", "@SOMME(A1)"])
def test_what_is_exported_never_starts_a_formula(tmp_path: Path, value: str) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", Q1=value)])
    [record] = ingest_all(tmp_path)
    folder = Lake(tmp_path).quarantine(record.livraison)
    for name in ("rejets.csv", "valeurs_non_reconnues.csv"):
        text = (folder / name).read_text(encoding="utf-8-sig")
        assert f"'{value}" in text
        assert not re.search(r'(?m)(^|[;"])[=+@-]', text)


def test_a_formula_counts_for_its_value(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)
    book = xlsxwriter.Workbook(str(folder / "a.xlsx"))
    page = book.add_worksheet()
    page.write_row(0, 0, list(row("1")))
    page.write_row(1, 0, list(row("1").values()))
    page.write_formula(1, 5, "=1+1", value=2)
    book.close()
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert pl.read_parquet(tmp_path / str(record.lots[0].fichier))["G1"].to_list() == ["PS"]


def test_a_formula_in_error_is_no_blank(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)
    book = xlsxwriter.Workbook(str(folder / "a.xlsx"))
    book.add_worksheet("Avant").hide()
    page = book.add_worksheet("Données")
    page.activate()
    page.write_row(0, 0, list(row("1")))
    for i in (1, 2):
        page.write_row(i, 0, list(row(str(i)).values()))
    page.write_formula(2, 5, "=1/0", value="#DIV/0!")
    book.close()
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert rejects(tmp_path, record) == [(3, "Q1", "#DIV/0!", "valeur_inconnue")]
