"""What a killed run left half done: the next run deletes it; readers never see any of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from orchestration.extracts.decision_lists import LISTS
from orchestration.extracts.readers.archives import TEMPORARY
from orchestration.files import abandoned
from orchestration.operation.underway import discard, is_over
from orchestration.publication.editions import Editions
from orchestration.publication.lost import forget
from orchestration.publication.numbers import NAME
from orchestration.reporting.printed import SEAL, leaflets_folder
from orchestration.settings import OPENING, PROGRAMME_FILE, UNDERWAY, Settings


def sweep(settings: Settings) -> None:
    """Deletes what only a killed run can have left; the caller must hold the programme's lock."""
    if is_over(settings.root):
        discard(settings.root)
    for path in [*_leftovers(settings), *_unpacked()]:
        if UNDERWAY in path.parts:
            continue  # of a restoration, which whoever takes it up finishes
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    Editions(settings.published).tidy(partial(forget, settings))


def _leftovers(settings: Settings) -> Iterator[Path]:
    # What a person's command left; of a wave that is half opened, `observatoire wave` needs what is ready.
    if not (settings.root / OPENING).exists():
        beside = ((".", PROGRAMME_FILE), (".", OPENING), ("reference", "*.csv"), ("contracts", "*.yaml"))
        for place, pattern in (*beside, *(("landing", name) for name in LISTS)):
            yield from abandoned(settings.root / place, pattern)
    # Everything in these folders is written under a hidden name first, then renamed; only a seal keeps one.
    leaflets = leaflets_folder(Editions(settings.published))
    for folder in (settings.root / "lake", settings.root / "quarantine", settings.reports, leaflets):
        yield from (path for path in folder.rglob(".*") if path.name != SEAL or path.is_dir())
    for folder in (settings.warehouse.parent, settings.published):
        yield from folder.glob(".*")
    # DuckDB writes what does not fit in memory to files of this name.
    yield from settings.warehouse.parent.glob("*.tmp")
    yield from settings.dbt_target.glob("entrepot-*")
    printed = (p for p in settings.reports.glob("*") if NAME.match(p.name) and p.is_dir())
    yield from (p for p in printed if not (p / "index.html").is_file())


def _unpacked() -> Iterator[Path]:
    """Yields the folders into which processes that have ended unpacked deliveries."""
    for path in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*"):
        owner = re.match(rf"{TEMPORARY}(\d+)-", path.name)
        if owner and not _alive(int(owner[1])):
            yield path


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
