"""Writes results/tauargus.csv: how many cells τ-ARGUS holds back in each table of `optimum.drawn`; lets it audit ours.

Run by hand, in an environment with scipy and pytauargus 0.6.0: `PYTHONPATH=dbt_project/python python -m tests.oracle.tauargus`.
The tables are given to its solver as it stores them (JJ files), because its own table descriptions cannot hold perimeters that
overlap.
"""

from __future__ import annotations

import contextlib
import csv
import tempfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
from disclosure.admission import Rules, Table, held_back

from tests.oracle.optimum import Cell, Drawn, drawn, totalled

RESULTS = Path(__file__).resolve().parent / "results" / "tauargus.csv"
TABLES = 60
# half of 10 % on each side: given a sliding level alone, its solver holds nothing back
_SIDE = 0.05


def problem(table: Drawn, held: Collection[Cell] = ()) -> str:
    """Returns a JJ file: cells with cost, status and protection, then the sums that bind them. Organismes' cells come first."""
    own = totalled(table.brought)
    count, columns = own.shape
    masked = np.vstack([np.ones(own.shape, dtype=bool), table.primary])
    values = np.vstack([own, table.base])
    cells = []
    for number, (row, column) in enumerate(np.ndindex(*values.shape)):
        value = values[row, column]
        status = "u" if masked[row, column] else "m" if (row - count, column) in held else "s"
        side = _SIDE * value if status == "u" else 0
        cells.append(f"{number} {value:g} 1 {status} 0 {10 * values.max():g} {side:.6f} {side:.6f} 0")
    sums = [[row * columns + column for column in range(columns)] for row in range(len(values))]
    for ensemble, members in enumerate(table.members):
        rows = [count + ensemble, *np.flatnonzero(members)]
        sums += [[int(row) * columns + column for row in rows] for column in range(columns)]
    lines = [f"0 {len(one)} : {one[0]} (-1) " + " ".join(f"{cell} (1)" for cell in one[1:]) for one in sums]
    return "\n".join(["0", str(len(cells)), *cells, str(len(sums)), *lines, ""])


def withheld(table: Drawn, level: float, *, members: bool) -> set[Cell]:
    """Returns the cells that our own admission holds back."""
    axes = {"axe": Table(table.brought[None], table.primary[None], table.base[None])}
    held = held_back(table.members, table.ranks, axes, Rules(level=level, organismes=True, members=members))
    return {(int(ensemble), int(column)) for ensemble, column in np.argwhere(held["axe"][0] != "")}


def main() -> None:
    """Solves every table, writes the results, and tells how many cells its audit finds unprotected."""
    from pytauargus import HiTaSCtrl
    from pytauargus._tauargus import audit_jj

    solver = HiTaSCtrl()
    found = {"nothing held back": 0, "ours held back": 0}
    # the solver leaves its logs where it is run
    with RESULTS.open("w", newline="") as out, tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["table", "retenues"])
        for seed in range(TABLES):
            asked, answered = Path(folder) / "in.jj", Path(folder) / "out"
            asked.write_text(problem(drawn(seed)))
            if solver.full_jj(str(asked), str(answered), 1):
                raise SystemExit(f"table {seed}: not solved")
            rows.writerow([seed, len(answered.read_text().split())])
            ours = withheld(drawn(seed), 2 * _SIDE, members=False)
            for name, held in zip(found, (set[Cell](), ours), strict=True):
                asked.write_text(problem(drawn(seed), held))
                found[name] += sum(bool(cell["unsafe"]) for cell in audit_jj(str(asked)))
    print("\n".join(f"{name}: {number} cells unprotected" for name, number in found.items()))


if __name__ == "__main__":
    main()
