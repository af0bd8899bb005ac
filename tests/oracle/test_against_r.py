"""The warehouse's estimates against R's `survey` package, by the real readers and models; see README.md."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
import yaml

from tests.oracle.generate import DATA, Row, read, write_all
from tests.oracle.programme import oracle_programme
from tests.support.dbt import estimated

HERE = Path(__file__).parent
RESULTS = HERE / "results"
RELATIVE = 1e-9
# what a zero may be: the last digits of sums of notes up to 10, of scores up to 100
ZERO = 1e-12
CELL = ("perimetre_type", "perimetre", "axe", "segment", "question_code")
QUESTIONS = [q["question"] for q in read("questions")]
SINGLE = [q for q in QUESTIONS if q != "M1"]


class Table(NamedTuple):
    """One of R's results, its columns named as the warehouse's: keys of a cell, and how many organismes answered."""

    model: str
    keys: tuple[str, ...]
    organismes: str = "nb_organismes"

    def measures(self, folder: Path, name: str) -> list[str]:
        """Returns the columns to compare."""
        return [c for c in _results(folder, name)[0] if c not in (*self.keys, "nb_organismes_minimum")]


TABLES = {
    "satisfaction": Table("int_satisfaction", ("vague", *CELL)),
    "repartition": Table("int_repartition", ("vague", *CELL, "modalite_code")),
    "evolution": Table("int_evolution", ("methode", *CELL), "nb_organismes_minimum"),
    "comparaison": Table(
        "int_comparaison", ("vague", "comparaison", "segment_compare", *CELL), "nb_organismes_minimum"
    ),
    "ecart_reference": Table(
        "int_ecart_reference",
        ("vague", "perimetre_type", "perimetre", "question_code", "source"),
        "nb_organismes_minimum",
    ),
}
TABLES["profil"] = Table(
    "int_profil", ("vague", "perimetre_type", "perimetre", "axe", "question_code"), "nb_organismes_minimum"
)
# the same tables of a programme that ignores the finite population and prints the stock-weighted means
TABLES |= {f"{name}_sans_fpc": TABLES[name] for name in ("satisfaction", "evolution")}

Key = tuple[str, ...]
Cells = dict[Key, tuple[float | None, ...]]
Query = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The oracle's programme, its estimates made once."""
    return _estimated(oracle_programme(tmp_path_factory.mktemp("oracle") / "programme"))


@pytest.fixture(scope="module")
def query(root: Path) -> Query:
    return _warehouse(root)


