"""dbt from a process that has imported it already: that is two seconds of each of its runs, which may last ten.

A server of .venv-dbt forks for each command. What stands in for dbt's executable hands it its command line, its
environment, its folder and its three streams, and ends as the forked dbt does; killed, it takes that dbt with it.

A command that is to start from nothing, or to be killed in all its parts, is given the real one.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REAL = REPOSITORY / ".venv-dbt" / "bin" / "dbt"
LIBRARIES = ("dbt.cli.main", "dbt.adapters.duckdb", "dbt.include.duckdb", "scipy.special", "pyarrow")

_CLIENT = """#!{python} -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
socket.send_fds(server, [b"."], [0, 1, 2])
asked = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
server.sendall(json.dumps(asked).encode() + b"\\n")
code = int(server.makefile().readline())
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


@cache
def executable() -> str:
    """Starts the server, and returns the path of what stands in for dbt in this process of tests."""
    folder = Path(tempfile.mkdtemp(prefix="dbt"))
    address, client = folder / "prise", folder / "dbt"
    client.write_text(_CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    client.chmod(0o755)
    # threads of OpenBLAS would not follow a fork
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [REAL.with_name("python"), "-m", "tests.support.warm_dbt", str(address)],
        env=environment, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip

    def end() -> None:
        server.communicate()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    assert server.stdout and server.stdout.readline(), "the server of dbt did not start"
    return str(client)


def _serve(address: str) -> socket.socket | None:
    """Returns the connection of a command in the process forked to run it; None in the server, once nobody asks any more."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        print("prêt", flush=True)
        watchers: list[int] = []
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            watchers = [watcher for watcher in watchers if not os.waitpid(watcher, os.WNOHANG)[0]]
            if listener not in ready:
                return None
            connection, _ = listener.accept()
            watcher = os.fork()
            if not watcher:
                return connection
            watchers.append(watcher)
            connection.close()


def _watch(connection: socket.socket, child: int) -> None:
    """Says how the command ended, or ends it when who asked for it is gone."""
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, connection], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if ended in ready:
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def main() -> None:
    """Serves; in a process forked for a command, becomes dbt."""
    for library in LIBRARIES:
        importlib.import_module(library)
    connection = _serve(sys.argv[1])
    if connection is None:
        return
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(connection.makefile(encoding="utf-8").readline())
    child = os.fork()
    if child:
        _watch(connection, child)
        os._exit(0)
    connection.close()
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    # dbt keeps nearly all that it makes until it ends: to look for what could be freed is a tenth of its time
    gc.disable()
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.path[0] = str(REAL.parent)
    sys.argv = [str(REAL), *asked["arguments"]]
    sys.exit(importlib.import_module("dbt.cli.main").cli())


if __name__ == "__main__":
    main()
