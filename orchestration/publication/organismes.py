"""One DuckDB file per organisme: its own results beside the published regional figures, no answers, no other organisme.

Its figures come from the warehouse's intermediate tables, which carry the columns of the published facts for every
perimeter; each fact declares its own. So do its commitments and the checks of its deliveries, of which the regional
file has the public ones only. The file has the tables, comments and keys of the regional one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from orchestration.errors import PublicationRefused
from orchestration.files import protect
from orchestration.programme.texts import capped
from orchestration.publication.naming import SCHEMA, Declarations, Spellings, declarations, mentions
from orchestration.sql import literal

# a block holds a part of one column at least: small tables in DuckDB's blocks of 256 KiB would be mostly air
STORAGE = "storage_version 'v1.4.0', block_size 16384"
# the columns of an organisme's own rows that say whose they are
_OWN = frozenset({"perimetre", "perimetre_cle"})
# beyond, what is gathered of a national wave waits on disk
MEMORY = "2GB"


def write_organisme_files(edition: Path, warehouse: Path, folder: Path, codes: Iterable[str]) -> list[Path]:
    """Writes one file per organisme.

    Args:
        edition: the regional DuckDB file.
        warehouse: dbt's own file, for the organismes' figures.
        folder: where the files go.
        codes: organismes to write a file for.

    Returns:
        the files written.

    Raises:
        PublicationRefused: what all files share names an organisme, or a table that declares it cannot be divided.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / ".tri")}) as session:
        session.execute(f"attach {literal(edition)} as edition (read_only)")
        session.execute(f"attach {literal(warehouse)} as entrepot (read_only)")
        tables, ordered, declared = _columns(session), sorted(codes), declarations(session, "entrepot")
        shared = folder / ".commun.duckdb"
        _write_shared(session, shared, tables, declared)
        own_tables = _sort_own(session, tables, ordered, declared)

        def write(number: int, code: str) -> Path:
            path = folder / f"{code}.duckdb"
            path.unlink(missing_ok=True)
            shutil.copyfile(shared, path)
            with session.cursor() as own:
                own.execute(f"attach {literal(path)} as {_quoted(code)}")
                for table in own_tables:
                    own.execute(
                        f"insert into {_quoted(code)}.{SCHEMA}.{table} by name"
                        f" select * exclude (numero) from propres.{table} where numero = {number}"
                    )
                own.execute(f"detach {_quoted(code)}")
            protect(path)
            return path

        # DuckDB writes a file mostly in one thread: each of the pool's does its own work, and nothing of another's
        session.execute("set threads = 1")
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            written = list(pool.map(write, range(len(ordered)), ordered))
        shared.unlink()
    return written


def _quoted(code: str) -> str:
    """Returns the name an organisme's file is attached under, while others are."""
    return f'"fichier {code}"'


def _write_shared(
    session: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, list[str]], declared: Declarations
) -> None:
    """Writes what every organisme's file has in common: all tables, the region's rows, no organisme."""
    path.unlink(missing_ok=True)
    session.execute(f"attach {literal(path)} as commun ({STORAGE})")
    session.execute("copy from database edition to commun (schema)")
    for table, columns in tables.items():
        # the region's rows are everybody's, though others of the table name an organisme
        if "perimetre_type" in columns:
            only = "where perimetre_type = 'region'"
        elif not declared.naming.get(table):
            only = ""
        elif table in declared.common:
            only = "where organisme_code is null"
        else:
            continue
        session.execute(f"insert into commun.{SCHEMA}.{table} by name select * from edition.{SCHEMA}.{table} {only}")
    # what all of them declare together may speak of one, as it does on the region's page
    spoken = {table: declared.naming[table] for table in tables if table in declared.common}
    _refuse_names(session, "commun", declared, spoken)
    session.execute("detach commun")


def _is_of_own_model(table: str, declared: Declarations) -> bool:
    """Whether a model has the rows of each organisme, in `organisme_code`, and the regional table some of them only."""
    return table in declared.models and "organisme_code" in declared.naming.get(table, ())


def _sort_own(
    session: duckdb.DuckDBPyConnection, tables: dict[str, list[str]], codes: list[str], declared: Declarations
) -> list[str]:
    """Gathers in memory what each organisme's file has of its own, organisme after organisme; returns the tables.

    In that order an organisme's rows are read without those of all others. A table that names organismes without saying
    in `organisme_code` whose each row is (the list of inputs names everybody's files) has nothing for anyone.
    """
    session.execute("attach ':memory:' as propres")
    session.execute(
        "create table propres.numeros as select unnest(?) as code, unnest(range(?)) as numero", [codes, len(codes)]
    )
    written = []
    for table, columns in tables.items():
        if _is_of_own_model(table, declared):
            names = ", ".join(f"lignes.{column}" for column in columns)
            source = (
                f"entrepot.intermediaire.{declared.models[table]} as lignes"
                " inner join propres.numeros on lignes.organisme_code = numeros.code"
            )
        elif "organisme_code" in declared.naming.get(table, ()):
            names = ", ".join(f"lignes.{column}" for column in columns)
            source = (
                f"edition.{SCHEMA}.{table} as lignes inner join propres.numeros on lignes.organisme_code = numeros.code"
            )
        elif table in declared.models:
            names = ", ".join(f"{declared.own[table][column]} as {column}" for column in columns)
            source = (
                f"(from entrepot.intermediaire.{declared.models[table]} where perimetre_type = 'organisme') as lignes"
                f" cross join edition.{SCHEMA}.meta_edition as parametres"
                " inner join propres.numeros on lignes.perimetre = numeros.code"
            )
        else:
            continue
        session.execute(f"create table propres.{table} as select numero, {names} from {source} order by numero")
        written.append(table)
    own_code = {table: declared.naming[table] | _OWN for table in written}
    _refuse_names(session, "propres", declared, {**own_code, "numeros": frozenset({"code"})})
    return written


def _refuse_names(
    session: duckdb.DuckDBPyConnection, database: str, declared: Declarations, allowed: Mapping[str, frozenset[str]]
) -> None:
    found = list(mentions(session, database, Spellings(session, "edition", declared), allowed))
    if found:
        raise PublicationRefused(
            f"Les fichiers des organismes n'ont pas été écrits : {capped(found, joint=' ; ')}. Chacun y lirait les"
            " autres : ôter la colonne, ou déclarer dans le YAML de la table (config: {meta: {organismes: oui}})"
            " qu'elle les désigne."
        )


def _columns(session: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Returns the columns of each published table, referenced tables before those that reference them."""
    rows = session.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'edition' and schema_name = ? order by table_name, column_index",
        [SCHEMA],
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    order = TopologicalSorter(dict.fromkeys(tables, ()))
    for table, target in session.execute(
        "select table_name, referenced_table from duckdb_constraints() where database_name = 'edition'"
        " and constraint_type = 'FOREIGN KEY' and referenced_table <> table_name order by all"
    ).fetchall():
        order.add(table, target)
    return {table: tables[table] for table in order.static_order()}
