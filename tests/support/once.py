"""A programme that is run once, for all the processes of pytest and all of a day's calls: each takes its own copy.

What was run is kept in the folder of pytest's cache, under a key of all that it was made from: another version of the
code, of dbt's project, of the data or of the tools is another key. The kept programme is never given out itself, so that
a test may change what it got. Days are part of the key, since some of what a run writes tells how long ago things were.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STORE = REPOSITORY / ".pytest_cache" / "programmes"
_CODE = ("orchestration", "dbt_project", "expectations", "pyproject.toml", "dagster.yaml", "requirements.lock", "requirements-dbt.lock")  # fmt: skip
# what running dbt and Python leaves beside their files
_LEFT = {"target", "logs", "dbt_packages", "__pycache__"}
# held open until the process ends: a programme in use is not deleted
_in_use: dict[Path, int] = {}


@dataclass(frozen=True)
class Kept:
    """A programme that was run, and what the run said.

    Attributes:
        root: the programme folder; look only.
        said: the finished `observatoire run`.
    """

    root: Path
    said: subprocess.CompletedProcess[str]

    def copy(self, target: Path) -> Kept:
        """Copies the programme, and names the copy where the run named the original."""
        copied: dict[int, str] = {}

        def one(source: str, destination: str) -> str:
            inode = Path(source).stat().st_ino
            if inode in copied:  # a leaflet's file is the edition's
                os.link(copied[inode], destination)
            else:
                shutil.copy2(source, destination)
            return copied.setdefault(inode, destination)

        shutil.copytree(self.root, target, symlinks=True, copy_function=one)
        told = [text.replace(str(self.root), str(target)) for text in (self.said.stdout, self.said.stderr)]
        return Kept(target, subprocess.CompletedProcess(self.said.args, self.said.returncode, *told))


def run_once(
    name: str, make: Callable[[Path], object], run: Callable[[Path], subprocess.CompletedProcess[str]], *inputs: Path
) -> Kept:
    """Returns the programme of that name as one run left it; makes and runs it where no process has.

    Args:
        name: what the programme's folder is called.
        make: writes a programme into a folder.
        run: runs it; the run must succeed.
        inputs: files and folders it is made from, besides the product itself.
    """

    def made(root: Path) -> None:
        make(root)
        done = run(root)
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.dumps({"args": done.args, "out": done.stdout, "err": done.stderr})
        (root.parent / "run.json").write_text(said, encoding="utf-8")

    root = made_once(name, made, *inputs)
    said = json.loads((root.parent / "run.json").read_text(encoding="utf-8"))
    return Kept(root, subprocess.CompletedProcess(said["args"], 0, said["out"], said["err"]))


def made_once(name: str, make: Callable[[Path], object], *inputs: Path) -> Path:
    """Returns the folder of that name as one process made it; look only. Makes it where no process has.

    Args:
        name: what the folder is called.
        make: writes it.
        inputs: files and folders it is made from, besides the product itself.
    """
    folder = STORE / f"{_key(*inputs)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    STORE.mkdir(parents=True, exist_ok=True)
    if folder not in _in_use:
        _in_use[folder] = _locked(folder.with_suffix(".use"), fcntl.LOCK_SH)
    root, whole = folder / name, folder / "fait"
    making = _locked(folder.with_suffix(".make"), fcntl.LOCK_EX)
    try:
        if not whole.is_file():
            _forget_others()
            shutil.rmtree(folder, ignore_errors=True)
            make(root)
            whole.touch()
    finally:
        os.close(making)
    return root


def _locked(path: Path, how: int) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    fcntl.flock(descriptor, how)
    return descriptor


def _forget_others() -> None:
    """Deletes the kept programmes that no process uses: a few hundred MiB for each version of the code."""
    for use in STORE.glob("*.use"):
        descriptor = os.open(use, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            if not use.name.startswith(_key()):
                shutil.rmtree(use.with_suffix(""), ignore_errors=True)
        finally:
            os.close(descriptor)


def _key(*inputs: Path) -> str:
    """Returns a digest of the product and the day, then one of the inputs."""
    return "-".join([_of_product(), *([_digest("", inputs)] if inputs else [])])


@cache
def _of_product() -> str:
    facts = f"{REPOSITORY}\n{sys.version}\n{dt.date.today()}"
    return _digest(facts, [REPOSITORY / part for part in _CODE])


def _digest(facts: str, parts: Iterable[Path]) -> str:
    digest = hashlib.sha256(facts.encode())
    for path in sorted(_files(parts)):
        digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(parts: Iterable[Path]) -> Iterator[Path]:
    for part in parts:
        if part.is_file():
            yield part
        else:
            yield from (p for p in part.rglob("*") if p.is_file() and not _LEFT & set(p.relative_to(part).parts))
