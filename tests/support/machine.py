"""A machine of the tests' own: this one's files with a layer on top, started by systemd, with a network of its own.

Nothing that is done in it is seen outside: the layer is in memory, processes are in a namespace that ends with the test,
and its services listen on a loopback that only it has. It wants root, as installing a service does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.children import die_with_parent

_PATIENCE_SECONDS = 120
_DONE = ": fait :"
_ALONE = ("unshare", "--mount", "--pid", "--net", "--cgroup", "--ipc", "--uts", "--fork", "--kill-child")
# each mount is made in a namespace of its own, and goes with it
_LAYER = """
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/machine" "$1/groups"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/machine"
mount -t cgroup2 none "$1/groups"
"""
_BOOT = """
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/machine"
cp -a "$2/." "$1/upper"
chmod 755 "$1/upper"
# terminals are this machine's
mkdir -p "$1/upper/etc/systemd/system"
ln -s /dev/null "$1/upper/etc/systemd/system/getty.target"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/machine"
mount -t proc proc "$1/machine/proc"
mount --rbind /dev "$1/machine/dev"
mount --rbind /sys "$1/machine/sys"
umount -R "$1/machine/sys/fs/cgroup"
mount -t cgroup2 none "$1/machine/sys/fs/cgroup"
mount -t tmpfs none "$1/machine/run"
mount -t tmpfs none "$1/machine/tmp"
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1/machine" \
    /lib/systemd/systemd --system --unit=multi-user.target
"""


def lacking() -> str | None:
    """Returns why no such machine can be made here, for a test that is skipped; None where it can."""
    if os.geteuid() != 0:
        return "root is needed: a service is installed, and systemd started"
    for program in ("unshare", "nsenter", "systemctl", "apt-get"):
        if not shutil.which(program):
            return f"{program} is not on this machine"
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        tried = subprocess.run(
            [*_ALONE, "sh", "-euc", _LAYER, "layer", folder], capture_output=True, text=True, check=False
        )
    return f"no layer can be mounted here, in a namespace: {tried.stderr.strip()}" if tried.returncode else None


@dataclass
class Machine:
    """The machine that runs.

    Attributes:
        init: the process that is its systemd, as this machine knows it.
    """

    init: int

    def run(self, script: str, *, outside: bool = False, asked: str = "", check: bool = True) -> str:
        """Runs a shell script as root; stops at its first failing line.

        Args:
            script: its lines.
            outside: whether it sees the network of the machine that the tests run on: packages come from there.
            asked: what is answered to what programs ask.
            check: whether a failing script fails the test.

        Returns:
            what was said on both outputs.
        """
        network = [] if outside else ["--net"]
        # what the guide puts beside Debian's own programs is found, after them: the image's may be others
        path = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
        environment = {"PATH": path, "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["nsenter", f"--target={self.init}", "--mount", "--pid", "--cgroup", *network, "--root", "--wdns=/",
             "sh", "-euc", script],
            input=asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment,
            start_new_session=True,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{script}\n{done.stdout}"
        return done.stdout

    def wait(self, script: str, seconds: int) -> str:
        """Runs a script every second until it succeeds, and returns what it said; fails after that many seconds."""
        deadline = time.monotonic() + seconds
        while (said := self.run(f"({script}) && printf '\\n{_DONE}'", check=False)).split("\n")[-1] != _DONE:
            assert time.monotonic() < deadline, (
                f"{script}\n{said}\n{self.run('journalctl -n 60 --no-pager', check=False)}"
            )
            time.sleep(1)
        return said


@contextmanager
def machine(files: Path) -> Iterator[Machine]:
    """Starts a machine whose files are this one's and, on top of them, those of a folder laid out as `/` is."""
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        process = subprocess.Popen(
            [*_ALONE, "bash", "-euc", _BOOT, "boot", folder, files],
            preexec_fn=die_with_parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while True:
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
                started = Machine(int(children[0])) if children else None
                state = started.run("systemctl is-system-running", check=False).strip() if started else ""
                if started and state in ("running", "degraded"):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.skip(f"systemd does not start in a namespace of this machine: {state or 'it ended'}")
                time.sleep(0.5)
            yield started
        finally:
            process.kill()
            process.wait()
