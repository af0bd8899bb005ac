"""Writes several files of a programme together: all are ready beside their places before one takes its own.

Where a process is killed between two of them, a journal says which are ready, and `finish` puts the others in place.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from orchestration.errors import ProgrammeError
from orchestration.files import file_sha256, make_folder, make_ready, preparing, settle, write_json
from orchestration.machine import machine_sentence


def write_all(files: Mapping[Path, str | Path], folders: Iterable[Path] = (), journal: Path | None = None) -> None:
    """Writes several files: none takes its place before all are written beside it. The first ones take theirs first.

    Args:
        files: by their place, a text, or the path of a file to copy.
        folders: folders to be made first, where they are not there yet.
        journal: file that says, while files take their places, which ones are ready; None where nobody would finish.

    Raises:
        ProgrammeError: one cannot be written; then none is. Where it is one that takes its place, `finish` goes on.
    """
    made: list[Path] = []
    ready: dict[Path, Path] = {}
    placing = False
    try:
        for folder in folders:
            if not folder.is_dir():
                make_folder(folder)
                made.append(folder)
        for path, said in files.items():
            with preparing(path) as temporary:
                ready[path] = temporary
                if isinstance(said, Path):
                    shutil.copyfile(said, temporary)
                else:
                    temporary.write_bytes(said.encode("utf-8"))
                make_ready(temporary, path)
        if journal is not None:
            write_json([_entry(path, temporary, journal.parent) for path, temporary in ready.items()], journal)
            settle(journal.parent)
            placing = True
        for path, temporary in ready.items():
            temporary.replace(path)
        if journal is not None:
            _forget(journal, ready)
    except BaseException as error:
        for temporary in () if placing else ready.values():
            temporary.unlink(missing_ok=True)
        for folder in () if placing else reversed(made):
            # a folder that is not empty any more is kept
            with suppress(OSError):
                folder.rmdir()
        if not isinstance(error, OSError):
            raise
        raise ProgrammeError(machine_sentence(error, next(iter(files)))) from None


def finish(journal: Path) -> list[str]:
    """Puts in place what a killed process had made ready.

    Args:
        journal: what it wrote; it may be missing.

    Returns:
        the files that take their places now, by their place in the journal's folder.

    Raises:
        ProgrammeError: a file is neither what it was before nor what it was to be; nothing has changed.
    """
    try:
        told = json.loads(journal.read_text(encoding="utf-8"))
        entries = [tuple(str(entry[key]) for key in ("fichier", "pret", "avant", "apres")) for entry in told]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        raise ProgrammeError(f"{journal} est abîmé ; l'ôter, puis relancer : ce qui manque sera dit.") from None
    root, ahead = journal.parent, {}
    for place, name, before, after in entries:
        path, temporary = root / place, root / name
        now = _digest(path)
        if now == after:
            continue
        if now != before or _digest(temporary) != after:
            raise ProgrammeError(
                f"{path} n'est plus ce qu'il était quand une vague s'ouvrait, et l'ouverture s'est arrêtée en chemin ;"
                f" y reporter les lignes qui y manquent et que {temporary} a peut-être, ôter {journal}, puis relancer."
            )
        ahead[path] = temporary
    for path, temporary in ahead.items():
        temporary.replace(path)
    _forget(journal, [root / place for place, *_ in entries])
    for _, name, *_ in entries:
        (root / name).unlink(missing_ok=True)
    return [path.relative_to(root).as_posix() for path in ahead]


def _entry(path: Path, temporary: Path, root: Path) -> dict[str, str]:
    place, name = (one.relative_to(root).as_posix() for one in (path, temporary))
    return {"fichier": place, "pret": name, "avant": _digest(path), "apres": _digest(temporary)}


def _digest(path: Path) -> str:
    """Returns the SHA-256 of a file; nothing where there is none."""
    return file_sha256(path) if path.is_file() else ""


def _forget(journal: Path, placed: Iterable[Path]) -> None:
    for folder in {path.parent for path in placed}:
        settle(folder)
    journal.unlink()
