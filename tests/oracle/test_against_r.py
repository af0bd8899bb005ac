"""The warehouse's estimates against R's `survey` package, through the real pipeline; see README.md."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import observatoire
from tests.oracle.generate import DATA, Row, read, write
from tests.oracle.programme import oracle_programme

HERE = Path(__file__).parent
RESULTS = HERE / "results"
RELATIVE = 1e-9
# what a zero may be: the last digits of sums of notes up to 10
ZERO = 1e-13
CELL = ("perimetre_type", "perimetre", "axe", "segment", "question_code")
# R's column to the warehouse's
ESTIMATES = {
    "nb_organismes": "nb_organismes",
    "base_brute": "base_brute",
    "base_ponderee": "base_ponderee",
    "base_efficace": "base_efficace",
    "note": "note_moyenne",
    "note_erreur_type": "note_erreur_type",
    "taux": "taux_satisfaits",
    "taux_erreur_type": "taux_erreur_type",
}
DIFFERENCES = {name: name for name in ("ecart_note", "erreur_type", "ecart_taux", "erreur_type_taux", "p_valeur")}
QUESTIONS = [q["question"] for q in read("questions")]

Key = tuple[str, ...]
Cells = dict[Key, tuple[float | None, ...]]
Query = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Query:
    """The warehouse of the oracle's programme, run once."""
    root = oracle_programme(tmp_path_factory.mktemp("oracle") / "programme")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr

    def rows(sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    return rows


def _results(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cells(rows: Iterable[Row], keys: Iterable[str], measures: Iterable[str]) -> Cells:
    return {tuple(row[k] for k in keys): tuple(float(row[m]) if row[m] else None for m in measures) for row in rows}


def _published(query: Query, table: str, keys: tuple[str, ...], measures: Mapping[str, str], where: str) -> Cells:
    columns = ", ".join([*keys, *measures.values()])
    rows = query(f"select {columns} from intermediaire.{table} where statut = 'V' and {where}")
    return {tuple(map(str, row[: len(keys)])): row[len(keys) :] for row in rows}  # type: ignore[misc]


def _lone(row: Row, organismes: str) -> bool:
    """A shared perimeter where one organisme answered: its weight is all of it, and no threshold lets that out."""
    return row["perimetre_type"] != "organisme" and row[organismes] == "1"


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
    rows = [r for r in _results(RESULTS, "satisfaction") if r["question_code"] == question]
    keys = ("vague", *CELL)
    expected = _cells([r for r in rows if not _lone(r, "nb_organismes")], keys, ESTIMATES)
    got = _published(query, "int_satisfaction", keys, ESTIMATES, f"question_code = '{question}'")
    _compare(got, expected, ESTIMATES)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q != "M1"])
def test_differences_of_two_waves(query: Query, question: str) -> None:
    rows = [r for r in _results(RESULTS, "evolution") if r["question_code"] == question]
    keys = ("methode", *CELL)
    expected = _cells([r for r in rows if not _lone(r, "nb_organismes_minimum")], keys, DIFFERENCES)
    got = _published(query, "int_evolution", keys, DIFFERENCES, f"question_code = '{question}'")
    _compare(got, expected, DIFFERENCES)


def test_share_of_each_option(query: Query) -> None:
    """Of single-choice and multiple-choice questions; the warehouse gives shares no error."""
    lone = {
        tuple(r[k] for k in ("vague", *CELL)) for r in _results(RESULTS, "satisfaction") if _lone(r, "nb_organismes")
    }
    keys = ("vague", *CELL, "modalite_code")
    every = _cells(_results(RESULTS, "repartition"), keys, ["part"])
    expected = {key: value for key, value in every.items() if key[:-1] not in lone}
    got = _published(query, "int_repartition", keys, {"part": "part"}, "axe in ('ensemble', 'construction')")
    _compare(got, expected, ["part"])


def test_what_is_masked_is_what_no_threshold_lets_out(query: Query) -> None:
    lone = {
        tuple(r[k] for k in ("vague", *CELL)) for r in _results(RESULTS, "satisfaction") if _lone(r, "nb_organismes")
    }
    columns = ", ".join(("vague", *CELL, "motif_statut"))
    masked = query(f"select {columns} from intermediaire.int_satisfaction where statut <> 'V'")
    reasons = {row[-1] for row in masked}
    assert reasons == {"un organisme domine le résultat", "aucune réponse exprimée"}
    assert {row[:-1] for row in masked if row[-1] == "un organisme domine le résultat"} == lone


def test_strata_collapse_as_written_by_hand(query: Query) -> None:
    """What R was given as collapsed strata is what the documented rule makes of the sampling plan."""
    written = {
        (s["vague"], s["organisme"], s["strate"]): s["strate_variance"].split("+")
        for s in read("strates")
        if s["strate_variance"]
    }
    rows = query("select vague, organisme_code, strate, strate_variance, est_reunie from intermediaire.int_strates")
    assert {row[:3]: row[3:] for row in rows} == {k: (v[0], len(v) > 1) for k, v in written.items()}


def test_the_committed_interviews_are_those_generated(tmp_path: Path) -> None:
    write(tmp_path / "entretiens.csv")
    assert (tmp_path / "entretiens.csv").read_bytes() == (DATA / "entretiens.csv").read_bytes()


@pytest.mark.slow
def test_r_still_gives_the_committed_results(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed here: its committed results stand (Debian r-base-core, r-cran-survey)")
    if subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no survey package here: its committed results stand (Debian r-cran-survey)")
    command = [rscript, "--vanilla", str(HERE / "survey.R"), str(DATA), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tables = {
        "satisfaction": (("vague", *CELL), list(ESTIMATES)),
        "evolution": (("methode", *CELL), [*DIFFERENCES, "nb_organismes_minimum"]),
        "repartition": (("vague", *CELL, "modalite_code"), ["part"]),
    }
    for name, (keys, measures) in tables.items():
        again, committed = (_cells(_results(folder, name), keys, measures) for folder in (tmp_path, RESULTS))
        _compare(again, committed, measures)