@pytest.fixture(scope="module")
def query_sans_fpc(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Query:
    """The warehouse of the same programme after its choices of method changed."""
    other = tmp_path_factory.mktemp("sans_fpc") / "programme"
    shutil.copytree(root, other, symlinks=True)
    config = yaml.safe_load((other / "programme.yaml").read_text(encoding="utf-8"))
    config["estimation"] = {"population_finie": False, "estimateur_imprime": "parc"}
    (other / "programme.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return _warehouse(_estimated(other))


def _estimated(root: Path) -> Path:
    return estimated(root, "int_strates", *{table.model for table in TABLES.values()})


def _warehouse(root: Path) -> Query:
    def rows(sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    return rows


def _results(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cells(rows: Iterable[Row], keys: Iterable[str], measures: Iterable[str]) -> Cells:
    return {tuple(row[k] for k in keys): tuple(float(row[m]) if row[m] else None for m in measures) for row in rows}


def _lone(row: Row, organismes: str) -> bool:
    """A shared perimeter where one organisme answered: its weight is all of it, and no threshold lets that out."""
    return row["perimetre_type"] != "organisme" and row[organismes] == "1"


def _agree(query: Query, name: str, where: str = "true", only: Callable[[Row], bool] = lambda row: True) -> None:
    """What the warehouse publishes is what R found, every cell but the lone ones and every measure."""
    table = TABLES[name]
    measures = table.measures(RESULTS, name)
    rows = [r for r in _results(RESULTS, name) if only(r)]
    expected = _cells([r for r in rows if not _lone(r, table.organismes)], table.keys, measures)
    columns = ", ".join([*table.keys, *(f"cast({m} as double)" for m in measures)])
    found = query(f"select {columns} from intermediaire.{table.model} where statut = 'V' and {where}")
    got: Cells = {tuple(map(str, row[: len(table.keys)])): row[len(table.keys) :] for row in found}  # type: ignore[misc]
    _compare(got, expected, measures)


def _gap(got: float | None, expected: float | None) -> float:
    if got is None or expected is None:
        return 0.0 if got is expected else math.inf
    return 0.0 if abs(got - expected) <= ZERO else abs(got - expected) / max(abs(expected), ZERO)


def _compare(got: Cells, expected: Cells, measures: Iterable[str]) -> None:
    """Every cell that one side lacks, and every figure that differs, at once."""
    assert expected
    wrong = [f"{' / '.join(key)}: the warehouse has no such cell" for key in expected.keys() - got.keys()]
    wrong += [f"{' / '.join(key)}: R has no such cell" for key in got.keys() - expected.keys()]
    for key in sorted(expected.keys() & got.keys()):
        for name, left, right in zip(measures, got[key], expected[key], strict=True):
            gap = _gap(left, right)
            if gap > RELATIVE:
                wrong.append(f"{' / '.join(key)}: {name} {left!r}, R {right!r}, relative gap {gap:.1e}")
    assert not wrong, f"{len(wrong)} of {len(expected)} cells and their figures:\n" + "\n".join(wrong)


@pytest.mark.parametrize("question", QUESTIONS)
def test_estimates_of_a_wave(query: Query, question: str) -> None:
    _agree(query, "satisfaction", f"question_code = '{question}'", lambda row: row["question_code"] == question)


@pytest.mark.parametrize("question", SINGLE)
def test_differences_of_two_waves(query: Query, question: str) -> None:
    _agree(query, "evolution", f"question_code = '{question}'", lambda row: row["question_code"] == question)


@pytest.mark.parametrize("question", SINGLE)
def test_differences_of_two_domains_of_one_wave(query: Query, question: str) -> None:
    """Two segments, whose covariance counts; an organisme and the others, which share no stratum."""
    _agree(query, "comparaison", f"question_code = '{question}'", lambda row: row["question_code"] == question)


def test_figures_at_the_profile_of_the_region(query: Query) -> None:
    """On each axis, with the covariance of the segments of one sample."""
    _agree(query, "profil")


def test_gaps_to_a_source(query: Query) -> None:
    _agree(query, "ecart_reference")


@pytest.mark.slow
def test_estimates_without_finite_population(query_sans_fpc: Query) -> None:
    _agree(query_sans_fpc, "satisfaction_sans_fpc", "axe = 'ensemble'")


@pytest.mark.slow
def test_differences_of_the_printed_stock_weighted_means(query_sans_fpc: Query) -> None:
    _agree(query_sans_fpc, "evolution_sans_fpc", "axe = 'ensemble'")


def test_share_of_each_option(query: Query) -> None:
    """Of single-choice and multiple-choice questions, with its error and interval."""
    _agree(query, "repartition", "axe in ('ensemble', 'construction')")


def test_what_is_masked_is_what_no_threshold_lets_out(query: Query) -> None:
    lone = {
        tuple(r[k] for k in ("vague", *CELL)) for r in _results(RESULTS, "satisfaction") if _lone(r, "nb_organismes")
    }
    columns = ", ".join(("vague", *CELL, "motif_statut"))
    masked = query(f"select {columns} from intermediaire.int_satisfaction where statut <> 'V'")
    reasons = {row[-1] for row in masked}
    # of no answer at all an organisme is told so, others that there are too few
    assert reasons == {"un organisme domine le résultat", "aucune réponse exprimée", "moins de 1 réponses exprimées"}
    assert {row[:-1] for row in masked if row[-1] == "un organisme domine le résultat"} == lone


def test_strata_stand_for_others_as_written_by_hand(query: Query) -> None:
    """What R was given as the stratum that stands for one with nobody is what the documented rule makes of the plan."""
    written: dict[tuple[str, str, str], int] = {}
    for s in read("strates"):
        key = (s["vague"], s["organisme"], s["strate_poids"])
        written[key] = written.get(key, 0) + int(s["population"])
    rows = query("select vague, organisme_code, strate, population_representee from intermediaire.int_strates")
    assert {row[:3]: row[3] for row in rows} == written


def test_the_committed_interviews_are_those_generated(tmp_path: Path) -> None:
    write_all(tmp_path)
    for name in ("entretiens.csv", "troisieme.csv", "importance.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def run_again(script: str, folder: Path) -> None:
    """Runs one of the scripts in R and puts its results into a folder; skips the test where R, or `survey`, is not installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed here: its committed results stand (Debian r-base-core, r-cran-survey)")
    if subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no survey package here: its committed results stand (Debian r-cran-survey)")
    command = [rscript, "--vanilla", str(HERE / script), str(DATA), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_r_still_gives_the_committed_results(tmp_path: Path) -> None:
    run_again("survey.R", tmp_path)
    for name, table in TABLES.items():
        measures = table.measures(RESULTS, name)
        again, committed = (_cells(_results(folder, name), table.keys, measures) for folder in (tmp_path, RESULTS))
        _compare(again, committed, measures)
