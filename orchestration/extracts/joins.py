"""Joins to the interviews of a delivery what stands in another of its files or sheets, by the interview's key.

Nothing is guessed: an interview that has no line there, or several, is kept with what is wrong, and validation rejects
it. Lines of nobody's interview are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Join
from orchestration.extracts.readers.tables import LINE, Flaw, RawTable
from orchestration.programme.texts import counted

_LINES, _OWNERS, _OTHER = "__lignes", "__organismes", "__joint "
# lines quoted of an interview that has several
_QUOTED = 4


@dataclass(frozen=True)
class Joined:
    """A table to join.

    Attributes:
        table: its rows, the key's columns named as in the main table.
        rule: what the contract says of it.
        where: file and sheet, to say in a message.
    """

    table: RawTable
    rule: Join
    where: str


def joined(
    tables: Sequence[RawTable], other: Joined, keys: Sequence[str], whose: str, known: Collection[str]
) -> list[RawTable]:
    """Returns the main tables with the columns of another one.

    Args:
        tables: the main tables.
        other: the table to join.
        keys: the columns of the interview's key.
        whose: column of the organisme; empty where another place says it.
        known: columns of which both tables must say the same, where both say something.

    Raises:
        DeliveryError: a column of the key is not there.
    """
    for where, frame in ((other.where, other.table.frame), *((t.sheet or "", t.frame) for t in tables)):
        if absent := [c for c in keys if c not in frame.columns]:
            raise DeliveryError(
                "colonnes_absentes",
                f"{where or 'fichier principal'} : colonnes de la clé absentes : {', '.join(absent)} ; corriger"
                " « entretien » ou « cle » dans le contrat, ou redemander le fichier.",
            )
    found = other.table.frame.drop_nulls(list(keys))
    lines = found.group_by(list(keys)).agg(pl.col(LINE).alias(_LINES))
    owned = _owned(tables, keys, whose)
    orphans = other.table.frame.join(owned, on=list(keys), how="anti")
    notes = [*other.table.notes, *_orphans(orphans, other)]
    first = found.unique(list(keys), keep="first", maintain_order=True)
    result = []
    for at, table in enumerate(tables):
        frame = table.frame.join(lines, on=list(keys), how="left", maintain_order="left")
        frame = frame.join(owned, on=list(keys), how="left", maintain_order="left")
        beside = first.select(*keys, pl.exclude(*keys).name.prefix(_OTHER))
        frame = frame.join(beside, on=list(keys), how="left", maintain_order="left")
        flaws = {line: list(said) for line, said in table.flaws.items()}
        for line, flaw in _flaws(frame, table, other, keys, known):
            flaws.setdefault(line, []).append(flaw)
        result.append(
            replace(
                table,
                frame=_together(frame, table.frame.columns, other.table.frame.columns, whose),
                notes=(*table.notes, *(notes if not at else ())),
                flaws={line: tuple(said) for line, said in flaws.items()},
                labels={**other.table.labels, **table.labels},
                value_labels={**other.table.value_labels, **table.value_labels},
                optional=_optional(table, other.table),
            )
        )
    return result


def _owned(tables: Sequence[RawTable], keys: Sequence[str], whose: str) -> pl.DataFrame:
    """Returns each key of the main tables, with how many organismes or sheets have it."""
    parts = []
    for table in tables:
        owner = pl.col(whose) if whose in table.frame.columns else pl.lit(table.sheet, pl.String)
        parts.append(table.frame.select(*keys, owner.alias(_OWNERS)).drop_nulls(list(keys)))
    return pl.concat(parts).group_by(list(keys)).agg(pl.col(_OWNERS).n_unique())


def _orphans(orphans: pl.DataFrame, other: Joined) -> Iterator[tuple[str, int, str]]:
    if orphans.height:
        said = f"{other.where} : {counted(orphans.height, 'ligne')} d'aucun entretien livré"
        yield "lignes_sans_entretien", orphans.height, f"{said}, la première ligne {orphans[LINE][0]}"


def _flaws(
    frame: pl.DataFrame, table: RawTable, other: Joined, keys: Sequence[str], known: Collection[str]
) -> Iterator[tuple[int, Flaw]]:
    """Yields what makes interviews unusable: none or several lines in the other table, lines that contradict them."""
    keyed = frame.drop_nulls(list(keys))
    alone = keyed.filter(pl.col(_LINES).is_null())
    if not other.rule.facultative:
        for line in alone[LINE]:
            yield line, ("", f"absent de {other.where}", "jointure_incomplete")
    met = keyed.filter(pl.col(_LINES).is_not_null())
    for line, lines, owners in met.select(LINE, _LINES, _OWNERS).iter_rows():
        if len(lines) > 1:
            shown = ", ".join(map(str, lines[:_QUOTED]))
            yield line, ("", f"{other.where}, lignes {shown}", "jointure_double")
        elif owners > 1:
            said = f"{other.where}, ligne {lines[0]} : même identifiant dans plusieurs organismes"
            yield line, ("", said, "jointure_double")
        for there in lines:
            if there in other.table.ragged:
                said = f"{other.where}, ligne {there} : {other.table.ragged[there]}"
                yield line, ("", said, "ligne_irreguliere")
            for column, value, rule in other.table.flaws.get(there, ()):
                yield line, (column, value, rule)
    for column in _shared(table.frame.columns, other.table.frame.columns):
        if column in known and column not in keys:
            pair = (pl.col(column), pl.col(_OTHER + column))
            for line, one, two in met.filter(pair[0] != pair[1]).select(LINE, *pair).iter_rows():
                yield line, (column, f"{one}, {two}", "donnees_contraires")


def _shared(columns: Sequence[str], others: Sequence[str]) -> list[str]:
    return [c for c in columns if c in others and c != LINE]


def _together(frame: pl.DataFrame, columns: Sequence[str], others: Sequence[str], whose: str) -> pl.DataFrame:
    """Returns the columns of both tables, those of the main one first; what it leaves blank is taken from the other."""
    shared = {c for c in _shared(columns, others) if _OTHER + c in frame.columns and c != whose}
    mine = [pl.coalesce(c, _OTHER + c).alias(c) if c in shared else pl.col(c) for c in columns]
    theirs = [pl.col(_OTHER + c).alias(c) for c in others if c not in columns]
    return frame.select(*mine, *theirs)


def _optional(table: RawTable, other: RawTable) -> frozenset[str]:
    """Returns the columns that are an answer in each table that has them."""
    certain = {c for t in (table, other) for c in t.frame.columns if c not in t.optional}
    return (table.optional | other.optional) - certain
