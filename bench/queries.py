"""The queries of the analysts' guide, and how long they take."""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path

import duckdb

from bench.measure import ROOT

REPEATED = 20


def of_the_guide() -> list[str]:
    """Every query that `docs/bi.md` shows."""
    return re.findall(r"```sql\n(.+?)```", (ROOT / "docs" / "bi.md").read_text(encoding="utf-8"), re.DOTALL)


def latencies(database: Path) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds, of the guide's queries, each REPEATED times on an open file."""
    taken = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for query in of_the_guide():
            connection.execute(query).fetchall()
            for _ in range(REPEATED):
                start = time.perf_counter()
                connection.execute(query).fetchall()
                taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
