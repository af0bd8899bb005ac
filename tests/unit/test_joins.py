"""One delivery made of several files or sheets: what joins, what does not, and what is still awaited."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.extracts.companions import companions, main_names
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.gates import standing
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import REGISTER
from orchestration.extracts.records import Record
from orchestration.files import file_sha256
from orchestration.programme import load_programme
from orchestration.publication.inputs import prepare_inputs
from orchestration.trial.conduct import try_delivery
from tests.support.contracts import faults_of, load_contract
from tests.support.forms import LONG_FORM, write_table
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import HEADER, mini_contract, mini_programme, row, write_contract

WEIGHTED: dict[str, Any] = {
    "fichiers": ["*_reponses.csv"],
    "jointures": [{"fichier": "*_poids.csv"}],
    "ponderation": {"colonne": "POIDS"},
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _main(root: Path, *identifiers: str, name: str = "a_reponses.csv", **cells: str) -> None:
    rows = [row(identifier, **cells) for identifier in identifiers]
    write_table(root / "landing/V2" / name, HEADER, [list(r.values()) for r in rows])


def _weights(root: Path, *lines: tuple[str, str], name: str = "a_poids.csv") -> None:
    write_table(root / "landing/V2" / name, ["ID", "POIDS"], lines)


def _read(root: Path, **changes: Any) -> Record:
    [record] = ingest_all(root, mini_contract(**{**WEIGHTED, **changes}), rejets_maximum=1)
    assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees
    return record


def _told(record: Record) -> dict[str, str]:
    return {q.regle: q.exemple for q in record.qualite}


def test_weights_apart_are_those_of_their_interviews(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2")
    _weights(tmp_path, ("2", "0,5"), ("1", "1,5"))
    record = _read(tmp_path)
    assert (record.statut, record.fichier) == ("accepte", "V2/a_reponses.csv")
    assert sorted(answers(tmp_path, record)["poids"].to_list()) == [0.5, 1.5]
    assert {q.regle for q in record.qualite} == set()


def test_a_trial_reads_what_is_joined_beside_the_file(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2")
    _weights(tmp_path, ("2", "0,5"), ("1", "1,5"), ("8", "1"))
    record = _read(tmp_path)
    folder, programme = tmp_path / "landing/V2", load_programme(tmp_path)
    tried = try_delivery(programme, folder / "a_reponses.csv").record
    assert (tried.statut, tried.fichier) == (record.statut, record.fichier)
    assert (tried.lignes_acceptees, _told(tried)) == (record.lignes_acceptees, _told(record))
    # the same, tried where the sender wrote them
    aside = tmp_path / "chez l'institut"
    shutil.copytree(folder, aside)
    assert try_delivery(programme, aside / "a_reponses.csv").record.lignes_acceptees == record.lignes_acceptees
    (aside / "a_poids.csv").unlink()
    assert "attend a_poids.csv" in (try_delivery(programme, aside / "a_reponses.csv").record.motif or "")


def test_what_is_missing_on_one_side_or_there_twice_is_counted_and_said(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2", "3", "")
    _weights(tmp_path, ("1", "1"), ("3", "1"), ("3", "2"), ("8", "1"), ("9", "1"), ("", "1"))
    record = _read(tmp_path)
    assert (record.lignes_lues, record.lignes_acceptees) == (4, 1)
    assert rejects(tmp_path, record) == [
        (3, "", "absent de a_poids.csv", "jointure_incomplete"),
        (4, "", "a_poids.csv, lignes 3, 4", "jointure_double"),
        (5, "ID", "", "identifiant_absent"),
        (5, "POIDS", "", "poids_invalide"),
    ]
    assert (
        _told(record)["lignes_sans_entretien"] == "a_poids.csv : 3 lignes d'aucun entretien livré, la première ligne 5"
    )
    assert {q.nb_lignes for q in record.qualite if q.regle == "lignes_sans_entretien"} == {3}
    status, reason = standing(record, take_inventory(mini_programme(tmp_path, rejets_maximum=1)))
    assert status == "accepte_avec_reserve"
    assert "a_poids.csv : 3 lignes" in reason


def test_an_interview_may_be_absent_from_a_file_that_says_so(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2", Q1="")
    write_table(tmp_path / "landing/V2/a_theme.csv", ["ID", "G"], [["2", "4"]])
    questions = mini_contract()["questions"] | {"G1": {"colonne": "G", "codage": "sat"}}
    joins = [{"fichier": "*_theme.csv", "facultative": True}]
    record = _read(tmp_path, jointures=joins, ponderation={"colonne": "ID"}, questions=questions, ignorees=["Q1"])
    assert sorted(answers(tmp_path, record)["G1"].to_list()) == ["PDT", "SR"]


def test_what_two_files_say_of_one_interview_must_agree(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2", "3", AGE="40")
    lines = [["1", "1", "41", "x"], ["2", "1", "", "y"], ["3", "1", "40", "z"]]
    write_table(tmp_path / "landing/V2/a_poids.csv", ["ID", "POIDS", "AGE", "REM"], lines)
    record = _read(tmp_path, ignorees=["REM"])
    assert rejects(tmp_path, record) == [(2, "AGE", "40, 41", "donnees_contraires")]


def test_a_ragged_line_of_a_joined_file_costs_its_interview(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2")
    write_table(tmp_path / "landing/V2/a_poids.csv", ["ID", "POIDS"], [["1", "1", "x"], ["2", "1"]])
    record = _read(tmp_path)
    told = "a_poids.csv, ligne 2 : 3 cellules au lieu de 2"
    assert rejects(tmp_path, record) == [(2, "", told, "ligne_irreguliere")]


def test_one_number_in_two_organismes_joins_to_neither(tmp_path: Path) -> None:
    rows = [row("1"), row("1", ORG="O2"), row("2", ORG="O2")]
    write_table(tmp_path / "landing/V2/a_reponses.csv", HEADER, [list(r.values()) for r in rows])
    _weights(tmp_path, ("1", "1"), ("2", "1"))
    record = _read(tmp_path)
    assert {lot.organisme_code: (lot.lignes_acceptees, lot.lignes_rejetees) for lot in record.lots} == {
        "O1": (0, 1),
        "O2": (1, 1),
    }
    assert {r[3] for r in rejects(tmp_path, record)} == {"jointure_double"}


def test_long_answers_that_contradict_one_another_cost_the_respondent(tmp_path: Path) -> None:
    _main(tmp_path, "1", "2")
    lines = [["1", "P", "1"], ["1", "P", "2"], ["2", "P", "3"]]
    write_table(tmp_path / "landing/V2/a_poids.csv", ["ID", "QUEST", "REP"], lines)
    joins = [{"fichier": "*_poids.csv", "forme_longue": LONG_FORM}]
    record = _read(tmp_path, jointures=joins, ponderation={"colonne": "P"})
    assert rejects(tmp_path, record) == [(2, "P", "1 (ligne 2), 2 (ligne 3)", "reponse_en_double")]


def test_a_delivery_waits_for_its_last_file(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    record = _read(tmp_path)
    assert (record.statut, [q.regle for q in record.qualite]) == ("rejete", ["fichier_attendu"])
    assert "V2/a_reponses.csv : attend a_poids.csv, qui n'est pas dans landing/V2/" in record.motif
    programme = mini_programme(tmp_path, rejets_maximum=1)
    assert [d.place for d in take_inventory(programme).stale] == []
    _weights(tmp_path, ("1", "1"))
    # the file that came makes the delivery another one, which is to be read
    [stale] = take_inventory(programme).stale
    assert stale.id != record.livraison
    assert ingest(stale, programme).statut == "accepte"
    inventory = take_inventory(programme)
    assert [r.fichier for r in inventory.records] == ["V2/a_reponses.csv"]
    # each file has its own reception, and the delivery came with the last one
    register = (tmp_path / "landing" / REGISTER).read_text(encoding="utf-8").splitlines()
    assert [line.rpartition(",")[2] for line in register] == ["fichier", "a_reponses.csv", "a_poids.csv"]
    assert inventory.records[0].recue_le == register[-1].partition(",")[0]


def test_an_edition_names_each_file_it_is_made_of(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    _weights(tmp_path, ("1", "1"))
    _read(tmp_path)
    programme = mini_programme(tmp_path, rejets_maximum=1)
    prepare_inputs(programme, take_inventory(programme))
    [entries] = pl.read_parquet(Lake(tmp_path).table("edition"))["entrees"]
    named = {entry["fichier"]: entry["sha256"] for entry in json.loads(entries)}
    for name in ("landing/V2/a_reponses.csv", "landing/V2/a_poids.csv"):
        assert named[name] == file_sha256(tmp_path / name)


def test_a_file_that_completes_another_waits_for_it(tmp_path: Path) -> None:
    _weights(tmp_path, ("1", "1"))
    record = _read(tmp_path)
    assert (record.fichier, record.statut) == ("V2/a_poids.csv", "rejete")
    assert "attend a_reponses.csv" in record.motif


def test_a_corrected_joined_file_makes_the_delivery_anew(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    _weights(tmp_path, ("1", "1"))
    first = _read(tmp_path)
    _weights(tmp_path, ("1", "2"))
    [stale] = take_inventory(mini_programme(tmp_path, rejets_maximum=1)).stale
    second = ingest(stale, mini_programme(tmp_path, rejets_maximum=1))
    assert (first.livraison != second.livraison, first.sha256 != second.sha256) == (True, True)
    assert answers(tmp_path, second)["poids"].to_list() == [2.0]


def test_a_delivery_refused_for_a_file_displaces_nothing(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    _weights(tmp_path, ("1", "1"))
    _main(tmp_path, "1", "2", name="b_reponses.csv")
    programme = mini_programme(tmp_path, rejets_maximum=1)
    write_contract(tmp_path, mini_contract(**WEIGHTED))
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    [(record, _)] = take_inventory(programme).election.elected.values()
    assert record.fichier == "V2/a_reponses.csv"


def test_files_that_come_again_join_those_that_came_as_often(tmp_path: Path) -> None:
    """Numbered as a depot's files are; what is read is told by its lines."""
    _main(tmp_path, "1")
    _weights(tmp_path, ("1", "1"))
    assert _read(tmp_path).lignes_lues == 1
    _weights(tmp_path, ("1", "2"), name="a_poids (2).csv")
    again = _read(tmp_path)
    assert (again.fichier, answers(tmp_path, again)["poids"].to_list()) == ("V2/a_reponses.csv", [2.0])
    _main(tmp_path, "1", "2", name="a_reponses (2).csv")
    _weights(tmp_path, ("1", "3"), ("2", "4"), name="a_poids (3).csv")
    last, first = ingest_all(tmp_path, mini_contract(**WEIGHTED), rejets_maximum=1)
    assert (first.fichier, answers(tmp_path, first)["poids"].to_list()) == ("V2/a_reponses.csv", [1.0])
    assert (last.fichier, sorted(answers(tmp_path, last)["poids"].to_list())) == ("V2/a_reponses (2).csv", [3.0, 4.0])


