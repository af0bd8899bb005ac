"""One DuckDB file per organisme: its own results and answers beside the published regional figures, no other organisme.

Its figures come from the warehouse's intermediate tables, which carry the columns of the published facts for every
perimeter; the file has the tables, comments and keys of the regional one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from orchestration.sql import literal

SCHEMA = "observatoire"
STORAGE = "v1.4.0"

# published fact → intermediate table with the same columns for every perimeter
_FACTS = {
    "fct_satisfaction": "int_satisfaction",
    "fct_distribution": "int_distribution",
    "fct_motif": "int_motif",
    "fct_evolution": "int_evolution",
    "fct_comparaison": "int_comparaison",
    "fct_ecart_reference": "int_ecart_reference",
    "fct_sensibilite": "int_sensibilite",
    "fct_quartile": "int_quartiles",
    "fct_priorite": "int_priorites",
    "fct_profil_comparable": "int_profil",
}


def write_organisme_files(
    edition: Path, warehouse: Path, answers: Callable[[str], list[Path]], folder: Path, codes: Iterable[str]
) -> list[Path]:
    """Writes one file per organisme.

    Args:
        edition: the regional DuckDB file.
        warehouse: dbt's own file, for the organismes' figures.
        answers: Parquet files of an organisme's pseudonymised answers, one per wave.
        folder: where the files go.
        codes: organismes to write a file for.

    Returns:
        the files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with duckdb.connect() as session:
        session.execute(f"attach {literal(edition)} as edition (read_only)")
        session.execute(f"attach {literal(warehouse)} as entrepot (read_only)")
        tables = _columns(session)
        shared = folder / ".commun.duckdb"
        _write_shared(session, shared, tables)
        for code in codes:
            path = folder / f"{code}.duckdb"
            path.unlink(missing_ok=True)
            shutil.copyfile(shared, path)
            session.execute(f"attach {literal(path)} as fichier")
            for table, columns in tables.items():
                _insert_own(session, table, columns, code)
            _answers(session, answers(code))
            session.execute("detach fichier")
            path.chmod(0o444)
            written.append(path)
        shared.unlink()
    return written


def _write_shared(session: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, list[str]]) -> None:
    """Writes what every organisme's file has in common: all tables, the region's rows, no organisme."""
    path.unlink(missing_ok=True)
    session.execute(f"attach {literal(path)} as commun (storage_version '{STORAGE}')")
    session.execute("copy from database edition to commun (schema)")
    for table, columns in tables.items():
        # the list of inputs names the files of every organisme
        if "organisme_code" not in columns and table != "meta_entree":
            only = "where perimetre_type = 'region'" if "perimetre_type" in columns else ""
            session.execute(
                f"insert into commun.{SCHEMA}.{table} by name select * from edition.{SCHEMA}.{table} {only}"
            )
    session.execute("detach commun")


def _insert_own(session: duckdb.DuckDBPyConnection, table: str, columns: list[str], code: str) -> None:
    if "organisme_code" in columns:
        source, own = f"edition.{SCHEMA}.{table}", f"organisme_code = {literal(code)}"
    elif table in _FACTS:
        source = f"entrepot.intermediaire.{_FACTS[table]}"
        own = f"perimetre_type = 'organisme' and perimetre = {literal(code)}"
    else:
        return
    names = ", ".join(columns)
    session.execute(f"insert into fichier.{SCHEMA}.{table} by name select {names} from {source} where {own}")


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
    references = session.execute(
        "select table_name, referenced_table from duckdb_constraints()"
        " where database_name = 'edition' and constraint_type = 'FOREIGN KEY'"
    ).fetchall()
    ordered: dict[str, list[str]] = {}
    while len(ordered) < len(tables):
        for table in tables:
            if table not in ordered and all(
                target in ordered or target == table for t, target in references if t == table
            ):
                ordered[table] = tables[table]
    return ordered


def _answers(session: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    if not files:
        return
    listed = ", ".join(literal(f) for f in files)
    session.execute(
        f"create table fichier.{SCHEMA}.reponses as select * from read_parquet([{listed}], hive_partitioning = false)"
    )
    session.execute(
        f"comment on table fichier.{SCHEMA}.reponses is "
        "'Une ligne par entretien accepté de l''organisme : pseudonyme, strate, poids livré, axes, codes de réponse.'"
    )
