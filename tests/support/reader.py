"""A reader of what is published, as a process of its own: asks until told to stop, and writes each answer as a line.

Run by an interpreter that has only its standard library and one DuckDB. Arguments: a JSON object with `library`,
`version`, `how` (`held`, `anew` or `resolved`), `path`, `stop` and `pause`.
"""

import json
import sys
import time
from pathlib import Path

# one statement over several tables: two editions in one answer would not add up
ANSWER = """
select
    e.edition,
    e.nb_entretiens,
    (select sum(nb_entretiens) from {s}.obs_couverture where statut in ('inclus', 'reserve')),
    (select count(*) from {s}.fct_satisfaction),
    (select count(*) from {s}.fct_satisfaction join {s}.dim_question using (question_code)),
    (select sum(base_brute) from {s}.fct_satisfaction),
    (select count(*) from {s}.fct_distribution)
from {s}.meta_edition as e
"""
# eight readers share the machine with what they watch
FRUGAL = {"threads": 1}
SIZES = (
    "select table_name from duckdb_tables() where schema_name = 'observatoire' and database_name = current_database()"
)


def held(duckdb, path, tell, going_on):
    """One connection for the whole time; what it has never read, it reads at the end."""
    with duckdb.connect(path, read_only=True, config=FRUGAL) as connection:
        while going_on():
            tell("answer", connection.execute(ANSWER.format(s="observatoire")).fetchone())
        tell("answer", connection.execute(ANSWER.format(s="observatoire")).fetchone())
        names = [name for (name,) in connection.execute(SIZES).fetchall()]
        counted = {n: len(connection.execute(f"select * from observatoire.{n}").fetchall()) for n in names}
        tell("tables", counted)


def anew(duckdb, path, tell, going_on):
    """A connection per answer; two statements on it see the same edition."""
    while going_on():
        with duckdb.connect(path, read_only=True, config=FRUGAL) as connection:
            one, other = (connection.execute(ANSWER.format(s="observatoire")).fetchone() for _ in range(2))
            assert one == other, (one, other)
            tell("answer", one)


def resolved(duckdb, path, tell, going_on):
    """Follows the link once, then opens the regional file, an organisme's and the Parquet files of that edition."""
    while going_on():
        folder = Path(path).resolve(strict=True)
        with duckdb.connect(config=FRUGAL) as connection:
            connection.execute(f"attach '{folder}/edition.duckdb' as region (read_only)")
            connection.execute(f"attach '{folder}/organismes/O1.duckdb' as organisme (read_only)")
            tell("answer", connection.execute(ANSWER.format(s="region.observatoire")).fetchone())
            names = connection.execute(
                "select r.edition, o.edition, p.edition from region.observatoire.meta_edition as r,"
                f" organisme.observatoire.meta_edition as o, '{folder}/donnees/meta_edition.parquet' as p"
            ).fetchone()
            assert len(set(names)) == 1, names


def main():
    told = json.loads(sys.argv[1])
    sys.path.insert(0, told["library"])
    import duckdb

    assert duckdb.__version__ == told["version"], duckdb.__version__
    stop = Path(told["stop"])

    def tell(kind, what):
        print(json.dumps({kind: what}, default=float), flush=True)

    def going_on():
        time.sleep(told["pause"])
        return not stop.exists()

    ask = {"held": held, "anew": anew, "resolved": resolved}[told["how"]]
    while not stop.exists():
        try:
            ask(duckdb, told["path"], tell, going_on)
        except Exception as error:
            tell("error", f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
