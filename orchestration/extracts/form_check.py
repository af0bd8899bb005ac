"""What nothing can read in the form that a contract gives: an encoding that is none, a pattern that is none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import polars as pl

from orchestration.extracts.form import Format
from orchestration.programme.faults import Fault

_ENCODINGS = "utf-8, utf-16, cp1252, latin-1, mac-roman…"


def format_faults(form: Format) -> Iterator[Fault]:
    """Yields what nothing can read in the `format` of a contract: an encoding, a pattern."""
    if form.encodage is not None:
        try:
            # codecs know of transformations that no text is written in
            known = codecs.lookup(form.encodage)._is_text_encoding
        except LookupError:
            known = False
        if not known:
            yield "format.encodage", f"« {form.encodage} » n'est pas un encodage connu ; employer {_ENCODINGS}"
    if form.type == "por" and form.encodage is not None:
        yield "format.encodage", "un fichier SPSS portable est en ASCII ; ôter la clé."
    if form.entete is not None:
        yield from pattern_faults("format.entete.cherche", form.entete.cherche)
    for rule in form.ignored:
        # rows are filtered by the engine of polars, which has no look-around
        try:
            pl.Series([""]).str.contains(rule.motif)
        except pl.exceptions.ComputeError:
            yield "format.lignes_ignorees.motif", f"« {rule.motif} » n'est pas une expression régulière admise."
        if rule.total is not None:
            yield from pattern_faults("format.lignes_ignorees.total", rule.total, group="le nombre annoncé")


def pattern_faults(key: str, pattern: str, group: str = "") -> Iterator[Fault]:
    """Yields what is wrong with a regular expression.

    Args:
        key: the key it stands at.
        pattern: the expression.
        group: what its parentheses have to hold, in French; empty where they need not be there.
    """
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        place = f", au caractère {error.pos + 1}" if error.pos is not None else ""
        yield key, f"« {pattern} » n'est pas une expression régulière{place} ; la corriger."
        return
    if group and not groups:
        yield key, f"« {pattern} » n'entoure pas de parenthèses {group} ; les ajouter."
