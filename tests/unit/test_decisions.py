"""What people decide about deliveries is kept, whoever decides at the same time, and stays open to the service."""

from __future__ import annotations

import csv
import errno
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import ContractError, DeliveryError
from orchestration.extracts import decisions
from orchestration.extracts.decisions import EXCLUSIONS, LOSSES, WITHDRAWALS, exclude, withdraw
from orchestration.extracts.draft.write import write_draft
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.files import remove, replacing, write_text
from orchestration.operation.machine import machine_refusal
from orchestration.publication.losses import Loss, accept
from tests.support.mini import mini_programme


def _at_once(acts: Sequence[Callable[[], None]]) -> list[BaseException]:
    """Starts all at the same moment; returns what they raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def act(one: Callable[[], None]) -> None:
        gate.wait()
        try:
            one()
        except DeliveryError as error:
            raised.append(error)

    threads = [threading.Thread(target=act, args=[one]) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def _lines(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def test_decisions_taken_at_once_are_all_kept(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    lake = Lake(tmp_path)
    withdrawals = [partial(withdraw, lake, f"{n:064x}", f"V2/{n}.csv", "essai") for n in range(12)]
    assert _at_once(withdrawals) == []
    assert _lines(lake.landing / WITHDRAWALS) == 12
    codes = [(organisme, question) for organisme in ("O1", "O2", "O3") for question in ("G1", "C1", "D1")]
    exclusions = [partial(exclude, programme, "V2", *code, "essai") for code in codes]
    assert _at_once(exclusions) == []
    assert _lines(lake.landing / EXCLUSIONS) == len(codes)
    lost = [[Loss("V2", f"O{n}", 9, 0, "")] for n in range(9)]
    accepted = [partial(accept, lake.landing, "V2-0.1", one, "essai") for one in lost]
    assert _at_once(accepted) == []
    assert _lines(lake.landing / LOSSES) == 9


def test_of_several_who_withdraw_the_same_delivery_all_but_one_are_told(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    told = _at_once([partial(withdraw, lake, "a" * 64, "V2/a.csv", "essai")] * 6)
    assert [str(error) for error in told] == ["V2/a.csv : cette livraison est déjà retirée."] * 5
    assert _lines(lake.landing / WITHDRAWALS) == 1
    assert decisions.LISTS == (WITHDRAWALS, EXCLUSIONS, LOSSES)


@contextmanager
def _full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing more goes to the disk: what the kernel says of it names no file."""

    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        yield


def test_a_full_disk_is_said_with_the_file_it_has_no_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path)
    with _full(monkeypatch), pytest.raises(OSError, match="No space left") as refused:
        withdraw(lake, "a" * 64, "V2/a.csv", "essai")
    place = lake.landing / WITHDRAWALS
    assert machine_refusal(refused.value) == f"Le disque est plein ({place}) ; libérer de la place, puis relancer."
    assert not place.exists()


def test_a_library_that_only_tells_the_number_of_the_error_is_said_with_the_file(tmp_path: Path) -> None:
    def polars() -> None:
        with replacing(tmp_path / "x.parquet"):
            raise pl.exceptions.ComputeError("No space left on device (os error 28)")

    with pytest.raises(OSError, match=rf"\[Errno 28\].*{tmp_path}/x.parquet"):
        polars()
    write_parquet(pl.DataFrame({"a": [1]}), tmp_path / "x.parquet")


def test_a_draft_that_finds_no_room_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "z.yaml"
    with _full(monkeypatch), pytest.raises(ContractError, match=r"z.yaml ne peut pas être écrit \(No space left"):
        write_draft("contrat: z\n", target)
    assert list(tmp_path.iterdir()) == []
    write_draft("contrat: z\n", target)
    with pytest.raises(ContractError, match=r"existe déjà"):
        write_draft("contrat: y\n", target)
    with pytest.raises(ContractError, match=r"ne peut pas être écrit"):
        write_draft("contrat: y\n", tmp_path / "absent" / "y.yaml")
    assert target.read_text(encoding="utf-8") == "contrat: z\n" and not (tmp_path / "absent").exists()


@pytest.fixture
def _private() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_private")
def test_a_file_that_is_replaced_stays_open_to_whom_it_was(tmp_path: Path) -> None:
    path = tmp_path / "retraits.csv"
    path.touch()
    path.chmod(0o664)
    write_text("x", path)
    assert path.stat().st_mode & 0o777 == 0o664
    write_text("x", tmp_path / "neuf.csv")
    assert (tmp_path / "neuf.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("_private")
@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files to another account")
def test_what_root_writes_belongs_to_whom_the_file_or_its_folder_belonged(tmp_path: Path) -> None:
    service, group = 54321, 54322
    os.chown(tmp_path, service, group)
    lake = Lake(tmp_path)
    withdraw(lake, "a" * 64, "V2/a.csv", "essai")
    assert {(p.stat().st_uid, p.stat().st_gid) for p in tmp_path.rglob("*")} == {(service, group)}
    path = lake.landing / WITHDRAWALS
    os.chown(path, service, 54399)
    withdraw(lake, "b" * 64, "V2/b.csv", "essai")
    assert (path.stat().st_uid, path.stat().st_gid) == (service, 54399)


def test_what_cannot_be_deleted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/c").touch()

    def immutable(path: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "rmdir", immutable)
        with pytest.raises(OSError, match="Operation not permitted"):
            remove(tmp_path / "a")
    assert not (tmp_path / "a/c").exists(), "what may be deleted is"
    remove(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
