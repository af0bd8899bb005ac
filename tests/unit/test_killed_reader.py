"""A reading process that is killed from outside: started once more, for the file may not be why."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import isolated


@pytest.mark.parametrize("kills", [0, 1, 2])
def test_a_killed_reading_process_has_one_successor(
    kills: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"A": ["1", "2"]}).write_parquet(path)
    real, left = Connection.recv_bytes, [None] * kills

    def receive(pipe: Connection) -> bytes:
        if left:
            left.pop()
            isolated._current[0].process.kill()
            isolated._current[0].process.wait()
        return real(pipe)

    monkeypatch.setattr(Connection, "recv_bytes", receive)
    if kills < 2:
        [table] = isolated.read(path, Format(type="parquet"), path.name)
        assert table.frame["A"].to_list() == ["1", "2"]
    else:
        with pytest.raises(DeliveryError, match="elle demande plus de"):
            isolated.read(path, Format(type="parquet"), path.name)
