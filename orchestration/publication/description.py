"""The one description of an edition that each standard's file is written from.

It is read when the edition is made: from its file (`described`, `survey`), from what the marts declare of their columns
(`Declared`), and from programme.yaml. Sentences are those of the dictionary, in the programme's language. What the
programme does not say (a publisher, a licence) is nowhere; a writer leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.programme.config import Licence, ProgrammeConfig
from orchestration.programme.vocabulary import words_of
from orchestration.publication import described
from orchestration.publication.naming import SCHEMA, declarations
from orchestration.publication.survey import Survey, survey
from orchestration.words import Words

MEASURE, STATUS = "mesure", "statut"
_KEYS = ("cle", "perimetre")


@dataclass(frozen=True)
class Declared:
    """What the warehouse that an edition was made of declares, and the edition's file does not say.

    Attributes:
        roles: by table that says which of its cells are published, the role of each column.
        units: by table and column, the code of a number's unit.
        bases: by table and column, the columns that count the answers a measure is made of.
        asked: by question and wave that asked it, what it is to the wave before (`equivalence`).
    """

    roles: Mapping[str, Mapping[str, str]]
    units: Mapping[tuple[str, str], str]
    bases: Mapping[tuple[str, str], tuple[str, ...]]
    asked: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Field:
    """A column.

    Attributes:
        name: its name.
        kind: its type, as DuckDB calls it.
        comment: what it means.
        required: whether it is never empty because it is part of the table's key.
        role: what it is to its row (`cle`, `mesure`...); empty where no cell of the table is masked.
        unit: what its number counts, or is measured in, in words; empty of what is no number.
        bases: the columns that count the answers it is made of, of its own table or as `table.column`.
        status: the column that says whether it is published; empty of what is never masked.
    """

    name: str
    kind: str
    comment: str
    required: bool
    role: str = ""
    unit: str = ""
    bases: tuple[str, ...] = ()
    status: str = ""


@dataclass(frozen=True)
class Table:
    """A table, its columns in their order, the columns of its key, and what leads to other rows."""

    name: str
    comment: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[described.Reference, ...]


@dataclass(frozen=True)
class Description:
    """An edition: whose it is, what it is of, its tables and the survey behind them."""

    name: str
    title: str
    subtitle: str
    sentence: str
    edition: str
    made: datetime
    language: str
    region: str
    publisher: str
    licence: Licence | None
    themes: tuple[str, ...]
    tables: tuple[Table, ...]
    survey: Survey
    words: Words


def declared(session: duckdb.DuckDBPyConnection, warehouse: str) -> Declared:
    """Returns what the attached database `warehouse` declares."""
    told = session.execute(
        f"select mart, colonne, role, unite, bases from {warehouse}.intermediaire.int_declarations order by mart, rang"
    ).fetchall()
    masked = {mart for mart, _, role, *_ in told if role == STATUS}
    roles: dict[str, dict[str, str]] = {mart: dict(of) for mart, of in declarations(session, warehouse).roles.items()}
    for mart, column, role, *_ in told:
        if mart in masked:
            roles.setdefault(mart, {})[column] = role
    asked: dict[str, dict[str, str]] = {}
    for question, wave, equivalence in session.execute(
        f"select question_code, vague, equivalence from {warehouse}.reference.questions_vagues order by all"
    ).fetchall():
        asked.setdefault(question, {})[wave] = equivalence
    return Declared(
        roles,
        {(mart, column): unit for mart, column, _, unit, _ in told if unit},
        {(mart, column): tuple(bases.split(",")) for mart, column, *_, bases in told if bases},
        asked,
    )


def describe(connection: duckdb.DuckDBPyConnection, programme: ProgrammeConfig, known: Declared) -> Description:
    """Returns the description of the edition whose file is attached as `edition`.

    Args:
        connection: where it is attached.
        programme: what programme.yaml says; a comment that its language does not translate stays in French.
        known: what the warehouse declares.
    """
    words = words_of(programme)
    [(edition, made)] = connection.execute(
        f"select edition, publiee_le from edition.{SCHEMA}.meta_edition order by publiee_le desc limit 1"
    ).fetchall()
    invented = f". {words.say('donnees_fictives')}" if programme.demonstration else ""
    return Description(
        name=programme.programme,
        title=programme.rapport.titre or programme.nom,
        subtitle=programme.rapport.sous_titre or "",
        sentence=f"{programme.nom}{invented}",
        edition=edition,
        made=made,
        language=words.language,
        region=programme.region or "",
        publisher=programme.editeur or "",
        licence=programme.licence,
        themes=programme.themes_europeens,
        tables=tuple(_table(connection, table, known, words) for table in described.tables(connection)),
        survey=survey(connection, known.asked, programme.estimation.population_finie, words),
        words=words,
    )


def _table(connection: duckdb.DuckDBPyConnection, table: described.Table, known: Declared, words: Words) -> Table:
    roles = known.roles.get(table.name, {})
    return Table(
        table.name,
        _told(table.comment, words),
        tuple(_field(table.name, column, known, words) for column in table.columns),
        table.key or tuple(column for column, role in roles.items() if role in _KEYS),
        tuple(reference for reference in table.references if _holds(connection, table.name, reference)),
    )


def _field(table: str, column: described.Column, known: Declared, words: Words) -> Field:
    roles = known.roles.get(table, {})
    role, unit = roles.get(column.name, ""), known.units.get((table, column.name))
    return Field(
        column.name,
        column.kind,
        _told(column.comment, words),
        column.key,
        role,
        words.texts["grandeurs"][unit] if unit else "",
        known.bases.get((table, column.name), ()),
        STATUS if role == MEASURE and roles.get(STATUS) == STATUS else "",
    )


def _holds(connection: duckdb.DuckDBPyConnection, table: str, reference: described.Reference) -> bool:
    """Returns whether each row finds its row of the dimension: the reason of one of two cells has no row of its own."""
    same = " and ".join(f"own.{c} = other.{key}" for c, key in zip(reference.columns, reference.key, strict=True))
    unknown = connection.execute(
        f"select 1 from edition.{SCHEMA}.{table} as own anti join edition.{SCHEMA}.{reference.dimension} as other"
        f" on {same} where {' and '.join(f'own.{column} is not null' for column in reference.columns)} limit 1"
    ).fetchall()
    return not unknown


def _told(comment: str, words: Words) -> str:
    """Returns a comment in the programme's language, or as the file has it."""
    return words.comment(comment) or comment
