"""The Student distribution as two SQL functions: DuckDB has none, SciPy has it to double precision.

A dbt-duckdb plugin, named in profiles.yml: dbt registers the functions when it connects. Any other engine takes
functions of the same names.
"""

from __future__ import annotations

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from scipy.special import stdtr, stdtrit


def p_student(t: pa.ChunkedArray, ddl: pa.ChunkedArray) -> pa.Array:
    """Returns P(|T| >= |t|), the two-sided p-value, for T of Student's law with `ddl` degrees of freedom."""
    return pa.array(2.0 * stdtr(ddl.to_numpy(), -abs(t.to_numpy())))


def quantile_student(confiance: pa.ChunkedArray, ddl: pa.ChunkedArray) -> pa.Array:
    """Returns what |T| exceeds with probability 1 - `confiance` only: an interval's half-width, in standard errors."""
    return pa.array(stdtrit(ddl.to_numpy(), (1.0 + confiance.to_numpy()) / 2.0))


class Plugin(BasePlugin):
    """Gives each connection of dbt the functions of this module; null in, null out."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Registers the functions, each of two DOUBLE columns and returning one."""
        for function in (p_student, quantile_student):
            conn.create_function(function.__name__, function, ["DOUBLE", "DOUBLE"], "DOUBLE", type="arrow")
