"""`observatoire run` on the demonstration against its floors, on a temporary copy of the shipped programme.

The figures are ratios of durations taken in the same round, so that they compare between machines: what a run costs
over the least that Dagster (its import) and dbt (a build of one trivial model) cost here and now, and what a night with
one new delivery, or none, costs over a full run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.measure import BIN, ROOT, Taken, timed
from bench.page import decimal, table

# What a run produces: a round starts without it.
PRODUCED = ("lake", "quarantine", "warehouse", "published", "reports", ".dagster")

# name: (the step, what it is a multiple of)
RATIOS = {
    "exécution complète / import de Dagster": ("exécution complète", "import de Dagster"),
    "exécution complète / les deux planchers": ("exécution complète", "planchers"),
    "exécution complète / plus petit dbt build": ("exécution complète", "plus petit dbt build"),
    "nuit d'une livraison / exécution complète": ("nuit d'une livraison", "exécution complète"),
    "nuit sans rien de neuf / exécution complète": ("nuit sans rien de neuf", "exécution complète"),
    "nuit sans rien de neuf / import de Dagster": ("nuit sans rien de neuf", "import de Dagster"),
}


def smallest_dbt_project(folder: Path) -> list[str]:
    """A project of one model, and the command that builds it."""
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "un.sql").write_text("select 1 as un\n")
    (folder / "dbt_project.yml").write_text("name: floor\nprofile: floor\nflags: {send_anonymous_usage_stats: false}\n")
    (folder / "profiles.yml").write_text(
        f"floor: {{target: t, outputs: {{t: {{type: duckdb, path: '{folder / 'floor.duckdb'}'}}}}}}\n"
    )
    dbt = ROOT / ".venv-dbt" / "bin" / "dbt"
    return [str(dbt), "--quiet", "build", "--project-dir", str(folder), "--profiles-dir", str(folder)]


def programme(folder: Path, environment: dict[str, str]) -> None:
    """The shipped programme, with demo deliveries where nothing was delivered."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns(*PRODUCED))
    if not any(path.is_dir() for path in (folder / "landing").iterdir()):
        timed([str(BIN / "observatoire"), "demo"], environment)


def late_delivery(data: Path) -> Path:
    """The delivery of the newest wave that is of middling size: it comes a night after the others."""
    newest = max(path for path in (data / "landing").iterdir() if path.is_dir())
    files = sorted((path for path in newest.iterdir() if path.is_file()), key=lambda path: path.stat().st_size)
    return files[len(files) // 2]


def one_round(data: Path, dbt: list[str], environment: dict[str, str]) -> dict[str, Taken]:
    """The steps one after the other, so that what slows the machine slows them together."""
    for name in PRODUCED:
        shutil.rmtree(data / name, ignore_errors=True)
    run = [str(BIN / "observatoire"), "run"]
    late, aside = late_delivery(data), data / "late"
    late.rename(aside)
    taken = {
        "import de Dagster": timed([str(BIN / "python"), "-c", "import dagster"], environment),
        "plus petit dbt build": timed(dbt, environment),
        "exécution complète": timed(run, environment),
    }
    aside.rename(late)
    taken["nuit d'une livraison"] = timed(run, environment)
    taken["nuit sans rien de neuf"] = timed(run, environment)
    floors = [taken["import de Dagster"], taken["plus petit dbt build"]]
    return taken | {"planchers": Taken(sum(t.seconds for t in floors), max(t.peak for t in floors), "")}


def nights(rounds: int, told: Callable[[str], None]) -> list[str]:
    """Takes the rounds.

    Args:
        rounds: how many.
        told: called with what is being done.

    Returns:
        two tables, in Markdown.
    """
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as temporary:
        data = Path(temporary).resolve() / "programme"
        environment = {**os.environ, "OBSERVATOIRE_DATA": str(data), "NO_COLOR": "1"}
        dbt = smallest_dbt_project(Path(temporary).resolve() / "floor")
        told("writing the demonstration's deliveries")
        programme(data, environment)
        taken = []
        for number in range(1, rounds + 1):
            told(f"nights, round {number} of {rounds}")
            taken.append(one_round(data, dbt, environment))
    ratios = []
    for name, (step, base) in RATIOS.items():
        values = [turn[step].seconds / turn[base].seconds for turn in taken]
        ratios.append([name, *(decimal(value, 2) for value in (median(values), min(values), max(values)))])
    steps = [
        [
            step,
            decimal(median(turn[step].seconds for turn in taken), 2),
            decimal(max(turn[step].peak for turn in taken)),
        ]
        for step in taken[0]
        if name != "planchers"
    ]
    return [
        table(["rapport, dans une même manche", "médiane", "minimum", "maximum"], ratios),
        table(["étape", "médiane, s", "pic, Mio"], steps),
    ]
