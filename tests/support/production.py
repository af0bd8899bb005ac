"""Production as a test starts it: PostgreSQL of its own for Dagster's journals, and the daemon with its code server."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# a daemon lets its runs end: far more than that takes on a busy machine
PATIENCE_SECONDS = 180
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


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


def control(url: str, *action: str) -> None:
    """Stops or starts the cluster of a URL that the fixture gave, as `pg_ctl` does."""
    folder = Path(url.partition("host=")[2])
    run_as = {"user": "postgres"} if os.geteuid() == 0 else {}
    command = [SERVERS[-1].with_name("pg_ctl"), "--pgdata", str(folder / "data"), "--wait", *action]
    options = [
        "--log",
        str(folder / "journal"),
        "--options",
        f"-c listen_addresses='' -c unix_socket_directories={folder}",
    ]
    more = options if action[-1] == "start" else []
    subprocess.run([*command, *more], check=True, stdout=subprocess.DEVNULL, cwd=folder, **run_as)  # type: ignore[call-overload]


@contextmanager
def daemon(root: Path, postgres: str, journal: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `dagster-daemon` on a programme while the block runs.

    Args:
        root: the programme.
        postgres: URL of the database of Dagster's journals.
        journal: where what the daemon says is written.
    """
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(root),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        "OBSERVATOIRE_POSTGRES": postgres,
        "DAGSTER_HOME": str(root / ".dagster"),
    }
    subprocess.run([sys.executable, "-m", "orchestration.cli", "prepare"], env=environment, check=True)
    with journal.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("dagster-daemon"), "run", "-w", REPOSITORY / "workspace.yaml"],
            env=environment, cwd=REPOSITORY, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)
            # a code server may outlive its daemon
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
