"""What people decide about deliveries is kept, whoever decides at the same time, and stays open to the service."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import hashlib
import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from orchestration.errors import ContractError, DeliveryError
from orchestration.extracts import decision_lists
from orchestration.extracts.decision_lists import EXCLUSIONS, LOSSES, WITHDRAWALS
from orchestration.extracts.decisions import exclude, excluded, withdraw, withdrawn
from orchestration.extracts.draft.write import write_draft
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.files import remove, replacing, write_text
from orchestration.installation.findings import Health
from orchestration.installation.readiness import rules
from orchestration.machine import machine_refusal
from orchestration.programme.vocabulary import words_of
from orchestration.publication.changes import _decisions
from orchestration.publication.losses import Loss, accept
from orchestration.publication.memory import remember
from orchestration.settings import Settings
from orchestration.status import as_json, print_status, state_of
from tests.support.demo import observatoire
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
    assert decision_lists.LISTS == (WITHDRAWALS, EXCLUSIONS, LOSSES)


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
    with _full(monkeypatch), pytest.raises(ContractError, match=r"disque est plein \(.*z.yaml\).*Rien n'en est écrit"):
        write_draft("contrat: z\n", target)
    assert list(tmp_path.iterdir()) == []
    write_draft("contrat: z\n", target)
    with pytest.raises(ContractError, match=r"existe déjà"):
        write_draft("contrat: y\n", target)
    with pytest.raises(ContractError, match=r"absent n'est pas là"):
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


HEADERS = {name: ",".join(columns) for name, columns in decision_lists.COLUMNS.items()}
WHEN = "2026-12-01T08:00:00+00:00"


def _list(root: Path, name: str, *lines: str, header: str = "") -> Path:
    path = root / "landing" / name
    write_text("\n".join([header or HEADERS[name], *lines, ""]), path)
    return path


# a line that decides nothing as it stands, and what is said of it
FAULTS = [
    (WITHDRAWALS, f"{'a' * 64},V2/a.csv,{WHEN},", "colonne motif : vide ; y écrire pourquoi, en une phrase"),
    (WITHDRAWALS, f"{'a' * 64},V2/a.csv,{WHEN}", "3 valeurs, et 4 sont attendues (sha256,fichier,retiree_le,motif) ;"),
    (WITHDRAWALS, f"{'a' * 64},V2/a.csv,{WHEN},un motif, coupé", "5 valeurs, et 4 sont attendues"),
    (WITHDRAWALS, f",V2/a.csv,{WHEN},essai", "colonne sha256 : vide ; y écrire les 64 chiffres hexadécimaux"),
    (WITHDRAWALS, f"abc,V2/a.csv,{WHEN},essai", "colonne sha256 : « abc » n'est pas une empreinte SHA-256 ;"),
    (WITHDRAWALS, f"{'a' * 64},V2/a.csv,01/12/2026,essai", "colonne retiree_le : « 01/12/2026 » n'est pas une date ;"),
    (WITHDRAWALS, f"{'a' * 64},V2/a.csv,,essai", "colonne retiree_le : vide ; y écrire le jour, AAAA-MM-JJ"),
    (EXCLUSIONS, f"V9,O1,G1,{WHEN},essai", "colonne vague : « V9 » n'est pas dans vagues.csv ;"),
    (EXCLUSIONS, f"V2,O9,G1,{WHEN},essai", "colonne organisme_code : « O9 » n'est pas dans organismes.csv ;"),
    (EXCLUSIONS, f"V2,O1,G9,{WHEN},essai", "colonne question_code : « G9 » n'est pas dans questions.csv ;"),
    (EXCLUSIONS, f"V2,O1,G1,{WHEN}, ", "colonne motif : vide ;"),
    (LOSSES, f"{WHEN},V2-0.1,V2,O1,1 200,0,essai", "colonne entretiens_avant : « 1 200 » n'est pas un nombre entier ;"),
    (LOSSES, f"{WHEN},V2-0.1,V2,,12,0,essai", "colonne organisme_code : vide ;"),
    (LOSSES, "hier,V2-0.1,V2,O1,12,0,essai", "colonne acceptee_le : « hier » n'est pas une date ;"),
    (EXCLUSIONS, f'V2,O1,G1,{WHEN},"essai', "illisible ; y remettre l'en-tête"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "said"), FAULTS, ids=[f"{n}-{s[:40]}" for n, _, s in FAULTS])
def test_a_line_written_by_hand_that_decides_nothing_is_refused_by_all(
    tmp_path: Path, name: str, line: str, said: str
) -> None:
    programme = mini_programme(tmp_path)
    _list(tmp_path, name, line)
    [fault] = decision_lists.decision_faults(programme)
    place = f"landing/{name}" + ("" if "illisible" in said else ", ligne 2")
    assert str(fault).startswith(place) and said in str(fault)
    before = (tmp_path / "landing" / name).read_bytes()
    for act in (partial(take_inventory, programme), partial(exclude, programme, "V2", "O3", "D1", "essai")):
        with pytest.raises(DeliveryError) as refused:
            act()
        assert str(refused.value) == str(fault)
    assert (tmp_path / "landing" / name).read_bytes() == before
    [found] = [f for f in rules(Settings(tmp_path), words_of(programme.config)) if f.etat == Health.FAULT]
    assert f"{found.constat.rstrip('.')} ; {found.remede}" == str(fault)


def test_check_and_status_tell_a_list_at_fault_and_a_run_refuses_it_before_it_reads(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    _list(tmp_path, WITHDRAWALS, f"{'a' * 64},V2/a.csv,{WHEN},", f"{'b' * 64},V2/b.csv,hier,essai")
    write_text("x", tmp_path / "landing/V2/a.csv")
    first = "landing/retraits.csv, ligne 2, colonne motif : vide ;"
    done = observatoire(tmp_path, "check")
    assert done.returncode == 1 and done.stderr.startswith(first) and len(done.stderr.splitlines()) == 2
    for command in ("status", "run"):
        done = observatoire(tmp_path, command)
        assert done.returncode == 1 and f"Refusé : {first}" in done.stderr and "Et d'autres (1)" in done.stderr


def test_what_a_spreadsheet_does_to_a_list_changes_no_decision(tmp_path: Path) -> None:
    """A mark of UTF-8, carriage returns, upper case, blanks about a code, lines of commas, other columns, a bare day."""
    programme = mini_programme(tmp_path)
    path = _list(
        tmp_path, WITHDRAWALS,
        f"2026-12-01,essai d'été,{'AB' * 32} ,V2/a.csv,", ",,,,",
        header="\ufeffretiree_le,motif,sha256,fichier,vu par",
    )  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    _list(tmp_path, EXCLUSIONS, f" V2,O1 ,G1,{WHEN},essai", header="\ufeff" + HEADERS[EXCLUSIONS])
    assert decision_lists.decision_faults(programme) == []
    lake = Lake(tmp_path)
    assert withdrawn(lake) == {"ab" * 32: {"V2/a.csv": "essai d'été"}}
    assert excluded(lake) == {("V2", "O1", "G1"): "essai"}
    with pytest.raises(DeliveryError, match="déjà retirée"):
        withdraw(lake, "ab" * 32, "V2/a.csv", "encore")
    withdraw(lake, "cd" * 32, "V2/c.csv", "essai")
    assert list(withdrawn(lake)) == ["ab" * 32, "cd" * 32]
    until = dt.datetime(2026, 12, 1, 9)
    told = list(_decisions(lake, ("V2-0.0", until.replace(hour=7)), ("V2-0.1", until)))
    assert told == ["question laissée de côté, G1 de O1 en V2 : essai"]
    told = list(_decisions(lake, ("V2-0.0", until.replace(day=30, month=11)), ("V2-0.1", until)))
    assert told[0] == "livraison retirée, V2/a.csv : essai d'été"


def test_a_release_note_tells_decisions_whatever_their_date_says_and_those_taken_back(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    lake, at = Lake(tmp_path), dt.datetime(2026, 12, 1, 9)
    _list(tmp_path, WITHDRAWALS, f"{'ab' * 32},V2/a.csv,{WHEN},d'abord", f"{'cd' * 32},V2/c.csv,{WHEN},reste")
    remember(lake, "V2-0.0", {}, {}, [])
    # the second was written when the clock was four years late; the third's date by a spreadsheet
    late = f"{'ef' * 32},V2/e.csv,2022-12-01T08:00:00+00:00,en retard"
    _list(tmp_path, WITHDRAWALS, late, f"{'cd' * 32},V2/c.csv,2026-12-01,reste")
    said = [
        "livraison retirée, V2/e.csv : en retard",
        "ligne ôtée de retraits.csv : livraison retirée, V2/a.csv : d'abord",
    ]
    between = (("V2-0.0", at), ("V2-0.1", at.replace(hour=10)))
    assert list(_decisions(lake, *between)) == said
    remember(lake, "V2-0.1", {}, {}, ["V2-0.0"])
    # what is decided after the second edition is no matter of the two
    _list(tmp_path, EXCLUSIONS, f"V2,O1,G1,{WHEN},après")
    assert list(_decisions(lake, *between)) == said


def test_a_question_that_the_wave_did_not_ask_is_not_left_out(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    with pytest.raises(DeliveryError, match=r"« M1 » n'est pas posée en V1 \(questions_vagues.csv\)"):
        exclude(programme, "V1", "O1", "M1", "essai")
    assert not (tmp_path / "landing" / EXCLUSIONS).exists()
    _list(tmp_path, EXCLUSIONS, f"V1,O1,M1,{WHEN},essai", f"V2,O1,M1,{WHEN},essai")
    assert decision_lists.decision_faults(programme) == [] and take_inventory(programme).deliveries == []
    [said] = decision_lists.decision_advice(programme)
    assert said.startswith("landing/exclusions.csv, ligne 2, colonne question_code : « M1 » n'est pas posée en V1")
    assert f"Avertissement, {said}" in observatoire(tmp_path, "check").stdout


def test_the_line_of_a_decision_is_counted_after_one_that_has_several(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    sound = f'V2,O1,G1,{WHEN},"en deux\nlignes, ""ici"""'
    _list(tmp_path, EXCLUSIONS, sound, f"V2,O2,G1,{WHEN},")
    [fault] = decision_lists.decision_faults(programme)
    assert fault.line == 4
    _list(tmp_path, EXCLUSIONS, sound)
    exclude(programme, "V2", "O3", "G1", 'dit « "oui" », puis non')
    assert excluded(Lake(tmp_path)) == {
        ("V2", "O1", "G1"): 'en deux\nlignes, "ici"',
        ("V2", "O3", "G1"): 'dit « "oui" », puis non',
    }


def test_a_withdrawal_of_bytes_that_nobody_delivered_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """A withdrawn delivery may be gone since; the digest may also be mistyped, and then what it means still counts."""
    programme = mini_programme(tmp_path)
    write_text("x", tmp_path / "landing/V2/a.csv")
    right = hashlib.sha256(b"x").hexdigest()
    _list(tmp_path, WITHDRAWALS, f"{right.upper()},V2/a.csv,{WHEN},essai", f"{'e' * 64},V2/b.csv,{WHEN},essai")
    assert decision_lists.decision_faults(programme) == []
    state, text = state_of(programme), io.StringIO()
    assert as_json(state)["retraits_sans_livraison"] == ["V2/b.csv"]
    print_status(Console(file=text, width=1000), state)
    assert (
        "Retraits sans effet, aucune livraison de landing/" in text.getvalue() and "(1) : V2/b.csv." in text.getvalue()
    )
