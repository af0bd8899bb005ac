"""A national wave, from delivered CSV files to the published edition, against the same counts by other means.

Each size is a programme of its own (`national`). The floor is what bare DuckDB takes from the same files to the same
counts. Every alternative must come to the product's own counts, or its time would say nothing.
"""

from __future__ import annotations

import itertools
import math
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.measure import BIN, ROOT, Taken, timed
from bench.national import write_national
from bench.page import decimal, seconds, table, thousands
from bench.queries import latencies
from bench.runs import environment, held_back, reading, run

WAVE = "2022"
LEAST_ORGANISMES, MOST_ORGANISMES, BY_ORGANISME = 18, 625, 1000
# beyond, R and pandas are said not to finish
R_SECONDS = 240
PANDAS_INTERVIEWS = 1_000_000
R_INTERVIEWS = 200_000
_NODE = re.compile(r"OK created sql incremental model \S*comptage \.+ \[\S+ ?\S* in ([0-9.]+)s\]")


@dataclass(frozen=True)
class Size:
    """What one size took.

    Attributes:
        interviews: how many were delivered.
        organismes: how many delivered.
        run: the whole run, CSV to edition and reports, of all deliveries but one.
        reading: of it, reading the deliveries, in whole seconds.
        counting: of it, the model that counts.
        late: a night with one more delivery.
        queries: median and 95th percentile of the guide's queries on the published file, in milliseconds.
        others: by means, what it took, None where it was not tried at this size.
        r: questions that R did in its time, how many there are, its seconds; None where it was not tried.
    """

    interviews: int
    organismes: int
    run: Taken
    reading: int
    counting: float
    late: Taken
    queries: tuple[float, float]
    others: dict[str, Taken | None]
    r: tuple[int, int, float] | None


def scale(sizes: list[int], told: Callable[[str], None]) -> list[str]:
    """Takes each size once, from the smallest.

    Args:
        sizes: interviews.
        told: called with what is being done.

    Returns:
        tables, in Markdown.
    """
    taken = [_size(size, told) for size in sorted(sizes)]
    return [_runs(taken), _nights(taken), _counts(taken), _growth(taken)]


def _size(interviews: int, told: Callable[[str], None]) -> Size:
    organismes = max(LEAST_ORGANISMES, min(MOST_ORGANISMES, interviews // BY_ORGANISME))
    label = f"{interviews:,} interviews of {organismes} organismes"
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as temporary:
        folder = Path(temporary).resolve()
        root = folder / "programme"
        root.mkdir()
        told(f"{label}: writing the deliveries")
        *_, last = write_national(root, organismes, interviews // organismes, (WAVE,))
        with held_back(root, last):
            told(f"{label}: the run of all deliveries but one")
            whole = run(root)
            log = (root / "warehouse" / "dbt" / "consolidation.log").read_text(encoding="utf-8")
            [counting] = _NODE.findall(re.sub(r"\x1b\[[0-9;]*m", "", log))
        told(f"{label}: a night with one more delivery")
        late = run(root)
        others: dict[str, Taken | None] = {}
        for name, module, most in (("bare DuckDB", "bare", math.inf), ("pandas", "analyst", PANDAS_INTERVIEWS)):
            others[name] = None
            if interviews <= most:
                told(f"{label}: {name}")
                others[name] = timed(
                    [str(BIN / "python"), "-m", f"bench.alternatives.{module}", str(root), str(folder / module)],
                    environment(root),
                )
                _agree(root, folder / module)
        return Size(
            interviews, organismes, whole, reading(whole), float(counting), late,
            latencies(root / "published" / "observatoire.duckdb"), others,
            _r(root, folder, interviews, label, told),
        )  # fmt: skip


def _r(
    root: Path, folder: Path, interviews: int, label: str, told: Callable[[str], None]
) -> tuple[int, int, float] | None:
    """Questions done, questions there are, and the seconds without reading the files."""
    program = shutil.which("Rscript")
    if program is None or interviews > R_INTERVIEWS:
        return None
    told(f"{label}: R survey")
    script = str(ROOT / "bench" / "alternatives" / "survey.R")
    said = timed([program, script, str(root), str(folder / "r.csv"), str(R_SECONDS)], environment(root)).output.split()
    return int(said[-3]), int(said[-2]), float(said[-1])


def _agree(root: Path, result: Path) -> None:
    """Raises ValueError where other means come to other counts."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{root}/warehouse/observatoire.duckdb' as own (read_only)")
        if result.read_bytes()[:4] == b"PAR1":
            other = f"read_parquet('{result}')"
        else:
            connection.execute(f"attach '{result}' as other (read_only)")
            other = "other.comptage"
        keys = "organisme_code, strate, axe, segment, question_code"
        [(differing,)] = connection.sql(
            f"""
            select count(*)
            from (select * from own.intermediaire.comptage where modalite_code <> '*') as own
            full join {other} as other
                on {" and ".join(f"own.{key} = other.{key}" for key in keys.split(", "))} and modalite_code = modalite
            where own.n is distinct from other.n
            """
        ).fetchall()
    if differing:
        raise ValueError(f"{result.name}: {differing} counts are not the product's")


def _runs(taken: list[Size]) -> str:
    rows = []
    for size in taken:
        floor = size.others["bare DuckDB"]
        assert floor is not None
        rows.append([
            thousands(size.interviews), str(size.organismes), seconds(size.run.seconds), seconds(size.reading),
            decimal(size.run.peak), seconds(floor.seconds), decimal(floor.peak),
            decimal(size.run.seconds / floor.seconds, 1),
        ])  # fmt: skip
    header = [
        "entretiens",
        "organismes",
        "exécution, s",
        "dont lecture, s",
        "pic, Mio",
        "plancher, s",
        "pic, Mio",
        "rapport",
    ]
    return table(header, rows)


def _nights(taken: list[Size]) -> str:
    return table(
        ["entretiens", "nuit d'une livraison, s", "/ exécution", "requêtes du guide, médiane, ms", "95ᵉ centile, ms"],
        [
            [
                thousands(size.interviews), seconds(size.late.seconds),
                decimal(size.late.seconds / size.run.seconds, 2), *(decimal(value, 1) for value in size.queries),
            ]
            for size in taken
        ],
    )  # fmt: skip


def _counts(taken: list[Size]) -> str:
    rows = []
    for size in taken:
        cells = [thousands(size.interviews), decimal(size.counting, 2)]
        for name in ("bare DuckDB", "pandas"):
            other = size.others[name]
            cells.append("non essayé" if other is None else decimal(other.seconds / size.counting, 1))
        if size.r is None:
            cells.append("non essayé")
        else:
            done, there, spent = size.r
            part = "" if done == there else f" ({done} questions sur {there} en {spent:.0f} s, le reste en proportion)"
            cells.append(f"{spent * there / done / size.counting:.0f}{part}")
        rows.append(cells)
    return table(
        ["entretiens", "comptage, s", "DuckDB seul / comptage", "pandas / comptage", "R survey / comptage"],
        rows,
    )


def _growth(taken: list[Size]) -> str:
    rows = []
    for before, after in itertools.pairwise(taken):
        more = math.log(after.interviews / before.interviews)
        rows.append([
            f"de {thousands(before.interviews)} à {thousands(after.interviews)}",
            decimal(math.log(after.run.seconds / before.run.seconds) / more, 2),
            decimal(math.log(after.run.peak / before.run.peak) / more, 2),
        ])  # fmt: skip
    return table(["croissance, exposant du nombre d'entretiens", "durée", "pic de mémoire"], rows)
