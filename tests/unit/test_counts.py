"""Deliveries of counts: what they become in the lake, what is told about them, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.errors import ContractError
from orchestration.extracts import counts_lines
from orchestration.extracts.catalogue import rules
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.readers import plain_number
from orchestration.extracts.records import Record, read_record
from tests.support.contracts import load_contract
from tests.support.counts import AXES, OPTIONS, count_lines, counts_contract, write_lines
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

# a sender's table of one organisme: 100 interviews, a filter, a fractional count
LINE: dict[str, Any] = {
    "Landlord code": "O1", "Sample size2,3": "100", "Population": "1000",
    "very\u00a0satisfied (G1)": "40", "fairly satisfied (G1)": "30.5", "dissatisfied (G1)": "20", "very dissatisfied (G1)": "5",
    "C1 a": "1", "C1 b": "2", "C1 c": "3", "C1 d": "4", "yes": "60", "no": "40",
    "D2 a": "10", "D2 b": "20", "D2 c": "20", "D2 d": "[X]", "M a": "1", "M ab": "2", "M no": "1", "M n": "3",
    "% G1": "73.8", "% D1": "60.0",
}  # fmt: skip


def _contract(**changes: Any) -> dict[str, Any]:
    sat = ("TS", "PS", "PPS", "PDT")
    rules: dict[str, Any] = {
        "effectif": "Sample size", "population": "population", "statuts": {"[X]": "vide", "[E]": "exclu"},
        "modeles": {
            "lettres": {o: {"cherche": f"^{{question}} {letter}$"} for o, letter in zip(sat, "abcd", strict=True)},
        },
        "questions": {
            "G1": {
                "comptes": {
                    "TS": "Very satisfied (G1)", "PS": {"cherche": "^fairly satisfied"},
                    "PPS": {"cherche": "^dissatisfied"}, "PDT": {"cherche": "^very dissatisfied"},
                },
                "pourcentage": "% G1",
            },
            "C1": {"modele": "lettres"}, "D1": {"comptes": {"OUI": "yes", "NON": "no"}, "pourcentage": "% D1"},
            "D2": {"modele": "lettres"}, "M1": {"comptes": {"A": "M a", "AB": "M ab", "AUCUN": "M no", "*": "M n"}},
        },
    }  # fmt: skip
    form = {"type": "csv", "separateur": ";", "entete": {"cherche": "Landlord code"}}
    return counts_contract(
        format=form, organisme={"colonne": "Landlord code"}, strate={"valeur": "TOUT"}, comptages={**rules, **changes}
    )


def _take(root: Path, *lines: dict[str, Any], body: dict[str, Any] | None = None) -> Record:
    programme = mini_programme(root, tables={"plan_sondage": []})
    write_contract(root, body or _contract())
    write_lines(root / "landing/V2/tout.csv", [{**LINE, **line} for line in lines])
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees == len(lines)
    return record


def _cells(root: Path, record: Record, lot: int = 0) -> dict[tuple[str, str], float]:
    rows = answers(root, record, lot).filter(axe="ensemble")
    return {(r["question_code"], r["modalite_code"]): r["n"] for r in rows.to_dicts()}


def _remarks(record: Record, rule: str) -> list[str]:
    return [q.exemple for q in record.qualite if q.regle == rule]


def test_counts_are_what_counting_the_interviews_gives(tmp_path: Path) -> None:
    rows = [
        row(str(i), TC="CCI"[i % 3], AGE="" if i % 5 == 0 else str(30 + i), Q1="1234489"[i % 7], Q2="2" if i % 3 < 2 else "")
        for i in range(40)
    ]  # fmt: skip
    write_csv(tmp_path / "micro/landing/V2/a.csv", rows)
    micro = answers(tmp_path / "micro", ingest_all(tmp_path / "micro", mini_contract())[0])
    root = tmp_path / "comptes"
    programme = mini_programme(root)
    write_contract(root, counts_contract(organisme={"valeur": "O1"}))
    write_lines(root / "landing/V2/O1.csv", count_lines(micro))
    record = ingest(deliveries(programme, load_contracts(programme))[0], programme)
    assert record.statut == "accepte" and record.lots[0].interviews == 40
    got = answers(root, record)
    for axis in ("ensemble", *AXES):
        segment = pl.lit("tous") if axis == "ensemble" else pl.col(axis).fill_null("NR")
        for question in OPTIONS:
            told = micro.select("strate", segment.alias("segment"), pl.col(question).alias("modalite_code"))
            told = told.explode("modalite_code") if question == "M1" else told
            expected = told.group_by("strate", "segment", "modalite_code").len("n").sort(pl.all()).rows()
            mine = got.filter((pl.col("axe") == axis) & (pl.col("question_code") == question) & (pl.col("modalite_code") != "*"))  # fmt: skip
            assert mine.select("strate", "segment", "modalite_code", "n").sort(pl.all()).rows() == expected, (axis, question)  # fmt: skip


def test_what_the_counts_leave_is_filtered_or_unanswered_and_fractions_are_kept(tmp_path: Path) -> None:
    record = _take(tmp_path, {})
    cells = _cells(tmp_path, record)
    assert cells["G1", "PS"] == 30.5 and cells["G1", "SR"] == 4.5
    assert cells["C1", "FILTRE"] == 90 and ("C1", "SR") not in cells
    sums: dict[str, float] = {}
    for (question, _), n in cells.items():
        if question != "M1":
            sums[question] = sums.get(question, 0) + n
    assert sums == dict.fromkeys(("G1", "C1", "D1", "D2"), 100.0)
    assert cells["M1", "*"] == 3 and cells["M1", "FILTRE"] == 97
    assert record.lots[0].populations == {"TOUT": 1000} and record.lots[0].ponderation == "plan"


def test_an_axis_that_is_not_delivered_is_unknown_not_absent(tmp_path: Path) -> None:
    rows = answers(tmp_path, _take(tmp_path, {}))
    for axis in AXES:
        part = rows.filter(axe=axis)
        assert part["segment"].unique().to_list() == ["NR"]
        assert part["n"].sum() == rows.filter(axe="ensemble")["n"].sum()


def test_a_status_is_never_zero(tmp_path: Path) -> None:
    record = _take(tmp_path, {})
    cells = _cells(tmp_path, record)
    # one option is unknown: so is the question, for the whole sample
    assert {k: n for k, n in cells.items() if k[0] == "D2"} == {("D2", "SR"): 100}
    assert _remarks(record, "statut_vide") == ["fichier, ligne 4, D2 (PDT) : vide"]
    zero = _cells(tmp_path / "zero", _take(tmp_path / "zero", {"D2 d": "0"}))
    assert zero["D2", "FILTRE"] == 50 and ("D2", "PDT") not in zero


def test_a_published_percentage_is_compared_and_never_used(tmp_path: Path) -> None:
    right = _take(tmp_path / "juste", {})  # 70.5 / 95.5 = 73.822
    assert _remarks(right, "pourcentage_publie") == []
    record = _take(tmp_path / "faux", {"% G1": "73.7", "% D1": "0.6"})
    assert _remarks(record, "pourcentage_publie") == [
        "fichier, ligne 4, D1 : 0,6 % publié, 60 % d'après les comptes",
        "fichier, ligne 4, G1 : 73,7 % publié, 73,822 % d'après les comptes",
    ]
    assert _cells(tmp_path / "faux", record) == _cells(tmp_path / "juste", right)
    # a reason that quotes what was answered is for the organisme and who consolidates
    assert rules()["pourcentage_publie"].confidential


def test_weighted_counts_a_little_over_the_sample_are_brought_back_to_it(tmp_path: Path) -> None:
    record = _take(tmp_path / "peu", {"yes": "61", "no": "40"})
    cells = _cells(tmp_path / "peu", record)
    assert math.isclose(cells["D1", "OUI"], 6100 / 101) and math.isclose(cells["D1", "NON"], 4000 / 101)
    assert "ramenées" in _remarks(record, "comptes_ramenes_a_l_effectif")[0]
    record = _take(tmp_path / "trop", {"yes": "600"})
    assert _cells(tmp_path / "trop", record)["D1", "SR"] == 100
    assert "écartée" in _remarks(record, "comptes_impossibles")[0]
    assert rules()["comptes_ramenes_a_l_effectif"].confidential and rules()["comptes_impossibles"].confidential


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"yes": "soixante"}, "valeur_inconnue"),
        ({"yes": "-1"}, "compte_negatif"),
        ({"yes": "1e300"}, "nombre_demesure"),
        ({"yes": "inf"}, "nombre_demesure"),
        ({"yes": "NaN"}, "nombre_demesure"),
        ({"Sample size2,3": "1e308"}, "nombre_demesure"),
        ({"Population": "1e308"}, "nombre_demesure"),
        ({"Sample size2,3": "[X]"}, "effectif_invalide"),
        ({"Sample size2,3": "99.5"}, "effectif_invalide"),
        ({"Population": ""}, "population_absente"),
        ({"Population": "99"}, "population_inferieure"),
        ({"Landlord code": "inconnu"}, "organisme_inconnu"),
    ],
)
def test_a_line_that_cannot_be_counted_is_a_reject(tmp_path: Path, cells: dict[str, str], rule: str) -> None:
    record = _take(tmp_path, {"Landlord code": "O2"}, cells)
    assert [(line, said) for line, _, _, said in rejects(tmp_path, record)] == [(5, rule)]
    assert [lot.statut for lot in record.lots] == ["accepte", "rejete"]


def test_more_interviews_than_the_plan_has_tenants_are_a_reject(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path, tables={"plan_sondage": ["V2,O1,TOUT,99,10"]})
    write_contract(tmp_path, _contract())
    write_lines(tmp_path / "landing/V2/tout.csv", [{**LINE, "Population": ""}])
    record = ingest(deliveries(programme, load_contracts(programme))[0], programme)
    assert rejects(tmp_path, record) == [(4, "Sample size2,3", "100", "population_inferieure")]


@pytest.mark.parametrize("column", ["effectif poids", "effectif carre", "G1 TS poids", "G1 TS carre"])
def test_a_sum_of_weights_beyond_measure_is_a_reject(tmp_path: Path, column: str) -> None:
    write_csv(tmp_path / "micro/landing/V2/a.csv", [row(str(i)) for i in range(4)])
    micro = answers(tmp_path / "micro", ingest_all(tmp_path / "micro", mini_contract())[0])
    root = tmp_path / "comptes"
    programme = mini_programme(root)
    write_contract(root, counts_contract(weighted=True, organisme={"valeur": "O1"}))
    first, *others = count_lines(micro)
    write_lines(root / "landing/V2/O1.csv", [{**first, column: "1e300"}, *others])
    record = ingest(deliveries(programme, load_contracts(programme))[0], programme)
    assert (4, column, "1e300", "nombre_demesure") in rejects(root, record)


def test_a_repeated_line_is_a_reject(tmp_path: Path) -> None:
    record = _take(tmp_path, {}, {})
    assert [(line, rule) for line, _, _, rule in rejects(tmp_path, record)] == [(5, "doublon")]


def test_columns_that_nobody_reads_are_told(tmp_path: Path) -> None:
    record = _take(tmp_path, {"Management info": "3"})
    assert _remarks(record, "colonnes_non_lues") == ["tout.csv : Management info"]


def test_a_column_must_be_found_and_be_alone(tmp_path: Path) -> None:
    record = _take_refused(tmp_path / "absente", _contract(effectif="Effectif"))
    assert "tout.csv : colonnes du contrat i-v2-comptes absentes du fichier : Effectif ;" in record.motif
    record = _take_refused(tmp_path / "double", _contract(effectif={"cherche": "satisfied"}))
    assert "plusieurs colonnes répondent à « satisfied »" in record.motif


def test_a_column_that_only_checks_the_counts_may_be_missing(tmp_path: Path) -> None:
    body = _contract()
    body["comptages"]["questions"]["G1"]["pourcentage"] = "Pourcentage publié"
    record = _take(tmp_path, {}, body=body)
    assert record.statut != "rejete"
    [said] = _remarks(record, "controle_absent")
    assert said == "tout.csv : Pourcentage publié (G1, pourcentage) ; les comptes sont lus sans ce contrôle"


def _take_refused(root: Path, body: dict[str, Any]) -> Record:
    programme = mini_programme(root)
    write_contract(root, body)
    write_lines(root / "landing/V2/tout.csv", [LINE])
    return ingest(deliveries(programme, load_contracts(programme))[0], programme)


def test_a_workbook_that_moves_is_still_read(tmp_path: Path) -> None:
    """Rows added above, columns shuffled and added, other footnotes: the same counts."""
    first = _cells(tmp_path / "a", _take(tmp_path / "a", {}))
    root = tmp_path / "b"
    programme = mini_programme(root, tables={"plan_sondage": []})
    write_contract(root, _contract())
    moved = {k.replace("size2,3", "size4"): v for k, v in reversed([*LINE.items(), ("Nouvelle", "1")])}
    path = write_lines(root / "landing/V2/tout.csv", [moved])
    path.write_text("Titre\n\nEncore\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    record = ingest(deliveries(programme, load_contracts(programme))[0], programme)
    assert _cells(root, record) == first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"modeles": {}}, "questions.C1.modele : « lettres » est inconnu"),
        ({"effectif": {"cherche": "("}}, "n'est pas une expression régulière"),
        (
            {"questions": {"G1": {"comptes": {"TS": "a"}}}},
            "« C1 », posée en V2 d'après questions_vagues.csv, n'est rattachée",
        ),
    ],
)
def test_a_contract_of_counts_is_checked(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    programme = mini_programme(tmp_path)
    path = write_contract(tmp_path, _contract(**changes))
    with pytest.raises(ContractError, match=r"i-v2-comptes\.yaml") as caught:
        load_contract(path, programme)
    assert said in str(caught.value)


def test_an_option_without_a_column_is_refused(tmp_path: Path) -> None:
    programme, body = mini_programme(tmp_path), _contract()
    del body["comptages"]["questions"]["D1"]["comptes"]["NON"]
    with pytest.raises(ContractError, match="la colonne de la modalité « NON »"):
        load_contract(write_contract(tmp_path, body), programme)


def test_a_contract_is_of_one_nature(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    for body in (mini_contract(nature="comptages"), counts_contract(nature="entretiens")):
        with pytest.raises(ContractError):
            load_contract(write_contract(tmp_path, body), programme)


def test_a_record_of_counts_is_read_back(tmp_path: Path) -> None:
    record = _take(tmp_path, {})
    assert read_record(tmp_path / f"lake/registre/{record.livraison}.json") == record


def test_numbers_are_converted_once_for_all_the_organismes_of_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted: list[str | None] = []

    def conversion(texts: pl.Expr, decimal: str | None = None) -> pl.Expr:
        converted.append(decimal)
        return plain_number(texts, decimal)

    monkeypatch.setattr(counts_lines, "plain_number", conversion)
    numbers = {}
    for name, codes in (("un", ("O1",)), ("deux", ("O1", "O2"))):
        converted.clear()
        record = _take(tmp_path / name, *({"Landlord code": code} for code in codes))
        assert record.lignes_acceptees == len(codes)
        numbers[name] = len(converted)
    assert numbers["un"] == numbers["deux"] > 0
