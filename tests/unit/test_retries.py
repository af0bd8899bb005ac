"""Passing faults are tried again, a few times; no other is."""

import errno
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.defs import retries
from orchestration.defs.retries import passes, tried_again
from orchestration.errors import ProgrammeError, PublicationRefused

_HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('tenu', flush=True); sys.stdin.read()"


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.EBUSY, "Device or resource busy"),
        OSError(errno.ESTALE, "Stale file handle"),
        RuntimeError('IO Error: Could not set lock on file "x": Conflicting lock is held'),
    ],
)
def test_what_passes(fault: Exception) -> None:
    assert passes(fault)
    try:
        raise RuntimeError("l'étape a échoué") from fault
    except RuntimeError as outer:
        assert passes(outer)


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
        PermissionError(errno.EACCES, "Permission denied"),
        ProgrammeError("plan_sondage.csv, ligne 8"),
        PublicationRefused("rien n'a été publié"),
        dg.Failure("Données de référence refusées", allow_retries=False),
        ZeroDivisionError(),
    ],
)
def test_what_does_not_pass(fault: Exception) -> None:
    assert not passes(fault)
    with pytest.raises(type(fault)), tried_again():
        raise fault


def _run(asset: dg.AssetsDefinition) -> tuple[bool, int]:
    with dg.instance_for_test() as instance:
        result = dg.materialize([asset], instance=instance, raise_on_error=False)
    return result.success, sum(e.event_type_value == "STEP_UP_FOR_RETRY" for e in result.all_events)


def test_a_warehouse_that_somebody_holds_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "SECONDS", 0)
    path = str(tmp_path / "entrepot.duckdb")
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"tenu\n"

    @dg.asset
    @tried_again()
    def entrepot(context: dg.AssetExecutionContext) -> None:
        if context.retry_number == 1:
            holder.communicate()
        with duckdb.connect(path) as connection:
            connection.execute("create table t (i int)")

    assert _run(entrepot) == (True, 1)


def test_what_does_not_pass_in_the_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "SECONDS", 0)

    @dg.asset
    def reponses() -> None:
        with tried_again():
            raise OSError(errno.EBUSY, "Device or resource busy")

    assert _run(reponses) == (False, retries.TRIES)


def test_a_full_disk_is_not_tried_again() -> None:
    @dg.asset
    def reponses() -> None:
        with tried_again():
            raise OSError(errno.ENOSPC, "No space left on device")

    assert _run(reponses) == (False, 0)
