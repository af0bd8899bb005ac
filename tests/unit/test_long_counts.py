"""Frequency tables: what their lines make of counts, and what is refused when they contradict one another."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.records import Record
from tests.support.contracts import faults_of
from tests.support.counts import OPTIONS, count_lines, counts_contract, write_lines
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

ABOUT = ["strate", "axe", "segment", "effectif", "effectif poids", "effectif carre"]
NUMBERS = ["n", "poids", "carre"]
Line = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _contract(absente: str = "zero", **changes: Any) -> dict[str, Any]:
    body = counts_contract(
        weighted=True, organisme={"valeur": "O1"}, format={"type": "csv", "separateur": ";", "separateur_entete": " "}
    )
    said = {"question": "question", "reponse": "reponse", "nombres": NUMBERS, "absente": absente}
    rules = body["comptages"] | {"forme_longue": said}
    for question, options in OPTIONS.items():
        rules["questions"][question] = {
            name: {o: f"{question} {o} {number}" for o in options}
            for name, number in zip(("comptes", "poids", "poids_carre"), NUMBERS, strict=True)
        }
    return {**body, "comptages": rules, **changes}


def _long(lines: Sequence[Line], *, zeros: bool = True) -> list[dict[str, Any]]:
    """One line per question and answer of plain lines of counts, all groups mixed."""
    return [
        {c: line[c] for c in ABOUT}
        | {"question": question, "reponse": option, "n": line[f"{question} {option}"]}
        | {number: line[f"{question} {option} {number}"] for number in NUMBERS[1:]}
        for question, options in OPTIONS.items()
        for option in options
        for line in lines
        if zeros or line[f"{question} {option}"] or not any(line[f"{question} {o}"] for o in options)
    ]


def _write(path: Path, lines: Sequence[Line]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=[*ABOUT, "question", "reponse", *NUMBERS], delimiter=";")
        writer.writeheader()
        writer.writerows(lines)


def _take(root: Path, body: dict[str, Any], write: Callable[[Path], Any]) -> Record:
    programme = mini_programme(root, rejets_maximum=1)
    write_contract(root, body)
    write(root / "landing/V2/O1.csv")
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    assert record.lignes_lues == record.lignes_acceptees + record.lignes_rejetees
    return record


def _lines(root: Path, notes: Sequence[str]) -> list[dict[str, Any]]:
    rows = [
        row(
            str(i),
            TC="CCI"[i % 3],
            AGE=str(30 + 5 * (i % 9)),
            Q1=note,
            Q2="2" if i % 3 < 2 else "",
            POIDS=str(1 + i % 4),
        )
        for i, note in enumerate(notes)
    ]
    write_csv(root / "landing/V2/a.csv", rows, header=list(rows[0]))
    [record] = ingest_all(root, mini_contract(ponderation={"colonne": "POIDS"}))
    return count_lines(answers(root, record))


@settings(deadline=None, max_examples=10)
@given(notes=st.lists(st.sampled_from("12348"), min_size=3, max_size=20), zeros=st.booleans())
def test_a_frequency_table_gives_the_counts_of_the_plain_table(
    tmp_path_factory: pytest.TempPathFactory, notes: list[str], zeros: bool
) -> None:
    root = tmp_path_factory.mktemp("frequences")
    lines = _lines(root / "entretiens", notes)
    plain = counts_contract(weighted=True, organisme={"valeur": "O1"})
    wide = _take(root / "large", plain, lambda path: write_lines(path, lines))
    long = _take(root / "longue", _contract(), lambda path: _write(path, _long(lines, zeros=zeros)))
    assert (long.statut, long.lignes_lues) == (wide.statut, len(lines)), long.motif
    one, other = (answers(root / name, record).sort(pl.all()) for name, record in (("large", wide), ("longue", long)))
    assert one.equals(other)


def test_an_answer_without_a_line_is_zero_only_where_the_contract_says_so(tmp_path: Path) -> None:
    lines = _lines(tmp_path / "entretiens", "1111")
    said = [line for line in _long(lines) if line["n"]]
    found = {}
    for absente in ("vide", "zero"):
        record = _take(tmp_path / absente, _contract(absente), lambda path: _write(path, said))
        rows = answers(tmp_path / absente, record).filter(axe="ensemble", question_code="G1")
        found[absente] = {r["modalite_code"] for r in rows.to_dicts()}
    assert found["zero"] == {"TS"}
    # what is not said is not made up: the question has no count
    assert found["vide"] != {"TS"}


@pytest.mark.parametrize(
    ("change", "reject"),
    [
        (lambda lines: [*lines, {**lines[0]}], ("G1", "TS (lignes 2, {last})", "reponse_en_double")),
        (lambda lines: [{**lines[0], "question": ""}, *lines[1:]], ("question", "ligne 2", "valeur_inconnue")),
        (lambda lines: [{**lines[0], "effectif": 99}, *lines[1:]], ("effectif", "99, {size}", "donnees_contraires")),
    ],
)
def test_lines_that_contradict_one_another_cost_their_group(
    tmp_path: Path, change: Callable[[list[Line]], list[Line]], reject: tuple[str, str, str]
) -> None:
    lines = _lines(tmp_path / "entretiens", "123412")
    long = change(_long(lines))
    record = _take(tmp_path / "longue", _contract(), lambda path: _write(path, long))
    assert record.lignes_lues == len(lines)
    told = rejects(tmp_path / "longue", record)
    column, value, rule = reject
    assert (2, column, value.format(last=len(long) + 1, size=lines[0]["effectif"]), rule) in told


def test_a_column_that_is_question_and_number_is_a_fault_of_the_contract(tmp_path: Path) -> None:
    programme, rules = mini_programme(tmp_path), _contract()["comptages"]
    body = _contract(comptages=rules | {"forme_longue": rules["forme_longue"] | {"question": "n"}})
    [problem] = faults_of(write_contract(tmp_path, body), programme)
    assert "comptages.forme_longue : question, reponse et nombres sont des colonnes différentes" in problem


def test_a_frequency_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    rules = _contract()["comptages"]
    body = _contract(comptages=rules | {"forme_longue": rules["forme_longue"] | {"question": "libelle"}})
    lines = _long(_lines(tmp_path / "entretiens", "12"))
    record = _take(tmp_path / "longue", body, lambda path: _write(path, lines))
    assert [q.regle for q in record.qualite] == ["colonnes_absentes"]
    assert "libelle" in record.motif
