"""`observatoire run` on the demonstration against its floors, on a temporary copy of the shipped programme.

The figures are ratios of durations taken in the same round, so that they compare between machines: what a run costs
over the least that Dagster (its import), dbt (a build of one trivial model) and DuckDB (the project's own SQL, bare)
cost here and now, and what a night with one new delivery, or none, costs over a full run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.measure import BIN, BIN_DBT, ROOT, Taken, timed
from bench.page import decimal, table
from bench.runs import PRODUCED, clear, environment, held_back, run
from orchestration.settings import Settings

FLOORS = ("import de Dagster", "plus petit dbt build", "SQL du projet seul")
# name: (the step, what it is a multiple of)
RATIOS = {
    "exécution complète / import de Dagster": ("exécution complète", "import de Dagster"),
    "exécution complète / les trois planchers": ("exécution complète", "planchers"),
    "exécution complète / plus petit dbt build": ("exécution complète", "plus petit dbt build"),
    "exécution complète / SQL du projet seul": ("exécution complète", "SQL du projet seul"),
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
    return [str(BIN_DBT / "dbt"), "--quiet", "build", "--project-dir", str(folder), "--profiles-dir", str(folder)]


def bare_models(data: Path, folder: Path) -> Taken:
    """The seconds of the SQL models of a programme that was run, in DuckDB alone."""
    shutil.rmtree(folder, ignore_errors=True)
    compiled, files = folder / "compiled", folder / "files"
    files.mkdir(parents=True)
    settings = Settings(data)
    variables, project = environment(data) | settings.environment(), str(settings.dbt_project)
    places = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(compiled)]
    timed([str(BIN_DBT / "dbt"), "--quiet", "compile", "--full-refresh", *places], variables)
    asked = [str(compiled / "manifest.json"), str(settings.warehouse), str(files)]
    said = timed([str(BIN_DBT / "python"), "-m", "bench.alternatives.models", *asked], variables)
    return Taken(float(said.output.split()[-1]), said.peak, said.output)


def programme(folder: Path) -> None:
    """The shipped programme, with demo deliveries where nothing was delivered."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns(*PRODUCED))
    if not any(path.is_dir() for path in (folder / "landing").iterdir()):
        timed([str(BIN / "observatoire"), "demo"], environment(folder))


def late_delivery(data: Path) -> Path:
    """The delivery of the newest wave that is of middling size: it comes a night after the others."""
    newest = max(path for path in (data / "landing").iterdir() if path.is_dir())
    files = sorted((path for path in newest.iterdir() if path.is_file()), key=lambda path: path.stat().st_size)
    return files[len(files) // 2]


def one_round(data: Path, dbt: list[str]) -> dict[str, Taken]:
    """The steps one after the other, so that what slows the machine slows them together."""
    clear(data)
    with held_back(data, late_delivery(data)):
        taken = {
            "import de Dagster": timed([str(BIN / "python"), "-c", "import dagster"], environment(data)),
            "plus petit dbt build": timed(dbt, environment(data)),
            "exécution complète": run(data),
        }
    taken["SQL du projet seul"] = bare_models(data, data.parent / "models")
    taken["nuit d'une livraison"] = run(data)
    taken["nuit sans rien de neuf"] = run(data)
    floors = [taken[name] for name in FLOORS]
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
        dbt = smallest_dbt_project(Path(temporary).resolve() / "floor")
        told("writing the demonstration's deliveries")
        programme(data)
        taken = []
        for number in range(1, rounds + 1):
            told(f"nights, round {number} of {rounds}")
            taken.append(one_round(data, dbt))
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
        if step != "planchers"
    ]
    return [
        table(["rapport, dans une même manche", "médiane", "minimum", "maximum"], ratios),
        table(["étape", "médiane, s", "pic, Mio"], steps),
    ]
