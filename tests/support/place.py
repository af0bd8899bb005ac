"""One place for the programmes of a process, one after the other: dbt reads its whole project anew at another path.

That is a seventh of a small run, and tests of that are elsewhere: the demonstration is run from nothing at all.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

_OF_DBT = Path("warehouse", "dbt")
_PARSED = ("partial_parse.msgpack", "manifest.json", "manifest.empreinte")


def put(make: Callable[[Path], object], name: str = "programme") -> Path:
    """Has a programme made in place of the one before, and gives it what dbt read of its own project there.

    Args:
        make: writes a programme at a path where nothing stands.
        name: of the place; two programmes that are needed at once have each their own.
    """
    root, aside = _folder() / name, _folder() / f"{name}.lu"
    aside.mkdir(exist_ok=True)
    for file in _PARSED:
        if (root / _OF_DBT / file).is_file():
            (root / _OF_DBT / file).replace(aside / file)
    shutil.rmtree(root, ignore_errors=True)
    make(root)
    (root / _OF_DBT).mkdir(parents=True, exist_ok=True)
    for parsed in aside.iterdir():
        shutil.copy2(parsed, root / _OF_DBT)
    return root


def put_back(kept: Path, name: str = "programme") -> Path:
    """Puts a copy of a programme kept elsewhere in place of the one before."""
    return put(lambda root: shutil.copytree(kept, root, symlinks=True), name)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="programmes"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
