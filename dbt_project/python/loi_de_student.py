"""The Student distribution as two SQL functions of DuckDB: a dbt-duckdb plugin, named in profiles.yml."""

from __future__ import annotations

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from student import p_student, quantile_student


class Plugin(BasePlugin):
    """Gives each connection of dbt the functions; null in, null out."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Registers the functions, each of two DOUBLE columns and returning one."""
        for function in (p_student, quantile_student):
            conn.create_function(function.__name__, function, ["DOUBLE", "DOUBLE"], "DOUBLE", type="arrow")
