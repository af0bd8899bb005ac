"""Ends a run by SIGKILL at a named point, from the outside: the product has no hook for it.

    python -m tests.support.faults POINT ARGUMENTS…

is `observatoire ARGUMENTS…`, killed at POINT. Before the kill, the file that MARK names is written: the point, and the
children that the process then has. A point is a function of the product or of a library it calls: one that is gone, or
no longer called, lets the command go on or fail, and no test takes that for a kill.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARK = "FAULT_MARK"

Point = Callable[[Callable[[], None]], None]
_EXTRACTS, _PUBLICATION = "orchestration.extracts", "orchestration.publication"


def children(process: int | None = None) -> dict[int, str]:
    """The processes that a process has started, and their command lines."""
    found = {}
    for task in Path(f"/proc/{process or os.getpid()}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                found[int(child)] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
    return found


def _wrap(target: str, when: Callable[..., bool], strike: Callable[[], None], *, after: bool = False) -> None:
    """Strikes around a call of `module:attribute`: before the first that `when` is true of, or after it."""
    module, _, path = target.partition(":")
    holder: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    original = getattr(holder, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        hit = when(*arguments, **named)
        if hit and not after:
            strike()
        result = original(*arguments, **named)
        if hit and after:
            strike()
        return result

    setattr(holder, name, wrapped)


def _before(target: str, call: int = 1) -> Point:
    """Just before the n-th call of a function."""
    calls = iter(range(1, 1_000_000))
    return lambda strike: _wrap(target, lambda *_, **__: next(calls) == call, strike)


def _renaming(prefix: str, *, after: bool = False) -> Point:
    """Before or after the rename of a file or folder whose temporary name begins so."""
    return lambda strike: _wrap(
        "pathlib:Path.replace", lambda path, _: path.name.startswith(prefix), strike, after=after
    )


def _linked(strike: Callable[[], None]) -> None:
    _wrap("os:link", lambda *_, **__: True, strike, after=True)


def _half_parquet(strike: Callable[[], None]) -> None:
    """An organisme's answers, half of whose bytes are on the disk."""
    import polars as pl

    original = pl.DataFrame.write_parquet

    def half(frame: pl.DataFrame, file: Any, **named: Any) -> None:
        original(frame, file, **named)
        if "versions" in Path(file).parts:
            os.truncate(file, Path(file).stat().st_size // 2)
            strike()

    pl.DataFrame.write_parquet = half  # type: ignore[method-assign,assignment]


def _half_database(strike: Callable[[], None]) -> None:
    """The edition's database, half copied."""
    import shutil

    original = shutil.copyfile

    def half(source: Any, target: Any, **named: Any) -> Any:
        if Path(target).name == "edition.duckdb":
            Path(target).write_bytes(Path(source).read_bytes()[: Path(source).stat().st_size // 2])
            strike()
        return original(source, target, **named)

    shutil.copyfile = half


def _half_pruned(strike: Callable[[], None]) -> None:
    """An edition too many, of which half the files are gone."""
    import shutil

    original = shutil.rmtree

    def half(path: Any, *arguments: Any, **named: Any) -> None:
        if Path(path).parent.name == "editions" and not Path(path).name.startswith(".en-cours."):
            (Path(path) / "edition.duckdb").unlink()
            strike()
        original(path, *arguments, **named)

    shutil.rmtree = half  # type: ignore[assignment]


def _building(words: str) -> Point:
    """When dbt says that it begins a node."""
    return lambda strike: _wrap(
        "orchestration.operation.progress:DbtSteps.write", lambda _, text: words in text, strike
    )


POINTS: dict[str, Point] = {
    "avant la lecture": _before(f"{_EXTRACTS}.ingest:ingest"),
    "texte en cours de lecture": _before(f"{_EXTRACTS}.readers:records"),
    "fichier lu par le lecteur": _before("multiprocessing.connection:Connection.recv_bytes"),
    "Parquet du lac à moitié": _half_parquet,
    "rejets à moitié": _before(f"{_EXTRACTS}.quarantine:write_csv", 2),
    "lac écrit, registre pas": _before(f"{_EXTRACTS}.ingest:write_json"),
    "version en cours d'installation": _linked,
    "tables de contrôle à moitié": _before(f"{_EXTRACTS}.control_tables:write_parquet", 3),
    "dbt compte": _building("model intermediaire.comptage"),
    "dbt écrit le candidat": _building("publication.observatoire.fct_satisfaction"),
    "suites en cours": _before("orchestration.plausibility.candidate:frames"),
    "contrôles passés": _before(f"{_PUBLICATION}.assemble:assemble"),
    "base à moitié copiée": _half_database,
    "fichier d'organisme à moitié": _before(f"{_PUBLICATION}.organismes:_quoted", 4),
    "Parquet publiés à moitié": _before(f"{_PUBLICATION}.assemble:literal", 6),
    "avant le manifeste": _before(f"{_PUBLICATION}.assemble:write_json"),
    "manifeste écrit": _renaming(".en-cours."),
    "sur l'étagère": _before(f"{_PUBLICATION}.editions:Editions.switch"),
    "avant le lien": _renaming(".courante."),
    "lien changé": _renaming(".courante.", after=True),
    "purge à moitié": _half_pruned,
    "rapport à moitié": _renaming(".index.html."),
    "rapport sans lien": _renaming(".courant."),
}

_INSTALLATION = "orchestration.installation"
# where a backup or a restoration is killed
ARCHIVING: dict[str, Point] = {
    "sauvegarde à moitié": _before(f"{_INSTALLATION}.archive:Writer.file", 20),
    "sauvegarde écrite": _before(f"{_INSTALLATION}.backup:verified"),
    "sauvegarde sans nom": _before("pathlib:Path.rename"),
}
RESTORING: dict[str, Point] = {
    "déballage à moitié": _before(f"{_INSTALLATION}.unpacking:_write", 20),
    "tout déballé": _before(f"{_INSTALLATION}.restore:_finish"),
    "ancien à moitié ôté": _before(f"{_INSTALLATION}.restore:_set_aside", 4),
    "ancien ôté": _before(f"{_INSTALLATION}.restore:_note", 2),
    "neuf pas encore là": _before(f"{_INSTALLATION}.restore:_in_order", 2),
    "neuf à moitié en place": lambda strike: _wrap(
        "pathlib:Path.rename", lambda path, _: path.parent.name == "contenu" and path.name == "published", strike
    ),
    "neuf en place": _before("orchestration.settings:Settings.prepare"),
}


def arm(name: str, strike: Callable[[], None]) -> None:
    """Makes the process strike at a point.

    Raises:
        KeyError: no such point.
        AttributeError: the product no longer has the function that the point is at.
    """
    (POINTS | ARCHIVING | RESTORING)[name](strike)


def _named(words: str) -> list[int]:
    """The children whose command line holds some words; one that has just been started has none yet."""
    for _ in range(3_000):
        found = [pid for pid, line in children().items() if words in line]
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"no child of that name: {children()}")


def mark(name: str) -> None:
    """Notes that the point is reached, and which children there are."""
    Path(os.environ[MARK]).write_text(json.dumps({"point": name, "children": children()}), encoding="utf-8")


def main() -> None:
    """`--enfant` first: kills the child whose command line holds the next argument, instead of the process itself."""
    from orchestration.cli import main as command

    arguments = sys.argv[1:]
    child = None
    if arguments[0] == "--enfant":
        _, child, *arguments = arguments
    name = arguments.pop(0)

    def strike() -> None:
        mark(name)
        targets = [os.getpid()] if child is None else _named(child)
        for target in targets:
            os.kill(target, signal.SIGKILL)

    arm(name, strike)
    sys.argv = ["observatoire", *arguments]
    command()


if __name__ == "__main__":
    main()