def test_a_joined_file_is_withdrawn_with_its_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _main(tmp_path, "1")
    _weights(tmp_path, ("1", "1"))
    _read(tmp_path)
    monkeypatch.setenv("OBSERVATOIRE_DATA", str(tmp_path))
    said = CliRunner().invoke(app, ["withdraw", "V2/a_poids.csv", "--motif", "essai"])
    assert said.exit_code != 0
    assert "V2/a_poids.csv complète V2/a_reponses.csv" in str(said.exception)
    assert CliRunner().invoke(app, ["withdraw", "V2/a_reponses.csv", "--motif", "essai"]).exit_code == 0
    assert len(take_inventory(mini_programme(tmp_path, rejets_maximum=1)).withdrawn) == 1


def test_a_key_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    write_table(tmp_path / "landing/V2/a_poids.csv", ["NUM", "POIDS"], [["1", "1"]])
    record = _read(tmp_path)
    assert [q.regle for q in record.qualite] == ["colonnes_absentes"]
    assert "a_poids.csv : colonnes de la clé absentes : ID" in record.motif


def test_a_broken_joined_file_names_itself(tmp_path: Path) -> None:
    _main(tmp_path, "1")
    (tmp_path / "landing/V2/a_poids.csv").write_bytes(b"ID;POIDS\n1;\xff\xfe\n")
    record = _read(tmp_path)
    assert record.statut == "rejete"
    assert "a_poids.csv, ligne 2" in record.motif


