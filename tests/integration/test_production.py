"""Production: Dagster's journals in a real PostgreSQL, its daemon at work, the units that systemd starts."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from tests.integration.conftest import REPOSITORY
from tests.integration.test_refusals import small_programme

UNITS = sorted((REPOSITORY / "deploy" / "systemd").glob("*.service"))
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
# the sensor looks each minute, and two runs follow: far more than a busy machine takes
PATIENCE_SECONDS = 420


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_well_formed(unit: Path, tmp_path: Path) -> None:
    here = tmp_path / unit.name
    here.write_text(unit.read_text(encoding="utf-8").replace("/opt/observatoire", str(REPOSITORY)), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A cluster of this test's own, on a socket in a temporary folder: the URL of its database."""
    if not SERVERS:
        pytest.skip("PostgreSQL is not on this machine: apt install postgresql")
    # PostgreSQL refuses to run as root
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    run_as = {"user": user} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if run_as:
        shutil.chown(folder, user)
    binaries = SERVERS[-1].parent

    def run(program: str, *arguments: str) -> None:
        subprocess.run([binaries / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, **run_as)  # type: ignore[call-overload]

    data = str(folder / "data")
    run("initdb", "--pgdata", data, "--auth", "trust", "--username", "observatoire", "--encoding", "UTF8")
    run("pg_ctl", "--pgdata", data, "--wait", "--log", str(folder / "journal"), "--options",
        f"-c listen_addresses='' -c unix_socket_directories={folder}", "start")  # fmt: skip
    try:
        yield f"postgresql+psycopg2://observatoire@/postgres?host={folder}"
    finally:
        run("pg_ctl", "--pgdata", data, "--mode", "fast", "--wait", "stop")
        shutil.rmtree(folder)


@pytest.mark.slow
def test_a_delivery_is_published_by_the_daemon(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody runs anything: deliveries lie in landing/, the sensor has them read, then consolidated and published."""
    root = small_programme(tmp_path / "programme")
    for path in root.glob("landing/*/*"):
        os.utime(path, (time.time() - 3600,) * 2)
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai",
        "OBSERVATOIRE_POSTGRES": postgres,
        "DAGSTER_HOME": str(root / ".dagster"),
    }
    subprocess.run([sys.executable, "-m", "orchestration.cli", "prepare"], env=environment, check=True)
    journal = (tmp_path / "journal").open("w+", encoding="utf-8")
    daemon = subprocess.Popen(
        [Path(sys.executable).with_name("dagster-daemon"), "run", "-w", REPOSITORY / "workspace.yaml"],
        env=environment, cwd=REPOSITORY, stdout=journal, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    published, page = root / "published" / "observatoire.duckdb", root / "reports" / "courant" / "index.html"
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (published.exists() and page.exists()):
            said = (tmp_path / "journal").read_text(encoding="utf-8")
            assert daemon.poll() is None and time.monotonic() < deadline, said[-9000:]
            time.sleep(1)
    finally:
        if daemon.poll() is None:
            os.killpg(daemon.pid, signal.SIGTERM)
            daemon.wait(60)
    with duckdb.connect(str(published), read_only=True) as connection:
        [(interviews,)] = connection.execute("select nb_entretiens from observatoire.meta_edition").fetchall()
    assert interviews == 2 * 3 * 12
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", postgres)
    with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
        done = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
    assert {run.job_name for run in done} >= {"extraction", "consolidation"}
    assert not list((root / ".dagster").rglob("*.db")), "journals were kept beside PostgreSQL"
