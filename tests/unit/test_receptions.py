"""Which of two deliveries is the newer is remembered, not read off the files' times."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from orchestration.errors import ProgrammeError
from orchestration.extracts.election import install
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import REGISTER, Seen, completed, receptions
from orchestration.files import file_sha256
from orchestration.status import print_status, state_of
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_programme, row, write_csv

T0 = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _seen(name: str, days: int = 0) -> Seen:
    return Seen("V2", name * 64, f"{name}.csv", T0 + dt.timedelta(days=days))


def _order(found: dict[tuple[str, str], dt.datetime]) -> str:
    return "".join(sha[0] for (_, sha), _ in sorted(found.items(), key=lambda item: item[1]))


def test_files_seen_together_follow_their_times_then_their_names(tmp_path: Path) -> None:
    found = receptions(tmp_path, [_seen("c"), _seen("a"), _seen("b", days=-1)], NOW)
    assert _order(found) == "bac"
    assert found["V2", "b" * 64] == T0 - dt.timedelta(days=1)
    assert len(set(found.values())) == 3


def test_a_file_that_comes_later_is_the_newer_whatever_its_time(tmp_path: Path) -> None:
    receptions(tmp_path, [_seen("a")], NOW)
    found = receptions(tmp_path, [_seen("a"), _seen("b", days=-300), _seen("c", days=-299)], NOW)
    assert _order(found) == "abc"
    assert found["V2", "b" * 64] == NOW
    assert receptions(tmp_path, [_seen("b")], NOW) == found


def test_a_time_to_come_does_not_reign_for_ever(tmp_path: Path) -> None:
    receptions(tmp_path, [_seen("a", days=9999)], NOW)
    later = receptions(tmp_path, [_seen("a", days=9999), _seen("b")], NOW + dt.timedelta(days=1))
    assert _order(later) == "ab"


def test_a_clock_put_back_a_year_does_not_make_the_last_received_the_oldest(tmp_path: Path) -> None:
    receptions(tmp_path, [_seen("a", days=700)], NOW)
    back = receptions(tmp_path, [_seen("a", days=700), _seen("b", days=701)], NOW - dt.timedelta(days=366))
    again = receptions(tmp_path, [_seen(name, days) for name, days in (("a", 700), ("b", 701), ("c", 702))], NOW)
    assert (_order(back), _order(again)) == ("ab", "abc")


def test_a_line_cut_short_costs_that_line_alone(tmp_path: Path) -> None:
    whole = receptions(tmp_path, [_seen("a"), _seen("b", days=1)], NOW)
    register = tmp_path / REGISTER
    register.write_text(register.read_text()[:-90])
    found = receptions(tmp_path, [_seen("a"), _seen("b", days=1), _seen("c", days=2)], NOW)
    assert (_order(found), found["V2", "a" * 64]) == ("abc", whole["V2", "a" * 64])
    assert receptions(tmp_path, [_seen("c")], NOW) == found


def test_a_time_without_its_distance_from_utc_is_of_utc_and_is_completed_so(tmp_path: Path) -> None:
    receptions(tmp_path, [_seen("a", days=1), _seen("b", days=2)], NOW)
    register = tmp_path / REGISTER
    whole = register.read_text(encoding="utf-8")
    register.write_text(whole.replace("2024-01-02T00:00:00.000000+00:00", "2024-01-02 00:00:00"), encoding="utf-8")
    found = receptions(tmp_path, [_seen("a"), _seen("b"), _seen("c", days=3)], NOW)
    assert (_order(found), found["V2", "a" * 64]) == ("abc", T0 + dt.timedelta(days=1))
    # put back beside one of a backup that lacks it, the line is written as it is read
    saved = tmp_path / "saved" / REGISTER
    saved.parent.mkdir()
    saved.write_text("recue_le,vague,sha256,fichier\n", encoding="utf-8")
    assert completed(saved, register) == 3
    assert saved.read_text(encoding="utf-8") == f"{whole}2024-01-04T00:00:00.000000+00:00,V2,{'c' * 64},c.csv\n"


def test_a_register_that_cannot_be_written_refuses_the_run_and_not_the_look(tmp_path: Path) -> None:
    (tmp_path / REGISTER).mkdir()
    seen = [_seen("b"), _seen("a", days=1)]
    assert _order(receptions(tmp_path, seen, NOW, looking=True)) == "ba"
    with pytest.raises(
        ProgrammeError, match=rf"{tmp_path / REGISTER} ne peut pas être écrit.*le rendre inscriptible, et landing/"
    ):
        receptions(tmp_path, seen, NOW)


def test_a_folder_of_which_all_is_remembered_need_not_be_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = receptions(tmp_path, [_seen("a"), _seen("b")], NOW)
    opened = Path.open

    def read_only(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if mode != "r":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", read_only)
    assert receptions(tmp_path, [_seen("b")], NOW) == found
    with pytest.raises(ProgrammeError, match=REGISTER):
        receptions(tmp_path, [_seen("c")], NOW)


def test_a_status_is_told_where_receptions_cannot_be_kept(tmp_path: Path) -> None:
    _deliver(tmp_path, "a.csv", "1", 1_700_000_000)
    (tmp_path / "landing" / REGISTER).mkdir()
    programme = mini_programme(tmp_path)
    text = io.StringIO()
    print_status(Console(file=text, width=120), state_of(programme))
    assert re.search(r"V2/a\.csv .* à lire", text.getvalue())
    with pytest.raises(ProgrammeError, match=REGISTER):
        take_inventory(programme)


def _in_force(inventory: Inventory) -> str:
    return inventory.election.elected["V2", "O1"][0].fichier


def _deliver(root: Path, name: str, answer: str, time: float) -> None:
    path = write_csv(root / "landing/V2" / name, [row(str(i), Q1=answer) for i in range(20)])
    os.utime(path, (time, time))


def test_the_later_delivery_is_in_force_though_its_file_is_as_old_or_older(tmp_path: Path) -> None:
    _deliver(tmp_path, "z.csv", "1", 1_700_000_000)
    ingest_all(tmp_path)
    _deliver(tmp_path, "m.csv", "2", 1_700_000_000)
    ingest_all(tmp_path)
    assert _in_force(take_inventory(mini_programme(tmp_path))) == "V2/m.csv"
    _deliver(tmp_path, "a.csv", "3", 1_600_000_000)
    ingest_all(tmp_path)
    assert _in_force(take_inventory(mini_programme(tmp_path))) == "V2/a.csv"
    # the register outlives everything produced, and the files' times
    shutil.rmtree(tmp_path / "lake")
    for path in (tmp_path / "landing/V2").iterdir():
        os.utime(path, (1_500_000_000, 1_500_000_000))
    ingest_all(tmp_path)
    assert _in_force(take_inventory(mini_programme(tmp_path))) == "V2/a.csv"


@pytest.mark.parametrize("damage", ["gone", "emptied", "one line gone"])
def test_what_the_register_lost_is_made_again_from_the_lake(tmp_path: Path, damage: str) -> None:
    _deliver(tmp_path, "b.csv", "1", 1_700_000_000)
    ingest_all(tmp_path)
    _deliver(tmp_path, "a.csv", "2", 1_600_000_000)
    ingest_all(tmp_path)
    register = tmp_path / "landing" / REGISTER
    lines = register.read_text(encoding="utf-8").splitlines(keepends=True)
    if damage == "gone":
        register.unlink()
    else:
        register.write_text("" if damage == "emptied" else "".join(lines[:-1]), encoding="utf-8")
    # what comes meanwhile is the newest all the same
    _deliver(tmp_path, "0.csv", "3", 1_500_000_000)
    ingest_all(tmp_path)
    assert _in_force(take_inventory(mini_programme(tmp_path))) == "V2/0.csv"
    again = register.read_text(encoding="utf-8").splitlines(keepends=True)
    assert sorted(again[1:3]) == sorted(lines[1:3])
    assert len(again) == 4
    (tmp_path / "landing/V2/0.csv").unlink()
    assert _in_force(take_inventory(mini_programme(tmp_path))) == "V2/a.csv"


def test_two_that_came_at_the_very_same_time_are_told(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv"):
        _deliver(tmp_path, name, "12"[name == "a.csv"], 1_700_000_000)
    ingest_all(tmp_path)
    inventory = take_inventory(mini_programme(tmp_path))
    assert _in_force(inventory) == "V2/b.csv"
    [said] = inventory.election.uncertain.values()
    assert said.startswith("reçue en même temps que V2/a.csv")


def test_a_file_system_without_hard_links_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", no_link)
    _deliver(tmp_path, "a.csv", "1", 1_700_000_000)
    [record] = ingest_all(tmp_path)
    inventory = take_inventory(mini_programme(tmp_path))
    for _ in range(2):
        install(inventory.election, Lake(tmp_path))
    elected = Lake(tmp_path).elected("V2", "O1")
    assert elected.read_bytes() == (tmp_path / str(record.lots[0].fichier)).read_bytes()
    assert [p.name for p in elected.parent.iterdir()] == [elected.name]


def test_a_damaged_lake_file_is_made_again_from_landing(tmp_path: Path) -> None:
    _deliver(tmp_path, "a.csv", "1", 1_700_000_000)
    [record] = ingest_all(tmp_path)
    path = tmp_path / str(record.lots[0].fichier)
    sound = path.read_bytes()
    path.write_bytes(sound[:-9] + b"\0" * 9)
    inventory = take_inventory(mini_programme(tmp_path))
    assert [d.name for d in inventory.stale] == ["a.csv"]
    ingest_all(tmp_path)
    assert path.read_bytes() == sound
    assert not take_inventory(mini_programme(tmp_path)).stale


def test_a_file_in_no_waves_folder_is_told(tmp_path: Path) -> None:
    _deliver(tmp_path, "a.csv", "1", 1_700_000_000)
    (tmp_path / "landing/égaré.csv").write_text("x")
    (tmp_path / "landing/.caché").write_text("x")
    ingest_all(tmp_path)
    assert take_inventory(mini_programme(tmp_path)).stray == ["égaré.csv"]
    assert Lake(tmp_path).landing.joinpath(REGISTER).is_file()


def test_a_waves_folder_that_is_a_link_is_refused_and_nothing_under_it_is_seen(tmp_path: Path) -> None:
    _deliver(tmp_path, "a.csv", "1", 1_700_000_000)
    elsewhere = tmp_path / "ailleurs"
    write_csv(elsewhere / "jamais-vu.csv", [row("1", Q1="2")])
    for name, target in (("2019bis", elsewhere), ("V1", elsewhere), ("cassé", tmp_path / "nulle-part")):
        (tmp_path / "landing" / name).symlink_to(target)
    ingest_all(tmp_path)
    inventory = take_inventory(mini_programme(tmp_path))
    assert inventory.stray == []
    records = {r.fichier: r for r in inventory.records}
    assert set(records) == {"V2/a.csv", "2019bis", "V1", "cassé"}
    for name in ("2019bis", "V1", "cassé"):
        said = f"{name} : c'est un lien, jamais suivi ; déposer à sa place ce qu'il désigne."
        assert (records[name].statut, records[name].motif) == ("rejete", said)
        assert [row.regle for row in records[name].qualite] == ["depot_irregulier"]
    hidden = file_sha256(elsewhere / "jamais-vu.csv")
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and elsewhere not in p.parents]
    assert kept and not any(text in p.read_bytes() for p in kept for text in (b"jamais-vu", hidden.encode()))


def test_what_desktop_systems_and_transfers_leave_is_no_delivery(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    for name in (
        "~$a.xlsx", ".~lock.a.ods#", ".DS_Store", "._a.csv", "Thumbs.db", "desktop.ini", "a.csv.part", "b.xlsx.filepart",
        "~WRL0001.tmp", "Icon\r",
    ):  # fmt: skip
        for folder in (tmp_path / "landing/V2", tmp_path / "landing"):
            (folder / name).write_bytes(b"xy")
    (tmp_path / "landing/$RECYCLE.BIN").mkdir()
    (tmp_path / "landing/$RECYCLE.BIN/b.csv").write_bytes(b"xy")
    # A name that only looks like one of these is a delivery.
    (tmp_path / "landing/V2/partie.csv").write_bytes(b"xy")
    assert [r.fichier for r in ingest_all(tmp_path)] == ["V2/a.csv", "V2/partie.csv"]
    assert take_inventory(mini_programme(tmp_path)).stray == []
