"""The project's commands from a process that has the heaviest libraries already: importing them takes a third of a small run.

A server imports libraries of others, none of the project's own modules, and forks for each command. What is forked then
is the command as `python -m` makes it, with the environment, the folder and the output it is given; it ends as any process
does. The libraries imported are those that start no thread of theirs, since a fork leaves threads behind.

A command that is to be tried as a shell starts it, from nothing, is started by `subprocess` instead.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARIES = ("typer", "rich.progress", "dagster", "dagster_dbt", "great_expectations", "altair", "jinja2", "yaml")


def run(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m module` in a process forked for it, and returns it finished.

    Args:
        module: what is run as `__main__`.
        arguments: of its command line.
        environment: the whole of its environment.
        folder: where it works.
    """
    with tempfile.TemporaryDirectory(prefix="commande") as said:
        out, err = Path(said) / "out", Path(said) / "err"
        asked = {"module": module, "arguments": list(arguments), "environment": dict(environment)}
        server = _server()
        assert server.stdin and server.stdout
        server.stdin.write(json.dumps({**asked, "folder": str(folder), "out": str(out), "err": str(err)}) + "\n")
        server.stdin.flush()
        code = server.stdout.readline()
        assert code, "the server of commands has ended"
        told = [path.read_text(encoding="utf-8") for path in (out, err)]
    return subprocess.CompletedProcess([sys.executable, "-m", module, *arguments], int(code), *told)


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm"],
        # threads of OpenBLAS would not follow a fork
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "GX_ANALYTICS_ENABLED": "false"},
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    atexit.register(server.communicate)
    return server


def _forked() -> dict[str, Any] | None:
    """Forks for each command that is asked for; returns the command in the process that is to run it, None in the end."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asked: dict[str, Any] = json.loads(line)
            return asked
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def main() -> None:
    """Serves until nobody asks any more; in a forked process, becomes the command."""
    for library in LIBRARIES:
        importlib.import_module(library)
    # what the collector never looks at is never copied for a fork
    gc.freeze()
    asked = _forked()
    if asked is None:
        return
    for path, flags, descriptor in (
        (os.devnull, os.O_RDONLY, 0),
        (asked["out"], os.O_WRONLY | os.O_CREAT, 1),
        (asked["err"], os.O_WRONLY | os.O_CREAT, 2),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.path[0] = asked["folder"]
    sys.argv = [asked["module"], *asked["arguments"]]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
