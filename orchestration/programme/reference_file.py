"""Reads one reference file; what keeps it from being read is a sentence with its line and what to do."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from orchestration.errors import ProgrammeError, taken_back
from orchestration.programme.texts import control

# characters of a line at fault that are shown
_SHOWN = 60


def read_table(path: Path) -> pl.DataFrame:
    """Reads a reference file: UTF-8, columns apart by commas, every value as text.

    Raises:
        FileNotFoundError: it is not there.
        ProgrammeError: it cannot be read; the sentence names the line.
    """
    if path.is_dir():
        raise ProgrammeError(f"{path} : un dossier a ce nom ; l'ôter, puis {_from_a_backup(path)}.")
    body = path.read_bytes()
    if not body.strip():
        raise ProgrammeError(
            f"{path} : fichier vide ; {_from_a_backup(path)}, ou y écrire la ligne de ses colonnes, dites dans"
            " data/reference/README.md."
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = body.count(b"\n", 0, error.start)
        shown = body.split(b"\n")[at].decode("cp1252", errors="replace").strip()[:_SHOWN]
        raise ProgrammeError(
            f"{path}, ligne {at + 1} : « {shown} » n'est pas de l'UTF-8 ; l'enregistrer en UTF-8, séparé par des"
            " virgules (dans Excel : « CSV UTF-8 »)."
        ) from None
    if (sign := control(text)) is not None:
        raise ProgrammeError(f"{path}, ligne {sign[0]} : {sign[1]}.")
    if "\r" in text and "\n" not in text:
        raise ProgrammeError(f"{path} : fins de ligne d'un ancien Mac ; l'enregistrer en « CSV UTF-8 ».")
    try:
        return pl.read_csv(body, infer_schema=False)
    except pl.exceptions.PolarsError:
        raise ProgrammeError(f"{path}{_ill_formed(text)}") from None


def _from_a_backup(path: Path) -> str:
    return taken_back(f"{path.parent.name}/{path.name}")


def _ill_formed(text: str) -> str:
    """Returns which line of a file is no CSV, why, and what to do."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    start, columns = 1, 0
    try:
        for values in lines:
            columns = columns or len(values)
            if len(values) > columns:
                return (
                    f", ligne {start} : {len(values)} valeurs pour {columns} colonnes ; une valeur qui contient une"
                    " virgule s'écrit entre guillemets."
                )
            start = lines.line_num + 1
    except csv.Error:
        return (
            f", ligne {start} : un guillemet ouvert n'est pas fermé là où la valeur finit ; le fermer, et doubler ceux"
            " qui sont dans la valeur."
        )
    return " : CSV illisible ; l'enregistrer en UTF-8, séparé par des virgules."
