"""What came to `landing/` after a backup stays when it is put back: files under the same name too, and decisions."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import pytest

from orchestration.extracts.decision_lists import EXCLUSIONS, WITHDRAWALS
from orchestration.extracts.inventory import ARRIVALS
from orchestration.extracts.receptions import REGISTER
from orchestration.installation.since import Since, keep_since

TITLES = "sha256,fichier,retiree_le,motif"


def _landing(folder: Path, files: dict[str, str]) -> Path:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body, encoding="utf-8")
    return folder


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return _landing(tmp_path / "saved", {"V2/O1.csv": "a", "V2/O2.csv": "b", WITHDRAWALS: f"{TITLES}\n1,O1.csv,x,y\n"})


def test_a_delivery_that_is_new_stays_where_it_was_in_no_wave_s_folder_too(saved: Path, tmp_path: Path) -> None:
    before = _landing(tmp_path / "before", {"V2/O1.csv": "a", "V3/é à.csv": "c", "O9.csv": "d", "V2/.DS_Store": "e"})
    assert keep_since(saved, before) == Since(("O9.csv", "V3/é à.csv"))
    assert (saved / "V3/é à.csv").read_text(encoding="utf-8") == "c" and not (saved / "V2/.DS_Store").exists()


def test_a_delivery_that_came_again_under_its_name_is_kept_beside_the_one_of_the_backup(
    saved: Path, tmp_path: Path
) -> None:
    (saved / "V2/O2 (2).csv").write_text("already", encoding="utf-8")
    before = _landing(tmp_path / "before", {"V2/O1.csv": "corrected", "V2/O2.csv": "corrected too"})
    assert keep_since(saved, before) == Since(("V2/O1 (2).csv", "V2/O2 (3).csv"))
    assert [(saved / "V2" / name).read_text() for name in ("O1.csv", "O1 (2).csv")] == ["a", "corrected"]
    assert keep_since(saved, before) == Since(), "what is put back is taken from where it was"


def test_what_people_decided_since_is_added_and_nothing_twice(saved: Path, tmp_path: Path) -> None:
    newer = f'{TITLES}\n1,O1.csv,x,y\n2,O2.csv,z,"deux lignes,\nune virgule"\n'
    before = _landing(
        tmp_path / "before", {WITHDRAWALS: newer, EXCLUSIONS: "vague,organisme_code\nV2,O1\n", ARRIVALS: "a,b\n1,2\n"}
    )
    assert keep_since(saved, before) == Since((), (EXCLUSIONS, WITHDRAWALS))
    assert (saved / WITHDRAWALS).read_text(encoding="utf-8") == newer
    assert (saved / EXCLUSIONS).read_text(encoding="utf-8") == "vague,organisme_code\nV2,O1\n"
    assert (saved / ARRIVALS).read_text(encoding="utf-8") == "a,b\n1,2\n"
    assert keep_since(saved, before) == Since()


def test_a_register_that_was_saved_damaged_keeps_nothing_from_being_put_back(saved: Path, tmp_path: Path) -> None:
    (saved / REGISTER).write_bytes(b"\xff\xfe")
    before = _landing(tmp_path / "before", {REGISTER: "recue_le,vague,sha256,fichier\n", "V2/O3.csv": "c"})
    assert keep_since(saved, before) == Since(("V2/O3.csv",))


def test_a_list_that_a_spreadsheet_saved_takes_what_was_decided_since(saved: Path, tmp_path: Path) -> None:
    (saved / WITHDRAWALS).write_bytes(f"{TITLES}\n1,O1.csv,x,retirée\n".encode("latin-1"))
    before = _landing(tmp_path / "before", {WITHDRAWALS: f"{TITLES}\n1,O1.csv,x,retirée\n2,O2.csv,x,é\n"})
    assert keep_since(saved, before) == Since((), (WITHDRAWALS,))
    assert (saved / WITHDRAWALS).read_text(encoding="utf-8") == f"{TITLES}\n1,O1.csv,x,retirée\n2,O2.csv,x,é\n"
    assert keep_since(saved, before) == Since()


def test_a_list_that_is_no_table_or_no_file_is_kept_beside(
    saved: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # some libraries raise the limit for a whole process
    request.addfinalizer(partial(csv.field_size_limit, csv.field_size_limit(131_072)))
    before = _landing(tmp_path / "before", {WITHDRAWALS: f'{TITLES}\n"{"x" * 200_000}', EXCLUSIONS: "a\n1\n"})
    (saved / EXCLUSIONS).mkdir()
    assert keep_since(saved, before) == Since(("exclusions (2).csv", "retraits (2).csv"))


def test_the_longest_name_of_a_disk_is_shortened_for_a_second_copy(saved: Path, tmp_path: Path) -> None:
    name = f"{'é' * 125}.csv"
    _landing(saved, {f"V2/{name}": "a"})
    before = _landing(tmp_path / "before", {f"V2/{name}": "b"})
    [kept] = keep_since(saved, before).deliveries
    assert kept.endswith("é (2).csv") and (saved / kept).read_text() == "b"


@pytest.mark.parametrize(
    ("there", "here", "kept"),
    [("divers", "divers/a.csv", "divers (2)/a.csv"), ("divers/a.csv", "divers", "divers (2)")],
    ids=["a file became a folder", "a folder became a file"],
)
def test_a_folder_and_a_file_of_one_name_are_both_kept(
    saved: Path, tmp_path: Path, there: str, here: str, kept: str
) -> None:
    _landing(saved, {there: "a"})
    before = _landing(tmp_path / "before", {here: "b"})
    assert keep_since(saved, before) == Since((kept,))
    assert ((saved / there).read_text(), (saved / kept).read_text()) == ("a", "b")


def test_what_was_copied_before_an_interruption_is_not_copied_twice(saved: Path, tmp_path: Path) -> None:
    before = _landing(tmp_path / "before", {"V2/O1.csv": "corrected"})
    _landing(saved, {"V2/O1 (2).csv": "corrected"})
    assert keep_since(saved, before) == Since()


def test_a_rehearsal_tells_what_will_be_kept_and_changes_nothing(saved: Path, tmp_path: Path) -> None:
    before = _landing(
        tmp_path / "before", {"V2/O1.csv": "corrected", "V3/O1.csv": "c", WITHDRAWALS: f"{TITLES}\n2,O2.csv,x,y\n"}
    )
    found = {path: path.read_bytes() for folder in (saved, before) for path in folder.rglob("*.csv")}
    told = keep_since(saved, before, rehearsing=True)
    assert found == {path: path.read_bytes() for folder in (saved, before) for path in folder.rglob("*.csv")}
    assert told == keep_since(saved, before) == Since(("V2/O1 (2).csv", "V3/O1.csv"), (WITHDRAWALS,))


def test_a_landing_that_is_gone_leaves_nothing_to_keep(saved: Path, tmp_path: Path) -> None:
    assert keep_since(saved, tmp_path / "nowhere") == Since()
