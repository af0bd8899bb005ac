"""The same answers in every form they are delivered in: one lake."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import mini_contract, row, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai")


def _same_table(tmp_path: Path, name: str, write: Any, **changes: Any) -> bytes:
    root = tmp_path / name
    (root / "landing/V2").mkdir(parents=True)
    rows = [row("1"), row("2", ORG="O2", TC="I", Q2="", AGE="63"), row("3", Q1="9", Q3="2", Q4="", Q5="")]
    write(root / "landing/V2", rows)
    [record] = ingest_all(root, mini_contract(**changes))
    assert record.lignes_rejetees == 0, record
    return b"".join(
        (root / str(lot.fichier)).read_bytes() for lot in sorted(record.lots, key=lambda lot: str(lot.organisme_code))
    )


def test_the_same_table_in_five_forms_gives_the_same_lake(tmp_path: Path) -> None:
    def cp1252(folder: Path, rows: list[dict[str, str]]) -> None:
        write_csv(
            folder / "a.csv",
            [{**r, "ORG": {"O1": "Organisme Un", "O2": "L’Organisme Deux"}[r["ORG"]]} for r in rows],
            encoding="cp1252",
            above=["Étude", ""],
        )

    def workbook(folder: Path, rows: list[dict[str, str]]) -> None:
        book = xlsxwriter.Workbook(str(folder / "a.xlsx"))
        for sheet in ("O1", "L'Organisme Deux"):
            page = book.add_worksheet(sheet)
            page.write(0, 0, "Résultats")
            header = [c for c in rows[0] if c != "ORG"]
            page.write_row(2, 0, header)
            kept = [r for r in rows if (r["ORG"] == "O1") == (sheet == "O1")]
            for i, r in enumerate(kept):
                for j, c in enumerate(header):
                    value: Any = int(r[c]) if r[c].isdigit() else r[c]
                    if c == "DATE":
                        page.write_datetime(
                            3 + i,
                            j,
                            dt.datetime.strptime(r[c], "%d/%m/%Y"),
                            book.add_format({"num_format": "dd/mm/yyyy"}),
                        )
                    elif value != "":
                        page.write(3 + i, j, value)
        book.close()

    def sav(folder: Path, rows: list[dict[str, str]]) -> None:
        frame = pl.DataFrame(rows).with_columns(
            *(pl.col(c).replace("", None).cast(pl.Float64) for c in ("ID", "AGE", "Q1", "Q2", "Q3", "Q4")),
            pl.col("DATE").str.to_date("%d/%m/%Y"),
        )
        pyreadstat.write_sav(
            frame,
            str(folder / "a.sav"),
            missing_ranges={"Q1": [9.0]},
            variable_value_labels={"Q1": {1.0: "Très", 9.0: "NSP"}},
        )

    def parquet(folder: Path, rows: list[dict[str, str]]) -> None:
        frame = pl.DataFrame(rows).with_columns(
            pl.col("Q5").replace("", None).str.split("|"),
            pl.col("AGE").cast(pl.Int8),
            pl.col("DATE").str.to_date("%d/%m/%Y"),
        )
        frame.write_parquet(folder / "a.parquet")

    def plain(folder: Path, rows: list[dict[str, str]]) -> None:
        write_csv(folder / "a.csv", rows, encoding="utf-8-sig")

    reference = _same_table(tmp_path, "plain", plain)
    csv = {"type": "csv", "encodage": "cp1252", "separateur": ";", "lignes_avant_entete": 2}
    typed_date = {"colonne": "DATE"}
    assert _same_table(tmp_path, "cp1252", cp1252, format=csv) == reference
    book = {"type": "xlsx", "feuilles": ["*"], "lignes_avant_entete": 2}
    assert (
        _same_table(tmp_path, "xlsx", workbook, format=book, organisme={"feuille": True}, date_entretien=typed_date)
        == reference
    )
    assert _same_table(tmp_path, "sav", sav, format={"type": "sav"}, date_entretien=typed_date) == reference
    assert _same_table(tmp_path, "parquet", parquet, format={"type": "parquet"}, date_entretien=typed_date) == reference


def test_lines_are_counted_as_a_person_sees_them(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", Q1="7")], above=["Titre", "Sous-titre", ""])
    form = {"type": "csv", "encodage": "utf-8", "separateur": ";", "lignes_avant_entete": 3}
    [record] = ingest_all(tmp_path, mini_contract(format=form))
    assert [r[0] for r in rejects(tmp_path, record)] == [6]
    assert (tmp_path / "landing/V2/a.csv").read_text(encoding="utf-8").splitlines()[5].startswith("O1;2;")


def test_multi_response_in_three_forms_gives_the_same_list(tmp_path: Path) -> None:
    found = []
    for name, cells, rule in (
        ("oui_non", {"M_A": "1", "M_AB": "1", "M_0": "0"}, {"multiple": "oui_non", "colonnes": {"A": "M_A", "AB": "M_AB", "AUCUN": "M_0"}, "oui": ["1"], "non": ["0"]}),
        ("mentions", {"M_A": "2", "M_AB": "1", "M_0": ""}, {"multiple": "mentions", "colonnes": ["M_A", "M_AB", "M_0"], "codage": {"1": "A", "2": "AB"}}),
        ("liste", {"M_A": "ab ; a", "M_AB": "", "M_0": ""}, {"multiple": "liste", "colonne": "M_A", "separateur": ";", "codage": {"a": "A", "ab": "AB"}}),
    ):  # fmt: skip
        body = mini_contract(ignorees=["M_AB", "M_0"] if name == "liste" else [])
        body["questions"] = {**body["questions"], "M1": rule}
        header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "M_A", "M_AB", "M_0"]
        write_csv(tmp_path / name / "landing/V2/a.csv", [{**row("1"), **cells}], header=header)
        [record] = ingest_all(tmp_path / name, body)
        assert record.lignes_acceptees == 1, record
        found.append(answers(tmp_path / name, record)["M1"].to_list())
    assert found == [[["A", "AB"]]] * 3
