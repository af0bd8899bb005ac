"""Edits the text files of a programme without touching what else stands in them, and writes several at once."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from orchestration.errors import ProgrammeError
from orchestration.files import replacing

# a value on the line of its key; what follows « # » after a blank is a comment
_VALUE = r"^({key}:[ \t]+)(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#\"'\[{{&*|>][^#\n]*?)([ \t]*(?:[ \t]#.*)?\r?)$"


def read_text(path: Path) -> str:
    """Returns a UTF-8 text as it stands, its line ends included.

    Raises:
        ProgrammeError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ProgrammeError(f"{path} ne se lit pas ; vérifier ses droits, et l'enregistrer en UTF-8.") from None


def csv_text(columns: Iterable[str], rows: Iterable[Mapping[str, str | None]]) -> str:
    """Returns a reference file as text: its header and its lines; a column that a row leaves out is blank."""
    target = io.StringIO()
    writer = csv.DictWriter(target, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def with_rows(text: str, rows: Iterable[Mapping[str, str | None]]) -> str:
    """Returns the text of a CSV with more lines at its end, in the order of its own header."""
    ending = "\r\n" if "\r\n" in text else "\n"
    header = next(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    added = io.StringIO()
    writer = csv.DictWriter(added, header, restval="", lineterminator=ending)
    writer.writerows(rows)
    return text + ("" if text.endswith("\n") else ending) + added.getvalue()


def with_value(text: str, key: str, value: str, name: str) -> str:
    """Returns a YAML text with another value at a key of its first level; comments stay.

    Args:
        text: the file.
        key: a key that stands at the beginning of a line, its value on the same line.
        value: the value, as YAML writes it.
        name: name of the file, for the refusal.

    Raises:
        ProgrammeError: the key does not stand once, with its value on its line.
    """
    pattern = re.compile(_VALUE.format(key=re.escape(key)), re.MULTILINE)
    if len(pattern.findall(text)) != 1:
        raise ProgrammeError(f"{name}, {key} : écrire la clé en début de ligne, une fois, sa valeur derrière elle.")
    return pattern.sub(lambda found: found[1] + value + found[3], text)


def quoted(value: str) -> str:
    """Returns a text as YAML writes it between double quotes."""
    return json.dumps(value, ensure_ascii=False)


def one_line(text: str) -> str:
    """Returns a text on one line, as a comment of a YAML file needs it."""
    return " ".join(text.split())


def write_all(files: Mapping[Path, str | Path], folders: Iterable[Path] = ()) -> None:
    """Writes several files: none takes its place before all are written beside it. The first ones take theirs first.

    Args:
        files: by their place, a text, or the path of a file to copy.
        folders: folders to be made first, where they are not there yet.

    Raises:
        ProgrammeError: one cannot be written; then none is.
    """
    made: list[Path] = []
    try:
        for folder in folders:
            if not folder.is_dir():
                folder.mkdir(parents=True)
                made.append(folder)
        with ExitStack() as stack:
            # the stack is undone from its top, and so the first file is put on last
            for path, said in reversed(list(files.items())):
                temporary = stack.enter_context(replacing(path))
                if isinstance(said, Path):
                    shutil.copyfile(said, temporary)
                else:
                    temporary.write_bytes(said.encode("utf-8"))
    except OSError as error:
        for folder in reversed(made):
            # a folder that is not empty any more is kept
            with suppress(OSError):
                folder.rmdir()
        place = error.filename or next(iter(files))
        raise ProgrammeError(f"{place} ne peut pas être écrit ({error.strerror}) ; vérifier droits et place.") from None
