"""Makes an edition of a candidate: database, organisme files, Parquet, manifest; a folder complete or absent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from orchestration.extracts.lake import Lake
from orchestration.files import file_sha256, protect, removed, write_json
from orchestration.programme import Programme
from orchestration.publication.changes import changes, release_note, tools
from orchestration.publication.currency import is_published
from orchestration.publication.description import declared, describe
from orchestration.publication.editions import CHECKS, DATABASE, NOTE, Editions
from orchestration.publication.interviews import write_interviews
from orchestration.publication.losses import standings
from orchestration.publication.lost import lost, renounced
from orchestration.publication.memory import remember, rules, with_memory
from orchestration.publication.naming import SCHEMA
from orchestration.publication.organismes import write_organisme_files
from orchestration.publication.owner import mark
from orchestration.publication.standards import write_descriptions
from orchestration.publication.whole import DATA, INTERVIEWS
from orchestration.settings import Settings
from orchestration.sql import literal


def assemble(programme: Programme) -> dict[str, Any]:
    """Builds the edition's folder from the candidate and puts it in the store; changes nothing a reader sees.

    Returns:
        the manifest; that of the current edition, and nothing is built, where it was made from the same: another run
        published it while this one waited, or a lake made anew came to the same.
    """
    settings, lake = programme.settings, Lake(programme.root)
    editions = Editions(settings.published)
    editions.store.mkdir(parents=True, exist_ok=True)
    for leftover in editions.store.glob(".en-cours.*"):
        shutil.rmtree(leftover)
    with duckdb.connect(str(settings.candidate)) as candidate:
        candidate.execute("checkpoint")
    with duckdb.connect(str(settings.candidate), read_only=True) as candidate:
        [(edition, published, revision, fingerprint)] = candidate.execute(
            f"select edition, publiee_le, revision, empreinte from {SCHEMA}.meta_edition"
        ).fetchall()
        if is_published(editions, fingerprint):
            return editions.manifest(str(editions.current()))
        entries = dict(
            candidate.execute(f"select fichier, sha256 from {SCHEMA}.meta_entree order by fichier").fetchall()
        )
        tables = _column(candidate, f"select table_name from duckdb_tables() where schema_name = '{SCHEMA}' order by 1")
        counts = {table: _column(candidate, f"select count(*) from {SCHEMA}.{table}")[0] for table in tables}
        included = _column(
            candidate,
            f"select distinct organisme_code from {SCHEMA}.obs_couverture"
            " where statut in ('inclus', 'reserve') order by 1",
        )
    folder = editions.store / f".en-cours.{edition}"
    with _making(folder):
        database = folder / DATABASE
        shutil.copyfile(settings.candidate, database)
        protect(database)
        write_organisme_files(database, settings.warehouse, folder / "organismes", included)
        if programme.config.secret.export_reponses:
            write_interviews(programme, edition, included, folder / INTERVIEWS)
        _parquet(programme, database, folder / DATA, tables)
        if settings.checks.is_dir():
            shutil.copytree(settings.checks, folder / CHECKS)
        made_of = with_memory(standings(database), settings.warehouse)
        # what an interrupted run remembered is forgotten by the next: the edition that it was making is announced first
        editions.announce(str(edition))
        # before the note, which says what is remembered of both editions
        memory = remember(lake, str(edition), made_of, rules(programme), (*editions.names(), *lost(settings)))
        note = _note(settings, editions, database, lake)
        (folder / NOTE).write_text(note, encoding="utf-8")
        manifest = {
            "edition": edition,
            "publiee_le": published.isoformat(),
            "revision": revision,
            "empreinte": fingerprint,
            "entrees": entries,
            "tables": counts,
            "organismes": included,
            "versions": tools(),
            "apports": memory,
            "fichiers": {str(p.relative_to(folder)): file_sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
        }
        write_json(manifest, folder / "manifeste.json")
        # before the edition stands there: what cannot be marked is not published
        mark(settings)
        editions.add(str(edition), folder)
    return manifest


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """Makes a folder, and leaves nothing of it where filling it fails: it would keep full the disk that is full."""
    folder.mkdir()
    try:
        yield
    except BaseException:
        removed(folder)
        raise


def _note(settings: Settings, editions: Editions, database: Path, lake: Lake) -> str:
    before = editions.current()
    if before is None and (gone := renounced(settings)):
        why = f" ({reason})" if (reason := max(gone.values(), key=lambda entry: entry["renoncee_le"])["motif"]) else ""
        return f"Les éditions d'avant sont perdues{why} : il n'y a rien à quoi comparer celle-ci.\n"
    if before is None:
        return "Première édition : il n'y a rien à quoi la comparer.\n"
    try:
        return release_note(changes(editions.folder(before) / DATABASE, database, lake))
    except duckdb.Error:
        return f"L'édition {before} est illisible : rien n'a pu lui être comparé.\n"


def _parquet(programme: Programme, database: Path, folder: Path, tables: list[str]) -> None:
    """Writes each table of an edition's file as Parquet, and the descriptions of all."""
    folder.mkdir()
    with duckdb.connect() as session:
        session.execute(f"attach {literal(database)} as edition (read_only)")
        session.execute(f"attach {literal(programme.settings.warehouse)} as entrepot (read_only)")
        sizes = {}
        for table in tables:
            rows = f"select * from edition.{SCHEMA}.{table} order by all"
            path = folder / f"{table}.parquet"
            session.execute(f"copy ({rows}) to {literal(path)} (format parquet, compression zstd)")
            sizes[table] = path.stat().st_size
        told = describe(session, programme.config, declared(session, "entrepot"))
    write_descriptions(told, sizes, folder)


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return [value for (value,) in connection.execute(query).fetchall()]
