"""Edits the text files of a programme without touching what else stands in them, and writes several at once."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestration.errors import ProgrammeError

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
