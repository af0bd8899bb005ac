"""Which columns may name an organisme: those that a table's YAML declares, and no other, in all that is published.

The catalogue is published too: comments, names of columns, views and macros name no organisme. What each mart
declares is in the warehouse, in `int_declarations`, made from the dbt project at every build.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.programme.texts import capped

SCHEMA = "observatoire"
_DIMENSION = "dim_organisme"
# A shorter code is looked for as a whole value only: inside a sentence it may be a word like any other.
_SHORTEST_INSIDE = 4
# An underscore parts words, as a space does: a code may be followed by a year.
_WORD = re.compile(r"[^\W_]+")
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
# A number of these kinds, a date and a truth value are no way of writing a code.
_NO_TEXT = re.compile(r"DOUBLE|FLOAT|DECIMAL|DATE|TIME|BOOLEAN|INTERVAL")
# What DuckDB's catalogue lists of a database, and how it calls one of them. No mart is any of the last four.
_TABLES = {"schemas": "schema", "tables": "table", "columns": "column", "indexes": "index"}
_UNDECLARED = {"views": "view", "functions": "function", "types": "type", "sequences": "sequence"}


@dataclass(frozen=True)
class Declarations:
    """What the marts declare.

    Attributes:
        columns: by table, the columns it declares.
        naming: by table, those of them that may name organismes.
        models: by fact, the intermediate table with the same columns for every perimeter, organismes included.
        own: by fact and column, the SQL expression of the column in an organisme's row, over `lignes` (that table) and
            `parametres` (those of the programme).
        common: the tables with such a model whose rows without an organisme are everybody's.
        roles: by fact, its columns in their order with the role of each (`cle`, `mesure` ...).
    """

    columns: Mapping[str, frozenset[str]]
    naming: Mapping[str, frozenset[str]]
    models: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]]
    common: frozenset[str]
    roles: Mapping[str, Mapping[str, str]]


def declarations(session: duckdb.DuckDBPyConnection, warehouse: str) -> Declarations:
    """Returns what the marts declare, read in the attached database `warehouse`."""
    rows = session.execute(
        "select mart, list(colonne order by rang), list(colonne) filter (designe_organismes), any_value(modele),"
        " list(sortie order by rang), list(role order by rang), any_value(lignes_communes)"
        f" from {warehouse}.intermediaire.int_declarations group by mart"
    ).fetchall()
    return Declarations(
        {mart: frozenset(columns) for mart, columns, *_ in rows},
        {mart: frozenset(naming or ()) for mart, _, naming, *_ in rows},
        {mart: model for mart, _, _, model, *_ in rows if model},
        {mart: dict(zip(columns, own, strict=True)) for mart, columns, _, model, own, *_ in rows if model},
        frozenset(mart for mart, *_, common in rows if common),
        {mart: dict(zip(columns, roles, strict=True)) for mart, columns, _, model, _, roles, _ in rows if model},
    )


class Spellings:
    """Every way of writing an organisme that `dim_organisme` declares: code, key, name, SIREN.

    Attributes:
        written: by column of `dim_organisme`, what stands in it.
        codes: the codes.
    """

    def __init__(self, session: duckdb.DuckDBPyConnection, edition: str, declared: Declarations) -> None:
        columns = sorted(declared.naming.get(_DIMENSION, ()))
        self.written: dict[str, set[str]] = {}
        self._whole: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._phrases: dict[str, str] = {}
        for code, *written in session.execute(
            f"select organisme_code, {', '.join(columns)} from {edition}.{SCHEMA}.{_DIMENSION}"
        ).fetchall():
            for column, text in zip(columns, written, strict=True):
                if not text:
                    continue
                self.written.setdefault(column, set()).add(text)
                self._whole[text.casefold()] = code
                if len(text) >= _SHORTEST_INSIDE:
                    if _WORD.fullmatch(text):
                        self._words[text] = code
                    else:
                        self._phrases[_folded(text)] = code
        self.codes = frozenset(self._whole.values())

    def named_in(self, value: str) -> set[str]:
        """Returns the codes of the organismes that a value is, or that are named within it."""
        whole = self._whole.get(value.strip().casefold())
        words = {self._words[word] for word in _WORD.findall(value) if word in self._words}
        folded = _folded(value)
        phrases = {code for phrase, code in self._phrases.items() if phrase in folded}
        return words | phrases | ({whole} if whole else set())


def _folded(text: str) -> str:
    """Returns a text without case, accents or kinds of space: a name is the same name however it is typed."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def no_tables(session: duckdb.DuckDBPyConnection, database: str) -> Iterator[str]:
    """Yields a sentence for each view, macro, type or sequence of a database: no mart declares any."""
    yield from (f"{name} n'est pas une table" for name, _ in _entries(session, database, _UNDECLARED))


def mentions(
    session: duckdb.DuckDBPyConnection,
    database: str,
    spellings: Spellings,
    allowed: Mapping[str, frozenset[str]],
) -> Iterator[str]:
    """Yields a sentence for each place that names an organisme without being declared for it.

    Args:
        session: where the database is attached.
        database: the attached database that is read: its catalogue, and all its tables, whatever their schema.
        spellings: the ways of writing an organisme.
        allowed: by table, the columns that may name organismes.
    """
    for name, said in _entries(session, database, _TABLES | _UNDECLARED):
        if codes := spellings.named_in(said):
            yield f"{name} désigne {capped(sorted(codes))} par son nom, son commentaire ou son SQL"
    for schema, table, column, kind in session.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and not internal order by table_name, column_index",
        [database],
    ).fetchall():
        declared = column in allowed.get(table, ())
        # A declared column may hold a file's name, or a reason; one that is called as a column of dim_organisme, what
        # stands there and not a word more.
        known = spellings.written.get(column) if declared else None
        if (declared and known is None) or _NO_TEXT.match(kind):
            continue
        values = [
            str(value)
            for (value,) in session.execute(
                f'select distinct cast("{column}" as varchar) from {database}."{schema}"."{table}"'
                f' where "{column}" is not null order by 1'
            ).fetchall()
        ]
        if known is not None:
            if more := next((value for value in values if value not in known), None):
                yield f"{table}.{column} porte « {more} », qui n'est pas dans {_DIMENSION}"
        elif kind in _INTEGERS:
            # A count may equal a numeric code by chance; a column of nothing but codes holds codes.
            if len(values) > 1 and spellings.codes.issuperset(values):
                yield f"{table}.{column} n'a que des codes d'organismes ({values[0]}, {values[1]}…)"
        elif found := next((value for value in values if spellings.named_in(value)), None):
            yield f"{table}.{column} porte « {found} », qui désigne un organisme"


def _entries(session: duckdb.DuckDBPyConnection, database: str, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yields each entry of a database's catalogue: its name, and all that the catalogue says of it (comment, SQL…)."""
    for listed, kind in kinds.items():
        owner = "table_name || '.' || " if kind == "column" else ""
        # DuckDB marks the entries that it makes itself; of these two kinds it makes none.
        own = "" if kind in ("index", "sequence") else " and not internal"
        for name, entry in session.execute(
            f"select {owner}{kind}_name as name, entry from duckdb_{listed}() as entry"
            f" where database_name = ?{own} order by name",
            [database],
        ).fetchall():
            # SQL writes an apostrophe twice.
            yield name, " ".join(map(str, entry.values())).replace("''", "'")
