"""The gates of a delivery: each rule told, held or not; what cannot be believed is refused, excluded or reserved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
import yaml

from orchestration.errors import DeliveryError, ProgrammeError
from orchestration.extracts.catalogue import gates, rules
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decisions import exclude
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.gates import Finding, fate, findings
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import ACCEPTED, REFUSED, RESERVED
from orchestration.plausibility import deliveries as judging
from orchestration.plausibility.suites import suites, thresholds
from orchestration.programme import Programme, load_programme
from orchestration.publication.inputs import fingerprint
from orchestration.settings import PROJECT
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

V1 = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"]
# shares of the four options of G1, spread over forty interviews
LIKED = ["1"] * 24 + ["2"] * 12 + ["3"] * 3 + ["4"]


def _deliver(root: Path, wave: str, marks: Sequence[str], name: str = "o1.csv", **cells: str) -> None:
    year = {"V1": "2019", "V2": "2022"}[wave]
    rows = [_interview(f"{name}{i}", i, year, mark, cells) for i, mark in enumerate(marks)]
    write_csv(root / f"landing/{wave}/{name}", rows, **({"header": V1} if wave == "V1" else {}))  # type: ignore[arg-type]


def _interview(identifier: str, i: int, year: str, mark: str, cells: dict[str, str]) -> dict[str, str]:
    """An interview among others: answers vary, and keep to the filters."""
    asked, follow = i % 5 > 0, "13"[i % 2]
    said = {
        "TC": "CI"[i % 2],
        "Q1": mark,
        "Q2": "" if i % 2 else "12"[i % 3 > 0],
        "Q3": "1" if asked else "2",
        "Q4": follow if asked else "",
        "Q5": "a|ab" if asked and follow == "3" else "",
    }
    return row(identifier, DATE=f"15/10/{year}", **said | cells)


def _programme(root: Path, population: int = 400, **plausibility: float) -> Programme:
    plan = [f"{w},O1,{s},{population},20" for w in ("V1", "V2") for s in ("COL", "IND")]
    programme = mini_programme(root, tables={"plan_sondage": plan}, plausibility=plausibility, base_minimale=20)
    for wave in ("V1", "V2"):
        write_contract(root, mini_contract(wave))
    return programme


def _judged(programme: Programme) -> Inventory:
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    return judging.judge_lots(programme)


def _broken(inventory: Inventory) -> set[tuple[str, str]]:
    return {(f.record.fichier, f.rule.code) for f in findings(inventory) if not f.held}


def _of(inventory: Inventory, name: str) -> list[Finding]:
    return [f for f in findings(inventory) if f.record.fichier == name]


def test_a_sound_delivery_is_told_every_rule_it_keeps(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    inventory = _judged(programme)
    told = _of(inventory, "V1/o1.csv")
    due = [
        rule.code
        for rule in rules().values()
        if rule.always and rule.nature in ("", "reponses", "entretiens") and not rule.weighting
    ]
    assert sorted(f.rule.code for f in told) == sorted(due)
    assert all(f.held and f.number == 0 for f in told)
    [record] = inventory.records
    assert fate(record, record.lots[0], inventory) == (ACCEPTED, None)


def test_a_file_refused_at_a_gate_is_not_held_to_the_next_ones(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    write_csv(tmp_path / "landing/V1/o1.csv", [row("1")], header=["ORG", "ID"])
    told = _of(_judged(programme), "V1/o1.csv")
    reached = {f.rule.gate for f in told if f.held}
    assert [f.rule.code for f in told if not f.held] == ["colonnes_absentes"]
    assert (gates(), reached) == (["fichier", "forme", "metier", "rapprochement"], {"fichier"})


def test_a_rejected_line_breaks_its_rule_and_no_other(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", [*LIKED[:39], "77"])
    told = {f.rule.code: f for f in _of(_judged(programme), "V1/o1.csv")}
    assert [code for code, f in told.items() if not f.held] == ["valeur_inconnue"]
    assert (told["valeur_inconnue"].number, told["valeur_inconnue"].example) == (1, "ligne 41, Q1")


def test_a_reversed_scale_costs_the_question_and_not_the_organisme(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    reversed_ = [str(5 - int(mark)) for mark in LIKED]
    _deliver(tmp_path, "V2", reversed_)
    inventory = _judged(programme)
    # 24, 12, 3 and 1 of 40 against 1, 3, 12 and 24: half of 23 + 9 + 9 + 23 of 40
    assert ("V2/o1.csv", "distribution_inverse") in _broken(inventory)
    assert inventory.excluded == {("V2", "O1", "G1"): "réponses à l'envers de la vague précédente"}
    record = next(r for r in inventory.records if r.vague == "V2")
    status, reason = fate(record, record.lots[0], inventory)
    said = "part des réponses déplacées depuis la vague précédente : G1, au plus 0,6 attendu"
    assert (status, said in str(reason)) == (RESERVED, True)


def test_what_was_measured_on_answers_is_told_where_figures_are_public_only(tmp_path: Path) -> None:
    """Reasons are published: of a secret organisme, what the sample measures may be in them, and no more."""
    told = {}
    for public in (False, True):
        root = tmp_path / str(public)
        programme = _programme(root)
        if public:
            path = root / "programme.yaml"
            config = yaml.safe_load(path.read_text(encoding="utf-8"))
            path.write_text(yaml.safe_dump({**config, "secret": {"organismes_secrets": False}}), encoding="utf-8")
            programme = load_programme(root)
        _deliver(root, "V1", LIKED)
        _deliver(root, "V2", [str(5 - int(mark)) for mark in LIKED])
        found = [f for f in _of(_judged(programme), "V2/o1.csv") if not f.held and f.rule.tool]
        told[public] = {f.rule.code: f.example for f in found}
    assert told[False].keys() == told[True].keys() >= {"distribution_inverse"}
    assert "G1 0,8" in told[True]["distribution_inverse"] and "0,8" not in told[False]["distribution_inverse"]


@pytest.mark.parametrize("side", ["4", "1"])
def test_a_reserve_that_tells_what_was_answered_is_for_those_who_consolidate(tmp_path: Path, side: str) -> None:
    """All on one side of a scale is a rate of 100 %, or of none: published words leave it out, and say nothing else."""
    programme = _programme(tmp_path)
    houses = [n // 4 % 2 for n in range(120)]
    said = {"Q1": side, "Q4": side, "Q5": "a" if side in "34" else ""}
    rows = [row(str(n), TC="CI"[house], Q2="" if house else side, **said) for n, house in enumerate(houses)]
    write_csv(tmp_path / "landing/V2/o1.csv", rows)
    inventory = _judged(programme)
    [record] = inventory.records
    status, reason = fate(record, record.lots[0], inventory)
    assert (status, "côté" in str(reason)) == (RESERVED, True)
    assert "côté" not in str(fate(record, record.lots[0], inventory, discreet=True))
    confidential = {f.rule.code for f in _of(inventory, "V2/o1.csv") if f.as_row()["confidentielle"]}
    assert confidential == {
        "modalite_unique",
        "distribution_deplacee",
        "echelle_a_moitie_vide",
        "modalites_en_desordre",
        "echelle_permutee",
        "modalite_delaissee",
        "modalite_plus_citee",
    }


def test_a_file_that_resembles_nothing_is_refused_and_the_older_one_stays(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    _deliver(tmp_path, "V2", LIKED, name="a.csv")
    assert _judged(programme).election.elected["V2", "O1"][0].fichier == "V2/a.csv"
    _deliver(tmp_path, "V2", ["4"] * 40, name="b.csv", Q3="1", Q4="4", Q5="a")
    inventory = _judged(_programme(tmp_path, decalage_median_plafond=0.3))
    assert ("V2/b.csv", "fichier_meconnaissable") in _broken(inventory)
    assert inventory.election.elected["V2", "O1"][0].fichier == "V2/a.csv"
    refused = next(r for r in inventory.records if r.fichier == "V2/b.csv")
    assert fate(refused, refused.lots[0], inventory)[0] == REFUSED


@pytest.mark.parametrize(
    ("interviews", "broken", "status"),
    [
        (40, set(), ACCEPTED),
        (31, {"entretiens_du_plan"}, RESERVED),
        (3, {"entretiens_du_plan", "entretiens_hors_plan"}, REFUSED),
    ],
)
def test_interviews_are_held_to_the_plan(tmp_path: Path, interviews: int, broken: set[str], status: str) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED[:interviews])
    inventory = _judged(programme)
    assert {code for _, code in _broken(inventory)} == broken
    [record] = inventory.records
    assert fate(record, record.lots[0], inventory)[0] == status


@pytest.mark.parametrize(("population", "broken"), [(20, False), (19, True)])
def test_a_stratum_has_no_more_interviews_than_people(tmp_path: Path, population: int, broken: bool) -> None:
    """Twenty interviews in each stratum: all of its people at most. Beyond, the finite population would leave no error."""
    programme = _programme(tmp_path, population)
    _deliver(tmp_path, "V1", LIKED)
    inventory = _judged(programme)
    assert (("V1/o1.csv", "entretiens_de_la_strate") in _broken(inventory)) is broken
    [record] = inventory.records
    assert fate(record, record.lots[0], inventory)[0] == (REFUSED if broken else ACCEPTED)


@pytest.mark.parametrize(
    ("population", "broken", "status"),
    [(19, {"strates_vides"}, RESERVED), (22, {"strates_vides", "strates_trop_vides"}, REFUSED)],
)
def test_a_stratum_that_nobody_answered_for_is_told_with_its_share(
    tmp_path: Path, population: int, broken: set[str], status: str
) -> None:
    """All interviews are in one stratum of four hundred tenants; another one is represented by it."""
    plan = [f"V1,O1,COL,400,40\nV1,O1,IND,{population},0"]
    programme = mini_programme(tmp_path, tables={"plan_sondage": plan}, base_minimale=20)
    write_contract(tmp_path, mini_contract("V1"))
    _deliver(tmp_path, "V1", LIKED, TC="C", Q2="2")
    inventory = _judged(programme)
    assert {code for _, code in _broken(inventory)} & {"strates_vides", "strates_trop_vides"} == broken
    [record] = inventory.records
    found, reason = fate(record, record.lots[0], inventory)
    assert found == status
    assert reason is not None
    assert (
        f"part de la population dans des strates sans entretien : {population / (400 + population):.3f}"[:-1].replace(
            ".", ","
        )
        in reason
    )


@pytest.mark.parametrize(("weight", "broken"), [("1", False), ("20", False), ("7", True)])
def test_weights_sum_to_the_stock_or_to_the_interviews(tmp_path: Path, weight: str, broken: bool) -> None:
    programme = _programme(tmp_path)
    write_contract(tmp_path, mini_contract("V1", ponderation={"colonne": "P"}))
    rows = [row(str(i), DATE="15/10/2019", TC="CI"[i % 2], Q2="" if i % 2 else "2", P=weight) for i in range(40)]
    write_csv(tmp_path / "landing/V1/o1.csv", rows, header=[*V1, "P"])
    assert (("V1/o1.csv", "poids_du_parc") in _broken(_judged(programme))) is broken


def test_a_total_that_the_file_announces_is_compared_with_what_was_read(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    body = mini_contract("V1")
    body["format"]["lignes_ignorees"] = {"colonne": "ORG", "motif": "^Total", "total": r"Total\D*(\d+)"}
    write_contract(tmp_path, body)
    for announced in (40, 41):
        rows = [row(str(i), DATE="15/10/2019", TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(40)]
        write_csv(
            tmp_path / "landing/V1/o1.csv", [*rows, {"ORG": "Total des entretiens", "ID": str(announced)}], header=V1
        )
        inventory = _judged(programme)
        said = [f.example for f in findings(inventory) if f.rule.code == "total_annonce"]
        assert said == ([] if announced == 40 else ["o1.csv, ligne 42 : 41 annoncés par l'émetteur, 40 lus"])
        [record] = inventory.records
        assert fate(record, record.lots[0], inventory)[0] == (ACCEPTED if announced == 40 else RESERVED)


def test_what_was_judged_is_not_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    first = _judged(programme)
    monkeypatch.setattr(judging, "run", None)
    again = judging.judge_lots(programme)
    assert [c.suites for c in again.election.candidates.values()] == [
        c.suites for c in first.election.candidates.values()
    ]
    _deliver(tmp_path, "V1", LIKED[::-1], name="encore.csv")
    with pytest.raises(TypeError):
        _judged(programme)


def test_what_is_put_back_was_judged_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of a programme is known before the next run; what measures a lot is told of those in force alone."""
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    path = tmp_path / "landing/V1/o1.csv"
    first, kept = _judged(programme), path.read_bytes()
    measured = judging.frames(programme)
    _deliver(tmp_path, "V1", LIKED[::-1])
    other = _judged(programme)
    assert fingerprint(programme, other) != fingerprint(programme, first)
    assert judging.frames(programme)["question"].rows() != measured["question"].rows()
    path.write_bytes(kept)
    monkeypatch.setattr(judging, "run", None)
    back = _judged(programme)
    assert fingerprint(programme, back) == fingerprint(programme, first)
    assert all(frame.equals(measured[name]) for name, frame in judging.frames(programme).items())


