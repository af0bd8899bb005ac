"""Files of Stata and SAS, repeated titles, escapes, bands of numbers: what is read, and what is refused in a sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import DeliveryError
from orchestration.extracts.contract_questions import bands_of
from orchestration.extracts.draft.sniff import sniff
from orchestration.extracts.form import Format
from orchestration.extracts.readers import read_tables
from orchestration.programme.texts import normalise
from tests.support.contracts import faults_of
from tests.support.forms import write_table
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import HEADER, SAT, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.sas import write_sas


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _landing(root: Path) -> Path:
    folder = root / "landing/V2"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


TYPED: dict[str, Any] = {"date_entretien": {"colonne": "DATE"}, "codages": {"sat": {**SAT, "a": "NSP"}}}


def test_missing_values_of_stata_are_codes_and_its_dates_are_dates(tmp_path: Path) -> None:
    rows = [{**row(str(i)), "DATE": dt.date(2022, 10, 15), "Q1": q} for i, q in enumerate([1.0, "a", None])]
    path = _landing(tmp_path) / "a.dta"
    pyreadstat.write_dta(pd.DataFrame(rows), str(path), missing_user_values={"Q1": ["a"]})
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "dta"}, **TYPED))
    assert sorted(answers(tmp_path, record)["G1"].to_list()) == ["NSP", "SR", "TS"]
    assert set(answers(tmp_path, record)["date_entretien"].to_list()) == {dt.date(2022, 10, 15)}


def test_missing_values_of_sas_are_codes_and_its_dates_are_dates(tmp_path: Path) -> None:
    header = list(row("1"))
    rows = [{**row(str(i)), "DATE": dt.date(2022, 10, 15), "Q1": q} for i, q in enumerate([1.0, "A", None])]
    write_sas(_landing(tmp_path) / "a.sas7bdat", header, [list(r.values()) for r in rows])
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "sas7bdat"}, **TYPED))
    assert sorted(answers(tmp_path, record)["G1"].to_list()) == ["NSP", "SR", "TS"]
    assert set(answers(tmp_path, record)["date_entretien"].to_list()) == {dt.date(2022, 10, 15)}


def _stata(path: Path) -> None:
    pyreadstat.write_dta(pd.DataFrame([row(str(i)) for i in range(50)]), str(path))


def _portable(path: Path) -> None:
    pyreadstat.write_por(pd.DataFrame([row(str(i)) for i in range(50)]), str(path))


def _sas(path: Path) -> None:
    write_sas(path, HEADER, [list(row(str(i)).values()) for i in range(50)])


FILES = {"dta": _stata, "por": _portable, "sas7bdat": _sas}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_package_than_declared_is_named(tmp_path: Path, kind: str) -> None:
    FILES[kind](_landing(tmp_path) / f"a.{kind}")
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "sav"}))
    assert f"illisible comme sav, c'est un fichier {kind}" in record.motif


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_stata_files_of_any_age_are_known(tmp_path: Path, version: int) -> None:
    path = _landing(tmp_path) / "a.dta"
    pyreadstat.write_dta(pd.DataFrame([row("1")]), str(path), version=version)
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "dta"}))
    assert record.lignes_acceptees == 1, record.motif


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_cut_file_is_a_sentence_or_loses_nothing_unsaid(tmp_path: Path, kind: str, share: float) -> None:
    path = _landing(tmp_path) / f"a.{kind}"
    FILES[kind](path)
    data = path.read_bytes().rstrip(b"Z\r\n ") if kind == "por" else path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    [record] = ingest_all(tmp_path, mini_contract(format={"type": kind}))
    assert record.statut == "rejete"
    assert f"a.{kind}" in record.motif


@pytest.mark.parametrize("kind", FILES)
def test_a_draft_looks_into_such_a_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    FILES[kind](path)
    found = sniff(path)
    assert found.form["type"][0] == kind
    assert found.frame.height == 50


def test_an_encoding_of_a_portable_file_is_a_fault(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    body = mini_contract(format={"type": "por", "encodage": "cp1252"})
    [problem] = faults_of(write_contract(tmp_path, body), programme)
    assert "format.encodage : un fichier SPSS portable est en ASCII" in problem


def test_repeated_titles_are_named_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table(path, ["Q", "Note", "Q", "Note", "Note"], [list("abcde")])
    [table] = read_tables(path, Format(type="csv", titres_doubles=True))
    assert table.frame.drop("__ligne").to_dicts() == [
        {"Q": "a", "Note": "b", "Q (2)": "c", "Note (2)": "d", "Note (3)": "e"}
    ]


def test_repeated_titles_are_refused_unless_the_contract_says_so(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")], header=[*HEADER, "Q1"])
    [record] = ingest_all(tmp_path)
    assert "colonnes en double (Q1)" in record.motif
    assert "titres_doubles: true" in record.motif


def test_a_title_that_is_a_repeat_s_name_is_refused(tmp_path: Path) -> None:
    write_table(_landing(tmp_path) / "a.csv", ["Q", "Q", "Q (2)"], [list("abc")])
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "csv", "titres_doubles": True}))
    assert "colonnes en double (Q (2))" in record.motif


@pytest.mark.parametrize("quote", ['"', None])
def test_what_is_escaped_is_read_as_it_stands(tmp_path: Path, quote: str | None) -> None:
    path = tmp_path / "a.csv"
    path.write_text('A;B;C\na\\;b;\\\\;\\"x\n1;2;3\n', encoding="utf-8")
    form = Format(type="csv", echappement="\\", guillemet=quote)
    [table] = read_tables(path, form)
    assert table.frame.rows() == [(2, "a;b", "\\", '"x'), (3, "1", "2", "3")]
    assert not table.ragged


def test_without_the_escape_such_a_line_is_irregular(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A;B\na\\;b;c\n", encoding="utf-8")
    [table] = read_tables(path, Format(type="csv"))
    assert table.ragged == {2: "3 cellules au lieu de 2"}


@pytest.mark.parametrize(
    ("written", "band"),
    [
        ("0-6", (0, 6)), ("0 - 6", (0, 6)), ("0 à 6", (0, 6)), ("0–6", (0, 6)), ("-5--1", (-5, -1)),
        ("1,5-2.5", (1.5, 2.5)), ("6-0", None), ("06-12-34", None), ("18-25 ans", None), ("7", None), ("2022-10", None),
    ],
)  # fmt: skip
def test_a_band_is_two_numbers_in_order(written: str, band: tuple[float, float] | None) -> None:
    assert bands_of({normalise(written): "X"}) == ([(*band, "X")] if band else [])


def test_a_number_is_coded_by_its_band_unless_it_has_a_code_of_its_own(tmp_path: Path) -> None:
    sat = {"0-2": "PDT", "3-4": "PPS", "5 à 7": "PS", "8-10": "TS", "4": "NSP", "99": "NSP", "8": "NC"}
    expected = {
        "0": "PDT", "2": "PDT", "3": "PPS", "3.0": "PPS", "4": "NSP", "7": "PS", "8": "NC", "9,5": "TS", "10": "TS",
        "99": "NSP", "": "SR", "2,5": None, "11": None, "-1": None, "abc": None,
    }  # fmt: skip
    rows = [row(str(i), Q1=q, Q2="", Q3="2", Q4="", Q5="") for i, q in enumerate(expected)]
    write_csv(tmp_path / "landing/V2/a.csv", rows)
    [record] = ingest_all(tmp_path, mini_contract(codages={"sat": sat}), rejets_maximum=1)
    assert {value for _, _, value, _ in rejects(tmp_path, record)} == {q for q, code in expected.items() if not code}
    assert sorted(answers(tmp_path, record)["G1"].to_list()) == sorted(filter(None, expected.values()))


def test_a_number_that_two_codes_claim_is_in_neither(tmp_path: Path) -> None:
    sat = {"0-5": "PDT", "5-6": "PPS", "6-7": "PPS", "8": "PS", "9": "TS"}
    write_csv(
        tmp_path / "landing/V2/a.csv", [row(str(i), Q1=q, Q2="", Q3="2", Q4="", Q5="") for i, q in enumerate("456")]
    )
    [record] = ingest_all(tmp_path, mini_contract(codages={"sat": sat}), rejets_maximum=1)
    assert rejects(tmp_path, record) == [(3, "Q1", "5", "valeur_inconnue")]
    assert sorted(answers(tmp_path, record)["G1"].to_list()) == ["PDT", "PPS"]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_a_stray_quote_costs_its_own_line(data: st.DataObject) -> None:
    """Quoted cells, some of several lines, and quotes that open and never close: each line is read, or counted."""
    text = st.sampled_from(["1", "2", "oui", "non", 'dit "bonjour"', "deux; mots", "deux\nlignes"])
    records = data.draw(st.lists(st.tuples(text, text, text), min_size=1, max_size=30))
    broken = data.draw(st.sets(st.integers(0, len(records) - 1), max_size=len(records)))
    lines, expected, stray = ["A;B;C"], {}, set()
    for number, cells in enumerate(records):
        begins = 1 + sum(line.count("\n") + 1 for line in lines)
        if number in broken:
            at = data.draw(st.integers(0, 2))
            lines.append(";".join('"x' if i == at else str(i) for i in range(3)))
            stray.add(begins)
        else:
            quoted = ['"' + cell.replace('"', '""') + '"' if {*cell} & {*'";\n'} else cell for cell in cells]
            lines.append(";".join(quoted))
            # a cell is cleaned of its line ends
            expected[begins] = tuple(" ".join(cell.split()) for cell in cells)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        [table] = read_tables(path, Format(type="csv"))
    got = {line: tuple(cells) for line, *cells in table.frame.iter_rows() if line not in table.ragged}
    assert (got, set(table.ragged)) == (expected, stray)
    assert set(table.ragged.values()) <= {"guillemet mal placé ou jamais fermé"}


def test_a_file_of_which_most_lines_are_in_another_dialect_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("A;B\n" + '1;"x\n' * 3_000, encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"ligne 2 : guillemet mal placé.*et plus de 1000 lignes de même"):
        read_tables(path, Format(type="csv"))
