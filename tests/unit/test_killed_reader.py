"""A reading process that is ended: from outside, it is started once more; by what the file costs, the file is refused."""

from __future__ import annotations

import signal
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import isolated, limits


@pytest.mark.parametrize("kills", [0, 1, 2])
def test_a_killed_reading_process_has_one_successor(
    kills: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"A": ["1", "2"]}).write_parquet(path)
    send, receive, left = Connection.send_bytes, Connection.recv_bytes, [None] * kills

    def asked(pipe: Connection, message: bytes) -> None:
        if left:  # a process that runs may have answered before it is killed
            isolated._current[0].process.send_signal(signal.SIGSTOP)
        send(pipe, message)

    def awaited(pipe: Connection) -> bytes:
        if left:
            left.pop()
            isolated._current[0].process.kill()
            isolated._current[0].process.wait()
        return receive(pipe)

    monkeypatch.setattr(Connection, "send_bytes", asked)
    monkeypatch.setattr(Connection, "recv_bytes", awaited)
    if kills < 2:
        [table] = isolated.read(path, Format(type="parquet"), path.name)
        assert table.frame["A"].to_list() == ["1", "2"]
    else:
        with pytest.raises(DeliveryError, match="elle demande plus de"):
            isolated.read(path, Format(type="parquet"), path.name)


def test_a_reading_is_ended_by_the_processor_time_it_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_column(0, 0, ["a" * 64 + "b", "Q1", "1"])
    # a pattern that no computer tries to its end on that title
    endless = Format.model_validate({"type": "xlsx", "entete": {"cherche": "^(a+)+$"}})
    monkeypatch.setenv(limits.CPU_VARIABLE, "1")
    said = rf"elle demande plus de 1 secondes de calcul.*relever {limits.CPU_VARIABLE} \(en secondes\)"
    with pytest.raises(DeliveryError, match=said):
        isolated.read(path, endless, path.name)
    assert not isolated._current
