"""Everything a run leaves behind, as text to search: each file's bytes, and what its format hides."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl


def produced(root: Path, *, but: str = "landing") -> Iterator[tuple[str, bytes]]:
    """Yields each file below `root`, outside one folder: where, and its name and content; databases table by table."""
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.relative_to(root).parts[0] != but):
        where = str(path.relative_to(root))
        data = path.read_bytes()
        yield where, where.encode() + b"\n" + data
        if path.suffix == ".parquet":
            yield where, _text(pl.read_parquet(path))
        elif path.suffix == ".duckdb":
            yield from _duckdb(path, where)
        elif data.startswith(b"SQLite format 3"):
            yield from _sqlite(path, where)
        elif data.startswith(b"\x1f\x8b"):
            yield where, gzip.decompress(data)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{where}!{member}", archive.read(member)


def _text(frame: pl.DataFrame) -> bytes:
    return str(frame.columns).encode() + frame.write_ndjson().encode()


def _duckdb(path: Path, where: str) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() union all"
            " select schema_name, view_name, comment from duckdb_views() where not internal"
        ).fetchall()
        for schema, table, comment in tables:
            try:
                rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()
            except duckdb.Error:
                continue  # a view on files that are not where it looks for them
            yield f"{where}:{schema}.{table}", repr((comment, rows)).encode()


def _sqlite(path: Path, where: str) -> Iterator[tuple[str, bytes]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [n for (n,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            yield f"{where}:{name}", repr(connection.execute(f'select * from "{name}"').fetchall()).encode()
    finally:
        connection.close()
