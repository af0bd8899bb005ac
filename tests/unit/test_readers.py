"""The DuckDB versions of BI tools, as the tests ask them."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Reader


@pytest.mark.parametrize("version", ["1.4.4", "1.5.6", duckdb.__version__])
def test_each_reader_answers_with_its_own_version(
    version: str, duckdb_reader: Callable[[str], Reader], tmp_path: Path
) -> None:
    database = tmp_path / "édition.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as edition (storage_version 'v1.4.0')")
        connection.execute("create table edition.t as select 'Où ?' as libelle, 8.5 as note")
        connection.execute("comment on table edition.t is 'Une table commentée'")

    read = duckdb_reader(version)

    assert read(database, "select version() as version, libelle, note from t") == [
        {"version": f"v{version}", "libelle": "Où ?", "note": "8.5"}
    ]
    assert read(database, "select comment from duckdb_tables()") == [{"comment": "Une table commentée"}]


def test_a_reader_that_cannot_open_a_file_says_why(duckdb_reader: Callable[[str], Reader], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        duckdb_reader("1.4.4")(tmp_path / "absent.duckdb", "select 1")
