"""Whether the manifest of an edition says what its database says, which it was written from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publication.naming import SCHEMA
from orchestration.publication.whole import DATA, MANIFEST, DamagedEdition
from orchestration.sql import literal

_TOLD = 5
# the tables that say what the manifest says too; older code made none
_TWICE = {"meta_edition", "meta_entree"}


def hold_agreement(database: Path, manifest: dict[str, Any]) -> None:
    """Raises a DamagedEdition where tables, inputs or revision are not those of the manifest, or none can be read.

    Args:
        database: the edition's; its SHA-256 is held already.
        manifest: what lies beside it.
    """
    if not manifest["tables"]:
        return
    path = database.with_name(MANIFEST)
    try:
        with duckdb.connect(str(database), read_only=True) as edition:
            other = sorted(set(_contradicted(edition, manifest)))
    except (duckdb.Error, TypeError, ValueError) as error:
        # a manifest is a file like another: what is in it may be of any kind
        raise DamagedEdition(f"{path} ne dit plus ce que dit son {database.name} : {_line(error)}") from None
    if other:
        more = ", …" if len(other) > _TOLD else ""
        raise DamagedEdition(f"{path} ne dit plus ce que dit son {database.name} : {', '.join(other[:_TOLD])}{more}")


def _contradicted(edition: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    for table, rows in manifest["tables"].items():
        if edition.execute(f'select count(*) from {SCHEMA}."{table}"').fetchone() != (rows,):
            yield table
    if not manifest["tables"].keys() >= _TWICE:
        return
    [row] = edition.execute(f"select revision, empreinte from {SCHEMA}.meta_edition").fetchall()
    said = dict(zip(("revision", "empreinte"), row, strict=True))
    said |= dict(edition.execute(f"select fichier, sha256 from {SCHEMA}.meta_entree").fetchall())
    told = {key: manifest.get(key) for key in ("revision", "empreinte")} | dict(manifest.get("entrees", {}))
    yield from (key for key in {*told, *said} if told.get(key) != said.get(key))


def made_of(folder: Path, database: str) -> str | None:
    """Returns the fingerprint of what an edition was made from, as its tables say it; None where none can be read.

    Args:
        folder: the edition's.
        database: name of its database.
    """
    parquet = literal(folder / DATA / "meta_edition.parquet")
    for file, table in ((str(folder / database), f"{SCHEMA}.meta_edition"), (":memory:", parquet)):
        try:
            with duckdb.connect(file, read_only=file != ":memory:") as connection:
                [(told,)] = connection.execute(f"select empreinte from {table}").fetchall()
        except (duckdb.Error, ValueError):
            continue
        return str(told)
    return None


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
