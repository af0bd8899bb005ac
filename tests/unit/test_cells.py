"""How single cells are read, whatever the form: numbers, dates, bands, statuses of SPSS, errors of a spreadsheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from tests.support.hostile import ods, ods_cell, ods_row
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import TABLES, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.xls import write_xls


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


@pytest.mark.parametrize(
    ("decimal", "read"),
    [
        (None, {"1,5": 1.5, "1.5": 1.5, "1.234,5": 1234.5, "1,234.5": 1234.5, "1 234,5": 1234.5, "1'234.5": 1234.5, "1.234": 1.234, "1,234": 1.234, "1.234.567": 1234567.0, "2,000": 2.0}),
        (",", {"1,5": 1.5, "1.5": 1.5, "1.234,5": 1234.5, "1,234.5": 1234.5, "1.234": 1234.0, "1,234": 1.234, "2.000": 2000.0, "2,000": 2.0, "2.0": 2.0}),
        (".", {"1,5": 1.5, "1.5": 1.5, "1,234": 1234.0, "1.234": 1.234, "2,000": 2000.0, "2.000": 2.0, "3,00": 3.0}),
    ],
)  # fmt: skip
def test_decimals_and_thousands_are_read_as_they_are_declared(
    tmp_path: Path, decimal: str | None, read: dict[str, float]
) -> None:
    form = {"type": "csv", "encodage": "utf-8", "separateur": ";"} | ({"decimale": decimal} if decimal else {})
    # a weight may be as large as the stock: each value is an interview of an organisme that has so many tenants
    plan = [f"V2,O1,{s},9000000,10" for s in ("COL", "IND")]
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i), P=c) for i, c in enumerate(read)], header=[*row("1"), "P"])
    programme = mini_programme(tmp_path, tables={"plan_sondage": plan})
    write_contract(tmp_path, mini_contract(format=form, ponderation={"colonne": "P"}))
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    assert record.lignes_rejetees == 0
    assert sorted(answers(tmp_path, record)["poids"].to_list()) == sorted(read.values())


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%d/%m/%Y", ["15/10/2022", "15/10/2022 14:30", "15/10/2022 14h30", "15/10/2022 9:05:07", "2022-10-15T14:30:00Z", "2022-10-15 00:00:00"]),
        ("%d/%m/%Y %H:%M", ["15/10/2022 14:30", "2022-10-15"]),
        ("%d %b %Y", ["15 Oct 2022", "15 Oct 2022 08:00"]),
        ("%d/%m/%y", ["15/10/22"]),
        ("excel", ["44849", "44849,604", "44849.604", "2022-10-15"]),
        ("excel1904", ["43387", "43387,604"]),
    ],
)  # fmt: skip
def test_a_date_may_carry_a_time(tmp_path: Path, form: str, written: list[str]) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i), DATE=text) for i, text in enumerate(written)])
    [record] = ingest_all(tmp_path, mini_contract(date_entretien={"colonne": "DATE", "format": form}))
    assert answers(tmp_path, record)["date_entretien"].to_list() == [dt.date(2022, 10, 15)] * len(written)


@pytest.mark.parametrize("written", ["15/10/22", "15/10/20225", "15/10/2022 et après", "44849 environ", "1/2"])
def test_a_date_followed_by_anything_else_is_none(tmp_path: Path, written: str) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1", DATE=written), row("2")])
    [record] = ingest_all(tmp_path)
    assert rejects(tmp_path, record) == [(2, "DATE", written, "date_illisible")]


def test_a_workbook_that_counts_from_1904_gives_the_same_dates(tmp_path: Path) -> None:
    (tmp_path / "landing/V2").mkdir(parents=True)
    with xlsxwriter.Workbook(str(tmp_path / "landing/V2/a.xlsx"), {"date_1904": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(row("1")))
        page.write_row(1, 0, list(row("1").values()))
        page.write_datetime(
            1, 2, dt.datetime(2022, 10, 15, 14, 30), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        )
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}, date_entretien={"colonne": "DATE"}))
    assert answers(tmp_path, record)["date_entretien"].to_list() == [dt.date(2022, 10, 15)]


def test_bands_may_be_open_and_written_in_words(tmp_path: Path) -> None:
    segments = [line for line in TABLES["segments"][1] if not line.startswith("age")]
    segments += ["age,JEUNE,1,Moins de 50 ans,,49", "age,AGE,2,50 ans et plus,50,"]
    write_csv(
        tmp_path / "landing/V2/a.csv",
        [
            row(str(i), AGE=age)
            for i, age in enumerate(["18", "49,9", "50", "97", "50 ans et plus", "-3", "vieux", "inf"])
        ],
    )
    programme = mini_programme(tmp_path, tables={"segments": segments})
    body = mini_contract()
    body["axes"]["age"] = {"colonne": "AGE", "tranches": True, "codage": {"50 ans et plus": "AGE"}}
    write_contract(tmp_path, body)
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    assert sorted(answers(tmp_path, record)["age"].to_list()) == ["AGE"] * 3 + ["JEUNE"] * 2
    assert [r[2] for r in rejects(tmp_path, record)] == ["-3", "vieux", "inf"]


def test_user_missing_values_of_spss_are_codes_discrete_and_in_ranges(tmp_path: Path) -> None:
    (tmp_path / "landing/V2").mkdir(parents=True)
    rows = [row("1", Q1="9", Q2="8"), row("2", Q1="1", Q2="9"), row("3", Q1="", Q2="")]
    frame = pl.DataFrame(rows).with_columns(pl.col("Q1", "Q2").replace("", None).cast(pl.Float64))
    pyreadstat.write_sav(
        frame, str(tmp_path / "landing/V2/a.sav"), missing_ranges={"Q1": [9.0], "Q2": [{"lo": 8.0, "hi": 9.0}]}
    )
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "sav"}))
    found = answers(tmp_path, record).select("G1", "C1").rows()
    assert sorted(found) == [("NSP", "NC"), ("SR", "SR"), ("TS", "NSP")]


def test_an_error_in_an_old_or_a_free_workbook_is_no_blank(tmp_path: Path) -> None:
    header, *rows = [list(row("1")), *(list(row(str(i)).values()) for i in (1, 2))]
    rows[1][5] = "#N/A"
    folder = tmp_path / "xls/landing/V2"
    folder.mkdir(parents=True)
    write_xls(folder / "a.xls", [header, *rows])
    [record] = ingest_all(tmp_path / "xls", mini_contract(format={"type": "xls"}))
    assert rejects(tmp_path / "xls", record) == [(3, "Q1", "#N/A", "valeur_inconnue")]
    folder = tmp_path / "ods/landing/V2"
    folder.mkdir(parents=True)
    error = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value=""'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
        ' calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    lines = "".join(ods_row(cells) for cells in (header, *rows))
    ods(folder / "a.ods", lines.replace(ods_cell("#N/A"), error))
    [record] = ingest_all(tmp_path / "ods", mini_contract(format={"type": "ods"}))
    assert rejects(tmp_path / "ods", record) == [(3, "Q1", "#N/A", "valeur_inconnue")]
