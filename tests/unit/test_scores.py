"""Scores that a sender publishes: read line by line beside the answers, which they neither displace nor complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.contracts import Broken, load_contracts, read_contracts
from orchestration.extracts.decisions import withdraw
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Record
from orchestration.extracts.score_waves import waves_of_scores
from orchestration.programme import Programme, load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.fingerprint import extraction_fingerprint
from orchestration.publication.inputs import fingerprint
from orchestration.trial.conduct import try_delivery
from orchestration.trial.told import as_json
from tests.support.ingestion import answers, rejects
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.scores import CLASSES, SCORES, declare_scores, deliver_scores, scores_contract

WHOLE = "O1;79.5;120;1.2;70;118"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """The miniature programme with its scores declared."""
    mini_programme(tmp_path, rejets_maximum=1)
    declare_scores(tmp_path)
    return load_programme(tmp_path)


def _read(programme: Programme) -> list[Record]:
    return [ingest(d, programme) for d in deliveries(programme, load_contracts(programme))]


def test_a_line_gives_the_scores_that_it_has(programme: Programme) -> None:
    deliver_scores(
        programme.root, [WHOLE, "O2;66;40;;DI;", "O3;DI;DI;;64,5;31"], format={"type": "csv", "decimale": ","}
    )
    [record] = _read(programme)
    assert (record.statut, record.lignes_acceptees) == ("accepte", 3)
    found = [answers(programme.root, record, lot).rows() for lot in range(3)]
    assert found == [
        [("V2", "O1", "SAT", 79.5, 120, 1.2), ("V2", "O1", "RECO", 70.0, 118, None)],
        [("V2", "O2", "SAT", 66.0, 40, None)],
        [("V2", "O3", "RECO", 64.5, 31, None)],
    ]
    assert [(lot.nature, lot.interviews) for lot in record.lots] == [("scores", 0)] * 3


@pytest.mark.parametrize(
    ("line", "rule", "column"),
    [
        ("O1;101;120;1;70;118", "score_hors_bornes", "score"),
        ("O1;79;120;-1;70;118", "score_hors_bornes", "erreur"),
        ("O1;79;;1;70;118", "effectif_invalide", "repondants"),
        ("O1;79;12.5;1;70;118", "effectif_invalide", "repondants"),
        ("O1;79;120;1;70;0", "effectif_invalide", "n_reco"),
        ("O1;bon;120;1;70;118", "valeur_inconnue", "score"),
        ("O1;79;9999999999;1;70;118", "nombre_demesure", "repondants"),
    ],
)
def test_what_is_wrong_in_a_line_is_named(programme: Programme, line: str, rule: str, column: str) -> None:
    deliver_scores(programme.root, [line])
    [record] = _read(programme)
    assert (record.lignes_acceptees, record.lignes_rejetees) == (0, 1)
    [(at, named, _, broken)] = rejects(programme.root, record)
    assert (at, named, broken) == (2, column, rule)


def test_an_organisme_has_one_line_and_one_score_at_least(programme: Programme) -> None:
    deliver_scores(programme.root, [WHOLE, WHOLE, "O2;DI;;;;"])
    [record] = _read(programme)
    assert [(lot.statut, lot.motif) for lot in record.lots][1] == ("rejete", "aucun score")
    assert [(line, rule) for line, _, _, rule in rejects(programme.root, record)] == [(3, "doublon")]


def test_a_file_without_a_column_of_its_contract_is_refused(programme: Programme) -> None:
    deliver_scores(programme.root, [WHOLE])
    path = programme.root / "landing/V2/scores.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("repondants", "n"), encoding="utf-8")
    [record] = _read(programme)
    assert record.statut == "rejete" and "absentes du fichier : repondants ;" in record.motif


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"AUTRE": {"valeur": "score", "base": "repondants"}}, "scores : « AUTRE » n'est pas dans scores.csv."),
        ({"SAT": {"valeur": "score"}}, "scores.SAT"),
        ({"SAT": {"valeur": {"cherche": "("}, "base": "n"}}, "scores.SAT : "),
    ],
)
def test_a_fault_of_a_contract_is_named(programme: Programme, scores: dict[str, Any], said: str) -> None:
    broken = read_contracts(write_contract(programme.root, scores_contract(scores=scores)), programme)
    assert isinstance(broken, Broken) and said in broken.faults[0]


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("scores", "sur 100,0,100", "sur 100,0,0", "scores.csv, ligne 2, colonne maximum : « 0 » : plus que minimum (0)"),
        ("scores_classes", "Élevé,77", "Élevé,177", "scores_classes.csv, ligne 2, colonne borne_min : « 177 » : entre 0 et 100"),
        ("scores_classes", "Bas,0", "Bas,10", "aucune classe de « SAT » ne commence à 0 ; en dire une"),
        ("scores_classes", "Moyen,70", "Moyen,77", "deux classes de « SAT » commencent au même score."),
    ],
)  # fmt: skip
def test_a_fault_of_a_declared_score_is_named(programme: Programme, table: str, old: str, new: str, said: str) -> None:
    text = {"scores": SCORES, "scores_classes": CLASSES}[table].replace(old, new, 1)
    (programme.root / f"reference/{table}.csv").write_text(text, encoding="utf-8")
    found = [str(problem) for problem in check_programme(load_programme(programme.root))]
    assert any(said in one for one in found), found


def test_sound_scores_have_no_fault(programme: Programme) -> None:
    assert check_programme(programme) == []
    deliver_scores(programme.root, [WHOLE])
    assert load_contracts(programme).faults == []


def test_scores_displace_no_answers_and_the_newest_are_in_force(programme: Programme) -> None:
    write_contract(programme.root, mini_contract(organisme={"valeur": "O1"}, ignorees=["ORG"], fichiers=["a.csv"]))
    write_csv(programme.root / "landing/V2/a.csv", [row(str(i)) for i in range(10)])
    _read(programme)
    before = fingerprint(programme, take_inventory(programme))
    deliver_scores(programme.root, [WHOLE])
    _read(programme)
    inventory = take_inventory(programme)
    assert fingerprint(programme, inventory)[:32] != before[:32]
    assert [record.fichier for record, _ in inventory.election.elected.values()] == ["V2/a.csv"]
    assert all(inventory.election.retains(record, lot) for record in inventory.records for lot in record.lots)
    assert [c.lot.nature for c in inventory.unjudged] == ["entretiens"]
    deliver_scores(programme.root, [WHOLE.replace("79.5", "60")], name="scores_bis.csv")
    _read(programme)
    newest = take_inventory(programme)
    assert [record.fichier for record, _ in newest.election.scores.values()] == ["V2/scores_bis.csv"]
    [record] = [r for r in newest.records if r.fichier == "V2/scores_bis.csv"]
    withdraw(Lake(programme.root), record.sha256, record.fichier, "essai")
    assert [r.fichier for r, _ in take_inventory(programme).election.scores.values()] == ["V2/scores.csv"]


def test_a_delivery_of_scores_is_tried(programme: Programme) -> None:
    deliver_scores(programme.root, [WHOLE, "O2;101;40;1;70;40"])
    told = try_delivery(programme, programme.root / "landing/V2/scores.csv")
    assert not told.accepted
    [rejected] = as_json(told, programme)["rejets"]
    assert rejected["regle"] == "score_hors_bornes"
    assert [(p.lot.organisme_code, p.status) for p in told.parts] == [("O1", "accepte"), ("O2", "rejete")]


def test_scores_are_read_again_when_their_bounds_change(programme: Programme) -> None:
    before = extraction_fingerprint(programme, "V2")
    path = programme.root / "reference/scores.csv"
    path.write_text(SCORES.replace("Score de satisfaction", "Autre nom"), encoding="utf-8")
    assert extraction_fingerprint(load_programme(programme.root), "V2") == before
    path.write_text(SCORES.replace("sur 100,0,100", "sur 100,0,50"), encoding="utf-8")
    assert extraction_fingerprint(load_programme(programme.root), "V2") != before


def test_a_wave_has_scores_alone_where_nothing_else_is_awaited_or_delivered(programme: Programme) -> None:
    deliver_scores(programme.root, [WHOLE])
    _read(programme)
    assert waves_of_scores(take_inventory(programme), programme) == {"V2"}
    # a contract of interviews, even one at fault, says that answers are awaited
    contract = write_contract(programme.root, mini_contract("V2", fichiers=["O?.csv"]))
    assert waves_of_scores(take_inventory(programme), programme) == frozenset()
    contract.write_text(contract.read_text(encoding="utf-8") + "inconnue: 1\n", encoding="utf-8")
    assert waves_of_scores(take_inventory(programme), programme) == frozenset()
    contract.unlink()
    # a file that no contract reads may hold answers
    (programme.root / "landing/V2/O1.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    _read(programme)
    assert waves_of_scores(take_inventory(programme), programme) == frozenset()
