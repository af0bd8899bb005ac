"""A command as a whole process: its seconds and its peak memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
BIN_DBT = ROOT / ".venv-dbt" / "bin"


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes:
        seconds: by the clock.
        peak: MiB of the largest of its processes.
        output: what it said.
    """

    seconds: float
    peak: float
    output: str


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Taken:
    """Runs a command that must succeed, from the project's folder."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
        if process.returncode:
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}\n{said[-4000:]}")
    kib = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Taken(seconds, kib / 1024, said)


def machine() -> str:
    """What the figures were taken on: processor, cores, memory, system, Python; no name of a host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpu = platform.machine()
    if Path("/proc/cpuinfo").is_file():
        named = [
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ]
        cpu = named[0] if named else cpu
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
