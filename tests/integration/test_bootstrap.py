"""`scripts/bootstrap.sh` on machines that lack something: one sentence, or environments that are whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _copy(folder: Path) -> Path:
    """A clone in small: a package that has only a command, and lock files that have what it needs."""
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "bootstrap.sh", folder / "scripts")
    for name in ("pyproject.toml", *(path.name for path in ROOT.glob("requirements*.lock"))):
        shutil.copy(ROOT / name, folder)
    (folder / "orchestration").mkdir()
    (folder / "orchestration" / "__init__.py").write_text('"""A package."""\n')
    for name in ("requirements.lock", "requirements-dbt.lock"):
        _keep(
            folder / name,
            {"duckdb", "hatchling", "packaging", "pathspec", "pluggy", "pyyaml", "trove-classifiers"},
        )
    _keep(folder / "requirements-dev.lock", {"iniconfig"})
    _keep(folder / "requirements-dbt-dev.lock", {"regex"})
    return folder


def _keep(lock: Path, packages: set[str]) -> None:
    kept, keeping = [], False
    for line in lock.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith(" "):
            keeping = line.split("==")[0] in packages
        if keeping:
            kept.append(line)
    lock.write_text("".join(kept), encoding="utf-8")


def _interpreter(folder: Path, version: str, body: str) -> Path:
    """A program that calls itself that Python."""
    program = folder / f"python{version}"
    program.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo "Python {version}" && exit 0\n{body}\n')
    program.chmod(0o755)
    return program


def _bootstrap(folder: Path, target: str = "run", **environment: str) -> subprocess.CompletedProcess[str]:
    """Without any uv of the machine, so that the project's own way is what is tried."""
    kept = os.pathsep.join(entry for entry in os.environ["PATH"].split(os.pathsep) if not (Path(entry) / "uv").exists())
    return subprocess.run(
        ["sh", str(folder / "scripts" / "bootstrap.sh"), target],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": kept, "PYTHON": sys.executable, **environment},
    )


def _installed(folder: Path) -> dict[str, set[str]]:
    """Names and versions of what each environment has."""
    return {
        name: {path.name.removesuffix(".dist-info") for path in (folder / name).rglob("*.dist-info")}
        for name in (".venv", ".venv-dbt")
    }


@pytest.mark.parametrize("version", ["3.9.2", "3.14.0"])
def test_another_python_is_refused_in_one_sentence(tmp_path: Path, version: str) -> None:
    folder = _copy(tmp_path / "clone")
    done = _bootstrap(folder, PYTHON=str(_interpreter(tmp_path, version, "exit 1")))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"is Python {version}; choose another interpreter with: make PYTHON=" in done.stderr
    assert not (folder / ".venv").exists()


def test_neither_ensurepip_nor_pip_says_the_remedy(tmp_path: Path) -> None:
    """Debian's own Python, before python3-venv and python3-pip are installed."""
    folder = _copy(tmp_path / "clone")
    body = f'case "$1 $2" in "-m venv" | "-m pip") exit 1 ;; esac\nexec {sys.executable} "$@"'
    bare = _interpreter(tmp_path, "3.13.5", body)
    # The name that the interpreter gives itself must be the bare one's.
    bare.write_text(
        bare.read_text().replace("exec ", f'case "$2" in *_base_executable*) echo {bare}; exit ;; esac\nexec ')
    )
    done = _bootstrap(folder, PYTHON=str(bare))
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / ".uv").exists()


@pytest.mark.slow
def test_environments_are_made_once_and_an_interrupted_one_is_made_again(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "a clone")
    first = _bootstrap(folder)
    assert first.returncode == 0, first.stderr
    assert (folder / ".venv" / "bin" / "observatoire").is_file()
    # dbt would compile itself at each start where Python is told not to write bytecode
    assert all(any((folder / name).rglob("*.pyc")) for name in (".venv", ".venv-dbt"))

    again = _bootstrap(folder)
    assert (again.returncode, again.stderr) == (0, "")

    # What developers add comes for them only, changes nothing of what a run has, and stays when they run.
    produced = _installed(folder)
    developed = _bootstrap(folder, "lint")
    assert developed.returncode == 0, developed.stderr
    added = [_installed(folder)[name] - produced[name] for name in (".venv", ".venv-dbt")]
    assert [{name.split("-")[0] for name in names} for names in added] == [{"iniconfig"}, {"regex"}]
    assert all(produced[name] <= _installed(folder)[name] for name in produced)
    assert (_bootstrap(folder).stderr, _bootstrap(folder, "lint").stderr) == ("", "")

    # Interrupted: no stamp. Broken: a stamp, and an interpreter that is gone.
    (folder / ".venv" / ".made-from").unlink()
    (folder / ".venv-dbt" / "bin" / "python").unlink()
    repaired = _bootstrap(folder)
    assert repaired.returncode == 0, repaired.stderr
    assert repaired.stderr.count("making") == 2

    moved = folder.rename(tmp_path / "elsewhere")
    after = _bootstrap(moved)
    assert after.returncode == 0, after.stderr
    command = (moved / ".venv" / "bin" / "observatoire").read_text()
    assert str(moved) in command
    assert str(folder) not in command
