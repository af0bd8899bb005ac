"""What a reader must find whatever became of a run, and what a run must leave: compared table by table, file by file."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.files import file_sha256
from orchestration.publication.editions import Editions
from orchestration.publication.naming import SCHEMA
from orchestration.publication.numbers import NAME
from orchestration.reporting.printed import SEAL

# what tells one run from another, and nothing of the answers
_OF_THE_RUN = {"edition", "publiee_le", "empreinte", "recue_le"}
# pages named by when they were made, and dbt's own
_UNCOMPARED = {"controles", "dbt"}

Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def read_whole_edition(root: Path) -> str:
    """Reads, as a tool would, what is published; returns its edition once every file and count of it is as published."""
    published = root / "published"
    with duckdb.connect(str(published / "observatoire.duckdb"), read_only=True) as connection:
        [(edition,)] = connection.execute(f"select edition from {SCHEMA}.meta_edition").fetchall()
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        counts = {name: connection.table(f"{SCHEMA}.{name}").count("*").fetchall()[0][0] for (name,) in tables}
    editions = Editions(published)
    assert (published / "courante").resolve().name == edition == editions.current()
    editions.check(edition)
    manifest = editions.manifest(edition)
    assert counts == manifest["tables"]
    folder = editions.folder(edition)
    for name, sha256 in manifest["fichiers"].items():
        assert file_sha256(folder / name) == sha256, name
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert files == {*manifest["fichiers"], "manifeste.json"}
    assert (published / "bi.duckdb").samefile(published / "observatoire.duckdb")
    return str(edition)


def read_whole_report(root: Path) -> str:
    """Returns the edition of the report that readers are led to, once it is found whole."""
    link = root / "reports" / "courant"
    assert (link / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    return link.resolve().name


def published_tables(root: Path) -> dict[str, Table]:
    """Every published table, the region's and the organismes', but for what tells one run from another."""
    found: dict[str, Table] = {}
    files = [root / "published" / "observatoire.duckdb", *sorted((root / "published" / "organismes").glob("*.duckdb"))]
    for file in files:
        with duckdb.connect(str(file), read_only=True) as connection:
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                columns = tuple(c for c in connection.table(f"{SCHEMA}.{name}").columns if c not in _OF_THE_RUN)
                listed = ", ".join(f'"{column}"' for column in columns)
                rows = connection.execute(f"select {listed} from {SCHEMA}.{name} order by all").fetchall()
                found[f"{file.name}:{name}"] = (columns, rows)
    return found


def produced_files(root: Path) -> set[str]:
    """What stands in the produced folders, but for pages named by when they were made."""
    folders = ("lake", "quarantine", "warehouse", "published", "reports")
    return {
        str(path.relative_to(root))
        for folder in folders
        for path in (root / folder).rglob("*")
        if not _UNCOMPARED & set(path.relative_to(root).parts)
    }


def assert_tidy(root: Path) -> None:
    """Nothing half done is left: no hidden file but seals, no edition or report that is not whole, no build of dbt's."""
    hidden = [name for name in produced_files(root) if Path(name).name.startswith(".") and Path(name).name != SEAL]
    assert hidden == []
    editions = Editions(root / "published")
    assert sorted(p.name for p in editions.store.iterdir()) == sorted(editions.names())
    for name in editions.names():
        editions.check(name)
    for folder in (root / "reports").iterdir():
        assert folder.is_symlink() or (NAME.match(folder.name) and (folder / "index.html").is_file()), folder
    assert list((root / "warehouse").glob("*.wal")) + list((root / "warehouse" / "dbt").glob("entrepot-*")) == []
