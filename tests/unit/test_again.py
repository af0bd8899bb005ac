"""A file that comes again under a numbered name is read as the one that it repeats."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from orchestration.extracts.again import answers, as_sent, names_again, rank
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


@pytest.mark.parametrize(
    ("name", "sent", "number"),
    [
        ("a.csv", "a.csv", 1),
        ("a (2).csv", "a.csv", 2),
        ("a.b (12).csv", "a.b.csv", 12),
        ("sans suffixe (3)", "sans suffixe", 3),
        ("a (v2).csv", "a (v2).csv", 1),
        ("a(2).csv", "a(2).csv", 1),
        ("a (2) b.csv", "a (2) b.csv", 1),
    ],
)
def test_the_number_of_a_name_is_found(name: str, sent: str, number: int) -> None:
    assert (as_sent(name), rank(name)) == (sent, number)


@pytest.mark.parametrize("name", ["extrait.csv", "archive.tar.gz", "sans suffixe", "a (2).csv"])
def test_the_names_that_a_file_may_take_are_those_of_one_file(name: str) -> None:
    first, *others = islice(names_again(name), 4)
    assert first == name
    assert [rank(other) for other in others] == [2, 3, 4]
    assert {as_sent(other) for other in others} == {name} or rank(name) > 1
    assert all(answers(other, [name]) for other in others) or rank(name) > 1


def test_a_contract_that_takes_the_organisme_from_the_name_reads_it(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    contract = mini_contract(fichiers=["i_o1.csv"], organisme={"nom_fichier": "i_(.+)\\.csv"})
    write_contract(programme.root, contract)
    for name, n in (("i_o1.csv", "1"), ("i_o1 (2).csv", "2")):
        write_csv(tmp_path / "landing/V2" / name, [row(n)])
    contracts = load_contracts(programme)
    assert contracts.faults == []
    found = deliveries(programme, contracts)
    assert [d.contract.organisme_of(d.name, programme) for d in found if d.contract] == ["O1", "O1"]
    assert [d.refusal for d in found] == [None, None]
