"""Times `observatoire run` against its floors, on a temporary copy of the shipped programme.

The figures are ratios of durations taken in the same round, so that they compare between machines: what a
run costs over the least that Dagster (its import) and dbt (a build of one trivial model) cost here and now,
and what a night with one new delivery, or none, costs over a full run. Usage: bench/run.py [ROUNDS], three by default.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
# What a run produces: a round starts without it.
PRODUCED = ("lake", "quarantine", "warehouse", "published", "reports", ".dagster")

# name: (the step, what it is a multiple of)
RATIOS = {
    "full run / import of dagster": ("full run", "import of dagster"),
    "full run / both floors": ("full run", "floors"),
    "full run / smallest dbt build": ("full run", "smallest dbt build"),
    "run with one delivery / full run": ("run with one delivery", "full run"),
    "run with nothing new / full run": ("run with nothing new", "full run"),
    "run with nothing new / import of dagster": ("run with nothing new", "import of dagster"),
}


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak MiB of a command that must succeed (the peak is the largest of its processes)."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.stderr.buffer.write(output.read()[-4000:])
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}")
    kib = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return seconds, kib / 1024


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


def one_round(data: Path, dbt: list[str], environment: dict[str, str]) -> dict[str, tuple[float, float]]:
    """The steps one after the other, so that what slows the machine slows them together."""
    for name in PRODUCED:
        shutil.rmtree(data / name, ignore_errors=True)
    run = [str(BIN / "observatoire"), "run"]
    late, aside = late_delivery(data), data / "late"
    late.rename(aside)
    taken = {
        "import of dagster": timed([str(BIN / "python"), "-c", "import dagster"], environment),
        "smallest dbt build": timed(dbt, environment),
        "full run": timed(run, environment),
    }
    aside.rename(late)
    taken["run with one delivery"] = timed(run, environment)
    taken["run with nothing new"] = timed(run, environment)
    floors = [taken["import of dagster"], taken["smallest dbt build"]]
    return taken | {"floors": (sum(seconds for seconds, _ in floors), max(peak for _, peak in floors))}


def main() -> None:
    """Takes the rounds and prints the two tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    console = Console()
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as temporary:
        data = Path(temporary).resolve() / "programme"
        environment = {**os.environ, "OBSERVATOIRE_DATA": str(data), "NO_COLOR": "1"}
        dbt = smallest_dbt_project(Path(temporary).resolve() / "floor")
        with console.status("writing the deliveries"):
            programme(data, environment)
        taken = []
        for number in range(1, rounds + 1):
            with console.status(f"round {number} of {rounds}"):
                taken.append(one_round(data, dbt, environment))

    ratios = Table("ratio (of the same round)", "median", "least", "most", title=f"{rounds} rounds")
    for name, (step, base) in RATIOS.items():
        values = [turn[step][0] / turn[base][0] for turn in taken]
        ratios.add_row(name, *(f"{value:.2f}" for value in (median(values), min(values), max(values))))
    console.print(ratios)

    steps = Table("step", "median s", "peak MiB", title="what they are made of")
    for step in taken[0]:
        if step != "floors":
            seconds = median(turn[step][0] for turn in taken)
            steps.add_row(step, f"{seconds:.2f}", f"{max(turn[step][1] for turn in taken):.0f}")
    console.print(steps)


if __name__ == "__main__":
    main()
