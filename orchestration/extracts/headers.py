"""Finds the header row and the columns of a table that moves from one edition to the next.

A regulator's workbook adds title lines, glues footnote numbers to its headings, misspells one of them: what a contract
says is looked for by content, and what it finds must be one thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format, Heading
from orchestration.programme.texts import clean, normalise

# « size2,3 », « achieved2 % », « URL1 »: digits glued to a letter that is lower case, or to the last word
_FOOTNOTE = re.compile(r"(?<=[a-zà-ÿ])\d+(?:,\d+)*(?=\s|$)|(?<=[^\s\d(])\d+(?:,\d+)*$")


def header_position(lines: Iterable[Sequence[str | None]], form: Format, where: str) -> int:
    """Returns how many rows stand above the header row.

    Args:
        lines: the rows, as text.
        form: the `format` of a contract: `entete.cherche` (a pattern one cell of the header answers to), or
            `lignes_avant_entete` (a number).
        where: file and sheet, to say in an error.

    Raises:
        DeliveryError: no row answers to the pattern (rule `fichier_illisible`).
    """
    if form.entete is None:
        return form.lignes_avant_entete
    pattern = re.compile(form.entete.cherche, re.IGNORECASE)
    for position, cells in enumerate(lines):
        if any(cell and pattern.search(clean(cell)) for cell in cells):
            return position
    raise DeliveryError(
        "fichier_illisible",
        f"{where} : aucune ligne d'en-tête ne répond à « {pattern.pattern} » ; corriger « entete » dans le contrat.",
    )


def find_column(columns: Sequence[str], spec: Heading, where: str) -> str:
    """Returns the one column that a contract means.

    Args:
        columns: headings of the file, cleaned.
        spec: a heading, compared without case, odd spaces or footnote numbers, or `{cherche: pattern}`.
        where: file and sheet, to say in an error.

    Raises:
        DeliveryError: no column answers (`colonnes_absentes`), or several do (`colonnes_ambigues`).
    """
    if isinstance(spec, str):
        wanted, said = normalise(spec), spec
        found = [c for c in columns if normalise(c) == wanted]
        found = found or [c for c in columns if normalise(_FOOTNOTE.sub("", clean(c))) == wanted]
    else:
        pattern, said = re.compile(spec.cherche, re.IGNORECASE), spec.cherche
        found = [c for c in columns if pattern.search(clean(c))]
    if not found:
        raise DeliveryError(
            "colonnes_absentes", f"{where} : aucune colonne ne répond à « {said} » ; corriger le contrat."
        )
    if len(found) > 1:
        raise DeliveryError(
            "colonnes_ambigues",
            f"{where} : plusieurs colonnes répondent à « {said} » ({' | '.join(found)}) ; préciser le contrat.",
        )
    return found[0]
