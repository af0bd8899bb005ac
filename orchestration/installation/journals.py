"""Dagster's journals in a backup: its SQLite files as they are at one moment, or its PostgreSQL database as a dump.

`pg_dump` and `pg_restore` are PostgreSQL's own; both take one transaction, so neither sees nor leaves half of anything.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, InternalError, ProgrammingError, SQLAlchemyError

from orchestration.accounts import is_read_only
from orchestration.installation.archive import BackupError
from orchestration.machine import machine_refusal, takes_nothing
from orchestration.settings import POSTGRES_VARIABLE, Settings

SQLITE, POSTGRES = "sqlite", "postgresql"
_HEADER = b"SQLite format 3\0"
_PATIENCE_SECONDS = 10
# what a run of Dagster writes to; a database with none of them is a new one, in which Dagster makes them all
_TABLES = (
    "asset_check_executions", "asset_keys", "concurrency_limits", "concurrency_slots", "daemon_heartbeats",
    "dynamic_partitions", "event_logs", "instance_info", "instigators", "job_ticks", "jobs", "kvs", "pending_steps",
    "run_tags", "runs", "secondary_indexes", "snapshots",
)  # fmt: skip
# what SQLite says of a file that it cannot read, and what it means
_FAULTS = {
    "not a database": "ce n'est plus une base SQLite",
    "malformed": "la base est abîmée",
    "unable to open": "la base ne s'ouvre pas",
    "locked": "un autre programme la tient",
}


def storage() -> str:
    """Returns what keeps Dagster's journals: SQLITE or POSTGRES."""
    return POSTGRES if os.environ.get(POSTGRES_VARIABLE) else SQLITE


def is_sqlite(path: Path) -> bool:
    """Returns whether a file is a SQLite database, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def snapshot(source: Path, target: Path) -> None:
    """Copies a SQLite database as it is at one moment, whoever writes to it meanwhile.

    Raises:
        BackupError: it is damaged.
    """
    try:
        with closing(_reading(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    except sqlite3.DatabaseError as error:
        told = machine_refusal(f"{error}: '{target.parent}'") or takes_nothing(source.parent)
        remedy = f"{source} : journal de Dagster illisible ({_in_french(error)}) ; effacer ce fichier, relancer."
        raise BackupError(told or remedy) from None


def faults(settings: Settings) -> list[str]:
    """Returns why Dagster's journals cannot be reached, read or written to, a sentence each; nothing where they can."""
    if storage() == POSTGRES:
        try:
            return _lacks(_url())
        except BackupError as error:
            return [str(error)]
    found: list[str] = []
    for path in sorted(settings.dagster_home.rglob("*.db")):
        try:
            with closing(_reading(path)) as connection:
                [(checked,)] = connection.execute("pragma quick_check(1)").fetchall()
            said = "ok" if checked == "ok" else "la base est abîmée"
        except sqlite3.DatabaseError as error:
            # where a disk takes no file, SQLite lacks those that tell readers from writers: the journal is not at fault
            if (refusal := machine_refusal(f"{error}: '{path}'") or takes_nothing(path.parent)) is not None:
                # an account that may not read one journal, or a disk that takes nothing, serves none
                return [*found, refusal]
            said = _in_french(error)
        if said != "ok":
            found.append(f"{path} : journal de Dagster illisible ({said}).")
    return found


def _in_french(error: sqlite3.DatabaseError) -> str:
    """Returns what SQLite finds wrong with a file, in a few French words."""
    return next((said for words, said in _FAULTS.items() if words in str(error)), "la base ne se lit pas")


def dump(target: Path) -> None:
    """Writes the PostgreSQL database of the environment to a file.

    Raises:
        BackupError: `pg_dump` is not on this machine, or refuses.
    """
    _call("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def load(source: Path) -> None:
    """Puts a dump in the place of what is in the PostgreSQL database of the environment, in one transaction.

    Raises:
        BackupError: `pg_restore` is not on this machine, or refuses; then the database is as it was.
    """
    database = _environment(_url())["PGDATABASE"]
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _call("pg_restore", [*options, f"--dbname={database}", str(source)])


def reach() -> bool:
    """Returns whether the PostgreSQL database of the environment holds runs.

    Raises:
        BackupError: it cannot be reached.
    """
    return _runs(_url()) > 0


def _reading(path: Path) -> sqlite3.Connection:
    # on a disk that nobody can write to, SQLite cannot make the files that tell readers from writers, and needs none
    more = "&immutable=1" if is_read_only(path) else ""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{more}", uri=True, timeout=_PATIENCE_SECONDS)


def _url() -> URL:
    try:
        url = make_url(os.environ[POSTGRES_VARIABLE])
        url.get_dialect().import_dbapi()
        if url.get_backend_name() == POSTGRES:
            return url
    except (ArgumentError, ValueError, ImportError):
        pass  # no address, or one whose port is no number, or of a driver that is not installed
    raise BackupError(f"{POSTGRES_VARIABLE} n'est pas une adresse postgresql+psycopg2://… ; la corriger.")


def _lacks(url: URL) -> list[str]:
    """Returns what a run could not do in the database, a sentence each; what is tried there is rolled back."""
    with _connected(url) as connection:
        there = set(inspect(connection).get_table_names())
        gone = [name for name in _TABLES if name not in there] if there & set(_TABLES) else []
        if gone:
            return [
                f"Dans la base de {POSTGRES_VARIABLE} manquent des tables de Dagster ({', '.join(gone)}), qu'il ne"
                " refait pas ; arrêter le démon et l'interface, et désigner une base vide, que Dagster remplit (aucun"
                " chiffre n'en dépend, seul l'historique est perdu), ou restaurer une sauvegarde."
            ]
        tried = "update runs set run_id = run_id where false" if there else "create table observatoire_essai (n int)"
        try:
            connection.execute(text(tried))
        except (InternalError, ProgrammingError) as error:
            said = " ".join(str(error.orig).split())[:200]
            return [
                f"La base de {POSTGRES_VARIABLE} ne se laisse pas écrire ({said}) ; l'ouvrir en écriture au compte de"
                " cette adresse (« show default_transaction_read_only », droits des tables, serveur de secours)."
            ]
        finally:
            connection.rollback()
    return []


def _runs(url: URL) -> int:
    with _connected(url) as connection:
        if not inspect(connection).has_table("runs"):
            return 0
        return int(connection.execute(text("select count(*) from runs")).scalar_one())


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, connect_args={"connect_timeout": _PATIENCE_SECONDS})
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        # the driver's words quote the address without its password
        said = " ".join(str(error.__cause__ or error).split())[:200]
        raise BackupError(f"Base de {POSTGRES_VARIABLE} inaccessible ({said}) ; la démarrer, ou corriger.") from None
    finally:
        engine.dispose()


def _environment(url: URL) -> dict[str, str]:
    """Returns an address as libpq's variables: a command line can be read by every account of the machine."""
    given: dict[str, Any] = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username}
    given |= {"PGPASSWORD": url.password, "PGDATABASE": url.database or url.username}
    given |= {f"PG{name.upper()}": value for name, value in url.query.items()}
    return {name: str(value) for name, value in given.items() if value}


def _call(program: str, arguments: Sequence[str]) -> None:
    if shutil.which(program) is None:
        raise BackupError(
            f"{program} n'est pas sur cette machine : installer les outils de PostgreSQL (postgresql-client), de la"
            " version du serveur ou plus récents."
        )
    environment = {**os.environ, **_environment(_url())}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split())[-300:]
        raise BackupError(machine_refusal(said) or f"{program} a refusé : {said}")