@pytest.mark.parametrize(
    ("patterns", "joined", "main", "expected"),
    [
        (["*_reponses.csv"], "*_poids.csv", "alta_x_reponses.csv", "alta_x_poids.csv"),
        (["r_*_v*.csv"], "p_*_v*.csv", "r_O1_v2.csv", "p_O1_v2.csv"),
        (["[ab]_r?_*.csv", "x_*.csv"], "poids_*.csv", "b_r7_O1.csv", "poids_O1.csv"),
        (["*_reponses.csv"], "poids.csv", "a_reponses.csv", "poids.csv"),
    ],
)
def test_names_go_together_by_their_stars(
    tmp_path: Path, patterns: list[str], joined: str, main: str, expected: str
) -> None:
    programme = mini_programme(tmp_path)
    body = mini_contract(fichiers=patterns, jointures=[{"fichier": joined}])
    contract = load_contract(write_contract(tmp_path, body), programme)
    assert companions(contract, main) == (expected,)
    if "*" in joined and "?" not in patterns[0]:
        assert main in main_names(contract, expected)


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"jointures": [{"cle": "ID"}]}, "jointures.0", "il y manque une de ces clés : fichier, feuille"),
        ({"jointures": [{"fichier": "*_p.csv", "feuille": "P"}]}, "jointures.0", "fichier et feuille ne vont pas"),
        (
            {"jointures": [{"fichier": "*_p.csv", "cle": ["A", "B"]}]},
            "jointures.0.cle",
            "autant de colonnes qu'« entretien » sont attendues (1)",
        ),
        ({"jointures": [{"fichier": "*_*_p.csv"}]}, "jointures.0.fichier", "ce nom ne se déduit pas"),
        ({"jointures": [{"fichier": "?_p.csv"}]}, "jointures.0.fichier", "ce nom ne se déduit pas"),
        ({"jointures": [{"fichier": "*_reponses.csv"}]}, "jointures.0.fichier", "ce nom ne se déduit pas"),
        ({"entretien": None}, "jointures", "rien ne dit quel entretien une ligne complète"),
        (
            {"jointures": [{"fichier": "*_p.csv", "format": {"type": "csv", "encodage": "utf-9"}}]},
            "jointures.0.format.encodage",
            "n'est pas un encodage connu",
        ),
    ],
)
def test_a_join_that_cannot_be_made_is_a_fault_of_the_contract(
    tmp_path: Path, changes: dict[str, Any], key: str, said: str
) -> None:
    programme = mini_programme(tmp_path)
    body = {k: v for k, v in mini_contract(**{**WEIGHTED, **changes}).items() if v is not None}
    [problem] = faults_of(write_contract(tmp_path, body), programme)
    assert f", {key} : " in problem
    assert said in problem


def test_two_contracts_may_not_claim_a_joined_file(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(**WEIGHTED))
    write_contract(tmp_path, mini_contract(contrat="autre", fichiers=["*_poids.csv"]))
    [problem] = load_contracts(programme).faults
    assert "« *_poids.csv » prétend aux mêmes noms" in problem
