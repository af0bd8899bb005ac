"""Whatever the form of a delivery, the lake has the rows that the plain table gives; every interview is accounted for."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from orchestration.extracts.catalogue import rules
from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.differences import changed_interviews
from orchestration.extracts.gates import findings
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import Record
from tests.support.any_delivery import Interview, interviews
from tests.support.contracts import faults_of
from tests.support.forms import FORMS, PLAIN, Form
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

_SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _delivered(root: Path, form: Form, rows: list[dict[str, str]]) -> list[Record]:
    folder = root / "landing/V2"
    folder.mkdir(parents=True)
    form.write(folder, rows)
    return ingest_all(root, dict(form.contract), rejets_maximum=1)


def _lake(root: Path, record: Record, form: Form) -> dict[str, pl.DataFrame]:
    """The rows of each organisme in the lake, in an order of their own, without what the form cannot give."""
    found = {}
    for at, lot in enumerate(record.lots):
        if lot.fichier:
            rows = answers(root, record, at).drop(form.other)
            lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
            found[str(lot.organisme_code)] = rows.with_columns(pl.col(lists).list.join(",")).sort(pl.all())
    return found


def _said(drawn: list[Interview], form: Form) -> list[Interview]:
    """Leaves out what the form has no datum for: the plain table would reject what the form must accept."""
    if form.ascii:
        drawn = [i for i in drawn if "".join(i.cells.values()).isascii()]
    said = [i for i in drawn if not any(rule in form.unsaid for _, _, rule in i.rejects)]
    if "doublon" not in form.unsaid:
        return said
    # a repeat of an interview that is rejected for something else is drawn without the rule's name
    return list({i.cells["ID"]: i for i in said}.values())


@pytest.mark.parametrize("form", FORMS, ids=repr)
@settings(_SETTINGS, max_examples=8)
@given(drawn=interviews())
def test_the_lake_does_not_depend_on_the_form(form: Form, drawn: list[Interview]) -> None:
    _check(form, drawn)


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS, ids=repr)
@settings(_SETTINGS, max_examples=300)
@given(drawn=interviews())
def test_the_lake_does_not_depend_on_the_form_in_many_more_deliveries(form: Form, drawn: list[Interview]) -> None:
    _check(form, drawn)


def _check(form: Form, drawn: list[Interview]) -> None:
    drawn = _said(drawn, form)
    assume(drawn)
    rows = [i.cells for i in drawn]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        [plain] = _delivered(Path(one), PLAIN, rows)
        [record] = _delivered(Path(other), form, rows)
        expected, found = _lake(Path(one), plain, form), _lake(Path(other), record, form)
    assert record.lignes_lues == len(drawn), record.motif
    assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees
    assert record.lignes_rejetees == sum(bool(i.rejects) for i in drawn)
    assert set(found) == set(expected), record.motif
    for organisme, lake in expected.items():
        assert found[organisme].equals(lake), organisme


@pytest.mark.parametrize("form", FORMS, ids=repr)
@settings(_SETTINGS, max_examples=3)
@given(versions=st.lists(interviews(), min_size=2, max_size=2))
def test_lines_read_are_accepted_rejected_or_superseded(form: Form, versions: list[list[Interview]]) -> None:
    drawn = [_said(version, form) for version in versions]
    assume(all(drawn))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        landing = root / "landing/V2"
        landing.mkdir(parents=True)
        for age, (letter, version) in enumerate(zip("ab", drawn, strict=True)):
            (root / letter).mkdir()
            form.write(root / letter, [i.cells for i in version])
            for path in (root / letter).iterdir():
                os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
                path.rename(landing / (letter + path.name[1:]))
        records = ingest_all(root, dict(form.contract), rejets_maximum=1)
        programme = mini_programme(root, rejets_maximum=1)
        inventory = take_inventory(programme)
        write_control_tables(inventory, {}, programme)
        fate = pl.read_parquet(Lake(root).table("livraisons"))
    # the same bytes twice are one delivery
    read = sum(r.lignes_lues for r in inventory.records)
    assert read == sum(len(version) for version in drawn) or len(inventory.records) < len(records)
    assert fate["lignes_lues"].sum() == read
    parts = fate["lignes_acceptees"] + fate["lignes_rejetees"] + fate["lignes_remplacees"]
    assert parts.to_list() == fate["lignes_lues"].to_list()


def _anonymous() -> dict[str, Any]:
    return {k: v for k, v in mini_contract().items() if k not in ("entretien", "date_entretien")}


def test_a_composite_identifier_is_whole_and_stays_hidden(tmp_path: Path) -> None:
    rows = [
        row("", FOYER="1", RANG="23"),
        row("", FOYER="12", RANG="3"),
        row("", FOYER="12", RANG=""),
        row("", FOYER="1", RANG="23"),
    ]
    header = ["ORG", "FOYER", "RANG", *list(row(""))[2:]]
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=header)
    [record] = ingest_all(tmp_path, mini_contract(entretien=["FOYER", "RANG"]))
    assert (record.lignes_lues, record.lignes_acceptees) == (4, 2)
    assert rejects(tmp_path, record) == [
        (4, "FOYER, RANG", "(donnée personnelle masquée)", "identifiant_absent"),
        (5, "FOYER, RANG", "(donnée personnelle masquée)", "doublon"),
    ]


def test_what_an_absent_identifier_or_date_costs_is_said(tmp_path: Path) -> None:
    header = [c for c in row("") if c not in ("ID", "DATE")]
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("1")], header=header)
    [record] = ingest_all(tmp_path, _anonymous())
    assert record.lignes_acceptees == 2
    told = {(q.regle, q.nb_lignes): q.exemple for q in record.qualite}
    assert set(told) == {("sans_identifiant", 2), ("sans_date", 2)}
    assert "aucun doublon ne se voit" in told["sans_identifiant", 2]
    lake = answers(tmp_path, record)
    assert lake["date_entretien"].to_list() == [None, None]
    assert all(name.startswith("place-") for name in lake["entretien"])
    # what was not controlled is not listed as held
    listed = {f.rule.code for f in findings(take_inventory(mini_programme(tmp_path))) if f.held}
    datum = {code for code, rule in rules().items() if rule.datum}
    assert datum == {"identifiant_absent", "doublon", "date_illisible", "hors_fenetre"}
    assert not datum & listed
    assert "valeur_inconnue" in listed


def test_interviews_without_identifier_are_compared_by_what_they_say(tmp_path: Path) -> None:
    header = [c for c in row("") if c != "ID"]
    body = mini_contract()
    del body["entretien"]
    versions = []
    for name, rows in (("un", ["1", "2", "2"]), ("deux", ["4", "1", "2", "2"]), ("trois", ["1", "3", "2"])):
        write_csv(tmp_path / name / "landing/V2/a.csv", [row("", Q1=q) for q in rows], header=header)
        [record] = ingest_all(tmp_path / name, body)
        versions.append(answers(tmp_path / name, record))
    one, two, three = versions
    assert changed_interviews(one, one) == (0, 0, 0)
    # one line more at the top moves all the others, and changes none
    assert changed_interviews(one, two) == (1, 0, 0)
    assert changed_interviews(two, one) == (0, 1, 0)
    assert changed_interviews(one, three) == (0, 0, 1)


@pytest.mark.parametrize(
    ("written", "key", "said"),
    [
        ({"valeur": "15/10/2022"}, "date_entretien.valeur", "n'est pas une date ; l'écrire AAAA-MM-JJ"),
        ({"valeur": "2021-10-15"}, "date_entretien.valeur", "n'est pas dans le terrain de V2"),
        ({"valeur": "2022-10-15", "colonne": "DATE"}, "date_entretien", "ôter colonne et format, ou valeur"),
        ({}, "date_entretien", "il y manque une de ces clés : colonne, valeur"),
    ],
)
def test_a_wrong_constant_date_is_a_fault_of_the_contract(
    tmp_path: Path, written: dict[str, str], key: str, said: str
) -> None:
    programme = mini_programme(tmp_path)
    [problem] = faults_of(write_contract(tmp_path, mini_contract(date_entretien=written)), programme)
    assert f", {key} : " in problem
    assert said in problem


def test_a_day_may_be_written_with_or_without_quotes(tmp_path: Path) -> None:
    header = [c for c in row("") if c != "DATE"]
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")], header=header)
    [record] = ingest_all(tmp_path, mini_contract(date_entretien={"valeur": dt.date(2022, 11, 3)}))
    assert answers(tmp_path, record)["date_entretien"].to_list() == [dt.date(2022, 11, 3)]


@pytest.mark.parametrize("written", [5, [], [5], {"colonne": "ID"}])
def test_an_identifier_is_a_column_or_a_list_of_columns(tmp_path: Path, written: object) -> None:
    programme = mini_programme(tmp_path)
    [problem] = faults_of(write_contract(tmp_path, mini_contract(entretien=written)), programme)
    assert ", entretien" in problem
    assert "attendu" in problem
