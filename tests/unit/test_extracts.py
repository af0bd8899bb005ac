"""From a delivered file to the lake, on files written here by hand: what is accepted, what is rejected, where and why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.errors import ContractError
from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.election import elect, install
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.personal_data import MASK
from orchestration.extracts.records import ACCEPTED, REFUSED
from tests.support.contracts import load_contract
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import TABLES, mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def test_a_valid_row_becomes_codes(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    [record] = ingest_all(tmp_path)
    assert record.statut == ACCEPTED
    [answer] = answers(tmp_path, record).to_dicts()
    assert answer.pop("entretien") != "1"
    assert answer == {
        "vague": "V2", "organisme_code": "O1", "date_entretien": dt.date(2022, 10, 15), "strate": "COL", "unite_primaire": None,
        "poids": 1.0,
        "type_construction": "COL", "age": "JEUNE", "G1": "TS", "C1": "PS", "D1": "OUI", "D2": "PPS", "M1": ["A", "AB"],
    }  # fmt: skip


def test_blanks_take_the_status_their_filter_gives_them(tmp_path: Path) -> None:
    rows = [
        row("1", TC="I", Q2="", Q3="2", Q4="", Q5=""),
        row("2", Q1="", Q3="", Q4="", Q5=""),
        row("3", Q4="1", Q5=""),
        row("4", Q5=""),
    ]
    write_csv(tmp_path / "landing/V2/a.csv", rows)
    [record] = ingest_all(tmp_path)
    found = {
        tuple(r) for r in answers(tmp_path, record).select("G1", "C1", "D1", "D2", pl.col("M1").list.join("|")).rows()
    }
    assert found == {
        ("TS", "FILTRE", "NON", "FILTRE", "FILTRE"),
        ("SR", "PS", "SR", "FILTRE", "FILTRE"),
        ("TS", "PS", "OUI", "TS", "FILTRE"),
        ("TS", "PS", "OUI", "PPS", "SR"),
    }


def test_a_question_not_asked_in_the_wave_is_said_so(tmp_path: Path) -> None:
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"]
    write_csv(tmp_path / "landing/V1/a.csv", [row("1", DATE="15/10/2019")], header=header)
    [record] = ingest_all(tmp_path, mini_contract("V1"))
    assert answers(tmp_path, record)["M1"].to_list() == [["NON_POSE"]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Q1": "7"}, ("Q1", "7", "valeur_inconnue")),
        ({"TC": "X"}, ("TC", "X", "valeur_inconnue")),
        ({"AGE": "-4"}, ("AGE", "-4", "valeur_inconnue")),
        ({"Q5": "a|zz"}, ("Q5", "a|zz", "valeur_inconnue")),
        ({"DATE": "15/10/2021"}, ("DATE", "15/10/2021", "hors_fenetre")),
        ({"DATE": "demain"}, ("DATE", "demain", "date_illisible")),
        ({"DATE": ""}, ("DATE", "", "date_illisible")),
        ({"ID": ""}, ("ID", "", "identifiant_absent")),
        ({"TC": "I"}, ("Q2", "2", "filtre_contredit")),
        ({"Q3": "2", "Q5": ""}, ("Q4", "3", "filtre_contredit")),
        ({"Q4": "1"}, ("Q5", "a|ab", "filtre_contredit")),
        ({"TC": ""}, ("TC", "", "strate_inconnue")),
        ({"ORG": "Inconnu"}, ("ORG", "Inconnu", "organisme_inconnu")),
    ],
)
def test_a_defect_is_rejected_with_its_line_and_rule_and_nothing_else_is(
    tmp_path: Path, cells: dict[str, str], expected: tuple[str, str, str]
) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", **cells), row("3")])
    [record] = ingest_all(tmp_path)
    assert rejects(tmp_path, record) == [(3, *expected)]
    assert (record.lignes_lues, record.lignes_acceptees, record.lignes_rejetees) == (3, 2, 1)


def test_the_second_of_two_interviews_is_the_duplicate_unless_the_first_was_rejected(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("1"), row("2", Q1="7"), row("2"), row("1", ORG="O2")])
    [record] = ingest_all(tmp_path)
    assert rejects(tmp_path, record) == [(3, "ID", MASK, "doublon"), (4, "Q1", "7", "valeur_inconnue")]
    assert {lot.organisme_code: lot.lignes_acceptees for lot in record.lots} == {"O1": 2, "O2": 1}


def test_an_unknown_routing_answer_is_one_defect_not_two(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", Q3="7")])
    [record] = ingest_all(tmp_path)
    assert rejects(tmp_path, record) == [(3, "Q3", "7", "valeur_inconnue")]


def test_not_concerned_is_compatible_with_a_filter(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1", TC="I", Q2="8")])
    [record] = ingest_all(tmp_path)
    assert answers(tmp_path, record)["C1"].to_list() == ["NC"]


def test_the_unit_of_an_interview_is_kept_under_a_pseudonym_and_one_without_is_rejected(tmp_path: Path) -> None:
    rows = [
        row("1", BAT="12 rue A"),
        row("2", BAT="12 RUE A"),
        row("3"),
        row("4", BAT="4"),
        row("5", BAT="12 rue A", ORG="O2"),
    ]
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=[*row("1"), "BAT"])
    [record] = ingest_all(tmp_path, mini_contract(unite_primaire={"colonne": "BAT"}))
    assert rejects(tmp_path, record) == [(4, "BAT", "", "unite_absente")]
    kept = answers(tmp_path, record)
    units = kept["unite_primaire"].to_list()
    # two spellings of one building, and interview 4 of building 4
    assert len({*units}) == 2
    assert {len(unit) for unit in units} == {16}
    assert not {*units} & {*kept["entretien"]}
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "landing" not in path.parts]
    assert not [text for text in written if b"12 rue" in text.lower()]
    elsewhere = pl.read_parquet(tmp_path / str(next(lot.fichier for lot in record.lots if lot.organisme_code == "O2")))
    assert not {*elsewhere["unite_primaire"]} & {*units}


def test_delivered_weights_are_read_with_a_comma_and_must_be_positive(tmp_path: Path) -> None:
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5", "P"]
    rows = [
        {**row("1"), "P": "1,25"},
        {**row("2"), "P": "0"},
        {**row("3"), "P": "-1,5"},
        {**row("4"), "P": "x"},
        {**row("5"), "P": "2"},
        {**row("6"), "P": "inf"},
        {**row("7"), "P": "NaN"},
    ]
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=header)
    [record] = ingest_all(
        tmp_path, mini_contract(ponderation={"colonne": "P"}, effet_plan=1.6, terrain={"appeles": 40})
    )
    assert sorted(answers(tmp_path, record)["poids"].to_list()) == [1.25, 2.0]
    assert [(line, rule) for line, _, _, rule in rejects(tmp_path, record)] == [
        (line, "poids_invalide") for line in (3, 4, 5, 7, 8)
    ]
    [lot] = record.lots
    assert (lot.ponderation, lot.effet_plan, lot.terrain) == ("livree", 1.6, {"appeles": 40})


def test_a_weight_beyond_the_stock_outweighs_nobody(tmp_path: Path) -> None:
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5", "P"]
    # O1 has 800 tenants in the plan
    weights = ["800", "801", "1e300", "1e308", "0,000001", "1e-300"]
    rows = [{**row(str(i)), "P": weight} for i, weight in enumerate(weights)]
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=header)
    [record] = ingest_all(tmp_path, mini_contract(ponderation={"colonne": "P"}))
    assert sorted(answers(tmp_path, record)["poids"].to_list()) == [1e-6, 800.0]
    assert rejects(tmp_path, record) == [(line, "P", weights[line - 2], "poids_demesure") for line in (3, 4, 5, 7)]


@pytest.mark.parametrize("change", [{"rejets_maximum": 0.5}, {"plan": 1}])
def test_what_decides_of_a_lot_makes_it_read_again_when_it_changes(tmp_path: Path, change: dict[str, Any]) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", TC="")])
    ingest_all(tmp_path)
    assert take_inventory(mini_programme(tmp_path)).stale == []
    if "plan" in change:
        plan = [*TABLES["plan_sondage"][1], "V2,O1,AUTRE,100,10"]
        programme = mini_programme(tmp_path, tables={"plan_sondage": plan})
    else:
        programme = mini_programme(tmp_path, **change)
    assert [d.path.name for d in take_inventory(programme).stale] == ["a.csv"]


def test_columns_are_refused_all_at_once(tmp_path: Path) -> None:
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "N1", "N2"]
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")], header=header)
    [record] = ingest_all(tmp_path)
    assert record.statut == REFUSED
    assert "Q4, Q5" in record.motif
    header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5", "N1", "N2"]
    write_csv(tmp_path / "landing/V2/a.csv", [{**row("1"), "N1": "x", "N2": "y"}], header=header)
    [record] = ingest_all(tmp_path)
    assert record.statut == REFUSED
    assert "N1, N2" in record.motif


def test_a_file_no_contract_covers_and_a_draft_are_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    [record] = ingest_all(tmp_path, mini_contract(statut="brouillon", questions={}))
    assert (record.statut, [q.regle for q in record.qualite]) == (REFUSED, ["contrat_absent"])


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK\x03\x04 pas un classeur")
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert [q.regle for q in record.qualite] == ["fichier_illisible"]
    assert "a.xlsx" in record.motif
    assert "\n" not in record.motif


def test_a_wrong_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes("ORG;é".encode("cp1252"))
    [record] = ingest_all(tmp_path)
    assert "l'octet 4 n'est pas du utf-8-sig" in record.motif


def test_too_many_rejects_refuse_the_organisme(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", Q1="7"), row("3", Q1="7")])
    [record] = ingest_all(tmp_path, rejets_maximum=0.5)
    assert (record.lots[0].statut, record.lots[0].fichier) == (REFUSED, None)
    assert record.motif == (
        "O1 : 2 lignes rejetées sur 3 (66,7\u202f%), refus au-delà de 50\u202f% ; le plus souvent « Réponse hors de la"
        " nomenclature », colonne Q1 (2 lignes, la première ligne 3) ; n'employer que les codes du contrat ; déclarer"
        " tout nouveau code avant la livraison"
    )


def test_a_reserve_says_its_share_the_french_way(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [*(row(str(i)) for i in range(37)), row("x", Q1="7")])
    [record] = ingest_all(tmp_path, rejets_reserve=0.02)
    assert record.motif == "O1 : 1 ligne rejetée sur 38 (2,6\u202f%), réserve au-delà de 2\u202f%"


def test_rows_that_are_not_interviews_are_left_out(tmp_path: Path) -> None:
    rows = [row("1"), dict.fromkeys(row("1"), "") | {"ORG": "Total : 1"}]
    write_csv(tmp_path / "landing/V2/a.csv", rows)
    form = {
        "type": "csv",
        "encodage": "utf-8",
        "separateur": ";",
        "lignes_ignorees": {"colonne": "ORG", "motif": "^Total"},
    }
    [record] = ingest_all(tmp_path, mini_contract(format=form))
    assert (record.lignes_lues, record.lignes_rejetees) == (1, 0)


def test_the_newest_accepted_delivery_is_in_force_and_a_refused_one_displaces_nothing(tmp_path: Path) -> None:
    import os

    folder = tmp_path / "landing/V2"
    for age, (name, rows) in enumerate(
        [("a.csv", [row("1")]), ("b.csv", [row("1"), row("2")]), ("c.csv", [row("1", Q1="7")])]
    ):
        write_csv(folder / name, rows)
        os.utime(folder / name, (1_700_000_000 + age, 1_700_000_000 + age))
    ingest_all(tmp_path)
    programme = mini_programme(tmp_path)
    inventory = take_inventory(programme)
    assert inventory.stale == []
    install(inventory.election, Lake(tmp_path))
    write_control_tables(inventory, {}, programme)
    assert pl.read_parquet(Lake(tmp_path).elected("V2", "O1")).height == 2
    livraisons = pl.read_parquet(Lake(tmp_path).table("livraisons")).sort("fichier")
    assert livraisons["retenue"].to_list() == [False, True, False]
    assert livraisons["lignes_remplacees"].to_list() == [1, 0, 0]
    counted = livraisons["lignes_acceptees"] + livraisons["lignes_rejetees"] + livraisons["lignes_remplacees"]
    assert counted.to_list() == livraisons["lignes_lues"].to_list()


def test_elect_nothing_from_nothing() -> None:
    assert elect([]).interviews == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vague": "V9"}, "vagues.csv"),
        ({"institut": "X"}, "instituts.csv"),
        ({"questions": {}}, "n'est rattachée à aucune colonne"),
        ({"statut": "peut-être"}, "statut"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_bad_contract_names_its_fault(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    programme = mini_programme(tmp_path)
    path = write_contract(tmp_path, mini_contract(**changes))
    with pytest.raises(ContractError, match=said) as caught:
        load_contract(path, programme)
    assert path.name in str(caught.value)