def test_a_verdict_outlives_its_lot_for_a_while_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_KEPT_FOR", 2)
    programme, table = _programme(tmp_path), Lake(tmp_path).table("verdicts")
    found = []
    for rank in range(5):
        _deliver(tmp_path, "V1", [*LIKED[rank:], *LIKED[:rank]])
        _judged(programme)
        found.append(pl.read_parquet(table)["cle"].n_unique())
    assert found == [1, 2, 3, 4, 4]


def test_an_exclusion_is_decided_once_with_a_reason_and_known_codes(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    exclude(programme, "V1", "O1", "G1", "mal posée")
    assert _judged(programme).excluded == {("V1", "O1", "G1"): "mal posée"}
    for arguments, said in (
        (("V1", "O1", "G1", "encore"), "déjà exclue"),
        (("V1", "O1", "ZZ", "x"), "question ZZ : code inconnu"),
        (("V1", "O1", "D1", " "), "se motive"),
    ):
        with pytest.raises(DeliveryError, match=said):
            exclude(programme, *arguments)


def test_every_expectation_on_deliveries_is_a_rule_of_the_gates_and_the_reverse() -> None:
    expected = {e["regle"]: e["severity"] for suite in suites() if suite.frame for e in suite.expectations}
    ruled = {rule.code: rule.severity for rule in rules().values() if rule.tool}
    assert set(expected) == set(ruled)
    assert {code for code, severity in expected.items() if severity == "critical"} == {
        code for code, severity in ruled.items() if severity in ("bloquante", "exclusion")
    }


def test_a_threshold_that_no_suite_has_is_refused_by_name(tmp_path: Path) -> None:
    programme = _programme(tmp_path, plan_minimun=0.5)
    assert "plan_minimum" in thresholds()
    _deliver(tmp_path, "V1", LIKED)
    with pytest.raises(ProgrammeError, match=r"plausibilite\.plan_minimun : seuil inconnu"):
        _judged(programme)


def test_measures_hold_no_interview(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    _deliver(tmp_path, "V1", LIKED)
    _judged(programme)
    kept = pl.read_parquet(Lake(tmp_path).table("mesures_livraisons"))
    assert kept.height == 1
    assert not {"entretien", "date_entretien"} & set(kept.columns)


def test_the_guide_tells_every_rule_with_its_words_and_its_tool() -> None:
    guide = (PROJECT / "docs/contrats.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| \w+ \| `(\w+)`( \*\*GE\*\*)? \| (.*?) \|", guide, re.MULTILINE)
    assert told == [(r.code, " **GE**" if r.tool else "", r.label) for r in rules().values()]
