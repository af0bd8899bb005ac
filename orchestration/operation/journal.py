"""Dagster's event log during a run of the command line: Dagster's own files, opened once and not for each event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

_BUSY_SECONDS = 60


def kept_event_log(home: Path) -> dict[str, Any]:
    """Returns what to say in place of a `dagster.yaml`'s `event_log_storage`, for the files Dagster makes in `home`."""
    where = {"base_dir": str(home / "history" / "runs")}
    return {"module": KeptEventLog.__module__, "class": KeptEventLog.__name__, "config": where}


class KeptEventLog(SqliteEventLogStorage):
    """SQLite event log whose connections stay open: a run of ours writes a thousand events, alone, and then closes.

    Dagster's own makes an engine, a connection and a checkpoint for each event: a twelfth of a small run's time.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptEventLog:
        """Takes what Dagster's own takes: `base_dir`."""
        return cls(config_value["base_dir"], inst_data)

    def dispose(self) -> None:
        """Closes the connections."""
        for engine in self._kept.values():
            engine.dispose()
        self._kept.clear()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._kept:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _lighter)
            self._initdb(engine)
            self._kept[shard] = engine
        return self._kept[shard]


def _lighter(connection: Any, _: Any) -> None:
    """In WAL mode a commit survives a killed process; only a power cut may cost the last events, never the file."""
    connection.execute("PRAGMA synchronous=NORMAL")
