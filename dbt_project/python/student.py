"""The Student distribution over Arrow columns: no SQL engine has it, SciPy has it to double precision.

`p_student` and `quantile_student` are registered as SQL functions of these names: on DuckDB, which passes no null, by
the plugin `loi_de_student`; on Spark, which does, by the adapter in `dbt_project/spark`.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtr, stdtrit


def p_student(t: pa.ChunkedArray, ddl: pa.ChunkedArray) -> pa.Array:
    """Returns P(|T| >= |t|), the two-sided p-value, for T of Student's law with `ddl` degrees of freedom."""
    return pa.array(2.0 * stdtr(ddl.to_numpy(), -abs(t.to_numpy())))


def quantile_student(confiance: pa.ChunkedArray, ddl: pa.ChunkedArray) -> pa.Array:
    """Returns what |T| exceeds with probability 1 - `confiance` only: an interval's half-width, in standard errors."""
    return pa.array(stdtrit(ddl.to_numpy(), (1.0 + confiance.to_numpy()) / 2.0))


def null_aware(function: Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]) -> Callable[..., pa.Array]:
    """Returns the function for arrays of any number type: null in, null out."""

    def aware(first: pa.Array, second: pa.Array) -> pa.Array:
        numbers = [pa.chunked_array([column]).cast(pa.float64()) for column in (first, second)]
        return pc.if_else(pc.and_(first.is_valid(), second.is_valid()), function(*numbers), None)

    return aware
