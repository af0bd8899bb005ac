"""What came to `landing/` after a backup stays when it is put back: files under the same name too, and decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.extracts.decisions import EXCLUSIONS, WITHDRAWALS
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


def test_a_landing_that_is_gone_leaves_nothing_to_keep(saved: Path, tmp_path: Path) -> None:
    assert keep_since(saved, tmp_path / "nowhere") == Since()
